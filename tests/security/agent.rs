//! Claude's own shell, which runs as the same user: it may look, and not decide. Here a shell that is called `claude`
//! stands for it; `real` tries the same from inside the real one.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use serde_json::{Value, json};

use crate::hold;
use crate::suite::Suite;
use crate::support::{PATIENCE, program, wait_until};
use crate::world::{Shared, World, decided_at, decision, end, said, shared};

/// How a process may try not to look as if Claude had started it, one thing at a time: each is seen through. `IT` is
/// what it runs then.
const SHEDDING: &[(&str, &str)] = &[
    ("plainly", "IT"),
    ("through another shell", "sh -c \"IT; :\""),
    (
        "without the environment",
        "env -i PATH=\"$PATH\" HOME=\"$HOME\" CCMON_SOCKET=\"$CCMON_SOCKET\" CCMON_STATE_DIR=\"$CCMON_STATE_DIR\" sh -c \"IT; :\"",
    ),
    ("without the one variable", "env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID sh -c \"IT; :\""),
    ("in a session of its own", "setsid -w sh -c \"IT; :\""),
    ("as nobody's child", "(setsid sh -c \"IT; :\" &) ; wait"),
    ("twice as nobody's child", "(setsid sh -c \"(setsid sh -c 'IT; :' &)\" &) ; wait"),
    ("under another name", "(exec -a bash sh -c \"IT; :\")"),
    ("through nohup and timeout", "nohup timeout 20 sh -c \"IT; :\" </dev/null"),
    ("through xargs", "echo x | xargs -I{} sh -c \"IT; :\""),
    ("through python", "python3 -c \"import os; os.system('IT')\""),
];

/// A rule that lets nothing run that anybody asks here.
const RULE: &str =
    r#"{"name":"r","tool":"Bash","kind":"literal","pattern":"never asked","action":"allow","lasts":"forever"}"#;

