//! What may stand in `config.toml`: read as a whole, and every value in its range.

use std::fmt;
use std::ops::RangeInclusive;

use anyhow::{Result, anyhow};
use serde_json::Value;

use super::{Channel, Config, edit};
use crate::otlp::Endpoint;
use crate::shortcut::Keys;

/// Longest hold, in seconds: Claude Code kills the hook after 600.
pub const LONGEST_HOLD: u64 = 540;
/// Longest hold of a sub-agent's request: the hook itself lets go of it after 130 s, in case we hang.
pub const LONGEST_SUBAGENT_HOLD: u64 = 120;
/// A month of silence, in seconds.
const LONGEST_SILENCE: u64 = 31 * 24 * 60 * 60;
/// A week, in minutes.
const LONGEST_REFRESH: u64 = 7 * 24 * 60;
/// A day, in seconds.
const LONGEST_KEPT: u64 = 24 * 60 * 60;
/// Longest name of a monitor, in bytes.
const LONGEST_MONITOR: usize = 100;
/// A hundred years.
const MOST_DAYS: u64 = 36_500;
/// A terabyte.
const MOST_MEGABYTES: u64 = 1_048_576;
/// Longest name of a sound, in characters.
const LONGEST_SOUND: usize = 100;
/// A command line in `jump.terminal` has fewer words, and each fewer characters.
const MOST_WORDS: usize = 32;
const LONGEST_WORD: usize = 4_096;

/// A value that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which, with its table: `web.port`.
    pub key: String,
    /// What it has to be, in words.
    pub why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}", self.key, self.why)
    }
}

impl Config {
    /// Reads the text of a `config.toml`.
    ///
    /// # Errors
    /// When it is not TOML, or says something we do not understand, or too much of it; with the line.
    pub fn parse(text: &str) -> Result<Self> {
        let config = Self::read(text)?;
        config.check().map_err(|mistake| match edit::line_of(text, &mistake.key) {
            Some(line) => anyhow!("line {line}: {mistake}"),
            None => anyhow!("{mistake}"),
        })?;
        Ok(config)
    }

    /// The same without a look at how large the values are.
    pub(super) fn read(text: &str) -> Result<Self> {
        // Once for the line of a mistake; once over the defaults, which differ between tables of one shape.
        let _: Self = toml_edit::de::from_str(text)?;
        let mut whole = serde_json::to_value(Self::default())?;
        overlay(&mut whole, toml_edit::de::from_str(text)?);
        Ok(serde_json::from_value(whole)?)
    }

    /// Whether every value is one that can be.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), Mistake> {
        self.check_numbers()?;
        let places = &self.approvals.decide_from;
        demand(places.iter().all(|by| by.place().is_some()), "approvals.decide_from", || {
            "a list of \"popup\", \"dashboard\", \"web\", \"cli\", \"tui\" and \"notification\"".into()
        })?;
        let times = [("quiet.from", &self.quiet.from), ("quiet.to", &self.quiet.to)];
        for (key, time) in times {
            demand(is_time(time), key, || "a time of the day, such as \"22:00\"".into())?;
        }
        let said = &self.notifications;
        let channels = [
            ("approval", &said.approval),
            ("question", &said.question),
            ("finished", &said.finished),
            ("failed", &said.failed),
            ("stuck", &said.stuck),
        ];
        for (name, Channel { sound, .. }) in channels {
            demand(is_sound(sound), &format!("notifications.{name}.sound"), || {
                "the name of a sound: lowercase letters, digits, `-`, `_` and `.`; or empty".into()
            })?;
        }
        demand(is_monitor(&self.popup.monitor), "popup.monitor", || {
            "\"primary\", \"pointer\", or the name of a monitor, such as \"HDMI-1\"".into()
        })?;
        self.check_shortcuts()?;
        self.check_otlp()?;
        demand(is_command(&self.jump.terminal), "jump.terminal", || {
            format!("a program and its arguments, at most {MOST_WORDS} words, none of them empty")
        })
    }

    fn check_shortcuts(&self) -> Result<(), Mistake> {
        let keys =
            |name: &str, text: &str| Keys::parse(text).map_err(|why| Mistake { key: format!("shortcut.{name}"), why });
        let (next, popup) = (keys("next", &self.shortcut.next)?, keys("popup", &self.shortcut.popup)?);
        demand(next.is_none() || next != popup, "shortcut.popup", || {
            "keys of its own: `shortcut.next` has these".into()
        })
    }

    fn check_otlp(&self) -> Result<(), Mistake> {
        Endpoint::parse(&self.otlp.endpoint).map_err(|why| Mistake { key: "otlp.endpoint".into(), why })?;
        let path = &self.otlp.headers_file;
        let fits = path.is_empty() || path.starts_with('/') && path.len() <= LONGEST_WORD && !path.contains('\0');
        demand(fits, "otlp.headers_file", || "the path of a file, from the root; or empty".into())
    }

    fn check_numbers(&self) -> Result<(), Mistake> {
        let numbers: [(&str, u64, RangeInclusive<u64>, &str); 10] = [
            ("approvals.hold", self.approvals.hold, 1..=LONGEST_HOLD, "seconds"),
            ("approvals.subagent_hold", self.approvals.subagent_hold, 1..=LONGEST_SUBAGENT_HOLD, "seconds"),
            ("sessions.stuck_after", self.sessions.stuck_after, 0..=LONGEST_SILENCE, "seconds"),
            ("web.port", self.web.port.into(), 1..=u16::MAX.into(), "a port"),
            ("popup.keep_s", self.popup.keep_s, 0..=LONGEST_KEPT, "seconds"),
            ("summaries.refresh", self.summaries.refresh, 0..=LONGEST_REFRESH, "minutes"),
            ("summaries.at_once", self.summaries.at_once, 1..=2, "summaries"),
            ("retention.days", self.retention.days, 0..=MOST_DAYS, "days"),
            ("retention.size_mb", self.retention.size_mb, 0..=MOST_MEGABYTES, "megabytes"),
            ("retention.audit_days", self.retention.audit_days, 0..=MOST_DAYS, "days"),
        ];
        for (key, number, range, of) in numbers {
            demand(range.contains(&number), key, || {
                format!("a number of {of} from {} to {}", range.start(), range.end())
            })?;
        }
        Ok(())
    }
}

