//! X11: windows by the process that made them, raised by the window manager.
//!
//! Window managers are asked as in EWMH 1.5 (`_NET_CLIENT_LIST`, `_NET_ACTIVE_WINDOW`), so that they
//! change the desktop and unfold the window as they like. The server itself tells whose a window is
//! (X-Resource 1.2): `_NET_WM_PID` is what a program says of itself, and xterm says nothing.

use std::sync::mpsc;
use std::time::Duration;

use x11rb::connection::{Connection, RequestConnection};
use x11rb::errors::ReplyError;
use x11rb::protocol::Event;
use x11rb::protocol::res::{self, ClientIdMask, ClientIdSpec};
use x11rb::protocol::xproto::{AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConnectionExt, EventMask};
use x11rb::rust_connection::RustConnection;

use super::covers::{self, Stacked};
use super::window::{self, Window, Windows};
use super::{Area, Desk, Entered, Missed, Seat, Terminal, View};

/// How long the server may take for everything: it may hang, and its protocol knows no deadline.
const PATIENCE: Duration = Duration::from_secs(4);
/// Longest property that is read, in units of 4 bytes.
const LONGEST: u32 = 4096;
/// EWMH: the request comes from the user by way of a pager, so it is no stealing of the focus.
const BY_PAGER: u32 = 2;

/// A desktop on an X server, be it a rootless one.
pub struct X11;

impl Terminal for X11 {
    fn name(&self) -> &'static str {
        "X11"
    }

    fn holds(&self, _seat: &Seat, desk: &Desk) -> bool {
        desk.var("DISPLAY").is_some()
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let seat = seat.clone();
        let entered = patiently(desk, move |desktop| window::enter(desktop, &seat)).and_then(|entered| entered);
        // An X server beside it sees only the windows of old programs.
        entered.map_err(|missed| match desk.var("WAYLAND_DISPLAY") {
            Some(_) => {
                missed.help("this Wayland desktop lets nobody raise a window that is not X11's; go to it yourself")
            }
            None => missed,
        })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let seat = seat.clone();
        patiently(desk, move |desktop| window::view(desktop, &seat)).unwrap_or(View::Unknown)
    }

    fn active(&self, desk: &Desk) -> Option<Seat> {
        patiently(desk, |desktop| window::active(desktop)).ok().flatten()
    }

    fn follow(&self, desk: &Desk, changed: &mut dyn FnMut() -> bool) {
        let desktop = Desktop::connect(desk.var("DISPLAY").unwrap_or_default());
        // Without a server there is nobody who could look at anything.
        let _ = desktop.map(|desktop| desktop.follow(changed));
    }

    fn covers(&self, desk: &Desk) -> Vec<Area> {
        patiently(desk, |desktop| covers::in_view(&desktop.stack().unwrap_or_default())).unwrap_or_default()
    }
}

/// Connects and does it on a thread that is left behind when the server hangs.
fn patiently<T: Send + 'static>(
    desk: &Desk,
    what: impl FnOnce(&mut Desktop) -> T + Send + 'static,
) -> Result<T, Missed> {
    let display = desk.var("DISPLAY").unwrap_or_default().to_owned();
    let (done, waiting) = mpsc::channel();
    let desktop = display.clone();
    std::thread::spawn(move || done.send(Desktop::connect(&desktop).map(|mut desktop| what(&mut desktop))));
    let late = |_| Missed::new(format!("the X server {display} did not answer within {} s", PATIENCE.as_secs()));
    waiting.recv_timeout(PATIENCE).map_err(late)?
}

/// A connection, and what it takes to ask.
struct Desktop {
    server: RustConnection,
    root: u32,
    atoms: Atoms,
}

x11rb::atom_manager! {
    /// Names of EWMH.
    Atoms: AtomsCookie {
        _NET_ACTIVE_WINDOW,
        _NET_CLIENT_LIST,
        _NET_CLIENT_LIST_STACKING,
        _NET_CURRENT_DESKTOP,
        _NET_SUPPORTED,
        _NET_WM_DESKTOP,
        _NET_WM_NAME,
        _NET_WM_PID,
        _NET_WM_STATE,
        _NET_WM_STATE_FULLSCREEN,
        _NET_WM_STATE_HIDDEN,
        _NET_WM_WINDOW_TYPE,
        _NET_WM_WINDOW_TYPE_DESKTOP,
        _NET_WM_WINDOW_TYPE_DOCK,
        _NET_WM_WINDOW_TYPE_NORMAL,
    }
}

