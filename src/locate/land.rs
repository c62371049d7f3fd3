//! From the inside out: every layer of a seat brought into view.

use std::time::{Duration, Instant};

use super::hyprland::Hyprland;
use super::kde::Kde;
use super::kitty::Kitty;
use super::konsole::Konsole;
use super::niri::Niri;
use super::screen::Screen;
use super::sway::Sway;
use super::tmux::{self, Tmux};
use super::wezterm::WezTerm;
use super::x11::X11;
use super::zellij::Zellij;
use super::{Area, Desk, Entered, Missed, Seat, Terminal, View, open};

/// Inside out; within a layer the first that holds the seat.
const MULTIPLEXERS: &[&dyn Terminal] = &[&Tmux, &Zellij, &Screen];
const EMULATORS: &[&dyn Terminal] = &[&Kitty, &WezTerm, &Konsole];
const DESKTOPS: &[&dyn Terminal] = &[&Sway, &Hyprland, &Niri, &Kde, &X11];

/// A multiplexer in a multiplexer is usual, more is a mistake.
const DEEPEST: usize = 4;
/// How long a new terminal may take to show what it was opened for.
const OPENING: Duration = Duration::from_secs(8);
/// How often it is asked.
const PAUSE: Duration = Duration::from_millis(50);

/// Where a jump ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landed {
    /// In words, from the inside out, such as `tmux work %3, window 0x2c00007`.
    pub place: String,
    /// What could not be done on the way, though the place was reached.
    pub notes: Vec<String>,
}

/// Takes the user to a seat.
///
/// # Errors
/// [`Missed`]: how far it came, why not further, and what would help.
pub fn land(seat: &Seat, desk: &Desk) -> Result<Landed, Missed> {
    let mut path = Path::default();
    let mut seat = seat.clone();
    for _ in 0..DEEPEST {
        let Some(multiplexer) = first(MULTIPLEXERS, &seat, desk) else { break };
        match path.enter(multiplexer, &seat, desk) {
            Ok(Some(outer)) => seat = outer,
            Ok(None) => return Ok(path.landed),
            Err(missed) => return Err(path.short(missed)),
        }
    }
    if let Some(emulator) = first(EMULATORS, &seat, desk) {
        match path.enter(emulator, &seat, desk) {
            Ok(Some(outer)) => seat = outer,
            Ok(None) => return Ok(path.landed),
            // Its window can be found all the same.
            Err(missed) => path.landed.notes.push(missed.to_string()),
        }
    }
    let Some(desktop) = first(DESKTOPS, &seat, desk) else {
        return Err(path.short(nowhere(&seat, desk)));
    };
    match path.enter(desktop, &seat, desk) {
        Ok(_) => Ok(path.landed),
        Err(missed) => Err(path.short(missed)),
    }
}

/// Where the user is now: the pane that their client of tmux shows, else the desktop's active window.
#[must_use]
pub fn here(desk: &Desk) -> Option<Seat> {
    let pane = desk.caller.as_ref().and_then(|caller| tmux::here(caller, desk));
    pane.or_else(|| first(DESKTOPS, &Seat::default(), desk)?.active(desk))
}

/// Calls `changed` whenever the focus goes to another window; returns when that answers `false`, or the
/// desktop does not tell.
pub fn follow(desk: &Desk, mut changed: impl FnMut() -> bool) {
    if let Some(desktop) = first(DESKTOPS, &Seat::default(), desk) {
        desktop.follow(desk, &mut changed);
    }
}

/// Where a window fills a monitor, as far as the desktop tells.
#[must_use]
pub fn covers(desk: &Desk) -> Vec<Area> {
    first(DESKTOPS, &Seat::default(), desk).map(|desktop| desktop.covers(desk)).unwrap_or_default()
}

/// Whether the user looks at a seat now; `None` when it cannot be told.
#[must_use]
pub fn view(seat: &Seat, desk: &Desk) -> Option<bool> {
    let mut seats = vec![seat.clone()];
    for layer in [MULTIPLEXERS, MULTIPLEXERS, EMULATORS, DESKTOPS] {
        let mut outer = Vec::new();
        let mut unknown = false;
        for seat in seats {
            match first(layer, &seat, desk).map(|terminal| terminal.view(&seat, desk)) {
                Some(View::Focused) => return Some(true),
                Some(View::Hidden) => {}
                Some(View::Through(more)) => outer.extend(more),
                Some(View::Unknown) => unknown = true,
                None => outer.push(seat),
            }
        }
        if outer.is_empty() {
            return (!unknown).then_some(false);
        }
        seats = outer;
    }
    None
}

#[derive(Default)]
struct Path {
    landed: Landed,
}

impl Path {
    /// Enters one layer: the seat of the next one, or nothing when the user is there.
    fn enter(&mut self, terminal: &dyn Terminal, seat: &Seat, desk: &Desk) -> Result<Option<Seat>, Missed> {
        let mut entered = terminal.enter(seat, desk)?;
        if let Entered::Unattended { place, argv } = &entered {
            open::terminal(desk, argv).map_err(|missed| unopened(place, &missed))?;
            entered = attended(terminal, seat, desk)?;
        }
        let (place, outer) = match entered {
            Entered::Within { place, outer } => (place, Some(outer)),
            Entered::Focused { place } => (place, None),
            Entered::Unattended { place, .. } => {
                return Err(Missed::new(format!("a terminal was opened for {place}, and does not show it"))
                    .help("set `terminal` in the [jump] section of config.toml to the terminal you use"));
            }
        };
        if !self.landed.place.is_empty() {
            self.landed.place.push_str(", ");
        }
        self.landed.place.push_str(&place);
        Ok(outer)
    }

    /// How far it came, before why it came no further.
    fn short(self, missed: Missed) -> Missed {
        let reached = self.landed.place;
        let why = if reached.is_empty() { missed.why } else { format!("{reached} is selected, but {}", missed.why) };
        Missed { why, help: missed.help }
    }
}

fn first(layer: &[&'static dyn Terminal], seat: &Seat, desk: &Desk) -> Option<&'static dyn Terminal> {
    layer.iter().copied().find(|terminal| terminal.holds(seat, desk))
}

/// Asks again until somebody looks, or the time is over.
fn attended(terminal: &dyn Terminal, seat: &Seat, desk: &Desk) -> Result<Entered, Missed> {
    let deadline = Instant::now() + OPENING;
    loop {
        let entered = terminal.enter(seat, desk)?;
        if !matches!(entered, Entered::Unattended { .. }) || Instant::now() >= deadline {
            return Ok(entered);
        }
        std::thread::sleep(PAUSE);
    }
}

fn unopened(place: &str, missed: &Missed) -> Missed {
    Missed { why: format!("nobody is attached to {place}, and {}", missed.why), help: missed.help.clone() }
}

/// Why no desktop can raise the window of this seat.
fn nowhere(seat: &Seat, desk: &Desk) -> Missed {
    if seat.var("SSH_CONNECTION").is_some() {
        return Missed::new("its terminal is on another machine, over ssh")
            .help("go to the window of that ssh session");
    }
    if desk.var("DISPLAY").is_none() && desk.var("WAYLAND_DISPLAY").is_none() {
        return Missed::new("ccmon knows no desktop to raise its window on")
            .help("start `ccmon-tray` in the desktop session, or run `ccmon jump` in a terminal of it");
    }
    Missed::new("this desktop offers no way to raise its window")
        .help("X11, sway, Hyprland, niri and KDE do; on others go to the window yourself")
}
