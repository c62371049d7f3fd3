//! Shortcuts on an X server: passive grabs of keys on its root window, as X11's own protocol has them.
//!
//! Lock keys are modifiers for X11, so that each key is grabbed with every combination of them. Where a key is may
//! change at any time (`MappingNotify`): then it is grabbed where it is now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use x11rb::connection::Connection;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{ConnectionExt, GrabMode, KeyButMask, Mapping, MappingNotifyEvent, ModMask};
use x11rb::protocol::{ErrorKind, Event};
use x11rb::rust_connection::RustConnection;

use super::{Act, Keys, Standing, Standings, Wanted, failed, standings};

/// Symbols of the keys that are modifiers.
const NUM_LOCK: u32 = 0xff7f;
const SCROLL_LOCK: u32 = 0xff14;
const ALT: [u32; 2] = [0xffe9, 0xffea];
const SUPER: [u32; 2] = [0xffeb, 0xffec];

/// Keys of one X server.
pub struct X11 {
    server: RustConnection,
    root: u32,
    held: Mutex<Held>,
}

/// What is grabbed now.
#[derive(Default)]
struct Held {
    wanted: Wanted,
    grabs: Vec<Grab>,
    locks: Vec<u16>,
}

/// One key, wherever it is on the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grab {
    act: Act,
    code: u8,
    modifiers: u16,
}

impl X11 {
    /// Connects to the X server that `DISPLAY` names. Blocks.
    ///
    /// # Errors
    /// When it cannot be reached; in words.
    pub fn connect() -> Result<Self, String> {
        let (server, screen) = RustConnection::connect(None).map_err(|error| unreachable_server(&error))?;
        let root = server.setup().roots.get(screen).map_or(0, |screen| screen.root);
        Ok(Self { server, root, held: Mutex::default() })
    }

    /// Takes these keys, instead of those before. Blocks.
    pub fn hold(&self, wanted: &Wanted) -> Standings {
        let mut held = self.turn();
        let grabs = std::mem::take(&mut held.grabs);
        let locks = std::mem::take(&mut held.locks);
        let released: Result<(), ReplyError> = grabs.into_iter().try_for_each(|grab| self.release(grab, &locks));
        let taken = released.and_then(|()| self.take(wanted, &mut held));
        wanted.clone_into(&mut held.wanted);
        taken.unwrap_or_else(|error| failed(wanted, &unreachable_server(&error)))
    }

    /// Says which keys are pressed, and how the shortcuts stand whenever the keyboard is another one; until the
    /// server is gone. Blocks.
    pub fn listen(&self, mut pressed: impl FnMut(Act), mut remapped: impl FnMut(Standings)) {
        let mut repeats = Repeats::default();
        while let Ok(event) = self.server.wait_for_event() {
            match event {
                Event::KeyRelease(event) => repeats.release(event.detail, event.time),
                Event::KeyPress(event) if repeats.is_fresh(event.detail, event.time) => {
                    self.act(event.detail, event.state).into_iter().for_each(&mut pressed);
                }
                Event::MappingNotify(MappingNotifyEvent { request, .. }) if request != Mapping::POINTER => {
                    let wanted = self.turn().wanted.clone();
                    remapped(self.hold(&wanted));
                }
                _ => {}
            }
        }
    }

    fn act(&self, code: u8, state: KeyButMask) -> Option<Act> {
        let held = self.turn();
        let locks = held.locks.iter().fold(0, |all, lock| all | lock);
        let is = |grab: &&Grab| grab.code == code && grab.modifiers == u16::from(state) & MODIFIERS & !locks;
        held.grabs.iter().find(is).map(|grab| grab.act)
    }

    fn take(&self, wanted: &Wanted, held: &mut Held) -> Result<Standings, ReplyError> {
        let keyboard = Keyboard::read(&self.server)?;
        held.locks = keyboard.locks();
        let mut error = None;
        let taken = standings(wanted, |act, keys| {
            let grabbed = self.take_one(act, keys, &keyboard, held);
            grabbed.unwrap_or_else(|broken| {
                error = Some(broken);
                Standing::Off
            })
        });
        error.map_or(Ok(taken), Err)
    }

