//! Whatever is broken around it, the hook ends quietly and harms nobody.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use support::{Daemon, HOOK, PAYLOAD, Place, Running, can_change_user, hook_as_nobody, http};

mod support;

#[test]
fn closed_standard_files_are_no_trouble() {
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    let shell = Path::new("/bin/sh");
    for script in ["exec \"$0\" <&- >&- 2>&-", "exec \"$0\" --wait <&- >&- 2>&-"] {
        Running::start(place.hook_at(shell).args(["-c", script, HOOK])).finish().assert_silent();
    }
    daemon.assert_unasked();

    let script = "exec \"$0\" >&- 2>&-";
    let mut hook = Running::start(place.hook_at(shell).args(["-c", script, HOOK]));
    hook.give(PAYLOAD.as_bytes());
    assert_eq!(daemon.answer(&http(204, "")).body, PAYLOAD.as_bytes());
    hook.finish().assert_silent();
}

#[test]
fn without_a_home_there_is_silence() {
    let place = Place::new();
    let mut command = place.hook();
    command.env_remove("CCMON_STATE_DIR").env("CCMON_SOCKET", "/nonexistent/s");
    let mut hook = Running::start(&mut command);
    hook.give(PAYLOAD.as_bytes());
    hook.finish().assert_silent();
}

#[test]
fn a_state_directory_that_is_none_is_left_alone() {
    let place = Place::new();
    fs::write(place.state(), "a file").unwrap();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::read_to_string(place.state()).unwrap(), "a file");

    fs::remove_file(place.state()).unwrap();
    let elsewhere = place.root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, place.state()).unwrap();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_state_directory_that_cannot_be_written_is_no_trouble() {
    let place = Place::new();
    let mut command = place.hook();
    // Not even root can make directories here.
    command.env("CCMON_STATE_DIR", "/proc/ccmon/state");
    let mut hook = Running::start(&mut command);
    hook.give(PAYLOAD.as_bytes());
    hook.finish().assert_silent();
}

#[test]
fn a_spool_open_to_others_is_closed() {
    let place = Place::new();
    let spool = place.state().join("spool");
    fs::create_dir_all(&spool).unwrap();
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o777)).unwrap();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::metadata(&spool).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(place.spooled().len(), 1);
}

#[test]
fn the_umask_changes_nothing() {
    let place = Place::new();
    for (mask, state) in [("000", "open"), ("777", "closed")] {
        let state = place.root.join("deep").join(state);
        let script = format!("umask {mask}; exec \"$0\"");
        let mut command = place.hook_at(Path::new("/bin/sh"));
        command.args(["-c", &script, HOOK]).env("CCMON_STATE_DIR", &state);
        let mut hook = Running::start(&mut command);
        hook.give(PAYLOAD.as_bytes());
        hook.finish().assert_silent();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let entries = ccmon_hook::spool::list(&state).unwrap();
        assert_eq!((mode(&state), mode(&state.join("spool"))), (0o700, 0o700));
        assert_eq!(mode(&entries[0].path), 0o600);
    }
}

#[test]
fn what_is_no_daemons_socket_is_an_absent_daemon() {
    for make in [
        (|path: &Path| fs::create_dir(path).unwrap()) as fn(&Path),
        |path| fs::write(path, "a file").unwrap(),
        |path| symlink(path, path).unwrap(),
        |path| drop(std::os::unix::net::UnixDatagram::bind(path).unwrap()),
    ] {
        let place = Place::new();
        make(&place.socket());
        place.run(&[], PAYLOAD.as_bytes()).assert_silent();
        place.run(&["--wait"], PAYLOAD.as_bytes()).assert_silent();
        assert_eq!(place.spooled().len(), 2);
    }
}

