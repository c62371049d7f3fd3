//! The client's own files, followed on a thread of their own: a directory that a hook named may be on
//! a file system that does not answer, and only this thread may wait for it.
//!
//! One inotify instance carries every watch; a pipe wakes the thread when it is told something. Where the system has no
//! instance left, files are read when they are named, and one is asked for again each time.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};

use super::changes::in_words;
use super::missing::Missing;
use super::soon::Soon;
use super::tail::Tail;
use super::watch::is_alive;
use crate::claude::{session_file, summary, transcript};
use crate::core::{Client, Input, SessionKey};

/// Most config directories and transcripts that are followed: a hook may name any number.
const MOST: usize = 4_096;
/// A transcript is read this long after it changed: one message is several writes.
const PAUSE: Duration = Duration::from_millis(300);

/// What the thread is to do.
#[derive(Debug)]
pub enum Task {
    /// Follow the status files of this config directory.
    Config(PathBuf),
    /// Follow this transcript for that session, and no other.
    Follow(SessionKey, PathBuf),
    /// Follow none for that session.
    Unfollow(SessionKey),
}

/// The way to the thread; it ends with the last of these.
#[derive(Clone)]
pub struct Files {
    tasks: mpsc::Sender<Task>,
    bell: Arc<PipeWriter>,
}

impl Files {
    /// Starts the thread; what it sees goes to `inputs`.
    ///
    /// # Errors
    /// When the system has no pipe or thread left.
    pub fn start(inputs: tokio::sync::mpsc::Sender<Input>) -> io::Result<Self> {
        let (files, follower) = Self::meet(inputs)?;
        std::thread::Builder::new().name("ccmon-files".into()).spawn(|| follower.run())?;
        Ok(files)
    }

    fn meet(inputs: tokio::sync::mpsc::Sender<Input>) -> io::Result<(Self, Follower)> {
        let (tasks, told) = mpsc::channel();
        let (rings, bell) = io::pipe()?;
        let inotify = instance().inspect_err(|error| {
            tracing::error!("Claude's own files are not followed: {}", in_words(*error));
        });
        let (watches, tails, soon) = (BTreeMap::new(), BTreeMap::new(), Soon::default());
        let missing = Missing::default();
        let follower = Follower { told, rings, inotify: inotify.ok(), inputs, watches, tails, soon, missing };
        Ok((Self { tasks, bell: Arc::new(bell) }, follower))
    }

    /// Has the thread do something.
    pub fn tell(&self, task: Task) {
        if self.tasks.send(task).is_ok() {
            let _ = (&*self.bell).write(&[0]);
        }
    }
}

/// What a watch is for.
enum Watched {
    /// `<config>/sessions`.
    Sessions(PathBuf),
    /// The transcript of these sessions: two processes may have resumed the same conversation.
    Transcript(Vec<SessionKey>),
}

struct Follower {
    told: mpsc::Receiver<Task>,
    rings: PipeReader,
    inotify: Option<OwnedFd>,
    inputs: tokio::sync::mpsc::Sender<Input>,
    watches: BTreeMap<i32, Watched>,
    tails: BTreeMap<SessionKey, (i32, Tail)>,
    /// The transcripts that are to be read.
    soon: Soon,
    missing: Missing,
}

/// What inotify said.
struct Change {
    watch: i32,
    name: Option<OsString>,
    gone: bool,
}

impl Follower {
    fn run(mut self) {
        while let Some(rang) = self.wait() {
            if rang && !self.work() {
                return;
            }
            let (changes, lost) = self.changes();
            for change in changes {
                self.take(&change);
            }
            if lost {
                self.read_all();
            }
            self.read_due();
            for (session, path) in self.missing.take_due() {
                self.follow(session, &path);
            }
            if self.inputs.is_closed() {
                return;
            }
        }
    }

