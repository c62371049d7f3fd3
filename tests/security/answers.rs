//! Decisions that are forged, late, doubled, or meant for something else.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::hold;
use crate::suite::Suite;
use crate::support::{PATIENCE, wait_until};
use crate::world::{Answer, Shared, World, asking, decided_at, decision, end, posted, said, shared};

/// Adds the cases.
pub fn add(suite: &mut Suite) {
    suite.about("agent.answers");
    let world = shared(World::open);
    for (what, id) in [
        ("that nobody gave", "0123456789abcdef0123456789abcdef"),
        ("that is a path", "..%2f..%2ftoken"),
        ("with an escape", "%1b%5b2J"),
        ("with NUL", "%00"),
        ("of a million letters", "LONG"),
        ("that is all of them", "*"),
    ] {
        let world = world.clone();
        suite.case(format!("an id {what} -> 404"), move || {
            let id = id.replace("LONG", &"a".repeat(1_000_000));
            let text =
                posted(&format!("POST /approvals/{id}/decision"), "Host: ccmon", r#"{"decision":"allow","shown":"x"}"#);
            let answer = world.unix(text.as_bytes());
            hold!(matches!(answer.status, 400 | 404 | 414 | 431), "{answer:?}");
            Ok(())
        });
    }
    crossed(suite, &world);
    late(suite, &world);
    for (name, rounds) in [("two answers at once, 20 times", 20), ("two answers at once, 500 times", 500)] {
        let trial = move || race(rounds);
        let name = format!("{name} -> one counts, the hook says that one, one row of it");
        if rounds > 100 { suite.whole(name, trial) } else { suite.case(name, trial) }
    }
}

fn decide(world: &World, id: &Value, body: &Value) -> (u16, Value) {
    world.ccmon.ask("POST", &format!("/approvals/{}/decision", id.as_str().expect("an id")), body)
}

fn crossed(suite: &mut Suite, world: &Shared) {
    let (other, bent) = (world.clone(), world.clone());
    suite.case("what was shown of another session's request -> 409, both wait", move || {
        let ((first, one), (second, two)) = (other.asks("a", "rm -rf /"), other.asks("b", "ls"));
        for (id, shown) in [(&one["id"], &two["shown"]), (&two["id"], &one["shown"])] {
            let (status, told) = decide(&other, id, &json!({ "decision": "allow", "shown": shown }));
            hold!(status == 409, "{status} {told}");
        }
        hold!(other.ccmon.pending().len() == 2, "one was decided");
        [first, second].into_iter().for_each(end);
        settle(&other);
        Ok(())
    });
    suite.case("what was shown, bent in any way -> refused, it waits", move || {
        let (hook, request) = bent.asks("a", "ls");
        let shown = request["shown"].as_str().expect("a hash").to_owned();
        let id = &request["id"];
        for wrong in [
            json!(null),
            json!(""),
            json!(shown[1..]),
            json!(format!("{shown} ")),
            json!(shown.to_uppercase() + "x"),
            json!([shown]),
            json!({ "shown": shown }),
            json!(true),
        ] {
            let (status, told) = decide(&bent, id, &json!({ "decision": "allow", "shown": wrong }));
            hold!(matches!(status, 409 | 422), "{wrong}: {status} {told}");
        }
        for wrong in [json!("ALLOW"), json!("allow "), json!(["allow"]), json!(1), json!("always"), json!(null)] {
            let (status, told) = decide(&bent, id, &json!({ "decision": wrong, "shown": shown }));
            hold!(matches!(status, 400 | 422), "{wrong}: {status} {told}");
        }
        hold!(bent.ccmon.approval(id)["state"] == "pending", "it was decided");
        end(hook);
        settle(&bent);
        Ok(())
    });
}

fn settle(world: &World) {
    let gone = || world.ccmon.pending().is_empty().then_some(());
    wait_until(PATIENCE, gone, || "it stays".to_owned());
}

fn late(suite: &mut Suite, world: &Shared) {
    let (again, dead) = (world.clone(), world.clone());
    suite.case("an answer again, and another one -> 409, the first stays", move || {
        let (hook, request) = again.asks("a", "ls");
        again.ccmon.decide(&request, json!({ "decision": "deny", "message": "no" }));
        for what in ["allow", "deny"] {
            let (status, told) = decide(&again, &request["id"], &decision(&request, what));
            hold!(status == 409, "{status} {told}");
        }
        let (_, told) = said(hook, PATIENCE);
        hold!(String::from_utf8_lossy(&told).contains("\"deny\""), "{told:?}");
        Ok(())
    });
    suite.case("an answer after the hook has died -> 409", move || {
        let (hook, request) = dead.asks("a", "ls");
        end(hook);
        settle(&dead);
        let (status, told) = decide(&dead, &request["id"], &decision(&request, "allow"));
        hold!(status == 409, "{status} {told}");
        Ok(())
    });
    outlived(suite, world);
}

fn outlived(suite: &mut Suite, world: &Shared) {
    let (replayed, forged) = (world.clone(), world.clone());
    suite.case("an answer after the time was up -> 409, and the hook was told nothing", || {
        let world = World::with("[approvals]\nhold = 5\nsubagent_hold = 5\n");
        let (hook, request) = world.asks("a", "ls");
        let (ended, told) = said(hook, PATIENCE);
        hold!(ended && told.is_empty(), "{told:?}");
        let (status, answer) = decide(&world, &request["id"], &decision(&request, "allow"));
        hold!(status == 409, "{status} {answer}");
        Ok(())
    });
    suite.case("a whole request said again after its answer -> nothing new waits, no other answer", move || {
        replay(&replayed)
    });
    suite.case("somebody else says that the tool has run -> the hook is let go, and allows nothing", move || {
        let (hook, _) = forged.asks("a", "ls");
        for name in ["PostToolUse", "Stop", "SessionEnd", "UserPromptSubmit"] {
            let event = json!({ "session_id": "a", "cwd": "/p", "hook_event_name": name, "tool_name": "Bash",
                "tool_input": { "command": "ls" }, "tool_response": "done", "prompt": "x", "reason": "other" });
            forged.event(&event);
        }
        let (_, told) = said(hook, std::time::Duration::from_secs(2));
        hold!(told.is_empty(), "{told:?}");
        settle(&forged);
        Ok(())
    });
}

/// The hook's own words, sent again by somebody who has read them.
fn replay(world: &World) -> Result<(), String> {
    let (payload, id) = (asking("r", "ls").to_string(), "fedcba9876543210fedcba9876543210");
    let context = json!({ "v": 1, "id": id, "started_ms": u64::MAX >> 1, "env": {} });
    let lines = format!("Host: ccmon\r\nCcmon-Context: {context}");
    let text = posted("POST /approval", &lines, &payload);
    let first = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.unix(text.as_bytes()));
        let request = world.ccmon.wait_for_pending(1).remove(0);
        world.ccmon.decide(&request, json!({ "decision": "deny", "message": "no" }));
        waiting.join().expect("no panic")
    });
    hold!(first.body.contains("\"deny\""), "{first:?}");
    let other = posted("POST /approval", &lines, &asking("r", "rm -rf /").to_string());
    for text in [&text, &other] {
        let again = world.unix(text.as_bytes());
        hold!(!again.body.contains("\"allow\""), "{again:?}");
        hold!(world.ccmon.pending().is_empty(), "it waits anew: {:?}", world.ccmon.pending());
    }
    Ok(())
}

