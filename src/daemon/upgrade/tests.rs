//! Upgrades, with a file that stands for the program that runs.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::testing;

const GOOD: &str = "#!/bin/sh\necho program 2\n";

/// A directory with an installed program that runs.
struct Machine {
    directory: tempfile::TempDir,
    program: Program,
    _runs: File,
}

impl Machine {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("program");
        fs::write(&path, "the first").unwrap();
        let runs = File::open(&path).unwrap();
        let running = format!("/proc/self/fd/{}", runs.as_raw_fd()).into();
        let (settled, empty) = (Duration::from_millis(1), Duration::from_millis(50));
        Self { program: Program { path, running, settled, empty }, directory, _runs: runs }
    }

    /// As dpkg puts a file there: beside, then over the old one, of which a second name is left.
    fn unpack(&self, text: &str) {
        let (new, path) = (self.at("program.dpkg-new"), &self.program.path);
        testing::program(&new, text);
        fs::hard_link(path, self.at("program.dpkg-tmp")).unwrap();
        fs::rename(&new, path).unwrap();
    }

    /// As dpkg is through with the package.
    fn unpacked(&self, text: &str) {
        self.unpack(text);
        fs::remove_file(self.at("program.dpkg-tmp")).unwrap();
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    async fn fate(&self) -> Fate {
        self.program.watch().await.unwrap()
    }

    /// What becomes of it when this happens while it is watched.
    async fn fate_after(&self, happens: impl FnOnce()) -> Fate {
        let happening = async {
            // Until the other has begun to watch.
            tokio::task::yield_now().await;
            happens();
        };
        tokio::join!(self.fate(), happening).0
    }
}

fn successor(fate: Fate) -> PathBuf {
    match fate {
        Fate::Replaced(Successor(path)) => path,
        other @ Fate::Removed => panic!("not replaced: {other:?}"),
    }
}

#[tokio::test]
async fn a_new_program_in_its_place_goes_on() {
    let machine = Machine::new();
    let fate = machine.fate_after(|| machine.unpacked(GOOD)).await;
    assert_eq!(successor(fate), machine.program.path);
}

#[tokio::test]
async fn one_that_came_before_anybody_looked_goes_on() {
    let machine = Machine::new();
    machine.unpacked(GOOD);
    assert_eq!(successor(machine.fate().await), machine.program.path);
}

#[tokio::test]
async fn a_package_that_was_taken_back_is_no_upgrade() {
    let machine = Machine::new();
    machine.unpack("#!/bin/sh\nexit 1\n");
    fs::rename(machine.at("program.dpkg-tmp"), &machine.program.path).unwrap();
    let fate = machine.fate_after(|| machine.unpacked(GOOD)).await;
    assert_eq!(successor(fate), machine.program.path);
}

#[tokio::test]
async fn without_a_new_one_it_is_removed() {
    let machine = Machine::new();
    let fate = machine.fate_after(|| fs::remove_file(&machine.program.path).unwrap()).await;
    assert!(matches!(fate, Fate::Removed), "{fate:?}");
}

#[tokio::test]
async fn a_place_may_be_empty_for_a_while() {
    let machine = Machine::new();
    let later = Program { empty: Duration::from_secs(3600), ..machine.program.clone() };
    fs::remove_file(&later.path).unwrap();
    let filled = async {
        tokio::task::yield_now().await;
        testing::program(&later.path, GOOD);
    };
    let (fate, ()) = tokio::join!(later.watch(), filled);
    assert_eq!(successor(fate.unwrap()), later.path);
}

#[tokio::test]
async fn a_program_whose_libraries_come_later_is_tried_again() {
    let machine = Machine::new();
    machine.unpacked("#!/bin/sh\n[ -e \"$0.tried\" ] || { touch \"$0.tried\"; exit 127; }\necho program 2\n");
    assert_eq!(successor(machine.fate().await), machine.program.path);
    assert!(machine.at("program.tried").exists());
}

#[tokio::test]
async fn one_that_never_starts_takes_nobodys_place_until_another_comes() {
    let machine = Machine::new();
    machine.unpacked("#!/bin/sh\necho >>\"$0.tries\"\nexit 1\n");
    let tries = || fs::read(machine.at("program.tries")).map_or(0, |tries| tries.len());
    let another = async {
        // All of them take about a second.
        timeout(PATIENCE, async {
            while tries() < TRIES as usize {
                sleep(machine.program.settled).await;
            }
        })
        .await
        .unwrap();
        machine.unpacked(GOOD);
    };
    let (fate, ()) = tokio::join!(machine.fate(), another);
    assert_eq!(successor(fate), machine.program.path);
    assert_eq!(tries(), TRIES as usize);
}

#[tokio::test]
async fn what_is_in_its_place_differs_once_something_becomes_of_it() {
    let machine = Machine::new();
    let path = &machine.program.path;
    let mode = |mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let deeds: [&dyn Fn(); 4] =
        [&|| mode(0o775), &|| fs::remove_file(path).unwrap(), &|| fs::write(path, GOOD).unwrap(), &|| mode(0o755)];
    for deed in deeds {
        let found = machine.program.stamp();
        let done = async {
            tokio::task::yield_now().await;
            deed();
        };
        let (differs, ()) = tokio::join!(machine.program.differs(found, None), done);
        assert!(differs.unwrap());
    }
    let found = machine.program.stamp();
    assert!(!machine.program.differs(found, Some(Duration::from_millis(1))).await.unwrap());
}

#[tokio::test]
async fn who_says_that_it_is_to_end_while_it_stops_is_heard() {
    use rustix::process::{Signal as Which, getpid, kill_process};
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::window_change()).unwrap();
    assert!(!is_to_end(&mut terminate).await);
    kill_process(getpid(), Which::WINCH).unwrap();
    assert!(is_to_end(&mut terminate).await);
}

#[test]
fn only_what_was_installed_follows_its_file() {
    for path in ["/usr/bin/ccmon", "/usr/local/bin/ccmon-tray", "/opt/ccmon/bin/ccmon"] {
        assert!(is_installed(Path::new(path)), "{path}");
    }
    for path in ["/home/ann/ccmon/target/debug/ccmon", "/usr/src/app/target/debug/ccmon", "/tmp/usr/bin/ccmon"] {
        assert!(!is_installed(Path::new(path)), "{path}");
    }
    assert_eq!(named(Path::new("/usr/bin/ccmon (deleted)")), Path::new("/usr/bin/ccmon"));
    assert_eq!(named(Path::new("/usr/bin/ccmon")), Path::new("/usr/bin/ccmon"));
}

/// Only root can give files away; CI is root.
#[tokio::test]
async fn a_new_program_that_others_may_have_put_there_is_not_run() {
    for (owner, mode) in [(Some(65_534), 0o755), (None, 0o775), (None, 0o757)] {
        if owner.is_some() && !rustix::process::geteuid().is_root() {
            continue;
        }
        let machine = Machine::new();
        let marker = machine.at("ran");
        let happens = || {
            machine.unpacked(&format!("#!/bin/sh\n: >{}\necho program 2\n", marker.display()));
            fs::set_permissions(&machine.program.path, fs::Permissions::from_mode(mode)).unwrap();
            std::os::unix::fs::chown(&machine.program.path, owner, None).unwrap();
        };
        happens();
        let verdict = machine.program.judge(machine.program.settle().await).await;
        assert!(matches!(verdict, Err(Not::AsItIs)), "{owner:?} {mode:o}");
        assert!(!marker.exists(), "{owner:?} {mode:o}");
    }
}
