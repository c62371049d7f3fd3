//! What hooks told, until it is in the database: a hook is rid of its event as soon as that stands here, which takes a
//! fraction of what a commit takes. What stands here survives the death of this process, as what is committed does, and
//! no power cut; the next daemon takes it in by way of the spool.
//!
//! It is one file of slots, in memory, in a directory that nobody else can reach: not that of the socket, which users
//! mount into containers. A slot is empty again once its event is stored; what could not be stored goes into the spool,
//! where it is tried again. Only what a hook of this place tells stands here: who brought it could not be looked up
//! afterwards.

mod slots;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use ccmon_hook::{json, private};
use rustix::fs::{OFlags, fstatfs};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, Notify, watch};

use super::whence::Home;
use crate::api::{self, Reply};
use crate::paths::Paths;
use crate::pauses::Pauses;
use crate::store::StoreError;

use slots::{Slots, named};

/// What statfs(2) says of a file system in memory.
const TMPFS: i64 = 0x0102_1994;
/// The file; another form of it would have another name.
const FILE: &str = "events-1";

/// The journal of a daemon. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    home: Home,
    state: PathBuf,
    /// Why nothing can be stored just now.
    trouble: watch::Receiver<Option<StoreError>>,
    /// None where there is no place for it: then every hook waits for the store.
    slots: Option<Arc<Slots>>,
    /// There is something that could not be stored.
    unstored: Arc<Notify>,
    /// Who saves that, one at a time.
    saves: Arc<Mutex<()>>,
}

/// An event that stands in the journal. Dropped without a word, it goes into the spool.
struct Kept {
    slots: Arc<Slots>,
    slot: u32,
    unstored: Arc<Notify>,
    over: bool,
}

impl Kept {
    /// Nobody needs the journal for it any more.
    fn release(mut self) {
        self.over = true;
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.over {
            return self.slots.clear(self.slot);
        }
        self.slots.give_up(self.slot);
        self.unstored.notify_one();
    }
}

impl Journal {
    /// The journal of the daemon whose places these are, with what an earlier one left in it.
    #[must_use]
    pub fn open(paths: &Paths, trouble: watch::Receiver<Option<StoreError>>) -> Self {
        let slots = paths.journal.as_deref().and_then(|directory| {
            let opened = open(directory, &paths.state).with_context(|| directory.display().to_string());
            opened.inspect_err(|error| tracing::warn!("hooks wait for the database: no journal: {error:#}")).ok()
        });
        let (home, state) = (Home::here(), paths.state.clone());
        Self { home, state, trouble, slots: slots.map(Arc::new), unstored: Arc::default(), saves: Arc::default() }
    }

    /// Puts into the spool what could not be stored. What cannot be put there either stays here.
    pub async fn empty(&self) -> bool {
        let saved = self.save().await;
        match &saved {
            Ok(0) => {}
            Ok(saved) => tracing::info!("{saved} events had been acknowledged and not stored"),
            Err(error) => tracing::error!("events stay in the journal: {error:#}"),
        }
        saved.is_ok()
    }

    /// Does so whenever something could not be stored. What fails is tried again and again, less and less often.
    pub async fn follow(self) {
        let mut pauses = Pauses::default();
        loop {
            match pauses.after(self.empty().await) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => self.unstored.notified().await,
            }
        }
    }

    /// Waits until the store has had its say of everything, so long at most.
    pub async fn settle(&self, most: Duration) {
        let settled = async {
            while api::Journal::is_behind(self) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = tokio::time::timeout(most, settled).await;
    }

    async fn save(&self) -> Result<usize> {
        let Some(slots) = self.slots.clone() else {
            return Ok(0);
        };
        // Even when nobody waits for it any more, it goes on to its end.
        let (turn, state) = (Arc::clone(&self.saves).lock_owned().await, self.state.clone());
        let saved = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            slots.save(&state)
        });
        Ok(saved.await??)
    }
}

impl api::Journal for Journal {
    fn keep(&self, context: &str, payload: &[u8], hook: u32) -> Option<Reply> {
        let slots = self.slots.as_ref().filter(|_| self.trouble.borrow().is_none())?;
        // What could not be saved is not promised to be kept.
        let sound = named(context).is_some() && json::is_object(payload) && self.home.is_of(context, hook);
        let slot = sound.then(|| slots.keep(context.as_bytes(), payload)).flatten()?;
        let (slots, unstored) = (Arc::clone(slots), Arc::clone(&self.unstored));
        let kept = Kept { slots, slot, unstored, over: false };
        // Whether it was an event or not, the engine has had its say.
        Some(Reply::new(move |_| kept.release()))
    }

    fn is_behind(&self) -> bool {
        self.slots.as_ref().is_some_and(|slots| slots.is_behind())
    }
}