impl Desktop {
    /// Connects to the desk's display. The key to it is found as usual, by `XAUTHORITY` of this process
    /// or in ~/.Xauthority: the daemon is of the same login as its desk.
    fn connect(display: &str) -> Result<Self, Missed> {
        let refused = |error: &dyn std::fmt::Display| {
            Missed::new(format!("the X server {display} cannot be reached: {error}"))
                .help("start `ccmon-tray` in the desktop session, so that DISPLAY and XAUTHORITY are its own")
        };
        let (server, screen) = RustConnection::connect(Some(display)).map_err(|error| refused(&error))?;
        let root = server.setup().roots.get(screen).map_or(0, |screen| screen.root);
        let atoms = Atoms::new(&server).map_err(|error| refused(&error))?.reply().map_err(|error| refused(&error))?;
        Ok(Self { server, root, atoms })
    }

    /// A property of 32-bit values; empty when it is not there.
    fn numbers(&self, window: u32, property: u32) -> Result<Vec<u32>, ReplyError> {
        let asked = self.server.get_property(false, window, property, AtomEnum::ANY, 0, LONGEST)?;
        Ok(asked.reply()?.value32().map(Iterator::collect).unwrap_or_default())
    }

    fn text(&self, window: u32, property: u32) -> Result<String, ReplyError> {
        let told = self.server.get_property(false, window, property, AtomEnum::ANY, 0, LONGEST)?.reply()?;
        Ok(String::from_utf8_lossy(&told.value).into_owned())
    }

    /// Waits for other windows to get the focus, until the server is gone or nobody wants to know.
    fn follow(&self, changed: &mut dyn FnMut() -> bool) -> Result<(), ReplyError> {
        let wanted = ChangeWindowAttributesAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        self.server.change_window_attributes(self.root, &wanted)?.check()?;
        loop {
            let event = self.server.wait_for_event()?;
            let focus = matches!(&event, Event::PropertyNotify(e) if e.atom == self.atoms._NET_ACTIVE_WINDOW);
            if focus && !changed() {
                return Ok(());
            }
        }
    }

    /// Asks the window manager for something, as EWMH wants it: a message to the root window.
    fn request(&self, window: u32, kind: u32, data: [u32; 5]) -> Result<(), ReplyError> {
        let message = ClientMessageEvent::new(32, window, kind, data);
        let managers = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        self.server.send_event(false, self.root, managers, message)?.check()
    }

    /// Window managers differ in whether a raised window takes the user to its desktop: openbox only
    /// marks it there, and xfwm4 does what its settings say. So the desktop comes first.
    fn go_to_desktop_of(&self, window: u32) -> Result<(), ReplyError> {
        let there = self.numbers(window, self.atoms._NET_WM_DESKTOP)?.first().copied();
        let here = self.numbers(self.root, self.atoms._NET_CURRENT_DESKTOP)?.first().copied();
        match there {
            // All ones: it is on every desktop.
            Some(desktop) if desktop != u32::MAX && there != here => {
                let data = [desktop, x11rb::CURRENT_TIME, 0, 0, 0];
                self.request(self.root, self.atoms._NET_CURRENT_DESKTOP, data)
            }
            _ => Ok(()),
        }
    }

    /// Whose window it is. What it says of itself counts only with a server that cannot tell.
    fn owner(&self, window: u32) -> Result<Option<u32>, ReplyError> {
        let told = self.server.extension_information(res::X11_EXTENSION_NAME)?.is_some();
        if !told {
            return Ok(self.numbers(window, self.atoms._NET_WM_PID)?.first().copied());
        }
        let asked = [ClientIdSpec { client: window, mask: ClientIdMask::LOCAL_CLIENT_PID }];
        let ids = res::query_client_ids(&self.server, &asked)?.reply()?.ids;
        Ok(ids.into_iter().find_map(|id| id.value.first().copied()))
    }

