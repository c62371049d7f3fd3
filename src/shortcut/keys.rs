//! Keys of a shortcut as the settings have them: `<Super>c`, `<Ctrl><Alt>space`, `F9`.

use std::fmt::Write;

/// Longest text that can be one.
const LONGEST: usize = 64;

/// What has to be held down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Shift.
    pub shift: bool,
    /// Ctrl.
    pub ctrl: bool,
    /// Alt.
    pub alt: bool,
    /// Super: on most keyboards the key with a logo.
    pub super_: bool,
}

/// A key, and what is held down with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// What is held down,
    pub held: Held,
    /// the key's name, as in X11's `keysymdef.h` without `XK_`,
    pub name: String,
    /// and its number there.
    pub symbol: u32,
}

/// Keys that do nothing in a program by themselves: they may stand alone.
const FREE: [(&str, u32); 4] = [("Pause", 0xff13), ("Print", 0xff61), ("Menu", 0xff67), ("Scroll_Lock", 0xff14)];

/// Keys with a name, in addition to letters, digits and F1 to F24.
const NAMED: [(&str, u32); 28] = [
    ("space", 0x20),
    ("apostrophe", 0x27),
    ("plus", 0x2b),
    ("comma", 0x2c),
    ("minus", 0x2d),
    ("period", 0x2e),
    ("slash", 0x2f),
    ("semicolon", 0x3b),
    ("less", 0x3c),
    ("equal", 0x3d),
    ("bracketleft", 0x5b),
    ("backslash", 0x5c),
    ("bracketright", 0x5d),
    ("grave", 0x60),
    ("BackSpace", 0xff08),
    ("Tab", 0xff09),
    ("Return", 0xff0d),
    ("Escape", 0xff1b),
    ("Home", 0xff50),
    ("Left", 0xff51),
    ("Up", 0xff52),
    ("Right", 0xff53),
    ("Down", 0xff54),
    ("Page_Up", 0xff55),
    ("Page_Down", 0xff56),
    ("End", 0xff57),
    ("Insert", 0xff63),
    ("Delete", 0xffff),
];

impl Keys {
    /// Reads them; none from an empty text.
    ///
    /// # Errors
    /// What they have to be, in words.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let (held, key) = held(text).filter(|_| text.len() <= LONGEST).ok_or(SHAPE)?;
        let (name, symbol, stands_alone) = symbol(key).ok_or_else(|| unknown(key))?;
        if !(stands_alone || held.ctrl || held.alt || held.super_) {
            return Err(format!("{SHAPE}: {name} alone is what you type"));
        }
        Ok(Some(Self { held, name, symbol }))
    }

    /// The same for the portal: <https://specifications.freedesktop.org/shortcuts-spec/latest/>.
    #[must_use]
    pub fn trigger(&self) -> String {
        let Held { shift, ctrl, alt, super_ } = self.held;
        let held = [("SHIFT+", shift), ("CTRL+", ctrl), ("ALT+", alt), ("LOGO+", super_)];
        let held = held.into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
        held.chain([self.name.as_str()]).collect()
    }
}

const SHAPE: &str = "one key with at least one of <Super>, <Ctrl> and <Alt> before it, such as \"<Super>c\"; or empty";

/// What is held down, and the rest.
fn held(mut text: &str) -> Option<(Held, &str)> {
    let mut held = Held::default();
    while let Some((name, rest)) = text.strip_prefix('<').and_then(|text| text.split_once('>')) {
        let on = match name.to_ascii_lowercase().as_str() {
            "shift" => &mut held.shift,
            "ctrl" | "control" | "primary" => &mut held.ctrl,
            "alt" => &mut held.alt,
            "super" => &mut held.super_,
            _ => return None,
        };
        *on = true;
        text = rest;
    }
    Some((held, text))
}

/// A key's name as it is written, its number, and whether it may stand alone.
fn symbol(key: &str) -> Option<(String, u32, bool)> {
    let number = key.strip_prefix(['F', 'f']).filter(|digits| !digits.starts_with('0'));
    if let Some(number) = number.and_then(|digits| digits.parse::<u32>().ok()).filter(|n| (1..=24).contains(n)) {
        return Some((format!("F{number}"), 0xffbd + number, true));
    }
    if let &[byte] = key.as_bytes() {
        let byte = byte.to_ascii_lowercase();
        return byte.is_ascii_alphanumeric().then(|| (char::from(byte).to_string(), u32::from(byte), false));
    }
    let is = |(name, _): &&(&str, u32)| name.eq_ignore_ascii_case(key);
    let free = FREE.iter().find(is).map(|(name, symbol)| ((*name).to_owned(), *symbol, true));
    free.or_else(|| NAMED.iter().find(is).map(|(name, symbol)| ((*name).to_owned(), *symbol, false)))
}

fn unknown(key: &str) -> String {
    let mut names = String::new();
    for (name, _) in NAMED.iter().chain(&FREE) {
        let _ = write!(names, ", {name}");
    }
    match key {
        "" => SHAPE.to_owned(),
        _ => format!("{SHAPE}; the key is a letter, a digit, F1 to F24, or one of{}", names.trim_start_matches(',')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(text: &str) -> Keys {
        Keys::parse(text).expect("keys").expect("some")
    }

    #[test]
    fn keys_are_read_as_people_write_them() {
        assert_eq!(Keys::parse(""), Ok(None));
        for (text, trigger, symbol) in [
            ("<Super>c", "LOGO+c", 0x63),
            ("<super>C", "LOGO+c", 0x63),
            ("<Ctrl><Alt>space", "CTRL+ALT+space", 0x20),
            ("<Alt><Control><Shift>Page_Up", "SHIFT+CTRL+ALT+Page_Up", 0xff55),
            ("<Super>0", "LOGO+0", 0x30),
            ("<Primary>grave", "CTRL+grave", 0x60),
            ("F9", "F9", 0xffc6),
            ("<Shift>F24", "SHIFT+F24", 0xffd5),
            ("pause", "Pause", 0xff13),
        ] {
            assert_eq!((keys(text).trigger().as_str(), keys(text).symbol), (trigger, symbol), "{text}");
        }
    }

    #[test]
    fn what_could_not_be_typed_any_more_or_is_no_key_is_said() {
        for text in [
            "c",
            "<Shift>c",
            "space",
            "<Super>",
            "<Super",
            "Super+c",
            "<Hyper>c",
            "<Super>F25",
            "<Super>F0",
            "<Super>F01",
            "<Super>cc",
            "<Super>é",
            "<Super>c\n",
            " <Super>c",
            &"<Super>".repeat(20),
        ] {
            let why = Keys::parse(text).expect_err(text);
            assert!(why.starts_with("one key with at least one of"), "{text}: {why}");
        }
        assert!(Keys::parse("<Super>comma1").expect_err("no key").contains("Page_Down"));
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd_to_be_refused(text in "(<(Super|Ctrl|Shift|Alt|x)>){0,4}.{0,6}") {
            if let Ok(Some(keys)) = Keys::parse(&text) {
                prop_assert!(keys.symbol > 0 && !keys.name.is_empty());
            }
        }
    }
}
