//! Sessions at work: hooks with recorded payloads, requests, and somebody who answers them.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::world::Room;

/// Who only reports, and who asks.
const REPORTERS: usize = 3;
const ASKERS: usize = 3;
/// After so many events a session ends, and another begins.
const LENGTH: usize = 40;
/// A person does not look more often, and a session does not report more often.
const GLANCE: Duration = Duration::from_millis(15);

/// Payloads as Claude Code sent them.
struct Recorded {
    events: Vec<Value>,
    requests: Vec<Value>,
}

impl Recorded {
    fn read() -> Self {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/payloads");
        let mut files: Vec<_> =
            fs::read_dir(directory).expect("payloads").flatten().map(|entry| entry.path()).collect();
        files.sort();
        let read =
            |path: &Path| fs::read_to_string(path).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let payloads =
            files.iter().filter_map(|path| read(path)).filter(|payload| payload["hook_event_name"].is_string());
        let (asking, events): (Vec<_>, Vec<_>) = payloads.partition(asks);
        // A question or a plan takes no bare yes.
        let plain =
            |payload: &Value| !matches!(payload["tool_name"].as_str(), Some("AskUserQuestion" | "ExitPlanMode") | None);
        Self { events, requests: asking.into_iter().filter(plain).collect() }
    }
}

fn asks(payload: &Value) -> bool {
    matches!(payload["hook_event_name"].as_str(), Some("PermissionRequest" | "Elicitation"))
}

/// Runs `fault` while sessions work, until they have all heard what they asked for.
pub fn under_load(room: &Room, mut dice: Dice, fault: impl FnOnce()) {
    let recorded = Recorded::read();
    let (over, asking) = (AtomicBool::new(false), AtomicUsize::new(ASKERS));
    let mut own_dice = || Mutex::new(Dice::new(dice.throw()));
    let own: Vec<_> = (0..REPORTERS + ASKERS + 1).map(|_| own_dice()).collect();
    thread::scope(|scope| {
        let (recorded, over, asking, own) = (&recorded, &over, &asking, &own);
        // Also when the fault is a failure: nobody may wait for its load for ever.
        let _end = End(over);
        for (number, dice) in own[..REPORTERS].iter().enumerate() {
            scope.spawn(move || report(room, recorded, &mut lock(dice), number, over));
        }
        for (number, dice) in own[REPORTERS..REPORTERS + ASKERS].iter().enumerate() {
            scope.spawn(move || {
                let _done = Done(asking);
                ask(room, recorded, &mut lock(dice), number, over);
            });
        }
        scope.spawn(move || answer(room, &mut lock(&own[REPORTERS + ASKERS]), asking));
        fault();
    });
}

fn lock(dice: &Mutex<Dice>) -> std::sync::MutexGuard<'_, Dice> {
    dice.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn report(room: &Room, recorded: &Recorded, dice: &mut Dice, number: usize, over: &AtomicBool) {
    let mut turn = 0;
    while !over.load(Ordering::SeqCst) {
        turn += 1;
        let session = format!("at-work-{number}-{}", turn / LENGTH);
        let mut payload = dice.pick(&recorded.events).clone();
        payload["session_id"] = session.clone().into();
        room.report(&payload);
        if turn % LENGTH == LENGTH - 1 {
            room.report(&end(&session));
        }
        thread::sleep(GLANCE);
    }
}

fn end(session: &str) -> Value {
    json!({ "session_id": session, "cwd": "/p", "hook_event_name": "SessionEnd", "reason": "other" })
}

/// A session that does one thing after the other: asks, hears, and goes on.
fn ask(room: &Room, recorded: &Recorded, dice: &mut Dice, number: usize, over: &AtomicBool) {
    let mut turn = 0;
    while !over.load(Ordering::SeqCst) {
        turn += 1;
        let mut payload = dice.pick(&recorded.requests).clone();
        let session = format!("asks-{number}-{}", turn / LENGTH);
        payload["session_id"] = session.clone().into();
        let tool = |event: &str| {
            let mut payload = payload.clone();
            payload["hook_event_name"] = event.into();
            payload["tool_use_id"] = format!("toolu_{number}_{turn}").into();
            payload
        };
        room.report(&tool("PreToolUse"));
        room.heard(room.ask(&payload));
        room.report(&tool("PostToolUse"));
        if turn % LENGTH == LENGTH - 1 {
            room.report(&end(&session));
        }
        thread::sleep(GLANCE);
    }
}

/// Answers whatever waits, by the API or the command line, until nobody asks any more.
fn answer(room: &Room, dice: &mut Dice, asking: &AtomicUsize) {
    while asking.load(Ordering::SeqCst) > 0 {
        let waiting = room.ask_daemon("GET", "/approvals", None);
        for approval in waiting.iter().flat_map(|(_, body)| body["approvals"].as_array()).flatten() {
            settle(room, dice, approval);
        }
        thread::sleep(GLANCE);
    }
}

fn settle(room: &Room, dice: &mut Dice, approval: &Value) {
    let id = approval["id"].as_str().unwrap_or_default();
    let reason = format!("not {id}");
    match dice.below(10) {
        0 => drop(room.command("ccmon").args(["approve", id]).output()),
        1 => drop(room.command("ccmon").args(["deny", id, "-m", &reason]).output()),
        2 => {
            let body = json!({ "shown": approval["shown"], "decision": "release" });
            room.ask_daemon("POST", &format!("/approvals/{id}/decision"), Some(&body));
        }
        3..7 => drop(room.decide(approval, None)),
        _ => drop(room.decide(approval, Some(&reason))),
    }
}