    fn take_one(&self, act: Act, keys: &Keys, keyboard: &Keyboard, held: &mut Held) -> Result<Standing, ReplyError> {
        let codes = keyboard.codes(keys.symbol);
        let Some(modifiers) = keyboard.modifiers(keys).filter(|_| !codes.is_empty()) else {
            let why = format!("this keyboard has no such key: {}", keys.trigger());
            return Ok(Standing::Failed { why });
        };
        for code in codes {
            let grab = Grab { act, code, modifiers };
            held.grabs.push(grab);
            if !self.grab(grab, &held.locks)? {
                let (taken, kept): (Vec<_>, _) = held.grabs.iter().partition(|grab| grab.act == act);
                held.grabs = kept;
                taken.into_iter().try_for_each(|grab| self.release(grab, &held.locks))?;
                let why = "another program has taken these keys: choose others here, or free them there";
                return Ok(Standing::Failed { why: why.to_owned() });
            }
        }
        Ok(Standing::On { keys: None })
    }

    /// `false` when another program was faster.
    fn grab(&self, grab: Grab, locks: &[u16]) -> Result<bool, ReplyError> {
        for modifiers in with_locks(grab.modifiers, locks) {
            let (async_, modifiers) = (GrabMode::ASYNC, ModMask::from(modifiers));
            let asked = self.server.grab_key(false, self.root, modifiers, grab.code, async_, async_)?;
            match asked.check() {
                Ok(()) => {}
                Err(ReplyError::X11Error(error)) if error.error_kind == ErrorKind::Access => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn release(&self, grab: Grab, locks: &[u16]) -> Result<(), ReplyError> {
        for modifiers in with_locks(grab.modifiers, locks) {
            self.server.ungrab_key(grab.code, self.root, ModMask::from(modifiers))?.check()?;
        }
        Ok(())
    }

    fn turn(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All eight of them; the rest of a state are buttons.
const MODIFIERS: u16 = 0xff;

fn unreachable_server(error: &dyn std::fmt::Display) -> String {
    format!("the X server cannot be asked for keys: {error}")
}

/// `modifiers` with every combination of the locks.
fn with_locks(modifiers: u16, locks: &[u16]) -> Vec<u16> {
    locks.iter().fold(vec![modifiers], |all, lock| all.iter().flat_map(|with| [*with, with | lock]).collect())
}

/// A key that is held down is released and pressed again at one moment, again and again.
#[derive(Default)]
struct Repeats {
    released: Option<(u8, u32)>,
}

impl Repeats {
    fn release(&mut self, code: u8, time: u32) {
        self.released = Some((code, time));
    }

    /// Whether somebody pressed it.
    fn is_fresh(&self, code: u8, time: u32) -> bool {
        self.released != Some((code, time))
    }
}

/// Where the keys are.
struct Keyboard {
    first: u8,
    per_code: usize,
    symbols: Vec<u32>,
    /// Codes of the keys that are each of the eight modifiers.
    modifiers: Vec<Vec<u8>>,
}

impl Keyboard {
    fn read(server: &RustConnection) -> Result<Self, ReplyError> {
        let (first, last) = (server.setup().min_keycode, server.setup().max_keycode);
        let mapping = server.get_keyboard_mapping(first, last.saturating_sub(first).saturating_add(1))?;
        let modifiers = server.get_modifier_mapping()?.reply()?;
        let mapping = mapping.reply()?;
        let per_modifier = usize::from(modifiers.keycodes_per_modifier()).max(1);
        Ok(Self {
            first,
            per_code: usize::from(mapping.keysyms_per_keycode).max(1),
            symbols: mapping.keysyms,
            modifiers: modifiers.keycodes.chunks(per_modifier).map(<[u8]>::to_vec).collect(),
        })
    }

    /// The codes of the keys that give this symbol without Shift: in the first layout, else in another.
    fn codes(&self, symbol: u32) -> Vec<u8> {
        let has = |at: usize| {
            let keys = self.symbols.chunks(self.per_code).enumerate();
            let with = keys.filter(move |(_, symbols)| symbols.get(at) == Some(&symbol));
            with.filter_map(|(index, _)| u8::try_from(usize::from(self.first) + index).ok()).collect::<Vec<u8>>()
        };
        // Layouts stand in pairs: without Shift, with Shift.
        (0..self.per_code).step_by(2).map(has).find(|codes| !codes.is_empty()).unwrap_or_default()
    }

    /// The bit of the modifier that a key with one of these symbols is.
    fn modifier(&self, symbols: &[u32]) -> Option<u16> {
        let is = |code: &u8| {
            let at = usize::from(code.saturating_sub(self.first)) * self.per_code;
            let given = self.symbols.get(at..at + self.per_code).unwrap_or_default();
            *code >= self.first && given.iter().any(|given| symbols.contains(given))
        };
        let index = self.modifiers.iter().position(|codes| codes.iter().any(is))?;
        Some(1 << index)
    }

    /// The bits for what has to be held down; none when this keyboard has no such key.
    fn modifiers(&self, keys: &Keys) -> Option<u16> {
        let plain = |on: bool, bit: ModMask| if on { u16::from(bit) } else { 0 };
        let found = |on: bool, symbols: &[u32]| if on { self.modifier(symbols) } else { Some(0) };
        let held = keys.held;
        let fixed = plain(held.shift, ModMask::SHIFT) | plain(held.ctrl, ModMask::CONTROL);
        Some(fixed | found(held.alt, &ALT)? | found(held.super_, &SUPER)?)
    }

    /// The bits of the locks.
    fn locks(&self) -> Vec<u16> {
        let mut locks = vec![u16::from(ModMask::LOCK)];
        for lock in [NUM_LOCK, SCROLL_LOCK].iter().filter_map(|symbol| self.modifier(&[*symbol])) {
            if !locks.contains(&lock) {
                locks.push(lock);
            }
        }
        locks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A German layout before a Russian one, with the usual modifiers.
    fn keyboard() -> Keyboard {
        let rows = [
            [0x7a, 0x5a, 0x6d1, 0x6f1],  // 8: z
            [0x79, 0x59, 0x6ce, 0x6ee],  // 9: y
            [0xffeb, 0, 0xffeb, 0],      // 10: Super_L
            [0xffe9, 0xffe7, 0xffe9, 0], // 11: Alt_L, Meta_L
            [NUM_LOCK, 0, NUM_LOCK, 0],  // 12
            [0x6c3, 0x6e3, 0x63, 0x43],  // 13: c, in the second layout only
        ];
        let modifiers = [vec![], vec![], vec![], vec![11, 0], vec![12, 0], vec![], vec![10, 0], vec![]];
        Keyboard { first: 8, per_code: 4, symbols: rows.concat(), modifiers: modifiers.to_vec() }
    }

    fn keys(text: &str) -> Keys {
        Keys::parse(text).expect("keys").expect("some")
    }

    #[test]
    fn keys_are_found_where_they_are() {
        let keyboard = keyboard();
        assert_eq!(keyboard.codes(keys("<Super>z").symbol), [8]);
        assert_eq!(keyboard.codes(keys("<Super>c").symbol), [13], "in another layout");
        assert_eq!(keyboard.codes(keys("F1").symbol), [] as [u8; 0]);
        assert_eq!(keyboard.modifiers(&keys("<Super><Shift>z")), Some(0x40 | 1));
        assert_eq!(keyboard.modifiers(&keys("<Alt><Ctrl>z")), Some(8 | 4));
        let bare = Keyboard { modifiers: vec![], ..keyboard };
        assert_eq!(bare.modifiers(&keys("<Super>z")), None);
    }

    #[test]
    fn locks_make_no_difference() {
        let locks = keyboard().locks();
        assert_eq!(locks, [2, 16]);
        assert_eq!(with_locks(64, &locks), [64, 80, 66, 82]);
    }

    #[test]
    fn a_key_held_down_is_pressed_once() {
        let mut repeats = Repeats::default();
        assert!(repeats.is_fresh(8, 100));
        repeats.release(8, 500);
        assert!(!repeats.is_fresh(8, 500), "the same moment");
        assert!(repeats.is_fresh(9, 500) && repeats.is_fresh(8, 700));
    }
}
