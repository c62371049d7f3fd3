//! Where and when the hook ran, as one line of JSON: what the payload does not tell.

use std::time::{SystemTime, UNIX_EPOCH};

use rustix::rand::GetRandomFlags;

use crate::proc::{self, Claude};

/// The variables that help to find the terminal again, or that say how the client was started.
pub const VARIABLES: [&str; 23] = [
    "TMUX",
    "TMUX_PANE",
    "TERM_PROGRAM",
    "WINDOWID",
    "KITTY_WINDOW_ID",
    "KITTY_LISTEN_ON",
    "KITTY_PID",
    "WEZTERM_PANE",
    "WEZTERM_UNIX_SOCKET",
    "KONSOLE_DBUS_SERVICE",
    "KONSOLE_DBUS_SESSION",
    "KONSOLE_DBUS_WINDOW",
    "ZELLIJ",
    "ZELLIJ_SESSION_NAME",
    "ZELLIJ_PANE_ID",
    "STY",
    "WINDOW",
    "SSH_CONNECTION",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_PROJECT_DIR",
];

/// A longer value is left out: half of one would only mislead.
const VALUE_LIMIT: usize = 1024;
/// The whole line travels as an HTTP header; variables that do not fit any more are left out.
const LINE_LIMIT: usize = 16 * 1024;

/// One run of the hook.
#[derive(Debug)]
pub struct Context {
    /// Made anew for every run: 32 hexadecimal digits. It tells a retry from a second event.
    pub id: String,
    /// When the hook started, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// All of it, as one line of ASCII.
    pub json: String,
}

impl Context {
    /// Looks around. Nothing without randomness from the kernel, because then there can be no id.
    pub fn gather() -> Option<Self> {
        let started_ms = now_ms();
        let id = fresh_id()?;
        let named = std::env::var("CLAUDE_PID").ok().and_then(|pid| pid.parse().ok());
        let claude = proc::find_claude(named.filter(|pid| *pid > 1));
        let system = rustix::system::uname();
        let here = Here { host: system.nodename().to_str().ok(), boot: proc::boot(), pids: proc::pid_namespace() };
        let json = line(&id, started_ms, claude.as_ref(), &here, |name| std::env::var(name).ok());
        Some(Self { id, started_ms, json })
    }
}

/// On which machine, and among which processes: a process id says something only there.
#[derive(Debug, Default)]
struct Here<'a> {
    host: Option<&'a str>,
    boot: Option<String>,
    pids: Option<u64>,
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn fresh_id() -> Option<String> {
    let mut bytes = [0; 16];
    let filled = rustix::rand::getrandom(&mut bytes, GetRandomFlags::empty()).ok()?;
    (filled == bytes.len()).then(|| format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn line(
    id: &str,
    started_ms: u64,
    claude: Option<&Claude>,
    here: &Here<'_>,
    variable: impl Fn(&str) -> Option<String>,
) -> String {
    let mut json = format!("{{\"v\":1,\"id\":\"{id}\",\"started_ms\":{started_ms}");
    if let Some(Claude { pid, start, tty }) = claude {
        json += &format!(",\"pid\":{pid},\"start\":{start}");
        member(&mut json, "tty", tty.as_deref());
    }
    member(&mut json, "host", here.host);
    member(&mut json, "boot", here.boot.as_deref());
    if let Some(pids) = here.pids {
        json += &format!(",\"pids\":{pids}");
    }
    json += ",\"env\":{";
    let opened = json.len();
    for name in VARIABLES {
        let value = variable(name).filter(|value| value.len() <= VALUE_LIMIT);
        let before = json.len();
        member(&mut json, name, value.as_deref());
        if json.len() > LINE_LIMIT {
            json.truncate(before);
        }
    }
    // `member` begins with a comma, which the first one must not.
    if json.len() > opened {
        json.remove(opened);
    }
    json + "}}"
}

/// Appends `,"name":"value"`, if there is a value.
fn member(json: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return;
    };
    for piece in [",\"", name, "\":\""] {
        json.push_str(piece);
    }
    for unit in value.encode_utf16() {
        match u8::try_from(unit).map(char::from) {
            Ok(mark @ ('"' | '\\')) => json.extend(['\\', mark]),
            Ok(plain @ ' '..='~') => json.push(plain),
            _ => *json += &format!("\\u{unit:04x}"),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_absent() {
        let json = line("00", 7, None, &Here::default(), |_| None);
        assert_eq!(json, r#"{"v":1,"id":"00","started_ms":7,"env":{}}"#);
    }

    #[test]
    fn everything_known_is_there_in_plain_ascii() {
        let claude = Claude { pid: 5, start: 9, tty: Some("/dev/pts/3".into()) };
        let variable = |name: &str| match name {
            "TMUX" => Some("a\"b\\c\n\u{7f}é😀".to_owned()),
            "STY" => Some(String::new()),
            "DISPLAY" => Some(":0".to_owned()),
            _ => None,
        };
        let here = Here { host: Some("box"), boot: Some("b-1".into()), pids: Some(17) };
        assert_eq!(
            line("00", 7, Some(&claude), &here, variable),
            concat!(
                r#"{"v":1,"id":"00","started_ms":7,"pid":5,"start":9,"tty":"/dev/pts/3","host":"box","boot":"b-1","pids":17,"#,
                r#""env":{"TMUX":"a\"b\\c\u000a\u007f\u00e9\ud83d\ude00","DISPLAY":":0"}}"#
            )
        );
    }

    #[test]
    fn long_values_are_left_out_and_never_cut() {
        let long = line("00", 7, None, &Here::default(), |name| (name == "TMUX").then(|| "x".repeat(1025)));
        assert!(long.ends_with(r#""env":{}}"#), "{long}");
        let fits = line("00", 7, None, &Here::default(), |name| (name == "TMUX").then(|| "x".repeat(1024)));
        assert!(fits.contains(&"x".repeat(1024)));
        let wild = line("00", 7, None, &Here::default(), |_| Some("\u{1}".repeat(1024)));
        assert!(wild.len() <= LINE_LIMIT + 2 && wild.ends_with("\"}}"), "{}", wild.len());
    }

    #[test]
    fn ids_are_fresh_and_well_formed() {
        let (one, two) = (fresh_id(), fresh_id());
        assert_ne!(one, two);
        let id = one.expect("kernel randomness");
        assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)));
    }
}
