//! Who else could be at our path.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use super::*;
use crate::store::guard::secure;

const NOBODY: u32 = 65534;

fn refusal(path: &Path) -> String {
    match Store::open(path) {
        Err(error @ OpenError::Unsafe { .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_symbolic_link_is_refused_and_its_target_left_alone() {
    let (dir, path) = place();
    let victim = dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, &path).unwrap();
    assert!(refusal(&path).contains("is a symbolic link"));
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn a_dangling_symbolic_link_creates_nothing() {
    let (dir, path) = place();
    symlink(dir.path().join("elsewhere"), &path).unwrap();
    assert!(refusal(&path).contains("is a symbolic link"));
    assert!(!dir.path().join("elsewhere").exists());
}

#[test]
fn a_second_name_is_refused() {
    let (dir, path) = place();
    let victim = dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    fs::hard_link(&victim, &path).unwrap();
    assert!(refusal(&path).contains("hard link"));
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
}

#[test]
fn a_pipe_is_refused_without_waiting_for_its_other_end() {
    let (_dir, path) = place();
    let made = Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    assert!(refusal(&path).contains("is a pipe"));
}

#[test]
fn a_directory_is_refused() {
    let (_dir, path) = place();
    fs::create_dir(&path).unwrap();
    assert!(refusal(&path).contains("is a directory"));
}

#[test]
fn a_link_in_place_of_the_write_ahead_log_is_refused() {
    let (dir, path) = place();
    let victim = dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, dir.path().join("ccmon.db-wal")).unwrap();
    assert!(refusal(&path).contains("ccmon.db-wal is a symbolic link"));
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
}

#[test]
fn what_belongs_to_another_user_is_refused() {
    let (dir, path) = place();
    fs::write(&path, "theirs").unwrap();
    let me = fs::metadata(&path).unwrap().uid();
    let refused = secure(&path, me + 1).unwrap_err().to_string();
    assert!(refused.contains("belongs to another user"), "{refused}");
    // Only root can give a file away.
    if rustix::process::geteuid().is_root() {
        chown(&path, Some(NOBODY), None).unwrap();
        assert!(refusal(&path).contains("ccmon.db belongs to another user"));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        fs::remove_file(&path).unwrap();
        chown(dir.path(), Some(NOBODY), None).unwrap();
        assert!(refusal(&path).contains("belongs to another user"));
    }
}

#[test]
fn a_directory_open_to_others_is_refused() {
    for mode in [0o755, 0o710, 0o701, 0o777] {
        let (dir, path) = place();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(refusal(&path).contains("chmod 700"));
        assert!(!path.exists());
    }
}

#[test]
fn a_linked_or_missing_directory_is_refused() {
    let (dir, _) = place();
    let real = dir.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&real, dir.path().join("link")).unwrap();
    assert!(refusal(&dir.path().join("link/ccmon.db")).contains("is a symbolic link"));
    let missing = Store::open(&dir.path().join("missing/ccmon.db")).unwrap_err();
    assert!(matches!(missing, OpenError::Io { .. }), "{missing:?}");
}

#[test]
fn a_link_further_up_is_the_users_own_business() {
    let (dir, _) = place();
    let real = dir.path().join("real/state");
    fs::create_dir_all(&real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o700)).unwrap();
    symlink(dir.path().join("real"), dir.path().join("link")).unwrap();
    assert!(Store::open(&dir.path().join("link/state/ccmon.db")).is_ok());
}

#[test]
fn a_path_too_long_is_refused_in_words() {
    let (dir, _) = place();
    let deep = dir.path().join("d".repeat(250)).join("e".repeat(250));
    fs::create_dir_all(&deep).unwrap();
    fs::set_permissions(&deep, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(refusal(&deep.join("ccmon.db")).contains("too long"));
}

#[test]
fn a_file_that_others_can_read_is_closed_to_them() {
    let (_dir, path) = place();
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let opened = Store::open(&path).unwrap();
    assert!(opened.fresh);
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
}

#[test]
fn files_are_private_whatever_the_umask() {
    for umask in ["umask 0; exec \"$0\" \"$@\"", "umask 777; exec \"$0\" \"$@\""] {
        let (_dir, path) = place();
        let mut child = child(&["sh", "-c", umask], "store::tests::guard::opens", &path);
        let done = child.output().unwrap();
        assert!(done.status.success(), "{done:?}");
        assert!(path.exists());
    }
}

#[test]
fn opens() {
    let Some(path) = told() else { return };
    let store = Store::open(&path).unwrap().store;
    wait(store.append(events([event("1-1", "a")]))).unwrap();
    let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
    }
}

#[test]
fn a_read_only_directory_or_file_is_said_so() {
    let (dir, path) = place();
    let root = rustix::process::geteuid().is_root();
    if !root {
        return refuses_read_only(&path);
    }
    // Nothing is read-only to root.
    chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    let other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let test = "store::tests::guard::read_only_to_us";
    let done = child(&other, test, &path).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn read_only_to_us() {
    if let Some(path) = told() {
        refuses_read_only(&path);
    }
}

fn refuses_read_only(path: &Path) {
    let dir = path.parent().unwrap();
    let mode = |of: &Path, mode| fs::set_permissions(of, fs::Permissions::from_mode(mode)).unwrap();
    let read_only = |expected: &Path| match Store::open(path) {
        Err(OpenError::ReadOnly { path }) => assert_eq!(path, expected),
        other => panic!("not refused: {other:?}"),
    };
    mode(dir, 0o500);
    read_only(dir);
    mode(dir, 0o700);
    drop(wait(Store::open(path).unwrap().store.close()));
    mode(path, 0o400);
    read_only(path);
    // What stayed beside it would be read-only when the file no longer is.
    assert_eq!(fs::read_dir(dir).unwrap().flatten().count(), 1);
    mode(dir, 0o500);
    read_only(dir);
    mode(dir, 0o700);
}