/// What may not be done from inside.
const CHANGES: &[(&str, &str, &str)] = &[
    ("POST", "/rules", r#"{"name":"r","tool":"Bash","kind":"glob","pattern":"*","action":"allow","lasts":"forever"}"#),
    ("POST", "/rules/import", r#"{"toml":""}"#),
    ("PATCH", "/rules/1", r#"{"enabled":false}"#),
    ("DELETE", "/rules/1", ""),
    ("POST", "/rules/pause", "{}"),
    ("POST", "/rules/resume", "{}"),
    ("PATCH", "/settings", r#"{"approvals.hold":1}"#),
    ("POST", "/hooks/install", "{}"),
    ("POST", "/hooks/uninstall", "{}"),
    ("POST", "/web/code", "{}"),
    ("POST", "/quiet", r#"{"until":null}"#),
    ("POST", "/open", r#"{"dashboard":true}"#),
    ("POST", "/next", "{}"),
    ("POST", "/back", "{}"),
    ("POST", "/sessions/KEY/jump", "{}"),
    ("POST", "/sessions/KEY/dismiss", r#"{"on":true}"#),
    ("POST", "/sessions/KEY/seen", "{}"),
    ("DELETE", "/sessions/KEY", ""),
    ("POST", "/approvals/ID/decision", r#"{"decision":"allow","shown":"SHOWN"}"#),
    ("POST", "/approvals/ID/filling", "{}"),
    ("POST", "/approvals/ID/identical", r#"{"shown":"SHOWN","ids":[]}"#),
    ("POST", "/jobs", r#"{"kind":"replay","rule":RULE}"#),
    ("POST", "/welcome", r#"{"done":true}"#),
    ("POST", "/shutdown", "{}"),
];

/// Commands of Claude's that reach for ccmon, its own settings, or the user's terminals.
const REACHING: &[&str] = &[
    "ccmon approve 0123",
    "ccmon rules add '*'",
    "/usr/bin/ccmon approve 0123",
    "env -i ccmon approve 0123",
    "setsid ccmon approve 0123",
    "sh -c 'ccmon approve 0123'",
    "curl --unix-socket $XDG_RUNTIME_DIR/ccmon/ccmon.sock http://x/approvals/1/decision",
    "curl -H \"Authorization: Bearer $(cat ~/.local/state/ccmon/token)\" http://127.0.0.1:7777/rules",
    "cat ~/.local/state/ccmon/token",
    "xdg-open ccmon://approval/1",
    "sqlite3 ~/.local/state/ccmon/ccmon.db 'delete from rules'",
    "tmux send-keys -t 0 a Enter",
    "python3 -c \"import sqlite3; sqlite3.connect('/home/u/.local/state/ccmon/ccmon.db')\"",
    "sed -i s/hold/x/ ~/.config/ccmon/config.toml",
    "rm ~/.claude/settings.json",
    "kill -STOP $(pgrep ccmon)",
    "pkill ccmon",
    "xdotool key Return",
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    let world = shared(|| {
        let world = World::open();
        let rule = serde_json::from_str(RULE).expect("a rule");
        assert_eq!(world.ccmon.ask("POST", "/rules", &rule).0, 201);
        world
    });
    suite.about("agent.fence");
    changes(suite, &world);
    shedding(suite, &world);
    suite.about("agent.risk");
    risk(suite);
    suite.about("agent.wall");
    wall(suite);
}

/// Runs a script in a shell that is called `claude`, with Claude's mark.
pub fn inside(world: &World, script: &str) -> Output {
    let claude = world.at("claude");
    // A process is called after the link it was started by.
    let _ = symlink("/bin/bash", &claude);
    let ccmon = program("ccmon").display().to_string();
    let mut shell = world.command(&claude);
    // The `:` keeps the shell from becoming what it starts.
    shell.env("CLAUDECODE", "1").env("CCMON", ccmon).args(["-c", &format!("{script}\n:")]).output().expect("bash")
}

fn changes(suite: &mut Suite, world: &Shared) {
    for (method, path, body) in CHANGES {
        for way in ["the socket", "the port, with the token"] {
            let world = world.clone();
            suite.case(format!("{method} {path} from inside, by {way} -> 403, on record"), move || {
                refused(&world, method, path, body, way == "the socket")
            });
        }
    }
    let world = world.clone();
    suite.case("what is only read -> 200 from inside", move || {
        for path in ["/sessions", "/approvals", "/rules", "/settings", "/events", "/hooks"] {
            let curl = format!("curl -s -o /dev/null -w %{{http_code}} --unix-socket $CCMON_SOCKET http://ccmon{path}");
            let told = inside(&world, &curl).stdout;
            hold!(told == b"200", "{path}: {}", String::from_utf8_lossy(&told));
        }
        Ok(())
    });
}

fn refused(world: &World, method: &str, path: &str, body: &str, socket: bool) -> Result<(), String> {
    let (hook, request) = world.asks("inside", "touch foo");
    let key =
        world.ccmon.sessions().iter().find(|s| s["session_id"] == request["session_id"]).map(|s| s["key"].clone());
    let fill = |text: &str| {
        let text = text.replace("ID", request["id"].as_str().expect("an id"));
        let text = text.replace("SHOWN", request["shown"].as_str().expect("a hash")).replace("RULE", RULE);
        text.replace("KEY", key.as_ref().and_then(Value::as_str).expect("a key"))
    };
    let before = world.refusals();
    let (way, host) = if socket {
        ("--unix-socket $CCMON_SOCKET -H 'Ccmon-Client: popup'".to_owned(), "ccmon".to_owned())
    } else {
        (format!("-H 'Authorization: Bearer {}'", world.token), format!("127.0.0.1:{}", world.port))
    };
    let body = if body.is_empty() { String::new() } else { format!("-d '{}'", fill(body)) };
    let script = format!(
        "curl -s -w ' %{{http_code}}' {way} -X {method} -H 'Content-Type: application/json' {body} http://{host}{}",
        fill(path)
    );
    let told = inside(world, &script).stdout;
    let told = String::from_utf8_lossy(&told);
    hold!(told.ends_with(" 403"), "{told}");
    hold!(world.ccmon.approval(&request["id"])["state"] == "pending", "it was decided");
    // Over TCP nobody may ask for these, so that nobody tried anything from inside.
    let nobodys = !socket && matches!(path, "/shutdown" | "/web/code");
    let noted = || (nobodys || world.refusals() > before).then_some(());
    wait_until(PATIENCE, noted, || "no row in the audit".to_owned());
    end(hook);
    let gone = || world.ccmon.pending().is_empty().then_some(());
    wait_until(PATIENCE, gone, || "it stays".to_owned());
    Ok(())
}

fn shedding(suite: &mut Suite, world: &Shared) {
    for (how, script) in SHEDDING {
        let world = world.clone();
        suite.case(format!("ccmon approve, {how} -> refused, on record"), move || {
            let (hook, request) = world.asks("shed", "touch foo");
            let before = world.refusals();
            let id = request["id"].as_str().expect("an id");
            let approve = format!("$CCMON approve {id} >>$HOME/said 2>&1");
            let script = script.replace("env -i", "env -i CCMON=$CCMON").replace("IT", &approve);
            let ran = inside(&world, &script);
            let noted = || (world.refusals() > before || world.ccmon.pending().is_empty()).then_some(());
            wait_until(PATIENCE, noted, || {
                format!("nothing happens: {ran:?} {:?}", fs::read_to_string(world.at("said")))
            });
            let pending = world.ccmon.approval(&request["id"])["state"] == "pending";
            end(hook);
            hold!(pending, "it was approved");
            let gone = || world.ccmon.pending().is_empty().then_some(());
            wait_until(PATIENCE, gone, || "it stays".to_owned());
            Ok(())
        });
    }
}

fn risk(suite: &mut Suite) {
    let world = shared(|| {
        let world = World::open();
        let all = json!({ "name": "all", "tool": "Bash", "kind": "glob", "pattern": "*", "action": "allow", "lasts": "forever" });
        world.ccmon.ask("POST", "/rules", &all);
        world
    });
    let free = world.clone();
    suite.case("a rule for everything: `ls` runs by itself", move || {
        let hook = free.hook(&["--wait"], crate::world::asking("free", "ls").to_string().as_bytes());
        let (_, told) = said(hook, PATIENCE);
        hold!(String::from_utf8_lossy(&told).contains("\"allow\""), "the rule is not heard: {told:?}");
        Ok(())
    });
    for command in REACHING {
        let world = world.clone();
        suite.case(format!("a rule for everything: `{command}` -> high risk, and asked"), move || {
            let (hook, request) = world.asks("reaching", command);
            let risk =
                request["risk"].as_str().or_else(|| request["risk"]["level"].as_str()).unwrap_or_default().to_owned();
            end(hook);
            hold!(risk == "high", "{risk:?}: {request:#}");
            Ok(())
        });
    }
}

fn wall(suite: &mut Suite) {
    suite.case("SECURITY.md says that a process can shed parents and environment, and what is left then", || {
        let text = include_str!("../../SECURITY.md");
        for words in ["A fence and not a wall", "shed its parents and its environment", "decide_from = [\"popup\"]"] {
            hold!(text.contains(words), "{words}");
        }
        Ok(())
    });
    let world = shared(|| World::with("[approvals]\ndecide_from = [\"popup\"]\n"));
    for (who, how) in [
        ("the command line", "$CCMON approve ID"),
        (
            "a process that shed everything",
            "(env -i HOME=$HOME PATH=$PATH CCMON_SOCKET=$CCMON_SOCKET CCMON_STATE_DIR=$CCMON_STATE_DIR setsid $CCMON approve ID &)",
        ),
        (
            "curl at the socket, as the popup",
            "curl -s --unix-socket $CCMON_SOCKET -H 'Ccmon-Client: popup' -H 'Content-Type: application/json' -d 'BODY' http://ccmon/approvals/ID/decision",
        ),
        (
            "curl at the socket, from the popup's page",
            "curl -s --unix-socket $CCMON_SOCKET -H 'Origin: ccmon://popup' -H 'Content-Type: application/json' -d 'BODY' http://ccmon/approvals/ID/decision",
        ),
        (
            "curl at the port, as the popup",
            "curl -s -H 'Authorization: Bearer TOKEN' -H 'Ccmon-Client: popup' -H 'Content-Type: application/json' -d 'BODY' http://127.0.0.1:PORT/approvals/ID/decision",
        ),
    ] {
        let world = world.clone();
        suite.case(format!("decide_from = [\"popup\"]: {who} -> decides nothing"), move || elsewhere(&world, how));
    }
    no_way_around(suite, world);
}

fn no_way_around(suite: &mut Suite, world: Shared) {
    suite.case("decide_from = [\"popup\"]: the rules and that setting are no way around it", move || {
        let rule = json!({ "name": "r", "tool": "Bash", "kind": "glob", "pattern": "*", "action": "allow", "lasts": "forever" });
        for (method, path, body) in [
            ("POST", "/rules", rule.clone()),
            ("POST", "/rules/import", json!({ "rules": [rule] })),
            ("PATCH", "/settings", json!({ "approvals.decide_from": [] })),
            ("PATCH", "/settings", json!({ "approvals.decide_from": ["popup", "cli"] })),
        ] {
            let (status, told) = world.ccmon.ask(method, path, &body);
            hold!(matches!(status, 403 | 422), "{path}: {status} {told}");
            let answer = world.keyed(method, path, &body);
            hold!(matches!(answer.status, 403 | 422), "{path}: {answer:?}");
        }
        hold!(world.ccmon.get("/rules").is_some_and(|rules| rules["rules"] == json!([])), "there is a rule");
        Ok(())
    });
}

/// Somebody who is not inside at all, and yet not where one decides.
fn elsewhere(world: &World, how: &str) -> Result<(), String> {
    let (hook, request) = world.asks("wall", "touch foo");
    let script = how.replace("ID", request["id"].as_str().expect("an id"));
    let script = world.fill(&script).replace("BODY", &decision(&request, "allow").to_string());
    let mut shell = world.command("/bin/bash");
    let ran = shell.env("CCMON", program("ccmon")).args(["-c", &script]).output().map_err(|error| error.to_string())?;
    // The last word: whoever runs on in the background has been answered before.
    let (status, told) = world.ccmon.ask("POST", &decided_at(&request), &decision(&request, "allow"));
    hold!(status == 403 && told["detail"].to_string().contains("popup"), "{status} {told} {ran:?}");
    hold!(world.ccmon.approval(&request["id"])["state"] == "pending", "it was decided: {ran:?}");
    end(hook);
    let gone = || world.ccmon.pending().is_empty().then_some(());
    wait_until(PATIENCE, gone, || "it stays".to_owned());
    Ok(())
}
