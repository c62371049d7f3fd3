//! Names that want to be commands, and links that want to be more than links.

use std::fs;

use serde_json::json;

use crate::hold;
use crate::strace::{self, watched};
use crate::suite::{Suite, Verdict};
use crate::support::program;
use crate::world::{Shared, World, end, shared};

/// Names of sessions and directories. `TOUCHED` is a file that nothing may make.
const NAMES: &[&str] = &[
    "-x",
    "--",
    "--help",
    "-rf",
    "$(touch TOUCHED)",
    "`touch TOUCHED`",
    ";touch TOUCHED",
    "|touch TOUCHED",
    "&& touch TOUCHED",
    "\ntouch TOUCHED\n",
    "'; touch TOUCHED; '",
    "\"; touch TOUCHED; \"",
    "#{pane_id}",
    "#(touch TOUCHED)",
    ":1.0",
    "=work:1",
    "%1",
    "{last}",
    "../../../etc",
    "~root",
    "*",
    "a b",
    "\u{1b}]0;x\u{7}",
];

/// What takes a name.
const VERBS: &[&[&str]] = &[
    &["jump"],
    &["tag", "NAME", "x"],
    &["pin"],
    &["dismiss"],
    &["seen"],
    &["summary"],
    &["export"],
    &["approve"],
    &["deny"],
    &["answer", "NAME", "1"],
    &["history"],
    &["open"],
];

/// Links that lead nowhere.
const LINKS: &[&str] = &[
    "",
    "ccmon:",
    "ccmon://",
    "ccmon:///next",
    "ccmon://next/",
    "ccmon://next?approve=1",
    "ccmon://approve/ID",
    "ccmon://approval/ID/decision",
    "ccmon://approval/ID?decision=allow",
    "ccmon://approval/ID#allow",
    "ccmon://approval/ID%00",
    "ccmon://approval/%49D",
    "ccmon://approval/../rules",
    "ccmon://approval/ID\nccmon://next",
    "ccmon://approval/$(touch TOUCHED)",
    "ccmon://approval/;touch TOUCHED",
    "ccmon://session/-x --help",
    "ccmon://user@approval/ID",
    "ccmon://approval:80/ID",
    "ccmon://rules/pause",
    "ccmon://shutdown",
    "ccmon://settings",
    "ccmon://popup",
    "http://127.0.0.1:7777/next",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "LONG",
];

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("launching.names");
    let world = shared(World::open);
    for name in NAMES {
        let (some, all) = (world.clone(), world.clone());
        let called = format!("a session and a directory called {name:?}");
        suite.case(format!("{called} -> only a name to jump"), move || names(&some, name, &VERBS[..1]));
        suite.whole(format!("{called} -> only a name to every verb"), move || names(&all, name, VERBS));
    }
    suite.about("launching.links");
    // Of its own: those above are tried at the same time.
    let world = shared(World::open);
    for link in LINKS {
        let world = world.clone();
        suite.case(format!("ccmon open {link:?} -> opens and decides nothing"), move || links(&world, link));
    }
}

/// Nothing but the program itself is run, and nothing is made.
fn alone(world: &World, words: &[&str]) -> Result<Verdict, String> {
    let mut command = world.command(program("ccmon"));
    command.args(words).current_dir(world.at("")).env("DISPLAY", "").env("EDITOR", "touch TOUCHED");
    if strace::is_there() {
        let written = world.at("calls");
        let mut watched = watched(&command, "execve", &written);
        let output = watched.command.current_dir(world.at("")).output().map_err(|error| error.to_string())?;
        // A jump asks tmux where it is called from: by an array of arguments, in which nothing of the name is.
        let asks = |call: &String| call.contains("[\"tmux\", \"display-message\", \"-p\", \"#{client_name}\"]");
        let run: Vec<_> = watched.calls().into_iter().filter(|call| call.contains("execve(") && !asks(call)).collect();
        hold!(run.len() == 1, "{words:?}: {output:?} {run:#?}");
    } else {
        command.output().map_err(|error| error.to_string())?;
    }
    let made: Vec<_> =
        fs::read_dir(world.at("")).expect("a directory").flatten().map(|entry| entry.file_name()).collect();
    hold!(!made.iter().any(|name| name.to_string_lossy().contains("touched")), "{words:?}: {made:?}");
    Ok(().into())
}

fn names(world: &Shared, name: &str, verbs: &[&[&str]]) -> Result<Verdict, String> {
    let name = name.replace("TOUCHED", "touched");
    world.event(&json!({ "session_id": "named", "cwd": format!("/p/{name}"), "hook_event_name": "Stop" }));
    // One that no session can have is not taken at all.
    let id = json!({ "session_id": name, "cwd": "/p", "hook_event_name": "Stop" });
    let answer = world.unix(&crate::world::reported("/event", id.to_string().as_bytes()));
    hold!(answer.status == 400 || ["-x", "--", "--help", "-rf"].contains(&name.as_str()), "{answer:?}");
    for verb in verbs {
        for dashes in [false, true] {
            let mut words: Vec<&str> =
                verb.iter().map(|word| if *word == "NAME" { name.as_str() } else { *word }).collect();
            if verb.len() == 1 {
                words.extend(dashes.then_some("--").into_iter().chain([name.as_str()]));
            } else if dashes {
                continue;
            }
            alone(world, &words)?;
        }
    }
    hold!(world.ccmon.get("/healthz").is_some(), "the daemon is gone");
    Ok(().into())
}

fn links(world: &Shared, link: &str) -> Result<Verdict, String> {
    let (hook, request) = world.asks("links", "touch foo");
    let link = link.replace("LONG", &format!("ccmon://approval/{}", "a".repeat(100_000)));
    let link = link.replace("ID", request["id"].as_str().expect("an id")).replace("TOUCHED", "touched");
    // A request is shown before it is stored.
    let not_counted = |kind: &String| kind.starts_with("ccmon.") || kind == "PermissionRequest";
    let told = || world.ccmon.events().into_iter().filter(|kind| !not_counted(kind)).count();
    let before = told();
    let output = world.cli(&["open", &link]);
    let alone = alone(world, &["open", &link]);
    let (pending, after) = (world.ccmon.approval(&request["id"])["state"] == "pending", told());
    end(hook);
    let gone = || world.ccmon.pending().is_empty().then_some(());
    crate::support::wait_until(crate::support::PATIENCE, gone, || "it stays".to_owned());
    hold!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
    hold!(output.stderr.len() < 2_000, "all of it is said again");
    hold!(pending && after == before, "it was decided, or something happened");
    alone
}
