//! Jumps between real tmux servers: the pane, in the right client, and the way back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::Place;
use crate::support::ccmon::Ccmon;
use crate::support::{PATIENCE, program, wait_until};

/// A tmux server of one test.
struct Server {
    socket: PathBuf,
}

/// A pane in which a session runs.
struct Pane {
    id: String,
    pid: String,
}

impl Server {
    fn start(place: &Place, name: &str) -> Self {
        let server = Self { socket: place.directory.path().join(name) };
        server.tmux(&["new-session", "-d", "-s", "first", "-x", "120", "-y", "40", "sleep 1000"]);
        server
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-f", "/dev/null", "-S"])
            .arg(&self.socket)
            .args(arguments)
            .env_remove("TMUX")
            .env_remove("TMUX_PANE")
            .output()
            .expect("tmux must be installed: apt-get install tmux");
        assert!(output.status.success(), "tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn pane(&self, arguments: &[&str]) -> Pane {
        let format = ["-P", "-F", "#{pane_id} #{pane_pid}"];
        let [command, arguments @ ..] = arguments else { panic!("a command") };
        let told = self.tmux(&[&[*command, "-d"][..], &format[..], arguments, &["sleep 1000"][..]].concat());
        let (id, pid) = told.split_once(' ').expect("two words");
        Pane { id: id.into(), pid: pid.into() }
    }

    /// What tmux puts into the environment of a pane's program.
    fn tmux_variable(&self) -> String {
        format!("{},{},0", self.socket.display(), self.tmux(&["display-message", "-p", "#{pid}"]))
    }

    /// The panes that clients look at, by the client's terminal.
    fn seen(&self) -> Vec<(String, String)> {
        let lines = self.tmux(&["list-clients", "-F", "#{client_name} #{pane_id}"]);
        lines.lines().filter_map(|l| l.split_once(' ')).map(|(c, p)| (c.to_owned(), p.to_owned())).collect()
    }

    /// Attaches a client to `session`, inside a window of `screen`; the client's name.
    fn attach(&self, screen: &Server, session: &str) -> String {
        let before = self.seen().len();
        // In a shell of its own, as people do it: tmux refuses to attach inside tmux otherwise.
        let command = format!("sh -c 'TMUX= tmux -S {} attach -t {session}; true'", self.socket.display());
        screen.tmux(&["new-window", "-d", &command]);
        let attached = || Some(self.seen()).filter(|seen| seen.len() > before)?.pop();
        wait_until(PATIENCE, attached, || format!("nobody attaches to {session}")).0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("tmux").arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

impl Place {
    /// A session whose turn ended in `pane`.
    fn done_in(&self, server: &Server, pane: &Pane, session: &str) {
        let payload = json!({ "session_id": session, "cwd": "/p", "hook_event_name": "Stop" }).to_string();
        self.report(server, pane, &payload);
    }

    fn report(&self, server: &Server, pane: &Pane, payload: &str) {
        let mut command = self.command(&program("ccmon-hook"));
        command.env("TMUX", server.tmux_variable()).env("TMUX_PANE", &pane.id).env("CLAUDE_PID", &pane.pid);
        let file = self.directory.path().join("payload");
        fs::write(&file, payload).expect("a file");
        let ended = command.stdin(fs::File::open(file).expect("a file")).output().expect("the hook starts");
        assert!(ended.status.success() && ended.stderr.is_empty(), "{ended:?}");
        self.ccmon.wait_for_spooled();
    }

    /// Runs `ccmon` as somebody who sits nowhere.
    fn ccmon(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = self.command(&program("ccmon"));
        for name in ["TMUX", "TMUX_PANE", "DISPLAY", "WAYLAND_DISPLAY"] {
            command.env_remove(name);
        }
        let output = command.args(arguments).output().expect("ccmon starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// Runs `ccmon` as somebody who sits in a pane: really below that server, which is looked at.
    fn ccmon_in(&self, at: (&Server, &str), arguments: &[&str]) -> (i32, String, String) {
        let (server, pane) = at;
        let [out, err, code, script] = ["out", "err", "code", "script"].map(|name| self.directory.path().join(name));
        let variables = Ccmon::variables(self.directory.path()).into_iter();
        let set: String = variables.map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        let arguments = arguments.iter().map(|argument| format!("'{argument}'")).collect::<Vec<_>>().join(" ");
        let text = format!(
            "{set}export TMUX_PANE='{pane}'\nunset DISPLAY WAYLAND_DISPLAY\n{} {arguments} >{} 2>{}\necho $? >{}\n",
            program("ccmon").display(),
            out.display(),
            err.display(),
            code.display()
        );
        fs::write(&script, text).expect("a file");
        server.tmux(&["run-shell", "-t", pane, &format!("sh {}", script.display())]);
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        (read(&code).trim().parse().unwrap_or(-1), read(&out), read(&err))
    }

    fn session(&self, id: &str) -> Value {
        let found = self.ccmon.sessions().into_iter().find(|session| session["session_id"] == id);
        found.unwrap_or_else(|| panic!("no session {id}"))
    }
}

#[test]
fn a_jump_goes_to_the_pane_in_the_callers_own_client_and_back() {
    let place = Place::with_daemon();
    let (screen, server) = (Server::start(&place, "screen"), Server::start(&place, "a"));
    let here = server.pane(&["new-session", "-s", "here"]);
    server.pane(&["new-session", "-s", "there"]);
    server.pane(&["new-window", "-t", "there:"]);
    let target = server.pane(&["split-window", "-t", "there:1"]);
    let own = server.attach(&screen, "here");
    let other = server.attach(&screen, "first");
    place.done_in(&server, &target, "target");

    let (code, said, error) = place.ccmon_in((&server, &here.id), &["jump", "target"]);
    assert_eq!((code, error.as_str()), (0, ""), "{said}");
    assert!(server.seen().contains(&(own.clone(), target.id.clone())), "{:?}", server.seen());
    assert!(!server.seen().contains(&(other, target.id.clone())), "the other client stays where it is");
    assert_eq!(place.session("target")["state"], "idle", "a visit is a look");

    let (code, _, error) = place.ccmon_in((&server, &target.id), &["back"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(server.seen().contains(&(own, here.id)), "{:?}", server.seen());
    let (code, _, error) = place.ccmon_in((&server, &target.id), &["back"]);
    assert_eq!((code, error.contains("no jump to come back from")), (1, true), "{error}");
}

#[test]
fn from_outside_the_client_that_shows_the_session_is_chosen_and_so_is_the_one_around_it() {
    let place = Place::with_daemon();
    let (screen, server) = (Server::start(&place, "screen"), Server::start(&place, "a"));
    let target = server.pane(&["new-session", "-s", "work"]);
    server.pane(&["new-window", "-t", "work:"]);
    server.tmux(&["select-window", "-t", "work:1"]);
    let showing = server.attach(&screen, "work");
    server.attach(&screen, "first");
    place.done_in(&server, &target, "target");
    // The client sits in a pane of another server, whose own client is the user's.
    let (_, said, error) = place.ccmon(&["jump", "target"]);
    assert!(server.seen().contains(&(showing, target.id.clone())), "{:?} {said} {error}", server.seen());
    // Nobody is attached to the screen, and there is no desktop to attach on.
    assert!(error.contains("nobody is attached to tmux first") && error.contains("no desktop here"), "{error}");
    assert!(error.contains(&format!("tmux work {}", target.id)), "it says how far it came: {error}");
}

#[test]
fn next_visits_all_in_the_order_of_need_and_ends_with_all_clear() {
    let place = Place::with_daemon();
    let (screen, server, second) =
        (Server::start(&place, "screen"), Server::start(&place, "a"), Server::start(&place, "b"));
    let here = server.pane(&["new-session", "-s", "here"]);
    server.attach(&screen, "here");
    second.attach(&screen, "first");
    let mut wanted = Vec::new();
    for number in 0..10 {
        let session = format!("work{number}");
        let pane = server.pane(&["new-session", "-s", &session]);
        place.done_in(&server, &pane, &session);
        wanted.push((session, pane.id));
    }
    // A failure comes before what is done, what is pinned before everything.
    let failed = json!({ "session_id": "work7", "cwd": "/p", "hook_event_name": "StopFailure", "error": "500" });
    let pane = Pane { id: wanted[7].1.clone(), pid: pid_of(&server, &wanted[7].1) };
    place.report(&server, &pane, &failed.to_string());
    assert_eq!(place.ccmon(&["pin", "work9"]).0, 0);
    let order = [9, 7, 0, 1, 2, 3, 4, 5, 6, 8].map(|number| wanted[number].clone());

    let mut at = here.id;
    for (session, pane) in order {
        let (_, told, _) = place.ccmon_in((&server, &at), &["next", "--dry-run"]);
        let key = place.session(&session)["key"].as_str().expect("a key").to_owned();
        assert!(told.starts_with(&key), "{told} instead of {session}");
        let (code, _, error) = place.ccmon_in((&server, &at), &["next"]);
        assert_eq!((code, error.as_str()), (0, ""));
        assert!(server.seen().iter().any(|(_, seen)| *seen == pane), "{session}: {:?}", server.seen());
        at = pane;
    }
    let (code, said, _) = place.ccmon_in((&server, &at), &["next"]);
    assert_eq!((code, said.as_str()), (0, "all clear\n"));
}

#[test]
fn what_still_asks_does_not_stand_in_the_way_of_the_rest() {
    let place = Place::with_daemon();
    let (screen, server) = (Server::start(&place, "screen"), Server::start(&place, "a"));
    server.attach(&screen, "first");
    let panes = ["one", "two"].map(|name| server.pane(&["new-session", "-s", name]));
    for (pane, session) in panes.iter().zip(["one", "two"]) {
        // Not held: the terminal asks, and goes on asking after a visit.
        let asks = json!({ "session_id": session, "cwd": "/p", "hook_event_name": "PermissionRequest",
                           "tool_name": "Bash", "tool_input": { "command": "make" } });
        place.report(&server, pane, &asks.to_string());
    }
    let visits: Vec<String> = (0..4)
        .map(|_| {
            let at = server.seen()[0].1.clone();
            let (code, said, error) = place.ccmon_in((&server, &at), &["next"]);
            assert_eq!((code, error.as_str()), (0, ""), "{said}");
            server.seen()[0].1.clone()
        })
        .collect();
    let [one, two] = panes.map(|pane| pane.id);
    assert_eq!(visits, [one.clone(), two.clone(), one, two]);
}

#[test]
fn hostile_names_are_only_names() {
    let place = Place::with_daemon();
    let (screen, server) = (Server::start(&place, "screen"), Server::start(&place, "a"));
    let touched = place.directory.path().join("touched");
    // tmux itself expands the name that it is given once.
    let evil = format!("x; touch {} ##(touch {0}) $(touch {0})", touched.display());
    server.tmux(&["set-option", "-g", "allow-rename", "off"]);
    let pane = server.pane(&["new-session", "-s", &evil]);
    let here = server.pane(&["new-session", "-s", "here"]);
    server.attach(&screen, "here");
    let hostile = json!({ "session_id": "evil", "cwd": format!("/p/{evil}\u{1b}[2J"), "hook_event_name": "Stop" });
    place.report(&server, &pane, &hostile.to_string());
    let (code, said, error) = place.ccmon_in((&server, &here.id), &["jump", "evil"]);
    assert_eq!((code, error.as_str()), (0, ""), "{said}");
    assert!(!said.contains('\u{1b}') && !touched.exists(), "{said:?}");
    assert!(server.seen().iter().any(|(_, seen)| *seen == pane.id));
}

#[test]
fn what_cannot_be_reached_says_why() {
    let place = Place::with_daemon();
    let server = Server::start(&place, "a");
    let pane = server.pane(&["new-session", "-s", "work"]);
    place.done_in(&server, &pane, "work");
    let (code, _, error) = place.ccmon(&["jump", "work"]);
    assert_eq!(code, 1);
    assert!(error.contains("nobody is attached to tmux work") && error.contains("no desktop"), "{error}");
    assert_eq!(place.session("work")["state"], "done", "who was not there has not looked");

    let told = ["new-window", "-dP", "-F", "#{pane_pid}", "exec env TMUX_PANE=%99 sleep 1000"];
    let gone = Pane { id: "%99".into(), pid: server.tmux(&told) };
    let environment = || fs::read(format!("/proc/{}/environ", gone.pid)).unwrap_or_default();
    let is_env = || String::from_utf8_lossy(&environment()).contains("TMUX_PANE=%99").then_some(());
    wait_until(PATIENCE, is_env, || "no such process".into());
    place.report(&server, &gone, &json!({ "session_id": "gone", "cwd": "/p", "hook_event_name": "Stop" }).to_string());
    let (code, _, error) = place.ccmon(&["jump", "gone"]);
    assert_eq!((code, error.contains("tmux pane %99 is gone")), (1, true), "{error}");

    place.event(&json!({ "session_id": "nowhere", "cwd": "/p", "hook_event_name": "Stop" }).to_string());
    let (code, _, error) = place.ccmon(&["jump", "nowhere"]);
    assert_eq!((code, error.contains("process of this session is not known")), (1, true), "{error}");
    let (code, _, error) = place.ccmon(&["jump", "nobody"]);
    assert_eq!((code, error.contains("`ccmon list --all` lists them")), (1, true), "{error}");
}

fn pid_of(server: &Server, pane: &str) -> String {
    server.tmux(&["display-message", "-p", "-t", pane, "#{pane_pid}"])
}

#[test]
fn the_binding_goes_to_the_next_session_in_the_client_where_it_is_pressed() {
    let place = Place::with_daemon();
    let (screen, server) = (Server::start(&place, "screen"), Server::start(&place, "a"));
    server.pane(&["new-session", "-s", "here"]);
    let target = server.pane(&["new-session", "-s", "target"]);
    let own = server.attach(&screen, "here");
    let other = server.attach(&screen, "first");
    place.done_in(&server, &target, "target");
    for (name, value) in Ccmon::variables(place.directory.path()) {
        server.tmux(&["set-environment", "-g", &name, &value]);
    }
    let (code, bindings, _) = place.ccmon(&["install", "--tmux"]);
    let file = place.directory.path().join("bindings");
    fs::write(&file, bindings).expect("a file");
    server.tmux(&["source-file", file.to_str().expect("a path in UTF-8")]);
    assert_eq!(code, 0);

    let pane = screen.tmux(&["list-panes", "-a", "-F", "#{pane_id} #{pane_tty}"]);
    let pane = pane.lines().find_map(|line| line.strip_suffix(&format!(" {own}"))).expect("the client's own pane");
    let press = || screen.tmux(&["send-keys", "-t", pane, "C-b", "N"]);
    press();
    let there = || server.seen().contains(&(own.clone(), target.id.clone())).then_some(());
    wait_until(PATIENCE, there, || format!("{:?}", server.seen()));
    assert!(!server.seen().contains(&(other, target.id.clone())), "the other client stays where it is");
    wait_until(PATIENCE, || (place.session("target")["state"] == "idle").then_some(()), || "never seen".into());

    press();
    let said = || screen.tmux(&["capture-pane", "-p", "-t", pane]).contains("all clear").then_some(());
    wait_until(PATIENCE, said, || screen.tmux(&["capture-pane", "-p", "-t", pane]));
}

#[test]
fn a_false_server_is_not_talked_to() {
    let place = Place::with_daemon();
    let server = Server::start(&place, "a");
    let pane = server.pane(&["new-session", "-s", "work"]);
    // A socket of the user's that is no tmux, named by a process below a true server.
    let false_socket = place.directory.path().join("false");
    let listener = std::os::unix::net::UnixListener::bind(&false_socket).expect("a socket");
    listener.set_nonblocking(true).expect("a socket");
    let pid = server.tmux(&["display-message", "-p", "#{pid}"]);
    let told = format!("exec env TMUX={},{pid},0 sleep 1000", false_socket.display());
    let told = server.tmux(&["new-window", "-dP", "-F", "#{pane_id} #{pane_pid}", &told]);
    let (id, pid) = told.split_once(' ').expect("two words");
    let deceived = || fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let ready = || String::from_utf8_lossy(&deceived()).contains("false,").then_some(());
    wait_until(PATIENCE, ready, || "no such process".into());
    place.done_in(&server, &Pane { id: id.into(), pid: pid.into() }, "deceived");
    let (code, _, error) = place.ccmon(&["jump", "deceived"]);
    assert_eq!((code, error.contains("not the tmux server")), (1, true), "{error}");
    // Connected to, to see who that is, and told nothing.
    while let Ok((mut connection, _)) = listener.accept() {
        let mut said = Vec::new();
        std::io::Read::read_to_end(&mut connection, &mut said).expect("an end");
        assert!(said.is_empty());
    }
    // A caller that is not below the server it names is nowhere.
    place.done_in(&server, &pane, "work");
    let mut command = place.command(&program("ccmon"));
    command.env("TMUX", server.tmux_variable()).env("TMUX_PANE", &pane.id).env_remove("DISPLAY");
    let output = command.args(["jump", "work"]).output().expect("ccmon starts");
    assert!(String::from_utf8_lossy(&output.stderr).contains("nobody is attached"), "{output:?}");
}

#[test]
fn what_runs_inside_a_session_leads_nobody_anywhere() {
    let place = Place::with_daemon();
    let server = Server::start(&place, "a");
    let pane = server.pane(&["new-session", "-s", "work"]);
    place.done_in(&server, &pane, "work");
    for verb in [&["jump", "work"][..], &["next"], &["back"], &["dismiss", "work"], &["seen", "work"]] {
        let mut command = place.command(&program("ccmon"));
        let output = command.env("CLAUDECODE", "1").args(verb).output().expect("ccmon starts");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && error.contains("runs inside a Claude session"), "{verb:?}: {error}");
    }
    assert_eq!(place.session("work")["needs_you"], true);
}
