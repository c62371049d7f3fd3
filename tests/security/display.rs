//! Text that wants to be more than text.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::hold;
use crate::suite::Suite;
use crate::support::program;
use crate::support::tmux::Tmux;
use crate::world::{Shared, World, path, shared};

/// What a terminal would obey, what turns or hides letters, and what a page or a spreadsheet would take for its own.
const HOSTILE: &[(&str, &str)] = &[
    ("colours and a cleared screen", "\u{1b}[31mred\u{1b}[2J\u{1b}[H"),
    ("a window's title", "\u{1b}]0;owned\u{7}"),
    ("a link of OSC 8", "\u{1b}]8;;http://192.0.2.1/\u{7}click\u{1b}]8;;\u{7}"),
    ("the clipboard by OSC 52", "\u{1b}]52;c;cm0gLXJmIC8=\u{1b}\\"),
    ("a device's answer", "\u{1b}[6n\u{1b}[c\u{1b}P$qm\u{1b}\\"),
    ("C1 controls", "a\u{9b}31mb\u{90}c\u{9d}52;c;x\u{9c}d\u{85}"),
    ("backspaces and returns", "rm -rf /\u{8}\u{8}\u{8}\rls          \u{7f}"),
    ("turned around", "a\u{202e}gnp.exe\u{202c}\u{2066}b\u{2069}\u{200f}\u{61c}"),
    ("nothing to be seen", "a\u{200b}\u{200c}\u{200d}\u{2060}\u{feff}\u{ad}b"),
    ("tag characters", "a\u{e0001}\u{e0061}\u{e0062}\u{e007f}b"),
    ("10,000 combining marks", "COMBINING"),
    ("a million columns", "COLUMNS"),
    ("lines and tabs", "one\ntwo\tthree\u{b}four\u{c}five\u{2028}six\u{2029}"),
    ("HTML", "<img src=x onerror=alert(1)><script>alert(1)</script>&lt;b&gt;"),
    (
        "a notification's markup",
        "<b>bold</b> <a href=\"http://192.0.2.1/\">x</a> &amp; <img src=\"file:///etc/passwd\">",
    ),
    ("links of Markdown", "[x](javascript:alert(1)) ![y](http://192.0.2.1/p.png) <javascript:alert(1)>"),
    ("a formula", "=cmd|'/C calc'!A0"),
    ("formats", "%s%n%x {} {0} ${7*7} #{pane_id} #(touch x) $(id) `id`"),
];

/// What may be printed of it: verbs, and whether it is a file's text, whose lines stay.
const VERBS: &[&[&str]] = &[
    &["list"],
    &["list", "--json"],
    &["approvals"],
    &["approvals", "--json"],
    &["status"],
    &["status", "--json"],
    &["history"],
    &["audit"],
    &["audit", "--json"],
    &["export", "KEY"],
    &["export", "KEY", "--format", "json"],
    &["summary", "KEY"],
    &["jump", "KEY"],
    &["rules", "list"],
    &["doctor"],
];

/// What the API answers.
const READ: &[&str] = &[
    "/sessions?include_ended=1",
    "/approvals?state=all",
    "/events?limit=1000",
    "/history/sessions",
    "/history/projects",
    "/audit",
    "/insight",
    "/sessions/KEY",
    "/sessions/KEY/timeline",
    "/approvals/ID/card",
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("display.text");
    for (what, text) in HOSTILE {
        let text = text.replace("COMBINING", &format!("a{}", "\u{301}".repeat(10_000)));
        let text = text.replace("COLUMNS", &"x".repeat(1_000_000));
        everywhere(suite, what, text, false);
    }
    let all = HOSTILE.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ");
    everywhere(suite, "all of it at once", all.clone(), true);
    let world = shared(move || told(&all));
    suite.case("all of it at once -> nothing but text between what the TUI itself sends", move || tui(&world));
}

fn everywhere(suite: &mut Suite, what: &str, text: String, quick: bool) {
    type Trial = fn(&Shared) -> Result<(), String>;
    let world = shared(move || told(&text));
    for (where_to, trial) in [
        ("text, from every verb of ccmon", verbs as Trial),
        ("text, in log, audit and export", written),
        ("plain JSON from the API", api_is_plain),
    ] {
        let world = world.clone();
        let name = format!("{what}, in every field -> {where_to}");
        let trial = move || trial(&world);
        if quick { suite.case(name, trial) } else { suite.whole(name, trial) }
    }
}

