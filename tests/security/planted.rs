//! What somebody else may have put where our files belong.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::hold;
use crate::suite::{Suite, Verdict};
use crate::support::{PATIENCE, program, wait_until};
use crate::world::{NOBODY, World, end, is_root, only_root, said};

/// What lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trap {
    Link,
    Dangling,
    HardLink,
    Fifo,
    Directory,
    Foreign,
}

use Trap::{Dangling, Directory, Fifo, Foreign, HardLink, Link};

const ALL: &[Trap] = &[Link, Dangling, HardLink, Fifo, Directory, Foreign];

/// Where, and with what the daemon does not start.
const REFUSED: &[(&str, &[Trap])] = &[
    ("state", &[Link, Dangling, Fifo, Foreign]),
    ("config", &[Link, Dangling, Fifo, Foreign]),
    ("state/ccmon.db", ALL),
    ("state/ccmon.db-wal", ALL),
    ("state/ccmon.db-shm", ALL),
    ("state/ccmon.db-journal", ALL),
    ("state/lock", ALL),
    ("state/daemon.log", ALL),
    ("state/token", ALL),
    ("config/config.toml", &[Dangling, Fifo, Directory, Foreign]),
    ("door.sock", ALL),
];

/// Where, and with what it starts all the same, and does no harm.
const HARMLESS: &[(&str, &[Trap])] = &[
    ("state/port", &[Link, Dangling, HardLink, Fifo, Foreign]),
    ("state/daemon.log.1", &[Link, HardLink, Fifo]),
    ("state/spool", &[Link, Fifo, Foreign]),
    (
        "state/spool/00000001763700000123-0123456789abcdef0123456789abcdef.event",
        &[Link, HardLink, Fifo, Directory, Foreign],
    ),
    ("config/config.toml", &[HardLink]),
];

/// Where the hook meets it.
const HOOKS: &[(&str, &[Trap])] = &[
    ("state", &[Link, Dangling, Fifo, Foreign]),
    ("state/spool", &[Link, Dangling, Fifo, Foreign]),
    ("state/hook-errors.log", &[Link, Dangling, HardLink, Fifo, Foreign]),
    ("door.sock", &[Link, Dangling, Fifo, Directory]),
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("others.planted");
    for (paths, refused) in [(REFUSED, true), (HARMLESS, false)] {
        for (path, traps) in paths {
            for trap in *traps {
                let then = if refused { "refused" } else { "no harm" };
                suite.case(format!("{path} as {} -> {then}", trap.words()), move || daemon(path, *trap, refused));
            }
        }
    }
    for (path, traps) in HOOKS {
        for trap in *traps {
            suite
                .case(format!("{path} as {}, before the hook -> silence, no harm", trap.words()), || hook(path, *trap));
        }
    }
    edges(suite);
}

fn edges(suite: &mut Suite) {
    suite.case("the database readable by others, kept so by nobody -> closed to them", || {
        let world = World::closed();
        private(&world.at("state"))?;
        fs::write(world.at("state/ccmon.db"), "").map_err(|error| error.to_string())?;
        let open = fs::Permissions::from_mode(0o666);
        fs::set_permissions(world.at("state/ccmon.db"), open).map_err(|error| error.to_string())?;
        hold!(started(&world, &[])?.is_none(), "it does not start");
        let mode = fs::metadata(world.at("state/ccmon.db")).map_err(|error| error.to_string())?.mode();
        hold!(mode & 0o7777 == 0o600, "{mode:o}");
        Ok(())
    });
    for (variable, length) in [("CCMON_SOCKET", 120), ("CCMON_STATE_DIR", 480)] {
        suite.case(format!("{variable} longer than a path can be -> refused"), move || {
            let world = World::closed();
            let parts: Vec<_> = "x"
                .repeat(length)
                .as_bytes()
                .chunks(60)
                .map(|part| String::from_utf8_lossy(part).into_owned())
                .collect();
            let long = world.at(&parts.join("/")).display().to_string();
            let why = started(&world, &[(variable, &long)])?;
            hold!(why.as_ref().is_some_and(|why| why.contains("too long")), "{why:?}");
            Ok(())
        });
    }
}

impl Trap {
    fn words(self) -> &'static str {
        match self {
            Link => "a link",
            Dangling => "a link to nothing",
            HardLink => "a second name of another file",
            Fifo => "a FIFO",
            Directory => "a directory",
            Foreign => "another user's",
        }
    }

    /// Lays it; a directory where ours would be one.
    fn lay(self, at: &Path, victim: &Path) -> Result<(), String> {
        let made = match self {
            Link => symlink(victim, at),
            Dangling => symlink(victim.with_file_name("elsewhere"), at),
            HardLink => fs::hard_link(victim, at),
            Directory => fs::create_dir(at),
            Fifo => std::process::Command::new("mkfifo").arg(at).status().map(drop),
            Foreign if is_directory(at) => fs::create_dir(at).and_then(|()| chown(at, Some(NOBODY), Some(NOBODY))),
            Foreign => fs::write(at, "# theirs").and_then(|()| chown(at, Some(NOBODY), Some(NOBODY))),
        };
        made.map_err(|error| format!("{}: {error}", at.display()))
    }
}

