//! Sessions that run elsewhere: on another machine, whose hook comes through OpenSSH's `RemoteForward` of the
//! socket, and in a container that the socket is mounted in. Both are made of namespaces; the ssh is the real one.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::fence::rustix_is_root;
use crate::support::{PATIENCE, Reserved, program, wait_until};
use crate::{Place, prompt, request};

/// A shell that calls itself `claude`, somewhere; it ends with its test.
struct Claude {
    process: Child,
    says: ChildStdin,
    directory: PathBuf,
}

/// Where the hook over there looks for a daemon, when nothing is said and there is no such place below `/run`.
const FAR_SOCKET: &str = ".local/state/ccmon/ccmon.sock";

impl Claude {
    /// Starts one by `command`, which is to become it, and waits until it has: another connection that is still being
    /// made takes the socket's name away for a moment.
    fn start(place: &Place, mut command: Command) -> Self {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
        let says = process.stdin.take().expect("a pipe");
        let mut claude = Self { process, says, directory: place.directory.path().to_owned() };
        claude.told("true");
        claude
    }

    /// The path of the shell under its name.
    fn program(place: &Place) -> PathBuf {
        let path = place.directory.path().join("claude");
        if !path.exists() {
            symlink("/bin/sh", &path).expect("a link");
        }
        path
    }

    /// Has it run a line.
    fn run(&mut self, line: &str) {
        writeln!(self.says, "{line}").expect("it reads");
    }

    fn at(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Its variables, and the hook with this payload; what that prints goes into the file `heard`.
    fn hook(&mut self, arguments: &str, payload: &str) {
        let hook = program("ccmon-hook");
        fs::write(self.at("payload"), payload).expect("a file");
        let (variables, from, to) = (self.variables(), self.at("payload"), self.at("heard"));
        self.run(&format!("{variables} {} {arguments} <{} >{}", hook.display(), from.display(), to.display()));
    }

    /// Nothing says where the daemon is.
    fn variables(&self) -> String {
        format!("env -u CCMON_SOCKET -u CCMON_STATE_DIR HOME={}", self.directory.display())
    }

    /// The output of a command that it runs, once that has ended, and its code at the end.
    fn told(&mut self, command: &str) -> String {
        let (out, done) = (self.at("out"), self.at("done"));
        let variables = self.variables();
        let _ = fs::remove_file(&done);
        self.run(&format!("({variables} {command}; echo code $?) >{} 2>&1; : >{}", out.display(), done.display()));
        wait_until(PATIENCE, || done.exists().then_some(()), || format!("{command} does not end"));
        fs::read_to_string(out).expect("a file")
    }
}

impl Drop for Claude {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Another machine: a name, a start and process ids of its own, and an sshd.
struct Machine {
    sshd: Child,
    config: PathBuf,
    /// Nobody else is given it meanwhile.
    _port: Reserved,
}

impl Machine {
    fn start(place: &Place) -> Self {
        let at = |name: &str| place.directory.path().join(name).display().to_string();
        ["host_key", "key"].into_iter().for_each(|key| make_key(&at(key)));
        let reserved = Reserved::new();
        let port = reserved.port;
        let server = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\n\
             StrictModes no\nPermitRootLogin yes\nStreamLocalBindUnlink yes\n",
            at("host_key"),
            at("key.pub")
        );
        let client = format!(
            "Host farbox\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {}\n  IdentitiesOnly yes\n  BatchMode yes\n  \
             StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n  ExitOnForwardFailure yes\n  \
             RemoteForward {} {}\n",
            at("key"),
            at(FAR_SOCKET),
            at("door.sock")
        );
        fs::DirBuilder::new().recursive(true).mode(0o700).create(at(".local/state/ccmon")).expect("a directory");
        fs::write(at("sshd_config"), server).expect("a file");
        fs::write(at("ssh_config"), client).expect("a file");
        fs::write(at("boot"), "00000000-1111-2222-3333-444444444444\n").expect("a file");
        let script = format!(
            "hostname farbox; mount -t tmpfs none /run; mkdir -p /run/sshd; \
             mount --bind {} /proc/sys/kernel/random/boot_id; exec /usr/sbin/sshd -D -e -f {}",
            at("boot"),
            at("sshd_config")
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["--pid", "--mount", "--uts", "--fork", "--kill-child", "--mount-proc", "sh", "-c", &script]);
        let log = fs::File::create(at("sshd.log")).expect("a file");
        let sshd = unshare.stdin(Stdio::null()).stderr(log).spawn().expect("unshare starts");
        let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
        wait_until(PATIENCE, listens, || {
            format!("no sshd: {}", fs::read_to_string(at("sshd.log")).unwrap_or_default())
        });
        Self { sshd, config: at("ssh_config").into(), _port: reserved }
    }