/// A session in which every field is this text, and that asks.
fn told(text: &str) -> World {
    let world = World::open();
    // A path's names are shorter than 255 bytes, and its own.
    let name: String = text.chars().filter(|c| *c != '/' && *c != '\0').take(60).collect();
    for payload in events(text, &name) {
        let answer = world.unix(&crate::world::reported("/event", payload.to_string().as_bytes()));
        assert_eq!(answer.status, 204, "{answer:?}");
    }
    let tool = format!("mcp__{name}__{name}");
    let input = json!({ "command": text, "description": text, text: [text] });
    let asked = of(text, &name, "PermissionRequest", &json!({ "tool_name": tool, "tool_input": input }));
    // They wait for as long as the case does.
    let hook = world.hook(&["--wait"], asked.to_string().as_bytes());
    world.ccmon.wait_for_pending(1);
    let second = world.hook(&["--wait"], crate::world::asking("hostile", text).to_string().as_bytes());
    world.ccmon.wait_for_pending(2);
    std::thread::spawn(move || [hook, second].map(|hook| std::process::Child::from(hook).wait()));
    world
}

/// An event of that session, with whatever is said of all events.
fn of(text: &str, name: &str, event: &str, more: &Value) -> Value {
    let mut payload = json!({ "session_id": "hostile", "cwd": format!("/tmp/{name}"), "hook_event_name": event,
        "permission_mode": text, "model": text, "agent_type": text });
    payload.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    payload
}

fn events(text: &str, name: &str) -> Vec<Value> {
    let input = json!({ "command": text, "description": text });
    let told = json!({ "stdout": text, "stderr": text });
    // An event whose tool has a longer name is no event.
    let tool: String = text.chars().take(1_000).collect();
    [
        ("SessionStart", json!({ "source": text })),
        ("UserPromptSubmit", json!({ "prompt": text, "session_title": text })),
        ("PreToolUse", json!({ "tool_name": "Bash", "tool_use_id": "t1", "tool_input": input })),
        (
            "PostToolUse",
            json!({ "tool_name": "Bash", "tool_use_id": "t1", "tool_input": input, "tool_response": told }),
        ),
        ("PreToolUse", json!({ "tool_name": tool, "tool_use_id": "t2", "tool_input": { text: text } })),
        (
            "PostToolUseFailure",
            json!({ "tool_name": tool, "tool_use_id": "t2", "tool_input": { text: text }, "error": text }),
        ),
        ("SubagentStart", json!({ "agent_id": text })),
        ("Notification", json!({ "message": text, "title": text, "notification_type": text })),
    ]
    .into_iter()
    .map(|(event, more)| of(text, name, event, &more))
    .collect()
}

/// What must not leave as it is. Lines end, and files may have tabs.
fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|c| {
        let line = matches!(c, '\n' | '\t');
        let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        (c.is_control() && !line) || hidden
    })
}

fn plain(what: &str, bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|error| format!("{what}: {error}"))?;
    let bad = obeyed(text);
    hold!(bad.is_none(), "{what} prints {bad:?}: {}", near(text, bad));
    Ok(())
}

/// The text around a character.
fn near(text: &str, bad: Option<char>) -> String {
    let at = bad.and_then(|bad| text.find(bad)).unwrap_or(0);
    let before = text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect::<String>();
    before + &text[at..].chars().take(80).collect::<String>()
}

fn key(world: &World) -> String {
    world.ccmon.sessions()[0]["key"].as_str().expect("a key").to_owned()
}

fn verbs(world: &Shared) -> Result<(), String> {
    let key = key(world);
    for words in VERBS {
        let words: Vec<_> = words.iter().map(|word| word.replace("KEY", &key)).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let output = world.cli(&words);
        plain(&format!("ccmon {words:?}"), &output.stdout)?;
        plain(&format!("ccmon {words:?}, on stderr"), &output.stderr)?;
        hold!(output.status.code().is_some_and(|code| code < 3), "{words:?}: {output:?}");
    }
    Ok(())
}

