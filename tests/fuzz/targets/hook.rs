//! Any bytes on the hook's standard input: it says nothing, comes back, and keeps only what it was given.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::LazyLock;

use ccmon_hook::json::{self, Progress, Scanner};
use ccmon_hook::spool;
use rustix::fs::{MemfdFlags, memfd_create};

/// What standard output is from now on.
static SAID: LazyLock<OwnedFd> = LazyLock::new(|| {
    let said = memory();
    rustix::stdio::dup2_stdout(&said).expect("a descriptor");
    said
});

/// The first byte says how the hook is called; the rest is its input.
pub fn run(bytes: &[u8]) {
    let Some((how, input)) = bytes.split_first() else { return };
    let said = SAID.as_fd();
    let mut stdin = File::from(memory());
    stdin.write_all(input).and_then(|()| std::io::Seek::rewind(&mut stdin)).expect("memory");
    rustix::stdio::dup2_stdin(&stdin).expect("a descriptor");
    let arguments = if how & 1 == 1 { vec![OsString::from("--wait")] } else { Vec::new() };
    ccmon_hook::run(arguments.into_iter(), None);
    assert_eq!(rustix::fs::fstat(said).expect("our own").st_size, 0, "nothing is said");
    kept(input);
    scanned(input);
    let _ = json::has_text(input, "agent_id");
}

fn memory() -> OwnedFd {
    memfd_create("fuzz", MemfdFlags::CLOEXEC).expect("memory")
}

/// What lies in the spool is the input's object, and can be read back.
fn kept(input: &[u8]) {
    let entries = spool::list(&crate::world()).expect("a spool of ours");
    let complete = matches!(Scanner::default().feed(input), Progress::Complete(_));
    assert_eq!(entries.len(), usize::from(complete), "an event is kept exactly when it is whole");
    for entry in entries {
        let record = spool::read(&entry).expect("what was kept can be read");
        assert!(input.starts_with(&record.payload), "it is what was given");
        std::fs::remove_file(entry.path).expect("a file of ours");
    }
}

/// It does not matter how the bytes come.
fn scanned(input: &[u8]) {
    let mut scanner = Scanner::default();
    let one_by_one = input.iter().map(|byte| scanner.feed(&[*byte])).find(|told| *told != Progress::More);
    assert_eq!(one_by_one.unwrap_or(Progress::More), Scanner::default().feed(input));
}
