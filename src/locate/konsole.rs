//! Konsole: the tab, over the session bus.
//!
//! Every child has `KONSOLE_DBUS_SERVICE`, `KONSOLE_DBUS_WINDOW` (`/Windows/N`) and
//! `KONSOLE_DBUS_SESSION` (`/Sessions/N`). Interfaces as Konsole 22.12 describes itself.

use super::bus::{Bus, Object};
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// More windows of one Konsole are not looked through.
const MOST: usize = 64;

/// The emulator Konsole.
pub struct Konsole;

impl Terminal for Konsole {
    fn name(&self) -> &'static str {
        "Konsole"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        session(seat).is_some() && process::hosted(seat, &["konsole"])
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let tabs = Tabs::of(seat, desk)?;
        let () = tabs.call("setCurrentSession", &tabs.session)?;
        if !tabs.shown()? {
            return Err(Missed::new(format!("Konsole was told to show its session {}, and does not", tabs.session)));
        }
        Ok(Entered::Within { place: format!("Konsole session {}", tabs.session), outer: tabs.outer(seat) })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        match Tabs::of(seat, desk).and_then(|tabs| Ok((tabs.shown()?, tabs))) {
            Ok((true, tabs)) => View::Through(vec![tabs.outer(seat)]),
            Ok((false, _)) => View::Hidden,
            Err(_) => View::Unknown,
        }
    }
}

fn session(seat: &Seat) -> Option<i32> {
    seat.var("KONSOLE_DBUS_SESSION")?.strip_prefix("/Sessions/")?.parse().ok()
}

/// The window of Konsole that a session is a tab of.
struct Tabs {
    bus: Bus,
    service: String,
    pid: u32,
    window: u32,
    session: i32,
}

impl Tabs {
    /// Asks every window of the seat's own Konsole: a tab may have been dragged to another one.
    fn of(seat: &Seat, desk: &Desk) -> Result<Self, Missed> {
        let (Some(session), Some(service)) = (session(seat), seat.var("KONSOLE_DBUS_SERVICE")) else {
            return Err(Missed::new("KONSOLE_DBUS_SESSION or KONSOLE_DBUS_SERVICE is missing"));
        };
        let bus = Bus::connect(desk)?;
        let pid = bus.process(service)?;
        if seat.pid.and_then(process::host).is_some_and(|(host, _)| host != pid) {
            return Err(Missed::new(format!("{service} is another Konsole than the one it sits in")));
        }
        let first = seat.var("KONSOLE_DBUS_WINDOW").and_then(|path| path.strip_prefix("/Windows/")?.parse().ok());
        let mut tabs = Self { bus, service: service.to_owned(), pid, window: 0, session };
        let windows = first.into_iter().chain(tabs.windows()?.into_iter().take(MOST));
        for window in windows {
            tabs.window = window;
            // A window that has closed has no list.
            let listed: Vec<String> = tabs.call("sessionList", &()).unwrap_or_default();
            if listed.contains(&session.to_string()) {
                return Ok(tabs);
            }
        }
        Err(Missed::new(format!("Konsole's session {session} is gone")).help("the session has lost its terminal"))
    }

    /// The numbers of all windows, from the names below `/Windows`.
    fn windows(&self) -> Result<Vec<u32>, Missed> {
        let interface = "org.freedesktop.DBus.Introspectable";
        let object = Object { service: &self.service, path: "/Windows", interface };
        let told: String = self.bus.call(object, "Introspect", &())?;
        let names = told.split("<node name=\"").skip(1).filter_map(|rest| rest.split('"').next());
        Ok(names.filter_map(|name| name.parse().ok()).collect())
    }

    fn call<B, R>(&self, method: &str, body: &B) -> Result<R, Missed>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
        R: serde::de::DeserializeOwned + zbus::zvariant::Type,
    {
        let path = format!("/Windows/{}", self.window);
        self.bus.call(Object { service: &self.service, path: &path, interface: "org.kde.konsole.Window" }, method, body)
    }

    fn shown(&self) -> Result<bool, Missed> {
        let current: i32 = self.call("currentSession", &())?;
        Ok(current == self.session)
    }

    /// Where Konsole itself sits. `WINDOWID` is the window that the session was started in; when it was
    /// dragged away from there, nothing tells which one it is now.
    fn outer(&self, seat: &Seat) -> Seat {
        let mut outer = Seat { pid: Some(self.pid), tty: None, env: seat.env.clone() };
        if seat.var("KONSOLE_DBUS_WINDOW") != Some(&format!("/Windows/{}", self.window)) {
            outer.env.remove("WINDOWID");
        }
        outer
    }
}
