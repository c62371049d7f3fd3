//! The popup's window: a small GTK window that never takes the focus, around one web view.

use anyhow::{Context, Result};
use ccmon::config::{Corner, Popup};
use gtk::gdk::WindowTypeHint;
use gtk::glib::Propagation;
use gtk::prelude::*;
use gtk_layer_shell::{Edge, KeyboardMode, Layer, LayerShell};
use tao::dpi::LogicalSize;
use tao::event_loop::{EventLoopProxy, EventLoopWindowTarget};
use tao::platform::unix::{WindowBuilderExtUnix, WindowExtUnix};
use tao::window::{Window, WindowBuilder, WindowId};
use webkit2gtk::WebViewExt;
use wry::{WebView, WebViewBuilder, WebViewExtUnix};

use crate::UserEvent;
use crate::host::Host;
use crate::look::Look;
use crate::pages;
use crate::placement::{MARGIN, place};
use crate::screens;
use crate::tips::Tips;

/// Width of the popup, in logical pixels.
const WIDTH: u32 = 420;
/// Greatest height, and the first one until the page has said what it needs.
const TALLEST: u32 = 720;
const FIRST: u32 = 300;
/// A pointer that is so near an edge may be out of the window with its next move.
const EDGE: f64 = 60.0;

/// The window, hidden until it is shown.
pub struct PopupWindow {
    // Dropped in this order: the view before the window it stands in.
    view: WebView,
    window: Window,
    tips: Tips,
    layered: bool,
    /// A monitor was named to the compositor once.
    pinned: bool,
    /// What its page would like, in pixels of the page.
    height: u32,
    visible: bool,
    /// Where the user wants it,
    popup: Popup,
    /// and how large the desktop's letters are.
    zoom: f64,
}

impl PopupWindow {
    /// Makes the window and begins to load its page.
    ///
    /// # Errors
    /// When GTK or WebKit cannot.
    pub fn new(
        target: &EventLoopWindowTarget<UserEvent>,
        proxy: &EventLoopProxy<UserEvent>,
        host: &Host,
        popup: &Popup,
    ) -> Result<Self> {
        let page = pages::view(pages::POPUP, host)?;
        let window = build(target).context("cannot make the popup's window")?;
        let gtk_window = window.gtk_window();
        gtk_window.set_type_hint(WindowTypeHint::Notification);
        gtk_window.set_focus_on_map(false);
        let layered = gtk_layer_shell::is_supported();
        if layered {
            layer(gtk_window);
        }
        let view = view(page, &window, proxy)?;
        if layered {
            take_keyboard_when_clicked(gtk_window, &view);
        }
        let (tips, popup) = (Tips::of(&view.webview()), popup.clone());
        let mut made =
            Self { view, window, tips, layered, pinned: false, height: FIRST, visible: false, popup, zoom: 1.0 };
        made.dress(Look::now());
        Ok(made)
    }

    /// Puts it where the user wants it now, or where there still is a monitor.
    pub fn arrange(&mut self, popup: &Popup) {
        self.popup.clone_from(popup);
        self.place();
    }

    /// As large as the desktop's letters are, and as dark.
    pub fn dress(&mut self, look: Look) {
        self.zoom = look.zoom;
        if let Err(error) = self.view.zoom(look.level) {
            tracing::warn!("the popup's page cannot be as large as the desktop's letters: {error}");
        }
        self.window.set_background_color(Some(ground()));
        self.place();
    }

    /// The window's id, for its events.
    #[must_use]
    pub fn id(&self) -> WindowId {
        self.window.id()
    }

    /// Whether it is on the screen.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.visible
    }

    /// Whether the compositor alone closes it.
    #[must_use]
    pub fn is_layered(&self) -> bool {
        self.layered
    }

    /// Runs a script in the page; `UserEvent::Told` follows when it has run.
    pub fn tell(&self, script: &str, proxy: &EventLoopProxy<UserEvent>) {
        let proxy = proxy.clone();
        let told = self.view.evaluate_script_with_callback(script, move |_| {
            let _ = proxy.send_event(UserEvent::Told);
        });
        if let Err(error) = told {
            tracing::warn!("the popup's page cannot be told anything: {error}");
        }
    }

    /// Gives it the height its page would like.
    pub fn resize(&mut self, height: u32) {
        let height = height.clamp(1, TALLEST);
        if height != self.height {
            self.height = height;
            self.place();
        }
    }

    /// Another request is on its page.
    pub fn turned(&self) {
        self.tips.rest(&self.view.webview());
    }

    /// Puts it on the screen, without the focus.
    pub fn show(&mut self) {
        if !self.visible {
            self.turned();
            self.place();
            // By GTK itself, which does it at once: it moves only what is on the screen already. Of all else it may
            // believe that it is where it was shown last, wherever it was moved meanwhile.
            self.window.gtk_window().show_all();
            self.visible = true;
            self.place();
        }
    }

    /// Takes it off the screen; page and web process stay, ready to be shown again.
    pub fn hide(&mut self) {
        if self.visible {
            self.window.gtk_window().hide();
            self.visible = false;
            if self.layered {
                self.window.gtk_window().set_keyboard_mode(KeyboardMode::None);
            }
        }
    }

    /// Its size has changed on the screen: puts it back into its corner, where a window manager that took
    /// size and place one after the other has left it elsewhere.
    pub fn settle(&self) {
        let gtk_window = self.window.gtk_window();
        let (width, height) = gtk_window.size();
        let (_, screen) = screens::chosen(&self.popup);
        let place = place(screen.work, self.popup.corner, width, height);
        if self.visible && gtk_window.position() != (place.x, place.y) {
            gtk_window.move_(place.x, place.y);
        }
    }

    fn place(&mut self) {
        let gtk_window = self.window.gtk_window();
        let (monitor, screen) = screens::chosen(&self.popup);
        let [width, height] = [WIDTH, self.height].map(|side| pixels(side, self.zoom));
        let place = place(screen.work, self.popup.corner, width, height);
        if self.layered {
            // Unless a monitor is named, the compositor takes the one that is worked on. Once one was, it has to
            // be told of another when that is gone.
            self.pinned |= screen.name.trim() == self.popup.monitor.trim();
            if let Some(monitor) = monitor.filter(|_| self.pinned) {
                gtk_window.set_monitor(&monitor);
            }
            anchor(gtk_window, self.popup.corner);
            // Without it the compositor shows nothing, though the page says it painted.
            gtk_window.set_size_request(place.width, place.height);
        }
        gtk_window.resize(place.width, place.height);
        gtk_window.move_(place.x, place.y);
    }
}