    /// The windows on the current desktop that people work in, the uppermost first.
    fn stack(&self) -> Result<Vec<Stacked>, ReplyError> {
        let here = self.numbers(self.root, self.atoms._NET_CURRENT_DESKTOP)?.first().copied();
        let all = self.numbers(self.root, self.atoms._NET_CLIENT_LIST_STACKING)?;
        // One that has just closed is none.
        Ok(all.into_iter().rev().filter_map(|window| self.stacked(window, here).ok().flatten()).collect())
    }

    fn stacked(&self, window: u32, here: Option<u32>) -> Result<Option<Stacked>, ReplyError> {
        let kinds = self.numbers(window, self.atoms._NET_WM_WINDOW_TYPE)?;
        let desktop = self.numbers(window, self.atoms._NET_WM_DESKTOP)?.first().copied();
        let state = self.numbers(window, self.atoms._NET_WM_STATE)?;
        let ordinary = kinds.is_empty() || kinds.contains(&self.atoms._NET_WM_WINDOW_TYPE_NORMAL);
        let elsewhere = desktop.is_some_and(|desktop| desktop != u32::MAX && here.is_some_and(|here| here != desktop));
        if !ordinary || elsewhere || state.contains(&self.atoms._NET_WM_STATE_HIDDEN) {
            return Ok(None);
        }
        let size = self.server.get_geometry(window)?.reply()?;
        let place = self.server.translate_coordinates(window, self.root, 0, 0)?.reply()?;
        let (x, y) = (place.dst_x.into(), place.dst_y.into());
        let area = Area { x, y, width: size.width.into(), height: size.height.into() };
        Ok(Some(Stacked { area, full: state.contains(&self.atoms._NET_WM_STATE_FULLSCREEN) }))
    }

    /// One window; nothing for panels and the desktop's own, and for one that has just closed.
    fn window(&self, window: u32, active: Option<u32>) -> Option<Window> {
        let kinds = self.numbers(window, self.atoms._NET_WM_WINDOW_TYPE).ok()?;
        let furniture = [self.atoms._NET_WM_WINDOW_TYPE_DESKTOP, self.atoms._NET_WM_WINDOW_TYPE_DOCK];
        if kinds.iter().any(|kind| furniture.contains(kind)) {
            return None;
        }
        let pid = self.owner(window).ok()??;
        let title = self.text(window, self.atoms._NET_WM_NAME).ok()?;
        let title = if title.is_empty() { self.text(window, AtomEnum::WM_NAME.into()).ok()? } else { title };
        Some(Window { id: format!("{window:#x}"), pid, xid: Some(window), title, focused: active == Some(window) })
    }
}

impl Windows for Desktop {
    fn list(&mut self) -> Result<Vec<Window>, Missed> {
        let all = self.numbers(self.root, self.atoms._NET_CLIENT_LIST).map_err(|error| lost(&error))?;
        let active = self.numbers(self.root, self.atoms._NET_ACTIVE_WINDOW).map_err(|error| lost(&error))?;
        let active = active.first().copied();
        Ok(all.into_iter().filter_map(|window| self.window(window, active)).collect())
    }

    fn focus(&mut self, window: &Window) -> Result<(), Missed> {
        let supported = self.numbers(self.root, self.atoms._NET_SUPPORTED).map_err(|error| lost(&error))?;
        if !supported.contains(&self.atoms._NET_ACTIVE_WINDOW) {
            return Err(Missed::new("no window manager runs here that raises windows for others")
                .help("use one that follows EWMH, as nearly all do"));
        }
        let raised = self.go_to_desktop_of(window.xid.unwrap_or(0)).and_then(|()| {
            let data = [BY_PAGER, x11rb::CURRENT_TIME, 0, 0, 0];
            self.request(window.xid.unwrap_or(0), self.atoms._NET_ACTIVE_WINDOW, data)
        });
        raised.map_err(|error| lost(&error))
    }
}

fn lost(error: &ReplyError) -> Missed {
    Missed::new(format!("the X server was lost: {error}"))
}
