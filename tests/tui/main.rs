//! `ccmon tui` in a real terminal, before a real daemon.

mod answers;
mod nested;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::ccmon::Ccmon;
use support::tmux::Tmux;
use support::{PATIENCE, stdin_of, wait_until};
use tempfile::TempDir;

/// A daemon, and a directory for everything around it.
struct Place {
    ccmon: Ccmon,
    directory: TempDir,
    /// What hooks find in their environment besides.
    extra: Vec<(String, String)>,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut ccmon = Ccmon::new(directory.path(), directory.path(), &std::env::var("PATH").expect("a PATH"));
        ccmon.start();
        Self { ccmon, directory, extra: vec![] }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let home = self.directory.path().display().to_string();
        let path = std::env::var("PATH").expect("a PATH");
        let fixed = [("HOME", home.as_str()), ("PATH", &path), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")];
        let fixed = fixed.map(|(name, value)| (name.to_owned(), value.to_owned()));
        [fixed.to_vec(), Ccmon::variables(self.directory.path())].concat()
    }

    /// A terminal in which a shell runs `script`; `$CCMON` is the program.
    fn shell(&self, script: &str, width: u16, height: u16) -> Tmux {
        let mut environment = self.environment();
        environment.push(("CCMON".into(), support::program("ccmon").display().to_string()));
        let terminal = Tmux::run(&["sh", "-c", script], self.directory.path(), &environment);
        terminal.resize(width, height);
        terminal
    }

    /// A terminal that shows `ccmon tui`, connected.
    fn tui(&self, width: u16, height: u16) -> Tmux {
        let terminal = self.shell("exec $CCMON tui", width, height);
        terminal.wait_for(r"(?m) live *$");
        terminal
    }

    /// Reports an event of a session in `cwd`, and waits until it is stored.
    fn event(&self, session: &str, cwd: &str, more: &Value) {
        let mut payload =
            json!({ "session_id": session, "cwd": cwd, "hook_event_name": "UserPromptSubmit", "prompt": "" });
        payload.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let ended = self.hook(&[], &payload).wait_with_output().expect("the hook ends");
        assert!(ended.status.success(), "{ended:?}");
        self.ccmon.wait_for_spooled();
    }

    /// The hook of a permission request, waiting.
    fn request(&self, session: &str, cwd: &str, command: &str) -> Child {
        let payload = json!({ "session_id": session, "cwd": cwd, "hook_event_name": "PermissionRequest",
            "tool_name": "Bash", "tool_input": { "command": command } });
        self.hook(&["--wait"], &payload)
    }

    fn hook(&self, arguments: &[&str], payload: &Value) -> Child {
        let program = support::program("ccmon-hook");
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .envs(self.extra.iter().cloned())
            .stdin(stdin_of(payload.to_string().as_bytes()))
            .stdout(Stdio::piped());
        command.spawn().expect("the hook starts")
    }
}

/// What the hook was told.
fn told(hook: Child) -> Value {
    let output = hook.wait_with_output().expect("the hook ends");
    serde_json::from_slice::<Value>(&output.stdout).expect("a decision")["hookSpecificOutput"]["decision"].clone()
}

/// The only line of the screen that contains `text`, counted from 1.
fn line_of(terminal: &Tmux, text: &str) -> usize {
    let screen = terminal.screen();
    screen.lines().position(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text} in\n{screen}")) + 1
}

fn click(terminal: &Tmux, line: usize) {
    terminal.send(&format!("\u{1b}[<0;10;{line}M\u{1b}[<0;10;{line}m"));
}

