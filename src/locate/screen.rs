//! GNU screen: the window by its number, shown by the terminal that is attached.
//!
//! screen(1), 4.9: `STY` is `PID.NAME`, where the process is the server; `WINDOW` is the number. The
//! server opens the terminals of those attached itself, so its open files tell who they are.

use std::os::unix::fs::MetadataExt;

use super::command::ask;
use super::{Desk, Entered, Missed, Seat, Terminal, View, process};

/// The multiplexer screen.
pub struct Screen;

impl Terminal for Screen {
    fn name(&self) -> &'static str {
        "screen"
    }

    fn holds(&self, seat: &Seat, _desk: &Desk) -> bool {
        Session::of(seat).is_some_and(|session| {
            // What is started in a window inherits `STY`, be it another terminal.
            seat.pid.is_none_or(|pid| process::host(pid).is_some_and(|(host, _)| host == session.server))
        })
    }

    fn enter(&self, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
        let session = Session::of(seat).ok_or_else(|| Missed::new("STY or WINDOW names no window of screen"))?;
        let place = format!("screen {} window {}", session.name, session.window);
        let clients = session.clients();
        let Some(client) = clients.last() else {
            let argv = ["screen", "-r", session.name].map(str::to_owned).to_vec();
            return Ok(Entered::Unattended { place, argv });
        };
        session.ask(desk, &["-X", "select", &session.window.to_string()])?;
        if session.shown(desk)? != session.window {
            return Err(Missed::new(format!("screen was told to show {place}, and does not"))
                .help("the window may be gone; `screen -Q windows` lists them"));
        }
        // The user pressed the key in this session, and only one terminal shows it.
        let callers = desk.caller.as_ref().and_then(Session::of);
        if clients.len() == 1 && callers.is_some_and(|caller| caller.name == session.name) {
            return Ok(Entered::Focused { place });
        }
        Ok(Entered::Within { place, outer: client.clone() })
    }

    fn view(&self, seat: &Seat, desk: &Desk) -> View {
        let Some(session) = Session::of(seat) else {
            return View::Unknown;
        };
        let clients = session.clients();
        if clients.is_empty() {
            return View::Hidden;
        }
        match session.shown(desk) {
            Ok(shown) if shown == session.window => View::Through(clients),
            Ok(_) => View::Hidden,
            Err(_) => View::Unknown,
        }
    }
}

/// A window of a session.
struct Session<'a> {
    name: &'a str,
    server: u32,
    window: u32,
}

impl<'a> Session<'a> {
    fn of(seat: &'a Seat) -> Option<Self> {
        let name = seat.var("STY")?;
        // A number comes first, so it is no option.
        let server = name.split('.').next()?.parse().ok()?;
        Some(Self { name, server, window: seat.var("WINDOW")?.parse().ok()? })
    }

    fn ask(&self, desk: &Desk, arguments: &[&str]) -> Result<String, Missed> {
        ask(desk, &[&["screen", "-S", self.name][..], arguments].concat())
    }

    /// The number of the window that the attached terminal shows: it answers `2 (title)`.
    fn shown(&self, desk: &Desk) -> Result<u32, Missed> {
        let told = self.ask(desk, &["-Q", "number"])?;
        let number = told.split_whitespace().next().and_then(|number| number.parse().ok());
        number.ok_or_else(|| Missed::new(format!("screen does not tell which window it shows: {}", told.trim())))
    }

    /// Those attached: processes called `screen` that sit at a terminal which the server has open. The
    /// files of a server with special rights cannot be seen; then it is told by what they were called with.
    fn clients(&self) -> Vec<Seat> {
        let open = self.terminals();
        let mut clients = Vec::new();
        for (pid, device) in process::named("screen").into_iter().filter(|(pid, _)| *pid != self.server) {
            let tty = match &open {
                Some(open) => open.iter().find(|(_, number)| *number == u64::from(device)).map(|(tty, _)| tty.clone()),
                None => self.is_named_by(pid).then(String::new),
            };
            if let Some(tty) = tty {
                clients.push(process::seat(pid, Some(tty).filter(|tty| !tty.is_empty())));
            }
        }
        clients
    }

    /// The terminals that the server has open, by path and device number.
    fn terminals(&self) -> Option<Vec<(String, u64)>> {
        let files = std::fs::read_dir(format!("/proc/{}/fd", self.server)).ok()?;
        let paths = files.flatten().filter_map(|file| std::fs::read_link(file.path()).ok());
        let names = paths.filter_map(|path| path.to_str().filter(|path| path.starts_with("/dev/")).map(str::to_owned));
        Some(names.filter_map(|name| Some((name.clone(), std::fs::metadata(name).ok()?.rdev()))).collect())
    }

    /// Whether a client was called with the whole name, the number, or the part after it.
    fn is_named_by(&self, pid: u32) -> bool {
        let short = self.name.split_once('.').map_or(self.name, |(_, short)| short);
        let number = self.server.to_string();
        process::arguments(pid).iter().any(|argument| [self.name, short, &number].contains(&argument.as_str()))
    }
}
