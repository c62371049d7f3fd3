//! Windows of a desktop: which one a seat is in, raised, and seen to be so.
//!
//! Every desktop lists its windows in its own words; choosing among them is the same everywhere.

use std::time::{Duration, Instant};

use super::{Entered, Missed, Seat, View, process};

/// How long a window may take to come: a window manager answers within a frame or two.
const COMING: Duration = Duration::from_secs(1);
/// How often it is looked at.
const PAUSE: Duration = Duration::from_millis(10);
/// After so many looks it is told again: a window manager that is busy with another window may forget it.
const AGAIN: usize = 25;
/// Set in the seat of an emulator that knows what is written above its window: the only thing that tells
/// its windows apart where they have no numbers that an emulator knows, as on Wayland.
pub const TITLE: &str = "CCMON_WINDOW_TITLE";
/// So many titles are named when it cannot be told which window it is.
const NAMED: usize = 3;

/// A window of the desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// What the desktop calls it.
    pub id: String,
    /// The process that made it, on this machine.
    pub pid: u32,
    /// Its number for X11, which `WINDOWID` is compared with.
    pub xid: Option<u32>,
    /// What is written above it.
    pub title: String,
    /// Whether what is typed goes to it.
    pub focused: bool,
}

/// A desktop that lists its windows and gives one of them the focus.
pub trait Windows {
    /// All windows that a user can go to.
    ///
    /// # Errors
    /// When the desktop does not answer.
    fn list(&mut self) -> Result<Vec<Window>, Missed>;

    /// Asks for the focus, wherever the window is; whether it got it is told by the next [`Windows::list`].
    ///
    /// # Errors
    /// When the desktop refuses.
    fn focus(&mut self, window: &Window) -> Result<(), Missed>;
}

/// Raises the window that a seat is in, and waits until it has the focus.
///
/// # Errors
/// When it is not found, cannot be told from others, or stays where it is.
pub fn enter(windows: &mut dyn Windows, seat: &Seat) -> Result<Entered, Missed> {
    let deadline = Instant::now() + COMING;
    let found = find(windows, seat, deadline)?;
    let place = format!("window {}", found.id);
    if found.focused {
        return Ok(Entered::Focused { place });
    }
    for look in 0.. {
        if look % AGAIN == 0 {
            windows.focus(&found)?;
        }
        let listed = windows.list()?;
        let Some(now) = listed.into_iter().find(|window| window.id == found.id) else {
            return Err(Missed::new(format!("{place} closed while it was raised")));
        };
        if now.focused {
            return Ok(Entered::Focused { place });
        }
        if Instant::now() >= deadline {
            break;
        }
        std::thread::sleep(PAUSE);
    }
    Err(Missed::new(format!("the desktop was told to raise {place} ({:?}), and does not", found.title))
        .help("allow windows to be activated by others in its focus settings"))
}

/// Chooses, and again while the title may be on its way from the emulator to the desktop.
fn find(windows: &mut dyn Windows, seat: &Seat, deadline: Instant) -> Result<Window, Missed> {
    loop {
        match choose(&windows.list()?, seat) {
            Err(_) if seat.var(TITLE).is_some() && Instant::now() < deadline => std::thread::sleep(PAUSE),
            chosen => return chosen,
        }
    }
}

/// Whether the window that a seat is in has the focus.
pub fn view(windows: &mut dyn Windows, seat: &Seat) -> View {
    match windows.list().and_then(|listed| choose(&listed, seat)) {
        Ok(found) if found.focused => View::Focused,
        Ok(_) => View::Hidden,
        Err(_) => View::Unknown,
    }
}

/// The seat of the window that has the focus.
pub fn active(windows: &mut dyn Windows) -> Option<Seat> {
    let window = windows.list().ok()?.into_iter().find(|window| window.focused)?;
    let named = window.xid.map(|id| ("WINDOWID".to_owned(), id.to_string()));
    Some(Seat { pid: Some(window.pid), tty: None, env: named.into_iter().collect() })
}

