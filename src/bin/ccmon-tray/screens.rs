//! The desktop's monitors, as GTK knows them.

use ccmon::config::Popup;
use ccmon::locate::Area;
use gtk::gdk::{Display, Monitor, Rectangle, Screen as GdkScreen};
use gtk::prelude::*;
use tao::event_loop::EventLoopProxy;

use crate::UserEvent;
use crate::placement::{Screen, choose};

/// What there is when nothing is known.
const USUAL: Area = Area { x: 0, y: 0, width: 1280, height: 800 };

/// The monitor that the popup belongs on.
pub fn chosen(popup: &Popup) -> (Option<Monitor>, Screen) {
    let Some(display) = Display::default() else {
        return (None, Screen { area: USUAL, work: USUAL, ..Screen::default() });
    };
    let monitors: Vec<Monitor> = (0..display.n_monitors()).filter_map(|number| display.monitor(number)).collect();
    let screens: Vec<Screen> = monitors.iter().map(screen).collect();
    let chosen = choose(&screens, &popup.monitor, pointer(&display));
    let screen = screens.get(chosen).cloned();
    (monitors.get(chosen).cloned(), screen.unwrap_or(Screen { area: USUAL, work: USUAL, ..Screen::default() }))
}

/// Whether one of the windows that fill a monitor is on the popup's.
pub fn is_covered(popup: &Popup, covers: &[Area]) -> bool {
    if covers.is_empty() {
        return false;
    }
    let (monitor, screen) = chosen(popup);
    // GTK's pixels are larger than the X server's on fine screens.
    let is_x11 = Display::default().is_some_and(|display| display.backend().is_x11());
    let scale = monitor.filter(|_| is_x11).map_or(1, |monitor| monitor.scale_factor().max(1));
    covers.iter().map(|cover| cover.centre()).any(|(x, y)| screen.area.holds((x / scale, y / scale)))
}

/// Says when monitors come, go, or change.
pub fn follow(proxy: &EventLoopProxy<UserEvent>) {
    let Some(screen) = GdkScreen::default() else {
        return;
    };
    let (monitors, size) = (proxy.clone(), proxy.clone());
    screen.connect_monitors_changed(move |_| drop(monitors.send_event(UserEvent::Screens)));
    screen.connect_size_changed(move |_| drop(size.send_event(UserEvent::Screens)));
}

fn screen(monitor: &Monitor) -> Screen {
    Screen {
        // On X11 the connector.
        name: monitor.model().map(String::from).unwrap_or_default(),
        area: area(&monitor.geometry()),
        work: area(&monitor.workarea()),
        primary: monitor.is_primary(),
    }
}

fn area(of: &Rectangle) -> Area {
    Area { x: of.x(), y: of.y(), width: of.width(), height: of.height() }
}

/// Where the pointer is; Wayland does not tell.
fn pointer(display: &Display) -> Option<(i32, i32)> {
    if !display.backend().is_x11() {
        return None;
    }
    let (_, x, y) = display.default_seat()?.pointer()?.position();
    Some((x, y))
}