    /// Waits for a task, a change, or a transcript that is due; whether there is a task.
    fn wait(&self) -> Option<bool> {
        let due = self.soon.next().into_iter().chain(self.missing.due()).min();
        let timeout = due.map(|due| due.saturating_duration_since(Instant::now()));
        let timeout = timeout.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds: Vec<_> = [PollFd::new(&self.rings, PollFlags::IN)].into();
        fds.extend(self.inotify.as_ref().map(|inotify| PollFd::new(inotify, PollFlags::IN)));
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) => Some(!fds[0].revents().is_empty()),
            Err(rustix::io::Errno::INTR) => Some(false),
            Err(error) => {
                tracing::error!("Claude's own files are no longer followed: {error}");
                None
            }
        }
    }

    /// Does what there is to do; `false` when nobody will tell anything any more.
    fn work(&mut self) -> bool {
        let mut rings = [0; 256];
        if matches!(self.rings.read(&mut rings), Ok(0) | Err(_)) {
            return false;
        }
        while let Ok(task) = self.told.try_recv() {
            match task {
                Task::Config(config) => self.follow_sessions(&config.join("sessions")),
                Task::Follow(session, path) => self.follow(session, &path),
                Task::Unfollow(session) => self.unfollow(&session),
            }
        }
        true
    }

    /// What changed, and whether some of that was lost.
    fn changes(&self) -> (Vec<Change>, bool) {
        let (mut changes, mut lost): (Vec<Change>, bool) = (Vec::new(), false);
        let Some(inotify) = &self.inotify else {
            return (changes, lost);
        };
        let mut buffer = [MaybeUninit::uninit(); 8192];
        let mut reader = Reader::new(inotify, &mut buffer);
        while let Ok(event) = reader.next() {
            let name = event.file_name().map(|name| OsString::from_vec(name.to_bytes().to_vec()));
            lost |= event.events().contains(ReadFlags::QUEUE_OVERFLOW);
            let gone = event.events().intersects(ReadFlags::DELETE_SELF | ReadFlags::IGNORED);
            let change = Change { watch: event.wd(), name, gone };
            if !changes.iter().any(|c| (c.watch, &c.name, c.gone) == (change.watch, &change.name, change.gone)) {
                changes.push(change);
            }
        }
        (changes, lost)
    }

    fn take(&mut self, change: &Change) {
        match self.watches.get(&change.watch) {
            Some(Watched::Sessions(directory)) => {
                if let Some(name) = &change.name {
                    self.report(&directory.join(name));
                }
            }
            Some(Watched::Transcript(sessions)) => {
                for session in sessions.iter().filter(|session| self.tails.contains_key(session)) {
                    self.soon.at_first(session.clone(), Instant::now() + PAUSE);
                }
            }
            None => {}
        }
        if change.gone {
            self.watches.remove(&change.watch);
            let gone = self.tails.extract_if(.., |_, (watch, _)| *watch == change.watch);
            // Another may come under its name: it was replaced, or is made anew.
            for (session, (_, tail)) in gone {
                self.soon.never(&session);
                self.missing.add(session, &tail.path);
            }
        }
    }

    /// More happened than the kernel could note.
    fn read_all(&mut self) {
        for watched in self.watches.values() {
            if let Watched::Sessions(directory) = watched {
                self.read_sessions(directory);
            }
        }
        self.tails.keys().for_each(|session| self.soon.at(session.clone(), Instant::now()));
    }

    /// A directory that is not there yet is named again by the next session's first hook.
    fn follow_sessions(&mut self, directory: &Path) {
        let wanted = WatchFlags::CLOSE_WRITE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF | WatchFlags::ONLYDIR;
        let Some(watch) = self.watch(directory, wanted) else {
            // Not watched, it still says who lives now.
            return self.read_sessions(directory);
        };
        if matches!(self.watches.get(&watch), Some(Watched::Sessions(known)) if known == directory) {
            return;
        }
        // One of that name was moved away, and is watched wherever it went.
        self.watches.retain(|_, watched| !matches!(watched, Watched::Sessions(known) if known == directory));
        self.watches.insert(watch, Watched::Sessions(directory.to_owned()));
        self.read_sessions(directory);
    }

    fn read_sessions(&self, directory: &Path) {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            self.report(&entry.path());
        }
    }

    fn follow(&mut self, session: SessionKey, path: &Path) {
        // Spelled alike: what it tells is known by the path that it was named by.
        if self.tails.get(&session).is_some_and(|(_, tail)| tail.path.as_os_str() == path.as_os_str()) {
            return;
        }
        self.drop_tail(&session);
        if path.exists() && !is_below_its_config(path) {
            return self.missing.remove(&session);
        }
        let Some(watch) = self.watch(path, WatchFlags::MODIFY | WatchFlags::DELETE_SELF) else {
            // How often that was tried is kept: it is not looked for without end.
            return self.missing.add(session, path);
        };
        self.missing.remove(&session);
        match self.watches.entry(watch).or_insert_with(|| Watched::Transcript(Vec::new())) {
            Watched::Transcript(sessions) => sessions.push(session.clone()),
            Watched::Sessions(_) => return,
        }
        self.soon.at(session.clone(), Instant::now());
        self.tails.insert(session, (watch, Tail::new(path)));
    }

    fn unfollow(&mut self, session: &SessionKey) {
        self.missing.remove(session);
        self.drop_tail(session);
    }

    fn drop_tail(&mut self, session: &SessionKey) {
        self.soon.never(session);
        let Some((watch, _)) = self.tails.remove(session) else { return };
        let Some(Watched::Transcript(sessions)) = self.watches.get_mut(&watch) else { return };
        sessions.retain(|other| other != session);
        if sessions.is_empty() {
            self.watches.remove(&watch);
            let _ = self.inotify.as_ref().map(|inotify| inotify::remove_watch(inotify, watch));
        }
    }

    fn watch(&mut self, path: &Path, wanted: WatchFlags) -> Option<i32> {
        if self.watches.len() >= MOST {
            tracing::warn!("too many files of Claude's are followed, {} is not", path.display());
            return None;
        }
        self.inotify = self.inotify.take().or_else(|| instance().ok());
        match inotify::add_watch(self.inotify.as_ref()?, path, wanted | WatchFlags::DONT_FOLLOW) {
            Ok(watch) => Some(watch),
            // Claude Code makes it with the first prompt.
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => None,
            Err(error) => {
                tracing::warn!("{} is not followed: {}", path.display(), in_words(error));
                None
            }
        }
    }

    fn read_due(&mut self) {
        for session in self.soon.take_due() {
            let Some((_, tail)) = self.tails.get_mut(&session) else { continue };
            if let Some(tells) = tail.read() {
                let path = tail.path.display().to_string();
                let _ = self.inputs.blocking_send(Input::Transcript { session, path, tells });
            }
        }
    }

    fn report(&self, path: &Path) {
        let is_session = |client: &Client| is_alive(client.process) && !summary::is_ours(client.process.pid);
        if let Some(client) = status(path).filter(is_session) {
            let _ = self.inputs.blocking_send(Input::Client(client));
        }
    }
}