    /// The command line that becomes a `claude` over there.
    fn ssh(&self, place: &Place) -> Command {
        let mut ssh = Command::new("ssh");
        let shell = Claude::program(place);
        ssh.arg("-F").arg(&self.config).arg("farbox").arg(format!("exec {} -s", shell.display()));
        ssh
    }
}

fn make_key(path: &str) {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", path]).output();
    assert!(made.expect("ssh-keygen is installed").status.success());
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

impl Place {
    fn wait_for(&self, session: &str, state: &str, why: &str) -> Value {
        let fits = |s: &Value| {
            let told = s["evidence"]["text"].as_str().unwrap_or_default();
            s["session_id"] == session && s["state"] == state && told.contains(why)
        };
        let found = || self.ccmon.sessions().into_iter().find(fits);
        wait_until(PATIENCE, found, || format!("never {state} by {why}: {:#?}", self.ccmon.sessions()))
    }

    fn refusals(&self, count: usize) {
        let refused = || self.ccmon.events().iter().filter(|kind| *kind == "ccmon.refused").count();
        wait_until(PATIENCE, || (refused() == count).then_some(()), || format!("{} refusals on record", refused()));
    }

    /// What was printed by the hook that waited last.
    fn heard(&self) -> String {
        let heard = || fs::read_to_string(self.directory.path().join("heard")).ok().filter(|text| !text.is_empty());
        wait_until(PATIENCE, heard, || "the hook prints nothing".into())
    }
}

fn ends(session: &str) -> String {
    json!({ "session_id": session, "cwd": "/p", "hook_event_name": "SessionEnd", "reason": "other" }).to_string()
}

/// A place, and a machine that is connected to it. Only root makes machines; CI is root.
fn with_machine() -> Option<(Place, Machine)> {
    rustix_is_root().then(|| {
        let place = Place::with_daemon();
        let machine = Machine::start(&place);
        (place, machine)
    })
}

#[test]
fn a_session_of_another_machine_is_watched_answered_lost_and_found_again() {
    let Some((place, machine)) = with_machine() else { return };
    let mut claude = Claude::start(&place, machine.ssh(&place));
    claude.hook("", &prompt("far", 1));
    let session = place.wait_for("far", "working", "UserPromptSubmit (on farbox, heard through ssh)");
    assert_eq!(
        (&session["host"], &session["project"], &session["pid"]),
        (&json!("farbox"), &json!("farbox:p"), &Value::Null)
    );

    claude.hook("--wait", &request("far", "touch foo"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    place.wait_for("far", "awaiting_permission", "hook still waiting (on farbox");
    place.ccmon.decide(&pending, json!({ "decision": "allow" }));
    assert!(place.heard().contains("\"allow\""));
    assert_eq!(place.ccmon.sessions().len(), 1);

    claude.process.kill().expect("a child of ours");
    let lost = place.wait_for("far", "lost", "its connection is gone, the last that was heard: ");
    assert_eq!(lost["needs_you"], false);
    let mut again = Claude::start(&place, machine.ssh(&place));
    again.hook("", &prompt("other", 1));
    place.wait_for("other", "working", "on farbox");
    again.hook("", &ends("other"));
    place.wait_for("other", "ended", "SessionEnd other (on farbox");
    place.wait_for("far", "lost", "");
}

#[test]
fn a_forwarded_socket_is_for_hooks_alone() {
    let Some((place, machine)) = with_machine() else { return };
    let mut claude = Claude::start(&place, machine.ssh(&place));
    let mut other = Claude::start(&place, machine.ssh(&place));
    claude.hook("--wait", &request("far", "touch foo"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    let id = pending["id"].as_str().expect("an id");

    let told = other.told(&format!("{} approvals", program("ccmon").display()));
    assert!(told.contains("only hooks are answered there") && told.contains("code 1"), "{told}");
    let curl = format!("curl -s --unix-socket {} -H 'Content-Type: application/json'", other.at(FAR_SOCKET).display());
    let decision = json!({ "decision": "allow", "shown": pending["shown"] });
    let decide = format!("-d '{decision}' http://ccmon/approvals/{id}/decision");
    let told = other.told(&format!("{curl} {decide}"));
    assert!(told.contains("403") && told.contains("asks for somebody elsewhere"), "{told}");
    let rule = json!({ "tool": "Bash", "kind": "glob", "pattern": "ls*", "action": "allow" });
    let told = other.told(&format!("{curl} -d '{rule}' http://ccmon/rules"));
    assert!(told.contains("403"), "{told}");
    place.refusals(2);
    assert_eq!(place.ccmon.approval(&pending["id"])["state"], "pending");
    assert_eq!(place.ccmon.get("/rules").expect("an answer")["rules"], json!([]));

    let wrong = other.told(&format!("{curl} -H 'Authorization: Bearer 1234' {decide}"));
    assert!(wrong.contains("403"), "{wrong}");
    let token = fs::read_to_string(place.directory.path().join("state/token")).expect("a token");
    let given = other.told(&format!("{curl} -H 'Authorization: Bearer {}' {decide}", token.trim()));
    assert!(given.contains("\"settled\""), "whoever holds the token is let in at TCP as well: {given}");
    assert!(place.heard().contains("\"allow\""));
}

/// A place whose daemon's socket has a directory to itself, as in `/run/user/UID`, which can be mounted. Only root
/// makes containers so; CI is root.
fn mountable() -> Option<Place> {
    if !rustix_is_root() {
        return None;
    }
    let mut place = Place::new();
    let run = place.directory.path().join("run");
    fs::DirBuilder::new().mode(0o700).create(&run).expect("a directory");
    symlink(run.join("ccmon.sock"), place.directory.path().join("door.sock")).expect("a link");
    place.ccmon.set("CCMON_SOCKET", &run.join("ccmon.sock").display().to_string());
    place.ccmon.start();
    Some(place)
}

/// A container is, to the kernel, a process in namespaces of its own.
fn container(place: &Place) -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--pid", "--mount", "--uts", "--fork", "--kill-child", "--mount-proc", "sh", "-c"]);
    let (run, shell) = (place.directory.path().join("run"), Claude::program(place));
    unshare.arg(format!(
        "hostname box; mount -t tmpfs none /run; mkdir -p /run/user/$(id -u)/ccmon; \
         mount --bind {} /run/user/$(id -u)/ccmon; exec {} -s",
        run.display(),
        shell.display()
    ));
    unshare
}

#[test]
fn a_container_is_watched_by_the_number_its_process_has_here() {
    let Some(mut place) = mountable() else { return };
    let mut claude = Claude::start(&place, container(&place));
    claude.hook("", &prompt("in", 1));
    let session = place.wait_for("in", "working", "UserPromptSubmit (on box, heard through a container)");
    let pid = session["pid"].as_u64().expect("a process of ours");
    let parent = format!("/proc/{}/task/{0}/children", claude.process.id());
    assert_eq!(fs::read_to_string(parent).expect("it lives").trim(), pid.to_string());

    let told = claude.told(&format!("{} approvals", program("ccmon").display()));
    assert!(told.contains("runs in a container: only hooks are answered there"), "{told}");
    claude.hook("--wait", &request("in", "touch foo"));
    let pending = place.ccmon.wait_for_pending(1).remove(0);
    place.ccmon.decide(&pending, json!({ "decision": "deny", "message": "no" }));
    assert!(place.heard().contains("\"deny\""));

    place.ccmon.kill();
    place.ccmon.start();
    claude.hook("", &prompt("in", 2));
    claude.told("true");
    let again = place.wait_for("in", "working", "heard through a container");
    assert_eq!((&again["key"], &again["pid"]), (&session["key"], &session["pid"]));

    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).expect("a number")).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("a process of ours");
    place.wait_for("in", "ended", "exited without SessionEnd (on box");
}

/// Numbers of two machines may be the same, and so may the ids of conversations that were copied.
#[test]
fn two_containers_are_two_sessions() {
    let Some(place) = mountable() else { return };
    let mut claudes = [(); 2].map(|()| Claude::start(&place, container(&place)));
    for claude in &mut claudes {
        claude.hook("", &prompt("copied", 1));
        claude.told("true");
    }
    // On a busy machine a hook over there gives up, and what it had to tell comes from its spool.
    let two = || Some(place.ccmon.sessions()).filter(|both| both.len() == 2);
    let both = wait_until(PATIENCE, two, || format!("{:#?}", place.ccmon.sessions()));
    assert!(both.iter().all(|session| session["state"] == "working"), "{both:#?}");
}

/// What a terminal shows there is not known here; the terminal of the connection is.
#[test]
fn a_jump_goes_to_the_terminal_of_the_connection() {
    let Some((place, machine)) = with_machine() else { return };
    let socket = place.directory.path().join("tmux");
    let tmux = |arguments: &[&str]| -> Output {
        let mut tmux = Command::new("tmux");
        tmux.arg("-f").arg("/dev/null").arg("-S").arg(&socket).args(arguments).env_remove("TMUX");
        tmux.output().expect("tmux is installed")
    };
    // Its pane over there has the name of another one here.
    let ssh = format!("ssh -t -F {} farbox", machine.config.display());
    let pane =
        format!("TMUX=/nowhere,1,0 TMUX_PANE=%7; export TMUX TMUX_PANE; exec {} -s", Claude::program(&place).display());
    tmux(&["new-session", "-d", "-s", "work", "sleep 1000"]);
    tmux(&["new-window", "-d", "-t", "work:", &format!("{ssh} '{pane}'")]);
    let payload = place.directory.path().join("payload");
    fs::write(&payload, prompt("far", 1)).expect("a file");
    let hook = program("ccmon-hook");
    let line = format!("HOME={} {} <{}", place.directory.path().display(), hook.display(), payload.display());
    tmux(&["send-keys", "-t", "work:1", &line, "Enter"]);
    let session = place.wait_for("far", "working", "heard through ssh");
    let key = session["key"].as_str().expect("a key");
    let jump = place.command(&program("ccmon")).args(["jump", key]).env_remove("DISPLAY").env_remove("TMUX").output();
    let said = String::from_utf8_lossy(&jump.expect("ccmon runs").stderr).into_owned();
    let shown = tmux(&["display-message", "-p", "-t", "work:", "#{window_index}"]);
    let shown = String::from_utf8_lossy(&shown.stdout).trim().to_owned();
    tmux(&["kill-server"]);
    assert!(said.contains("tmux work"), "{said}");
    assert_eq!(shown, "1", "{said}");
}