fn demand(holds: bool, key: &str, why: impl FnOnce() -> String) -> Result<(), Mistake> {
    if holds { Ok(()) } else { Err(Mistake { key: key.to_owned(), why: why() }) }
}

/// `07:30`, as jiff and clocks on walls have it.
fn is_time(text: &str) -> bool {
    text.len() == 5 && jiff::civil::Time::strptime("%H:%M", text).is_ok()
}

/// Names as <https://specifications.freedesktop.org/sound-naming-spec/latest/> has them.
fn is_sound(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    name.len() <= LONGEST_SOUND && name.bytes().all(fits)
}

fn is_monitor(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= LONGEST_MONITOR && !name.chars().any(char::is_control)
}

fn is_command(words: &[String]) -> bool {
    let fits = |word: &String| !word.is_empty() && word.len() <= LONGEST_WORD && !word.contains('\0');
    words.len() <= MOST_WORDS && words.iter().all(fits)
}

/// Puts what `said` says in place of what stands in `whole`.
fn overlay(whole: &mut Value, said: Value) {
    match (whole, said) {
        (Value::Object(whole), Value::Object(said)) => {
            for (key, value) in said {
                overlay(whole.entry(key).or_insert(Value::Null), value);
            }
        }
        (whole, said) => *whole = said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::DEFAULT;

    #[test]
    fn the_commented_default_is_the_default() {
        let shown: String = DEFAULT
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line))
            .fold(String::new(), |all, line| all + line + "\n");
        assert_eq!(Config::parse(&shown).unwrap(), Config::default());
        assert_eq!(Config::parse(DEFAULT).unwrap(), Config::default());
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, words) in [
            ("[approvals]\nhold = 541", ["line 2", "to 540"]),
            ("[approvals]\nsubagent_hold = 121", ["line 2", "to 120"]),
            ("[approvals]\nsubagent_hold = 0", ["line 2", "from 1"]),
            ("\n\nquiet.to = \"24:00\"", ["line 3", "`quiet.to`"]),
            ("quiet = { on = true, from = \"7:30\" }", ["line 1", "`quiet.from`"]),
            ("[summaries]\nat_once = 3", ["line 2", "to 2"]),
            ("[notifications.stuck]\n\nsound = \"../x\"", ["line 3", "notifications.stuck.sound"]),
            ("[notifications.stuck]\nurgency = \"high\"", ["line 2", "critical"]),
            ("[jump]\nterminal = [\"xterm\", \"\"]", ["line 2", "`jump.terminal`"]),
            ("[popup]\nmonitor = \"\"", ["line 2", "`popup.monitor`"]),
            ("[popup]\ncorner = \"middle\"", ["line 2", "bottom-right"]),
            ("[popup]\nkeep_s = 86401", ["line 2", "to 86400"]),
            ("[shortcut]\nnext = \"c\"", ["line 2", "one key with at least one of"]),
            ("[shortcut]\nnext = \"F9\"\npopup = \"f9\"", ["line 3", "keys of its own"]),
            ("[web]\nport = 65536", ["line 2", "u16"]),
            ("[web]\nport = 0", ["line 2", "from 1"]),
            ("[web]\nprot = 1", ["line 2", "prot"]),
            ("[otlp]\nendpoint = \"https://127.0.0.1:4318\"", ["line 2", "collector that runs here"]),
            ("[otlp]\nendpoint = \"http://10.0.0.1:4318\"", ["line 2", "of this machine"]),
            ("[otlp]\nheaders_file = \"token\"", ["line 2", "from the root"]),
            ("x", ["line 1", "x"]),
        ] {
            let said = format!("{:#}", Config::parse(text).unwrap_err());
            assert!(words.iter().all(|word| said.contains(word)), "{text}: {said}");
        }
    }
}