#[test]
fn sessions_appear_and_are_answered_as_they_come() {
    let place = Place::new();
    let terminal = place.tui(80, 24);
    terminal.wait_for("No Claude Code session is running");
    place.event("one", "/srv/docs-site", &json!({ "prompt": "Rewrite the intro" }));
    terminal.wait_for(r"(?s)Working 1 .*❯ docs-site.* working · .*“Rewrite the intro”");

    let hook = place.request("two", "/srv/api", "touch first && touch second");
    terminal.wait_for(r"(?s)1 needs you.*Needs you 1 .*api .* needs permission · .*Bash: touch first && touch second");
    terminal.press(&["Up", "a"]);
    terminal.wait_for(r"(?s)Run this command\?.*│ touch first && touch second.*● Enter approve");
    terminal.press(&["Enter"]);
    assert_eq!(told(hook)["behavior"], "allow");
    terminal.wait_for("Approved: Bash in api");
    let decided = place.ccmon.get("/approvals?state=all").expect("the approvals");
    assert_eq!(decided["approvals"][0]["by"], "tui");
}

#[test]
fn a_denial_carries_its_reason() {
    let place = Place::new();
    let hook = place.request("two", "/srv/api", "rm -rf build");
    let terminal = place.tui(80, 24);
    terminal.wait_for("needs permission");
    terminal.press(&["d"]);
    terminal.wait_for("○ Enter deny|● Enter deny");
    terminal.send("use make clean");
    terminal.wait_for(r"(?s)Tell Claude why.*use make clean.*● Enter deny");
    terminal.press(&["Enter"]);
    let decision = told(hook);
    assert_eq!((&decision["behavior"], &decision["message"]), (&json!("deny"), &json!("use make clean")));
}

#[test]
fn a_long_command_is_read_before_it_runs() {
    let place = Place::new();
    let command: String = (0..60).map(|n| format!("echo number-{n};\n")).collect();
    let hook = place.request("two", "/srv/api", &command);
    let terminal = place.tui(80, 24);
    terminal.wait_for("needs permission");
    terminal.press(&["a"]);
    terminal.wait_for("more lines to read");
    terminal.press(&["a"]);
    terminal.wait_for("Read it to its end first");
    terminal.press(&["PageDown", "PageDown", "PageDown", "PageDown", "PageDown"]);
    terminal.wait_for(r"(?s)number-59;.*● Enter approve");
    terminal.press(&["Enter"]);
    assert_eq!(told(hook)["behavior"], "allow");
}

#[test]
fn any_size_will_do() {
    let place = Place::new();
    place.event("one", "/srv/docs-site", &json!({ "prompt": "Rewrite the intro" }));
    let terminal = place.tui(80, 24);
    terminal.wait_for(r"(?m)^ Working 1 ─+ *$");
    terminal.resize(200, 50);
    terminal.wait_for(r"(?m)^ Needs you 0 ─+ +Working 1 ─+ +Idle 0 ─+ +│ docs-site");
    for (width, height) in [(20, 5), (3, 2), (120, 30)] {
        terminal.resize(width, height);
    }
    terminal.wait_for(r"(?m)^ Working 1 ─+ *│ docs-site");
    terminal.resize(80, 24);
    terminal.wait_for(r"(?s)^ ❯ ccmon .*\n Working 1 ─+ *\n❯ docs-site");
}

#[test]
fn a_restart_of_the_daemon_is_told_and_survived() {
    let mut place = Place::new();
    place.event("one", "/srv/docs-site", &json!({}));
    place.event("two", "/srv/web-ui", &json!({}));
    let terminal = place.tui(80, 24);
    terminal.wait_for("❯ docs-site");
    terminal.press(&["Down"]);
    terminal.wait_for("❯ web-ui");
    place.ccmon.kill();
    terminal.wait_for(
        r"(?s)not connected.*The daemon stopped answering at \d\d:\d\d:\d\d\. This is how things stood then\.",
    );
    terminal.wait_for("❯ web-ui");
    place.ccmon.start();
    terminal.wait_for(r"(?s) live\b.*❯ web-ui.*Connected\. This is how things stand now\.");
    let hook = place.request("two", "/srv/web-ui", "ls");
    terminal.wait_for(r"❯ web-ui +needs permission");
    terminal.press(&["a"]);
    terminal.wait_for("● Enter approve");
    terminal.press(&["Enter"]);
    assert_eq!(told(hook)["behavior"], "allow");
}