/// What carries the watches.
fn instance() -> Result<OwnedFd, rustix::io::Errno> {
    inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)
}

/// A transcript that is, links resolved, where transcripts are.
pub(super) fn is_below_its_config(path: &Path) -> bool {
    let config = transcript::config_of(path).and_then(|config| config.canonicalize().ok());
    let real = path.canonicalize().ok();
    config.zip(real).is_some_and(|(config, real)| real.starts_with(config.join("projects")))
}

/// Reads `PID.json`, and finds the conversation beside it. (A `.key` file there is secret.)
fn status(path: &Path) -> Option<Client> {
    let pid: u32 = path.file_name()?.to_str()?.strip_suffix(".json")?.parse().ok()?;
    let mut text = String::new();
    own_file(path, session_file::LARGEST)?.read_to_string(&mut text).ok()?;
    let mut client = session_file::read(&text).filter(|client| client.process.pid == pid)?;
    let transcript = transcript::path_of(path.parent()?.parent()?, &client.cwd, &client.session_id);
    client.transcript = transcript.is_file().then(|| transcript.display().to_string());
    Some(client)
}

/// Opens a regular file of ours that is not larger than this, and no other: no device, no FIFO, no link.
fn own_file(path: &Path, largest: u64) -> Option<io::Take<File>> {
    let file = open_own(path)?;
    (file.metadata().ok()?.len() <= largest).then(|| file.take(largest))
}

/// Opens a regular file of ours, and no other.
pub(super) fn open_own(path: &Path) -> Option<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).ok()?;
    let file = std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let found = file.metadata().ok()?;
    (found.is_file() && found.uid() == rustix::process::getuid().as_raw()).then_some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_was_removed_is_looked_for_again() {
        let (inputs, mut told) = tokio::sync::mpsc::channel(9);
        let (_files, mut follower) = Files::meet(inputs).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("projects/p/s.jsonl");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        for title in ["one", "two"] {
            std::fs::write(&path, format!("{{\"type\":\"custom-title\",\"customTitle\":\"{title}\"}}\n")).unwrap();
            follower.follow(SessionKey::of_session("s"), &path);
            follower.read_due();
            let Ok(Input::Transcript { tells, .. }) = told.try_recv() else { panic!("nothing was told") };
            assert_eq!(tells.title.as_deref(), Some(title));
            std::fs::remove_file(&path).unwrap();
            follower.changes().0.iter().for_each(|change| follower.take(change));
            assert!(follower.missing.due().is_some());
        }
    }

    #[test]
    fn a_transcript_that_never_comes_is_not_looked_for_without_end() {
        let (inputs, _told) = tokio::sync::mpsc::channel(1);
        let (_files, mut follower) = Files::meet(inputs).unwrap();
        let (session, path) = (SessionKey::of_session("s"), Path::new("/nowhere/projects/p/s.jsonl"));
        let mut tries = 0;
        while tries < 100 && (tries == 0 || follower.missing.due().is_some()) {
            follower.follow(session.clone(), path);
            tries += 1;
        }
        assert_eq!((tries, follower.missing.due()), (10, None), "the thread sleeps until it is named again");
        follower.follow(session.clone(), path);
        assert!(follower.missing.due().is_some());
        follower.unfollow(&session);
        assert!(follower.missing.due().is_none());
    }
}