/// So many pixels of a page, in those of the desktop.
#[expect(clippy::cast_possible_truncation, reason = "it is small, and rounded")]
fn pixels(of_page: u32, zoom: f64) -> i32 {
    (f64::from(of_page) * zoom).ceil() as i32
}

/// Whether a popup takes the focus here, whatever we ask for: then it comes only when it is asked for. Of the
/// desktops on Wayland that is GNOME; its notifications have the buttons instead.
#[must_use]
pub fn is_rude() -> bool {
    let wayland = gtk::gdk::Display::default().is_some_and(|display| display.backend().is_wayland());
    wayland && !gtk_layer_shell::is_supported()
}

fn build(target: &EventLoopWindowTarget<UserEvent>) -> Result<Window> {
    let builder = WindowBuilder::new()
        .with_title("ccmon")
        .with_visible(false)
        .with_decorations(false)
        .with_always_on_top(true)
        .with_focused(false)
        .with_visible_on_all_workspaces(true)
        .with_background_color(ground())
        .with_inner_size(LogicalSize::new(WIDTH, FIRST))
        .with_skip_taskbar(true);
    Ok(builder.build(target)?)
}

/// On Wayland: an overlay in the corner. To one that may have the keyboard many compositors give it as soon as it
/// is shown (sway 1.7 does): it may have it only once it was clicked.
fn layer(window: &gtk::ApplicationWindow) {
    window.init_layer_shell();
    window.set_layer(Layer::Overlay);
    window.set_keyboard_mode(KeyboardMode::None);
    // From then on, whoever clicks elsewhere takes it away again.
    window.connect_focus_in_event(|window, _| {
        if window.keyboard_mode() == KeyboardMode::Exclusive {
            window.set_keyboard_mode(KeyboardMode::OnDemand);
        }
        Propagation::Proceed
    });
}

/// A click into the page of a layer gives it the keyboard: to one that takes it, every compositor does.
fn take_keyboard_when_clicked(window: &gtk::ApplicationWindow, view: &WebView) {
    let clicked = window.downgrade();
    view.webview().connect_button_press_event(move |_, _| {
        if let Some(window) = clicked.upgrade().filter(|window| !window.is_active()) {
            window.set_keyboard_mode(KeyboardMode::Exclusive);
        }
        Propagation::Proceed
    });
    // To sway 1.7 one that may have it is one that keeps it, whatever else is clicked: there it goes with the pointer.
    if std::env::var_os("SWAYSOCK").is_some() {
        let left = window.downgrade();
        view.webview().connect_leave_notify_event(move |_, event| {
            if let Some(window) = left.upgrade().filter(|window| is_near_edge(event.position(), window.size())) {
                window.set_keyboard_mode(KeyboardMode::None);
            }
            Propagation::Proceed
        });
    }
}

/// Whether the pointer went out of a window from there. From its middle it does not: it was only hidden.
fn is_near_edge((x, y): (f64, f64), (width, height): (i32, i32)) -> bool {
    let inside = |at: f64, side: i32| at > EDGE && at < f64::from(side) - EDGE;
    !inside(x, width) || !inside(y, height)
}

/// Into its corner; the compositor knows what panels leave free.
fn anchor(window: &gtk::ApplicationWindow, corner: Corner) {
    let (top, left) = (corner.is_top(), corner.is_left());
    for (edge, is_at) in [(Edge::Top, top), (Edge::Bottom, !top), (Edge::Left, left), (Edge::Right, !left)] {
        window.set_anchor(edge, is_at);
        window.set_layer_shell_margin(edge, if is_at { MARGIN } else { 0 });
    }
}

fn view(page: WebViewBuilder<'_>, window: &Window, proxy: &EventLoopProxy<UserEvent>) -> Result<WebView> {
    let place = window.default_vbox().context("the window has no place for a page")?;
    let view = pages::build(page.with_focused(false), place, proxy, UserEvent::Page)?;
    let proxy = proxy.clone();
    view.webview().connect_web_process_terminated(move |_, _| drop(proxy.send_event(UserEvent::PageDied)));
    Ok(view)
}

/// What a window is filled with until its page is drawn.
#[must_use]
pub fn ground() -> (u8, u8, u8, u8) {
    if is_dark() { (0x1e, 0x1f, 0x22, 0xff) } else { (0xf6, 0xf6, 0xf7, 0xff) }
}

/// Whether the desktop is dark.
#[must_use]
pub fn is_dark() -> bool {
    let Some(settings) = gtk::Settings::default() else {
        return false;
    };
    let theme = settings.gtk_theme_name().map(|name| name.to_lowercase()).unwrap_or_default();
    settings.is_gtk_application_prefer_dark_theme() || theme.ends_with("dark")
}