#[test]
fn hostile_names_are_shown_and_not_obeyed() {
    let place = Place::new();
    let prompt = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{1b}[31m日本語 e\u{301} \u{202e}gnp \u{1f468}\u{200d}\u{1f469} z\u{300}\u{301}\u{302}\u{303}\u{304}";
    place.event("one", "/srv/\u{1b}[2J\u{9b}H\u{202e}evil", &json!({ "prompt": prompt }));
    let mut hook = place.request("one", "/srv/\u{1b}[2J\u{9b}H\u{202e}evil", "echo \u{1b}[8mhidden\u{1b}[0m\rls");
    let terminal = place.tui(80, 24);
    terminal.wait_for(r"❯ .u\{1b\}\[2J.u\{9b\}H.u\{202e\}evil +needs permission");
    terminal.press(&["Space"]);
    terminal.wait_for(r"│ echo .u\{1b\}\[8mhidden.u\{1b\}\[0m.u\{d\}ls");
    terminal.wait_for(r".u\{1b\}\]0;pwned.u\{7\}.u\{1b\}\[2J");
    let screen = terminal.screen();
    assert!(screen.starts_with(" ❯ ccmon") && screen.contains("日本語 e\u{301}"), "{screen}");
    assert!(!screen.contains(['\u{202e}', '\u{9b}', '\u{200d}', '\u{304}']), "{screen}");
    assert!(!terminal.ask("#{pane_title}").contains("pwned"));
    terminal.press(&["q"]);
    terminal.wait_for_exit();
    hook.kill().expect("a child of ours");
    hook.wait().expect("a child of ours");
}

#[test]
fn the_mouse_selects_and_scrolls() {
    let place = Place::new();
    for name in ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "last"] {
        place.event(name, &format!("/srv/{name}"), &json!({}));
    }
    let terminal = place.tui(80, 24);
    terminal.wait_for("Working 11");
    terminal.wait_for("❯ alpha");
    click(&terminal, line_of(&terminal, "gamma"));
    terminal.wait_for("❯ gamma");
    assert!(!terminal.shows("  last "));
    terminal.send("\u{1b}[<65;10;10M\u{1b}[<65;10;10M");
    terminal.wait_for("  last ");
    click(&terminal, line_of(&terminal, "last"));
    terminal.wait_for("❯ last");
}

#[test]
fn the_filter_the_help_and_the_way_out() {
    let place = Place::new();
    place.event("one", "/srv/docs-site", &json!({}));
    place.event("two", "/srv/web-ui", &json!({}));
    let terminal = place.tui(80, 24);
    terminal.wait_for("web-ui");
    terminal.press(&["?"]);
    terminal.wait_for("Keys.*─");
    terminal.press(&["Escape"]);
    terminal.wait_for("docs-site");
    terminal.press(&["/"]);
    terminal.wait_for("Filter:");
    terminal.send("web");
    terminal.wait_for(r"(?s)only “web”.*❯ web-ui.*Filter: web");
    assert!(!terminal.shows("docs-site"));
    terminal.press(&["Enter"]);
    terminal.wait_for("q *$|· q");
    terminal.press(&["Escape"]);
    terminal.wait_for("docs-site");
}

