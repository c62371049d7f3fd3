//! The event loop: everything that reaches the GTK thread ends here.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use ccmon::api::{Open, Opening, Stage, Wish};
use ccmon::core::{ApprovalId, Board, SessionKey, Time};
use ccmon::daemon::clock;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use muda::MenuEvent;
use serde_json::{Value, json};
use tao::event::{Event, WindowEvent};
use tao::event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy, EventLoopWindowTarget};
use tray_icon::{MouseButton, TrayIconEvent};

use crate::dashboard::Dashboard;
use crate::forward;
use crate::host::Host;
use crate::icons::Panel;
use crate::menu::Quiet;
use crate::popup::Popup;
use crate::tray::Tray;
use crate::window;
use crate::{End, UserEvent};
use crate::{look, menu, screens};

/// Desktops whose panel is dark whatever the theme.
const DARK_PANELS: [&str; 6] = ["GNOME", "XFCE", "Unity", "sway", "i3", "Hyprland"];

/// How long *Quiet for 1 h* lasts.
const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Where the dashboard shows requests that wait, settled ones, and sessions.
const REQUESTS: &str = "approvals";
const SETTLED: &str = "history/audit";
const SESSIONS: &str = "sessions";
/// Where it greets who starts it for the first time.
const WELCOME: &str = "#/welcome";

/// Runs the applet; returns only when it cannot start.
///
/// # Errors
/// When the daemon cannot start.
pub fn run() -> Result<Infallible> {
    let events: EventLoop<UserEvent> = EventLoopBuilder::with_user_event().build();
    outlive_the_bus();
    let proxy = events.create_proxy();
    let host = Host::start(proxy.clone())?;
    forward(&proxy);
    let mut app = App::new(host, proxy);
    events.run(move |event, target, flow| {
        *flow = if app.take(&event, target) { ControlFlow::Wait } else { ControlFlow::Exit };
    })
}

/// A session bus that dies would take us with it, and every request that waits: only icon and notifications need one.
fn outlive_the_bus() {
    // Without a bus there is none to outlive.
    if let Ok(bus) = gtk::gio::bus_get_sync(gtk::gio::BusType::Session, gtk::gio::Cancellable::NONE) {
        bus.set_exit_on_close(false);
    }
}

/// Clicks arrive on other threads.
fn forward(proxy: &EventLoopProxy<UserEvent>) {
    let clicked = proxy.clone();
    TrayIconEvent::set_event_handler(Some(move |event| {
        if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
            let _ = clicked.send_event(UserEvent::Clicked);
        }
    }));
    let chosen = proxy.clone();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = chosen.send_event(UserEvent::Chosen(event.id.0));
    }));
}

struct App {
    host: Host,
    tray: Tray,
    popup: Popup,
    dashboard: Dashboard,
    panel: Panel,
    board: Arc<Board>,
    /// The desktop around the popup.
    stage: Arc<Stage>,
    lost: bool,
    /// When the next [`UserEvent::Wake`] comes.
    waking: Option<std::time::Instant>,
}

impl App {
    fn new(host: Host, proxy: EventLoopProxy<UserEvent>) -> Self {
        let scale = gtk::gdk::Display::default().and_then(|d| d.primary_monitor()).map_or(1, |m| scale_of(&m));
        let panel = panel();
        screens::follow(&proxy);
        look::follow(&proxy);
        Self {
            tray: Tray::new(panel, scale),
            popup: Popup::new(proxy.clone(), &host),
            host,
            dashboard: Dashboard::new(proxy),
            panel,
            board: Arc::default(),
            stage: Arc::default(),
            lost: false,
            waking: None,
        }
    }

    /// Takes one event; `false` when it was the last.
    fn take(&mut self, event: &Event<UserEvent>, target: &EventLoopWindowTarget<UserEvent>) -> bool {
        match event {
            Event::UserEvent(event) => return self.on_user_event(event, target),
            Event::WindowEvent { window_id, event, .. } if self.dashboard.is(*window_id) => {
                self.dashboard.on_window_event(event);
            }
            Event::WindowEvent { window_id, event, .. } if self.popup.is(*window_id) => match event {
                WindowEvent::Focused(on) => self.popup.focus(*on, clock::wall()),
                WindowEvent::Resized(_) => self.popup.resized(),
                WindowEvent::CloseRequested => {
                    self.popup.closed(&self.host);
                    self.plan_wake(clock::wall());
                }
                _ => {}
            },
            _ => {}
        }
        true
    }

    fn on_user_event(&mut self, event: &UserEvent, target: &EventLoopWindowTarget<UserEvent>) -> bool {
        let now = clock::wall();
        match event {
            UserEvent::Board(board) => {
                self.board = Arc::clone(board);
                self.show(target);
            }
            UserEvent::Stage(stage) => {
                self.stage = Arc::clone(stage);
                self.popup.look_around(stage, now);
                self.show_tray(now);
            }
            UserEvent::Screens => self.popup.rearrange(now),
            UserEvent::Looks => {
                self.popup.dress();
                self.dashboard.dress();
            }
            UserEvent::Page(text) => self.popup.hear(text, now, &self.host),
            UserEvent::PageDied => self.popup.begin_anew(target, &self.host),
            UserEvent::Told => self.popup.told(),
            UserEvent::Dashboard(text) => self.dashboard.hear(text, &self.host),
            UserEvent::ToDashboard(script, done) => self.dashboard.run(script, done),
            UserEvent::Open(opening) => self.open(opening, target),
            UserEvent::Welcome => self.show_dashboard(target, WELCOME, None),
            UserEvent::InDashboard(id) => self.show_dashboard(target, &place(REQUESTS, id), None),
            UserEvent::Clicked if self.board.pending().is_empty() => self.show_dashboard(target, "", None),
            UserEvent::Clicked => self.popup.open(None, now),
            UserEvent::Chosen(id) => self.choose(id, target),
            UserEvent::Wake => {
                self.waking = None;
                self.popup.wake(now);
                self.show_tray(now);
            }
            UserEvent::Ended(End::Asked) => {
                self.host.join();
                return false;
            }
            UserEvent::Ended(End::Replaced(program)) => {
                self.host.join();
                let error = program.begin();
                self.lose(&format!("it cannot become the program that was installed: {error}"), target);
            }
            UserEvent::Ended(End::Failed(reason)) => self.lose(reason, target),
        }
        self.plan_wake(now);
        true
    }

