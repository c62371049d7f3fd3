//! Finds the `claude` process that a hook belongs to, in `/proc`.

use std::fs::File;
use std::io::Read;

/// A `claude` process, told apart from later bearers of its number by its start time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claude {
    /// Its process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    pub start: u64,
    /// Its terminal, such as `/dev/pts/3`.
    pub tty: Option<String>,
}

/// Longer chains of parents are not walked.
const GENERATIONS: usize = 32;

/// The `claude` above this process. `named` is what `CLAUDE_PID` says, which newer clients set; it is
/// believed when met on the way up, so that an older client started inside a newer one's session
/// (it passes that one's environment on) is still found first.
pub fn find_claude(named: Option<u32>) -> Option<Claude> {
    let mut parent = rustix::process::getppid()?.as_raw_nonzero().get().cast_unsigned();
    for _ in 0..GENERATIONS {
        let Some(stat) = Stat::read(parent) else {
            break;
        };
        if named == Some(parent) || stat.is_claude(named.is_none()) {
            return Some(stat.into_claude(parent));
        }
        if stat.parent <= 1 {
            break;
        }
        parent = stat.parent;
    }
    // Not among our parents, as when something in between has left the family: it still lives, or it is no help.
    let pid = named?;
    Stat::read(pid).map(|stat| stat.into_claude(pid))
}

/// Which start of which machine this is, as random(4) tells it.
pub fn boot() -> Option<String> {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(read.trim().to_owned())
}

/// The number of the namespace in which our own process ids count, see namespaces(7).
pub fn pid_namespace() -> Option<u64> {
    namespace_of("self")
}

/// The same of another process, by its id.
pub fn namespace_of(pid: &str) -> Option<u64> {
    let link = std::fs::read_link(format!("/proc/{pid}/ns/pid")).ok()?;
    link.to_str()?.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

/// What is of interest in `/proc/PID/stat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The name of the program, as it calls itself.
    pub name: Vec<u8>,
    /// The parent's process id.
    pub parent: u32,
    /// The controlling terminal's device number, 0 for none.
    pub tty_nr: u32,
    /// When the process started, in clock ticks since boot.
    pub start: u64,
}

impl Stat {
    /// Reads the entry of a living process.
    pub fn read(pid: u32) -> Option<Self> {
        let mut buffer = [0; 1024];
        let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let length = file.read(&mut buffer).ok()?;
        Self::parse(&buffer[..length])
    }

    /// Parses one. The name stands in parentheses and may contain anything, also parentheses and spaces.
    fn parse(stat: &[u8]) -> Option<Self> {
        let open = stat.iter().position(|byte| *byte == b'(')?;
        let close = stat.iter().rposition(|byte| *byte == b')')?;
        let name = stat.get(open + 1..close)?.to_vec();
        let rest = std::str::from_utf8(&stat[close + 1..]).ok()?;
        // Numbered as in proc(5), where the state is field 3.
        let mut fields = rest.split_ascii_whitespace();
        if matches!(fields.next()?, "Z" | "X" | "x") {
            return None;
        }
        let parent = fields.next()?.parse().ok()?;
        let tty_nr: i32 = fields.nth(2)?.parse().ok()?;
        let start = fields.nth(14)?.parse().ok()?;
        Some(Self { name, parent, tty_nr: tty_nr.cast_unsigned(), start })
    }

    /// Clients installed through npm were called `node` once; with `CLAUDE_PID` known that is too vague.
    fn is_claude(&self, or_node: bool) -> bool {
        self.name == b"claude" || (or_node && self.name == b"node")
    }

    /// Its controlling terminal, such as `/dev/pts/3`.
    pub fn tty(&self) -> Option<String> {
        tty_name(self.tty_nr)
    }

    fn into_claude(self, pid: u32) -> Claude {
        Claude { pid, start: self.start, tty: self.tty() }
    }
}

/// The path of a terminal by its device number: pseudo terminals, virtual consoles and serial lines.
fn tty_name(device: u32) -> Option<String> {
    let major = (device >> 8) & 0xfff;
    let minor = (device & 0xff) | ((device >> 12) & 0xf_ff00);
    match (major, minor) {
        (136..=143, _) => Some(format!("/dev/pts/{}", (major - 136) * 256 + minor)),
        (4, 1..=63) => Some(format!("/dev/tty{minor}")),
        (4, 64..) => Some(format!("/dev/ttyS{}", minor - 64)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_contain_what_separates_the_fields() {
        let line = b"77 (a) S (b c) S 12 77 77 34819 77 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2 3\n";
        let stat = Stat::parse(line).expect("a stat line");
        assert_eq!(stat.name, b"a) S (b c");
        assert_eq!((stat.parent, stat.tty_nr, stat.start), (12, 34819, 987_654));
        assert_eq!(tty_name(stat.tty_nr).as_deref(), Some("/dev/pts/3"));
    }

    #[test]
    fn the_dead_and_the_broken_are_nobody() {
        assert_eq!(Stat::parse(b"77 (a) Z 12 77 77 0 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 1\n"), None);
        for line in ["", "77", "77 (a", "77 (a)", ")77(", "77 (a) S x", "77 (a) S 1 2 3 4"] {
            assert_eq!(Stat::parse(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn terminals_have_names() {
        assert_eq!(tty_name(0), None);
        assert_eq!(tty_name(0x0401).as_deref(), Some("/dev/tty1"));
        assert_eq!(tty_name(0x0440).as_deref(), Some("/dev/ttyS0"));
        assert_eq!(tty_name(0x8800 | 0x2c | (0x100 << 12)).as_deref(), Some("/dev/pts/300"));
    }

    #[test]
    fn a_named_process_is_found_when_it_lives() {
        let own = std::process::id();
        let found = find_claude(Some(own)).expect("this process lives");
        assert_eq!(found.pid, own);
        assert_eq!(Some(found.start), Stat::read(own).map(|stat| stat.start));
    }
}