#[test]
fn a_socket_path_that_is_too_long_is_said() {
    let place = Place::new();
    let long = place.root.join("x".repeat(120));
    for args in [[].as_slice(), &["--wait"]] {
        let mut hook = Running::start(place.hook().args(args).env("CCMON_SOCKET", &long));
        hook.give(PAYLOAD.as_bytes());
        hook.finish().assert_silent();
    }
    assert_eq!(place.spooled().len(), 2);
    assert!(place.errors().contains("longer than 107 bytes"), "{}", place.errors());
}

#[test]
fn another_users_daemon_hears_nothing() {
    if !can_change_user() {
        return;
    }
    let place = Place::new();
    let daemon = Daemon::listen(&place);
    fs::set_permissions(place.socket(), fs::Permissions::from_mode(0o777)).unwrap();
    for (args, spooled) in [(["--event"], 1), (["--wait"], 1)] {
        let mut hook = Running::start(hook_as_nobody(&place).args(args));
        hook.give(PAYLOAD.as_bytes());
        hook.finish().assert_silent();
        let waiting = fs::read_dir(place.state().join("spool")).unwrap().count();
        assert_eq!(waiting, spooled, "{args:?}");
    }
    daemon.assert_unasked();
    assert_eq!(place.errors().matches("belongs to user 0").count(), 2, "{}", place.errors());
}

#[test]
fn another_users_state_directory_is_not_used() {
    if !can_change_user() {
        return;
    }
    let place = Place::new();
    let mut command = hook_as_nobody(&place);
    let foreign = place.root.join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o777)).unwrap();
    let mut hook = Running::start(command.env("CCMON_STATE_DIR", &foreign));
    hook.give(PAYLOAD.as_bytes());
    hook.finish().assert_silent();
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 0);
}

#[test]
fn the_spool_is_bounded_in_files() {
    let place = Place::new();
    let spool = place.state().join("spool");
    fs::create_dir_all(&spool).unwrap();
    for number in 0..ccmon_hook::spool::FILES {
        File::create(spool.join(format!("{number:020}-{number:032x}.event"))).unwrap();
    }
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::read_dir(&spool).unwrap().count(), ccmon_hook::spool::FILES);
    assert_eq!(place.errors().lines().count(), 1, "{}", place.errors());
    assert!(place.errors().contains("an event was lost"), "{}", place.errors());
}

#[test]
fn the_spool_is_bounded_in_bytes() {
    let place = Place::new();
    let spool = place.state().join("spool");
    fs::create_dir_all(&spool).unwrap();
    let big = File::create(spool.join("big")).unwrap();
    big.set_len(ccmon_hook::spool::BYTES - 100).unwrap();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 1);
    assert!(place.errors().contains("an event was lost"), "{}", place.errors());
    big.set_len(1000).unwrap();
    place.run(&[], PAYLOAD.as_bytes()).assert_silent();
    assert_eq!(fs::read_dir(&spool).unwrap().count(), 2);
}

#[test]
fn the_error_log_is_bounded_and_private() {
    let place = Place::new();
    fs::create_dir(place.state()).unwrap();
    let log = place.state().join("hook-errors.log");
    place.run(&[], b"garbage").assert_silent();
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(&log, "x".repeat(256 * 1024)).unwrap();
    place.run(&[], b"garbage").assert_silent();
    assert_eq!(place.errors().lines().count(), 1);
    assert!(place.errors().ends_with("Z standard input was not a JSON object\n"));
}

#[test]
fn planted_files_are_not_written_through() {
    let place = Place::new();
    fs::create_dir(place.state()).unwrap();
    let (victim, log) = (place.root.join("victim"), place.state().join("hook-errors.log"));
    fs::write(&victim, "mine").unwrap();
    let fifo = |log: &Path| {
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, log, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    };
    symlink(&victim, &log).unwrap();
    place.run(&[], b"garbage").assert_silent();
    fs::remove_file(&log).unwrap();
    fs::hard_link(&victim, &log).unwrap();
    place.run(&[], b"garbage").assert_silent();
    fs::remove_file(&log).unwrap();
    fifo(&log);
    place.run(&[], b"garbage").assert_silent();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}