#[test]
fn the_terminal_is_given_back_as_it_was() {
    let place = Place::new();
    let script = "stty -g >before; $CCMON tui; echo left with $?; stty -g >after; echo done >finished; exec cat";
    for end in ["q", "TERM", "HUP", "INT"] {
        let finished = place.directory.path().join("finished");
        let terminal = place.shell(script, 80, 24);
        terminal.wait_for(r"(?m) live *$");
        assert_eq!(terminal.ask("#{alternate_on} #{mouse_any_flag}"), "1 1");
        if end == "q" {
            terminal.press(&["q"]);
        } else {
            let killed = Command::new("kill").args(["-s", end, &child_of(terminal.pid())]).status();
            assert!(killed.expect("kill starts").success());
        }
        wait_until(PATIENCE, || finished.exists().then_some(()), || format!("{end}\n{}", terminal.screen()));
        terminal.wait_for("left with 0");
        assert_eq!(terminal.ask("#{alternate_on} #{mouse_any_flag} #{cursor_flag}"), "0 0 1", "{end}");
        let [before, after] =
            ["before", "after"].map(|name| fs::read_to_string(place.directory.path().join(name)).expect(name));
        assert_eq!(before, after, "{end}");
        fs::remove_file(finished).expect("a file");
    }
}

fn child_of(pid: u32) -> String {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("the kernel tells children");
    children.split_whitespace().next().expect("a child").to_owned()
}

#[test]
fn without_a_terminal_it_says_what_to_do_instead() {
    let place = Place::new();
    let output = place.ccmon.cli(&["tui"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(said, "ccmon: ccmon tui needs a terminal: `ccmon list` prints\n");
}

#[test]
fn without_a_daemon_it_waits_for_one() {
    let mut place = Place::new();
    place.ccmon.kill();
    let terminal = place.shell("exec $CCMON tui", 80, 24);
    terminal.wait_for(r"(?s)not connected.*no ccmon daemon is running.*keeps\s+trying");
    place.ccmon.start();
    terminal.wait_for(r"(?s) live\b.*No Claude Code session is running");
}

#[test]
fn what_the_user_says_of_a_session_is_kept() {
    let place = Place::new();
    place.event("one", "/srv/docs-site", &json!({}));
    place.event("one", "/srv/docs-site", &json!({ "hook_event_name": "Stop" }));
    place.event("two", "/srv/web-ui", &json!({}));
    let terminal = place.tui(80, 24);
    terminal.wait_for("❯ docs-site +done");
    terminal.press(&["t"]);
    terminal.wait_for("Tag .*:");
    terminal.send("release");
    terminal.wait_for("Tag .*: release");
    terminal.press(&["Enter"]);
    terminal.wait_for("❯ docs-site #release");
    terminal.press(&["p"]);
    terminal.wait_for("❯ ★ docs-site #release");
    terminal.press(&["Space"]);
    terminal.wait_for("idle ·");
    terminal.press(&["Space"]);
    terminal.wait_for(r"(?s)Idle 1 .*❯ ★ docs-site");
    terminal.press(&["x"]);
    terminal.wait_for("(?s)❯ web-ui.*Dismissed docs-site until it needs you");
    assert!(!terminal.shows("★"));
    terminal.press(&["u"]);
    terminal.wait_for("★ docs-site");
    terminal.press(&["Enter"]);
    // Whatever is in the way is told to its end.
    terminal.wait_for(r"(?s)the process of this session is not known: .*\n .*Enter jump");
}

#[test]
fn those_that_ended_are_shown_on_request_even_after_a_restart() {
    let mut place = Place::new();
    place.event("one", "/srv/docs-site", &json!({ "prompt": "Rewrite the intro" }));
    place.event("one", "/srv/docs-site", &json!({ "hook_event_name": "SessionEnd", "reason": "prompt_input_exit" }));
    place.event("two", "/srv/web-ui", &json!({}));
    let terminal = place.tui(80, 24);
    terminal.wait_for("❯ web-ui");
    assert!(!terminal.shows("docs-site"));
    place.ccmon.kill();
    place.ccmon.start();
    terminal.wait_for("Connected");
    terminal.press(&["e"]);
    terminal.wait_for(r"(?s)Ended 1 .*docs-site +ended · .*“Rewrite the intro”");
    terminal.press(&["e"]);
    terminal.wait_for(r"(?s)❯ web-ui[^“]*$");
    assert!(!terminal.shows("docs-site"));
}