/// The window a seat is in: of the nearest process above it that has any, and among those the one that
/// `WINDOWID` names, or else the only one with the right title. That variable alone proves nothing: whatever
/// is started in a terminal inherits it, and the number is used again.
///
/// # Errors
/// When there is none, or it may be one of several.
pub fn choose(windows: &[Window], seat: &Seat) -> Result<Window, Missed> {
    let Some(pid) = seat.pid else {
        return Err(Missed::new("its process is not known, so its window is not either"));
    };
    let of = |pid: u32| windows.iter().filter(move |window| window.pid == pid);
    let Some(owner) = process::ancestry(pid).into_iter().find(|pid| of(*pid).next().is_some()) else {
        return Err(Missed::new(format!("no window belongs to process {pid} or its parents"))
            .help("go to its window yourself; it may be on another desktop, or not be a window of this one's kind"));
    };
    let named = seat.var("WINDOWID").and_then(|id| id.parse().ok());
    let several: Vec<_> = of(owner).collect();
    let by_id = several.iter().copied().find(|window| named.is_some() && window.xid == named);
    let titled: Vec<_> = several.iter().copied().filter(|window| seat.var(TITLE) == Some(&window.title)).collect();
    let found = by_id.or_else(|| only(&several)).or_else(|| only(&titled));
    found.cloned().ok_or_else(|| ambiguous(&several, owner))
}

fn only<'a>(windows: &[&'a Window]) -> Option<&'a Window> {
    windows.first().copied().filter(|_| windows.len() == 1)
}

fn ambiguous(several: &[&Window], owner: u32) -> Missed {
    let titles: Vec<_> = several.iter().take(NAMED).map(|window| format!("{:?}", window.title)).collect();
    let more = if several.len() > NAMED { ", …" } else { "" };
    let program = process::name(owner).unwrap_or_default();
    Missed::new(format!("it is in one of the {} windows of {program}: {}{more}", several.len(), titles.join(", ")))
        .help("nothing tells them apart; run the session in tmux, or in a terminal with one process for each window")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seat at the test's own process, and windows of it and of its parent.
    fn window(id: &str, pid: u32, xid: u32) -> Window {
        Window { id: id.into(), pid, xid: Some(xid), title: format!("title {id}"), focused: false }
    }

    #[test]
    fn the_nearest_process_counts_and_the_variable_only_tells_its_windows_apart() {
        let (own, parent) =
            (std::process::id(), rustix::process::getppid().expect("a parent").as_raw_pid().cast_unsigned());
        let mut seat = Seat { pid: Some(own), ..Seat::default() };
        let outer = window("outer", parent, 1);
        assert_eq!(choose(std::slice::from_ref(&outer), &seat).map(|window| window.id), Ok("outer".into()));
        let all = [outer.clone(), window("a", own, 2), window("b", own, 3)];
        let missed = choose(&all, &seat).expect_err("one of two");
        assert!(missed.why.contains("one of the 2 windows") && missed.why.contains("title a"), "{missed}");
        seat.env.insert("WINDOWID".into(), "3".into());
        assert_eq!(choose(&all, &seat).map(|window| window.id), Ok("b".into()));
        seat.env.insert("WINDOWID".into(), "1".into());
        assert_eq!(choose(&all[..2], &seat).map(|window| window.id), Ok("a".into()), "inherited");
        seat.env.insert(TITLE.into(), "title b".into());
        assert_eq!(choose(&all, &seat).map(|window| window.id), Ok("b".into()));
        assert!(choose(&[all[1].clone(), all[1].clone()], &seat).is_err(), "two of one title");
    }

    #[test]
    fn strangers_windows_are_nobodys() {
        let seat = Seat { pid: Some(std::process::id()), ..Seat::default() };
        let missed = choose(&[window("a", u32::MAX, 1)], &seat).expect_err("another's");
        assert!(missed.help.is_some(), "{missed}");
        assert!(choose(&[window("a", 0, 1)], &Seat::default()).is_err());
    }
}