/// A file for each state directory.
fn open(directory: &Path, state: &Path) -> Result<Slots> {
    // Whatever it is called: one journal for one database.
    let whose = Sha256::digest(state.canonicalize()?.as_os_str().as_encoded_bytes());
    let whose: String = whose.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let directory = private::dir_in(private::state_dir(directory)?, &whose)?;
    let (file, _) = private::file_in(directory, FILE, OFlags::RDWR | OFlags::CREATE)?;
    ensure!(fstatfs(&file)?.f_type == TMPFS, "it is not in memory");
    Ok(Slots::of(file.into())?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use ccmon_hook::{proc, spool};

    use super::super::clock;
    use super::*;
    use crate::api::Journal as _;

    /// A journal in memory, and the spool of its daemon.
    struct House {
        memory: tempfile::TempDir,
        _state: tempfile::TempDir,
        paths: Paths,
        trouble: watch::Sender<Option<StoreError>>,
    }

    impl House {
        fn new() -> Self {
            let memory = tempfile::tempdir_in("/dev/shm").unwrap();
            let state = tempfile::tempdir().unwrap();
            fs::set_permissions(state.path(), fs::Permissions::from_mode(0o700)).unwrap();
            let at = |name: &str| state.path().join(name);
            let journal = Some(memory.path().join("journal"));
            let paths = Paths { state: state.path().into(), config: at("config"), socket: at("door.sock"), journal };
            Self { memory, _state: state, paths, trouble: watch::Sender::default() }
        }

        fn journal(&self) -> Journal {
            Journal::open(&self.paths, self.trouble.subscribe())
        }

        /// The payloads in the spool.
        fn spooled(&self) -> Vec<String> {
            let entries = spool::list(&self.paths.state).unwrap();
            entries.iter().map(|entry| String::from_utf8(spool::read(entry).unwrap().payload).unwrap()).collect()
        }

        /// The journal's only file.
        fn file(&self) -> PathBuf {
            let folder = fs::read_dir(self.memory.path().join("journal")).unwrap().next().unwrap().unwrap();
            folder.path().join(FILE)
        }
    }

    fn context(number: u64) -> String {
        let (boot, pids) = (clock::boot_id(), proc::pid_namespace().unwrap());
        format!(r#"{{"v":1,"id":"{number:032x}","started_ms":{number},"boot":"{boot}","pids":{pids},"env":{{}}}}"#)
    }

    fn keep(journal: &Journal, number: u64) -> Option<Reply> {
        let payload = format!("{{\"n\":{number}}}");
        journal.keep(&context(number), payload.as_bytes(), std::process::id())
    }

    #[tokio::test]
    async fn of_what_is_stored_nothing_stays() {
        use std::os::unix::fs::MetadataExt;
        let house = House::new();
        let journal = house.journal();
        assert!(!journal.is_behind());
        let kept = keep(&journal, 1).unwrap();
        assert!(journal.is_behind() && fs::metadata(house.file()).unwrap().blocks() > 0);
        kept.send(Ok(()));
        assert!(!journal.is_behind());
        let bytes = fs::read(house.file()).unwrap();
        assert!(bytes.iter().all(|byte| *byte == 0), "not in the file,");
        assert_eq!(fs::metadata(house.file()).unwrap().blocks(), 0, "and not in memory");
        keep(&journal, 2).unwrap().send(Err("it is no event".into()));
        assert!(journal.empty().await && house.spooled().is_empty());
    }

    #[tokio::test]
    async fn what_could_not_be_stored_goes_into_the_spool() {
        let house = House::new();
        let journal = house.journal();
        let follows = tokio::spawn(journal.clone().follow());
        let (one, two) = (keep(&journal, 1).unwrap(), keep(&journal, 2).unwrap());
        drop(two);
        one.send(Ok(()));
        let spooled = async {
            while house.spooled() != ["{\"n\":2}"] {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), spooled).await.expect("it goes there");
        follows.abort();
    }

    #[tokio::test]
    async fn what_an_earlier_daemon_kept_goes_into_the_spool() {
        let house = House::new();
        let journal = house.journal();
        // As when it is killed.
        (1..=3).for_each(|number| std::mem::forget(keep(&journal, number)));
        // And as when it is in the middle of one, or of its head.
        let mut bytes = fs::read(house.file()).unwrap();
        bytes.resize(4 * slots::SLOT, 0);
        let halves = [(1, &b"\x09\0\0\0\x09\0\0\0{\"v\":1,\"i"[..]), (3, b"\x09\0\0\0")];
        for (slot, torn) in halves {
            let slot = &mut bytes[slot * slots::SLOT..][..slots::SLOT];
            slot.fill(0);
            slot[..torn.len()].copy_from_slice(torn);
        }
        fs::write(house.file(), bytes).unwrap();
        drop(journal);

        // Whatever its state is called.
        let paths = Paths {
            state: house.paths.state.join("../").join(house.paths.state.file_name().unwrap()),
            ..house.paths.clone()
        };
        let journal = Journal::open(&paths, house.trouble.subscribe());
        assert!(!journal.is_behind(), "nobody will say anything of them");
        assert!(journal.empty().await);
        assert_eq!(house.spooled(), ["{\"n\":1}", "{\"n\":3}"]);
        let full: Vec<_> = (10..10 + u64::from(slots::SLOTS)).map(|number| keep(&journal, number)).collect();
        assert!(full.iter().all(Option::is_some), "all slots are free again");
    }

    #[tokio::test]
    async fn what_the_spool_has_no_room_for_stays() {
        let house = House::new();
        let journal = house.journal();
        drop(keep(&journal, 1));
        fs::write(house.paths.state.join("spool"), "no directory").unwrap();
        assert!(!journal.empty().await);
        fs::remove_file(house.paths.state.join("spool")).unwrap();
        assert!(house.journal().empty().await);
        assert_eq!(house.spooled(), ["{\"n\":1}"]);
    }

    #[test]
    fn nobody_reports_faster_than_it_is_stored() {
        let house = House::new();
        let journal = house.journal();
        let mut kept: Vec<_> = (0..u64::from(slots::SLOTS)).map(|number| keep(&journal, number).unwrap()).collect();
        assert!(keep(&journal, 1_000).is_none());
        kept.pop().unwrap().send(Ok(()));
        assert!(keep(&journal, 1_001).is_some());
    }

    #[test]
    fn only_what_can_be_saved_and_is_of_this_place_is_kept() {
        let house = House::new();
        let (journal, own, here) = (house.journal(), std::process::id(), context(1));
        let large = format!("{{\"a\":\"{}\"}}", "x".repeat(slots::SLOT));
        for (context, payload) in [
            (here.as_str(), large.as_str()),
            (&here, "{\"a\":"),
            (&here, "[]"),
            (&here.replace("\"boot\":\"", "\"boot\":\"x"), "{}"),
            (&here.replace("\"env\":", "\"away\":1,\"env\":"), "{}"),
            (&here.replace("0000", "../x"), "{}"),
            (&here.replace("\"started_ms\":1,", ""), "{}"),
            (&here.replace("{\"v\":1,", "{"), "{}"),
        ] {
            assert!(journal.keep(context, payload.as_bytes(), own).is_none(), "{context} {payload:.20}");
        }
        assert!(journal.keep(&here, b"{}", own).is_some());
        house.trouble.send_replace(Some(StoreError::Closed));
        assert!(journal.keep(&here, b"{}", own).is_none(), "nothing can be stored");
    }

    #[test]
    fn what_comes_through_another_program_is_not_kept() {
        let house = House::new();
        let carrier = house.paths.state.join("socat");
        fs::copy("/bin/sleep", &carrier).unwrap();
        let mut carrier = std::process::Command::new(carrier).arg("60").spawn().unwrap();
        let kept = house.journal().keep(&context(1), b"{}", carrier.id());
        carrier.kill().unwrap();
        carrier.wait().unwrap();
        assert!(kept.is_none(), "who is behind it cannot be told after a restart");
    }

    #[test]
    fn what_the_next_daemon_would_not_find_is_not_kept() {
        let house = House::new();
        let journal = house.journal();
        assert!(keep(&journal, 1).is_some());
        fs::remove_dir_all(house.memory.path().join("journal")).unwrap();
        assert!(keep(&journal, 2).is_none());
    }

    #[test]
    fn a_place_that_is_not_in_memory_or_not_ours_alone_is_none() {
        let house = House::new();
        drop(house.journal());
        assert_eq!(fs::metadata(house.file()).unwrap().permissions().mode() & 0o777, 0o600);
        let folder = house.file().parent().unwrap().to_owned();
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
        fs::remove_file(house.file()).unwrap();
        std::os::unix::fs::symlink("/dev/null", house.file()).unwrap();
        assert!(keep(&house.journal(), 1).is_none());
        let elsewhere = tempfile::tempdir().unwrap();
        let in_memory = rustix::fs::statfs(elsewhere.path()).unwrap().f_type == TMPFS;
        for (journal, is_one) in [(None, false), (Some(elsewhere.path().join("journal")), in_memory)] {
            let paths = Paths { journal, ..house.paths.clone() };
            let kept = keep(&Journal::open(&paths, house.trouble.subscribe()), 1);
            assert_eq!(kept.is_some(), is_one, "{:?}", paths.journal);
        }
    }
}