/// Two who answer in the same moment, one yes, one no, by socket and port.
fn race(rounds: usize) -> Result<String, String> {
    let world = World::open();
    let mut allowed = 0;
    for round in 0..rounds {
        let (hook, request) = world.asks("race", "ls");
        let (line, start) = (format!("POST {}", decided_at(&request)), Barrier::new(2));
        // The socket is quicker than the port, and so takes turns.
        let say = |what: &str, by_socket: bool| {
            let body = decision(&request, what).to_string();
            start.wait();
            if by_socket {
                return world.unix(posted(&line, "Host: ccmon", &body).as_bytes());
            }
            world.tcp(&posted(&line, "Host: 127.0.0.1:PORT\r\nAuthorization: Bearer TOKEN", &body))
        };
        let (yes, no) = std::thread::scope(|scope| {
            let yes = scope.spawn(|| say("allow", round % 2 == 0));
            let no = scope.spawn(|| say("deny", round % 2 == 1));
            (yes.join().expect("no panic"), no.join().expect("no panic"))
        });
        let (_, told) = said(hook, PATIENCE);
        one_wins(&yes, &no, &String::from_utf8_lossy(&told)).map_err(|why| format!("round {round}: {why}"))?;
        allowed += usize::from(yes.status == 200);
    }
    let rows = world.ccmon.get("/audit/counts").unwrap_or_default();
    hold!(rows["total"] == rounds, "{rounds} requests, {rows}");
    Ok(format!("{allowed} times yes, {} times no", rounds - allowed))
}

fn one_wins(yes: &Answer, no: &Answer, told: &str) -> Result<(), String> {
    hold!(matches!((yes.status, no.status), (200, 409) | (409, 200)), "{yes:?} {no:?}");
    let (said, unsaid) = if yes.status == 200 { ("\"allow\"", "\"deny\"") } else { ("\"deny\"", "\"allow\"") };
    hold!(told.contains(said) && !told.contains(unsaid), "{told}");
    Ok(())
}