fn is_directory(at: &Path) -> bool {
    ["state", "config", "spool"].iter().any(|name| at.ends_with(name))
}

/// A place with a trap, and with somebody who must not be hurt.
struct Place {
    world: World,
    at: PathBuf,
    victim: PathBuf,
    before: Vec<String>,
}

impl Place {
    /// None where only root could lay it.
    fn with(path: &str, trap: Trap) -> Result<Option<Self>, String> {
        if trap == Foreign && !is_root() {
            return Ok(None);
        }
        let world = World::closed();
        let (at, victim) = (world.at(path), world.at("victim"));
        if is_directory(&at) && trap == Link {
            fs::create_dir(&victim).and_then(|()| fs::write(victim.join("# precious"), "# precious"))
        } else {
            fs::write(&victim, "# precious")
        }
        .map_err(|error| error.to_string())?;
        for parent in ["state", "config", "state/spool"].map(|name| world.at(name)) {
            if at.starts_with(&parent) && at != parent {
                private(&parent)?;
            }
        }
        trap.lay(&at, &victim)?;
        let mut place = Self { world, at, victim, before: Vec::new() };
        place.before = place.picture();
        Ok(Some(place))
    }

    /// What the victim is, and the trap where it is another's.
    fn picture(&self) -> Vec<String> {
        let mut found = Vec::new();
        for path in [self.victim.clone(), self.victim.join("# precious")] {
            if let Ok(data) = fs::symlink_metadata(&path) {
                let text = fs::read_to_string(&path).unwrap_or_default();
                found.push(format!("{} {:o} {} {text}", path.display(), data.mode(), data.uid()));
            }
        }
        let inside = fs::read_dir(&self.victim).into_iter().flatten().count();
        found.push(format!("{inside} inside"));
        found
    }

    fn unharmed(&self) -> Result<(), String> {
        let after = self.picture();
        hold!(after == self.before, "before {:?}, after {after:?}", self.before);
        hold!(!self.victim.with_file_name("elsewhere").exists(), "something was made at the end of the link");
        if fs::symlink_metadata(&self.at).is_ok_and(|found| found.uid() == NOBODY && found.is_file()) {
            hold!(fs::read(&self.at).is_ok_and(|text| text == b"# theirs"), "another user's file was written");
        }
        Ok(())
    }
}

fn private(directory: &Path) -> Result<(), String> {
    let made = fs::create_dir_all(directory);
    made.and_then(|()| fs::set_permissions(directory, fs::Permissions::from_mode(0o700)))
        .map_err(|error| error.to_string())
}

fn daemon(path: &str, trap: Trap, refused: bool) -> Result<Verdict, String> {
    let Some(place) = Place::with(path, trap)? else {
        return Ok(only_root());
    };
    let why = started(&place.world, &[])?;
    place.unharmed()?;
    if refused {
        let name = path.rsplit('/').next().unwrap_or_default();
        let told = why.as_ref().is_some_and(|why| why.contains(name) && why.starts_with("ccmon: "));
        hold!(told, "the daemon says {why:?}");
    } else {
        hold!(why.is_none(), "it does not start: {why:?}");
    }
    Ok(().into())
}

/// Starts a daemon and ends it once it answers: nothing; or what it says when it does not start.
fn started(world: &World, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
    let complaint = world.at("complaint");
    let file = fs::File::create(&complaint).map_err(|error| error.to_string())?;
    let mut command = world.command(program("ccmon"));
    command.arg("daemon").envs(variables.iter().copied()).stdout(Stdio::null()).stderr(file);
    let mut daemon = command.spawn().map_err(|error| error.to_string())?;
    let up = || match daemon.try_wait().expect("a child of ours") {
        Some(_) => Some(false),
        None => world.ccmon.get("/healthz").map(|_| true),
    };
    let up = wait_until(PATIENCE, up, || "it neither starts nor says why".to_owned());
    end(daemon);
    Ok((!up).then(|| fs::read_to_string(&complaint).unwrap_or_default()))
}

fn hook(path: &str, trap: Trap) -> Result<Verdict, String> {
    let Some(place) = Place::with(path, trap)? else {
        return Ok(only_root());
    };
    for payload in ["{\"session_id\":\"one\",\"hook_event_name\":\"Stop\"}", "garbage"] {
        for arguments in [&[][..], &["--wait"]] {
            let (ended, told) = said(place.world.hook(arguments, payload.as_bytes()), PATIENCE);
            hold!(ended && told.is_empty(), "{arguments:?}: {told:?}");
        }
    }
    place.unharmed()?;
    Ok(().into())
}