    /// Shows that nobody works behind the icon any more.
    fn lose(&mut self, reason: &str, target: &EventLoopWindowTarget<UserEvent>) {
        tracing::error!("the daemon ended: {reason}");
        self.lost = true;
        self.show(target);
    }

    /// Opens what was asked for from outside.
    fn open(&mut self, Opening { what, leave }: &Opening, target: &EventLoopWindowTarget<UserEvent>) {
        // It may be of something that came just now.
        self.board = self.host.hub.board.borrow().clone();
        self.show(target);
        let leave = leave.as_deref();
        let waits = |id: &ApprovalId| self.board.pending().iter().any(|approval| approval.id == *id);
        match what {
            Open::Session(key) => return self.show_dashboard(target, &place(SESSIONS, &key.to_string()), leave),
            Open::Dashboard => return self.show_dashboard(target, "", leave),
            Open::Approval(id) if !waits(id) => {
                return self.show_dashboard(target, &place(SETTLED, &id.to_string()), leave);
            }
            Open::Approval(id) => self.popup.open(Some(&id.to_string()), clock::wall()),
            Open::Next => self.host.go(Wish::Next { dry_run: false }),
            Open::Popup if !self.popup.toggle(clock::wall(), &self.host) => self.host.say_all_clear(),
            Open::Popup => {}
        }
        forward::done(leave);
    }

    fn show_dashboard(&mut self, target: &EventLoopWindowTarget<UserEvent>, place: &str, leave: Option<&str>) {
        self.dashboard.show(target, &self.host, self.panel, place, leave);
    }

    fn choose(&mut self, id: &str, target: &EventLoopWindowTarget<UserEvent>) {
        if id == menu::QUIT {
            self.popup.hide();
            if self.lost {
                std::process::exit(1);
            }
            self.host.quit();
        } else if let Some(approval) = id.strip_prefix(menu::OPEN) {
            self.popup.open(Some(approval), clock::wall());
        } else if let Some(session) = id.strip_prefix(menu::JUMP) {
            self.host.go(Wish::To(SessionKey(session.into())));
        } else if id == menu::NEXT {
            self.host.go(Wish::Next { dry_run: false });
        } else if id == menu::DASHBOARD {
            self.show_dashboard(target, "", None);
        } else if id == menu::PAUSE || id == menu::RESUME {
            self.host.pause_rules(id == menu::PAUSE);
        } else if [menu::HUSH_HOUR, menu::HUSH_DAY, menu::UNHUSH].contains(&id) {
            self.host.hush(&hush_until(id));
        }
    }

    fn show(&mut self, target: &EventLoopWindowTarget<UserEvent>) {
        let now = clock::wall();
        self.popup.follow(&self.board, now, self.lost, target, &self.host);
        self.show_tray(now);
    }

    fn show_tray(&mut self, now: Time) {
        let quiet = self.quiet();
        if let Some(wait) = self.tray.show(&self.board, quiet.as_ref(), now, self.lost) {
            self.wake_in(wait);
        }
    }

    /// Until when nothing comes up by itself.
    fn quiet(&self) -> Option<Quiet> {
        let until =
            self.stage.quiet.and_then(|until| Timestamp::from_millisecond(i64::try_from(until.0).ok()?).ok())?;
        let until = until.to_zoned(TimeZone::system()).strftime("%H:%M").to_string();
        Some(Quiet { until, for_now: self.host.hub.quiet.borrow().is_some() })
    }

    fn plan_wake(&mut self, now: Time) {
        if let Some(wait) = self.popup.next_wake(now) {
            self.wake_in(wait);
        }
    }

    /// Asks for a wake, unless one comes earlier anyway.
    fn wake_in(&mut self, wait: Duration) {
        let at = std::time::Instant::now() + wait;
        if self.waking.is_none_or(|waking| at < waking) {
            self.waking = Some(at);
            self.host.wake_in(wait);
        }
    }
}

/// The place of one of them in the dashboard. An id that is none leads to the list.
fn place(list: &str, id: &str) -> String {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    format!("#/{list}/{}", if plain { id } else { "" })
}

/// Until when an item of the menu keeps things quiet.
fn hush_until(id: &str) -> Value {
    match id {
        menu::HUSH_HOUR => json!(clock::wall().plus(HOUR_MS)),
        menu::HUSH_DAY => json!("tomorrow"),
        _ => Value::Null,
    }
}

fn scale_of(monitor: &gtk::gdk::Monitor) -> u32 {
    gtk::prelude::MonitorExt::scale_factor(monitor).try_into().unwrap_or(1)
}

/// Whether the panel is light or dark: nothing tells, so the desktop's habits have to.
fn panel() -> Panel {
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let dark = DARK_PANELS.iter().any(|name| desktop.split(':').any(|part| part == *name));
    if dark || window::is_dark() { Panel::Dark } else { Panel::Light }
}