fn written(world: &Shared) -> Result<(), String> {
    for name in ["state/daemon.log", "daemon.output", "state/hook-errors.log"] {
        plain(name, &fs::read(world.at(name)).unwrap_or_default())?;
    }
    for path in
        ["/audit/export?format=csv", "/audit/export?format=json", &format!("/sessions/{}/export?format=md", key(world))]
    {
        let answer = world.unix(crate::world::got(&format!("GET {path}"), "Host: ccmon").as_bytes());
        hold!(answer.status == 200, "{path}: {answer:?}");
        if path.contains("csv") {
            // A spreadsheet computes what begins like this.
            let computed = cells(&answer.body).into_iter().find(|cell| cell.starts_with(['=', '+', '-', '@']));
            hold!(computed.is_none(), "{computed:?}");
            plain(path, answer.body.replace("\r\n", "\n").as_bytes())?;
        } else if path.contains("md") {
            plain(path, answer.body.as_bytes())?;
        }
    }
    Ok(())
}

/// The cells of a table.
fn cells(csv: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in csv.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => cells.push(String::new()),
            c => cells.last_mut().expect("one").push(c),
        }
    }
    cells
}

fn api_is_plain(world: &Shared) -> Result<(), String> {
    let id = world.ccmon.pending()[0]["id"].as_str().expect("an id").to_owned();
    for path in READ {
        let path = path.replace("KEY", &key(world)).replace("ID", &id);
        let answer = world.unix(crate::world::got(&format!("GET {path}"), "Host: ccmon").as_bytes());
        hold!(answer.status == 200 && !answer.json().is_null(), "{path}: {} {:.300}", answer.status, answer.body);
        hold!(answer.head.contains("content-type: application/json"), "{path}: {}", answer.head);
        hold!(answer.head.contains("nosniff"), "{path}: {}", answer.head);
        let control = answer.body.chars().find(|c| *c < ' ');
        hold!(control.is_none(), "{path} holds {control:?}");
    }
    Ok(())
}

/// Everything that the program itself writes to its terminal, taken down by its tmux.
fn tui(world: &Shared) -> Result<(), String> {
    let environment: Vec<_> = [
        ("HOME", world.at("").display().to_string()),
        ("PATH", path()),
        ("LANG", "C.UTF-8".into()),
        ("TERM", "xterm-256color".into()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .chain(crate::support::ccmon::Ccmon::variables(&world.at("")))
    .collect();
    let record = world.at("record");
    let tui = format!("{} tui", program("ccmon").display());
    let terminal = Tmux::run(&["sh", "-c", &format!("read -r line; exec {tui}")], Path::new("/"), &environment);
    terminal.record(&record);
    terminal.resize(200, 60);
    terminal.press(&["Enter"]);
    // The list, a request, all of a session to its end, the help, and what lay under it.
    for (keys, shown) in [
        (&[][..], "needs"),
        (&["a"], "(?s)Enter approve.*nothing is decided"),
        (&["Escape"], "Space detail"),
        (&["Space"], "┃"),
        (&["End", "?"], "any key closes"),
        (&["Escape"], "Space detail"),
    ] {
        if !keys.is_empty() {
            terminal.press(keys);
        }
        terminal.wait_for(shown);
    }
    terminal.press(&["q"]);
    terminal.wait_for_exit();
    let sent = String::from_utf8_lossy(&fs::read(&record).map_err(|error| error.to_string())?).into_owned();
    hold!(sent.len() > 2_000, "hardly anything was drawn: {}", terminal.screen());
    for (what, bad) in [
        ("OSC", "\u{1b}]"),
        ("DCS", "\u{1b}P"),
        ("a device's answer", "\u{1b}[6n"),
        ("CSI of C1", "\u{9b}"),
        ("OSC of C1", "\u{9d}"),
    ] {
        hold!(!sent.contains(bad), "{what} is sent");
    }
    let hidden = sent
        .chars()
        .find(|c| obeyed(&c.to_string()).is_some() && !matches!(c, '\u{1b}' | '\r' | '\u{8}' | '\u{f}' | '\u{e}'));
    hold!(hidden.is_none(), "{hidden:?} is sent");
    Ok(())
}
