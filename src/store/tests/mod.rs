//! The store, tested through its own door; what needs a look inside says so.

mod crash;
mod fixture;
mod guard;
mod history;
mod late;
mod lives;
mod open;
mod read;
mod retention;
mod write;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use super::*;

/// A directory of our own and the path of a database in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let private = std::fs::Permissions::from_mode(0o700);
    let dir = tempfile::Builder::new().permissions(private).tempdir().unwrap();
    let path = dir.path().join("ccmon.db");
    (dir, path)
}

fn opened() -> (tempfile::TempDir, Store) {
    let (dir, path) = place();
    let store = Store::open(&path).unwrap().store;
    (dir, store)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn event(session: &str, hook_id: &str) -> EventRow {
    EventRow {
        hook_id: Some(hook_id.to_owned()),
        at: 1_763_700_000_000,
        session: session.to_owned(),
        session_id: format!("id of {session}"),
        kind: "PreToolUse".to_owned(),
        held: false,
        context: Some(r#"{"v":1}"#.to_owned()),
        payload: r#"{"tool_name":"Bash"}"#.to_owned(),
    }
}

fn session(key: &str, ended: Option<u64>) -> SessionRow {
    SessionRow {
        key: key.to_owned(),
        session_id: format!("id of {key}"),
        project: "ccmon".to_owned(),
        cwd: "/home/me/ccmon".to_owned(),
        branch: Some("main".to_owned()),
        started: 1,
        last_activity: 2,
        ended,
        state: "working".to_owned(),
        tools: 3,
        approvals: 4,
        title: None,
        host: Some("box".to_owned()),
        json: format!(r#"{{"key":"{key}"}}"#),
    }
}

fn approval(id: &str, opened: u64) -> ApprovalRow {
    ApprovalRow {
        id: id.to_owned(),
        session: "1-1".to_owned(),
        session_id: "id of 1-1".to_owned(),
        kind: "permission".to_owned(),
        tool: "Bash".to_owned(),
        input: r#"{"command":"ls"}"#.to_owned(),
        cwd: "/home/me/ccmon".to_owned(),
        agent: None,
        prompt: Some("list it".to_owned()),
        opened,
        expires: opened + 540_000,
        shown: "00ff".to_owned(),
        json: format!(r#"{{"id":"{id}"}}"#),
        ..ApprovalRow::default()
    }
}

/// A text that cannot be packed: any byte, a character each.
fn noise(length: usize) -> String {
    let mut bytes = vec![0; length / 2];
    getrandom::fill(&mut bytes).unwrap();
    bytes.iter().map(|byte| char::from(byte & 0x7f)).chain(bytes.iter().map(|byte| char::from(byte >> 1))).collect()
}

fn events(rows: impl IntoIterator<Item = EventRow>) -> Batch {
    Batch { events: rows.into_iter().collect(), ..Batch::default() }
}

/// One of our own tests, as a process; `before` may set it up as another user.
fn child(before: &[&str], test: &str, path: &std::path::Path) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = match before {
        [] => Command::new(exe),
        [program, args @ ..] => {
            let mut command = Command::new(program);
            command.args(args).arg(exe);
            command
        }
    };
    command.args(["--exact", "--nocapture", test]).env("CCMON_TEST_STORE", path);
    command
}

/// What the parent told the child; `None` when the test runs by itself: it is only a child's part, and then does nothing.
fn told() -> Option<PathBuf> {
    std::env::var_os("CCMON_TEST_STORE").map(PathBuf::from)
}
