//! Two hundred requests that wait for somebody, and are answered one after the other.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use ccmon::client::Client;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::page::{Part, spent};
use crate::sessions::{LIVES, SENDERS};
use crate::support::daemon::Daemon;
use crate::support::load::Load;
use crate::support::mix::{lives, recorded};
use crate::support::play::Cast;
use crate::support::tally::{Tally, number};
use crate::support::watch::Usage;
use crate::support::{chart, setting, verdict};

const PENDING: usize = 200;
/// What they ask for, in turn.
const ASKED: [&str; 5] = [
    "PermissionRequest-Bash",
    "PermissionRequest-Edit",
    "PermissionRequest-Write",
    "PermissionRequest-WebFetch",
    "PermissionRequest-mcp",
];
/// How many events a second other sessions report meanwhile,
const RATE: u64 = 200;
/// and how long they, and the answers, may take in 99 of 100 cases, in ms.
const SLOWEST: f64 = 5.0;
/// An answer is on the disk before it is heard: that is the disk's time, too.
const ANSWERED: f64 = 50.0;

/// When each session's hook heard its answer.
type Heard = HashMap<String, Instant>;

pub fn measure() -> io::Result<Part> {
    let (daemon, others) = (Daemon::on_disk()?, Cast::of(PENDING, lives(LIVES)?)?);
    let (asking, runtime) = (Cast::hire(PENDING)?, tokio::runtime::Builder::new_current_thread().enable_all().build()?);
    let mut part = Part::new(
        &format!("{PENDING} pending approvals"),
        &format!(
            "{PENDING} hooks ask at once and are held. While they wait, other sessions report {RATE} events a second; then all are \
             answered, one after the other, each from when the answer is given until its caller knows that it is on the disk, \
             and until the waiting hook has heard it."
        ),
    );
    let (before, begin) = (Usage::of(daemon.pid())?, Instant::now());
    let (heard, answers, beside, held) = std::thread::scope(|scope| {
        let hooks = ask_all(scope, &daemon, &asking)?;
        let pending = wait_for_all(&runtime, &daemon)?;
        let took = begin.elapsed();
        part.say(&format!(
            "All {PENDING} were pending, risk and all, {} ms after the first hook asked.",
            took.as_millis()
        ));
        let held = quiet(&daemon)?;
        let length = Duration::from_secs(setting("CCMON_BENCH_SECONDS", 15).min(5));
        let beside = Load { length, ..Load::new(daemon.socket(), SENDERS, Some(RATE)) }.run(&others);
        let answers = answer_all(&runtime, &daemon, &pending)?;
        let heard: Heard = hooks.into_iter().filter_map(|hook| hook.join().ok().flatten()).collect();
        io::Result::Ok((heard, answers, beside, held))
    })?;
    let known = Tally::of(&answers.values().map(|(begun, known)| *known - *begun).collect::<Vec<_>>());
    let waits = heard.iter().filter_map(|(session, heard)| Some(*heard - answers.get(session)?.0));
    let reached = Tally::of(&waits.collect::<Vec<_>>());
    let beside = Tally::of(&beside.times);
    part.latencies(&[
        ("events of others meanwhile", &beside, verdict("p99 ≤ 5 ms", beside.at(0.99) <= SLOWEST)),
        ("answer given → on the disk", &known, String::new()),
        ("answer given → the hook has it", &reached, verdict("p99 ≤ 50 ms", reached.at(0.99) <= ANSWERED)),
    ]);
    part.say(&format!("{} of {PENDING} hooks heard their answer.", heard.len()));
    tell(&mut part, &before, &held, &Usage::of(daemon.pid())?);
    part.plot(
        "approvals",
        chart::latencies(
            "200 pending approvals",
            &[
                ("events of others meanwhile", &beside),
                ("answer given → on the disk", &known),
                ("answer given → the hook has it", &reached),
            ],
        ),
    );
    Ok(part)
}

/// What is held while nothing else happens, looked at twice: a transcript that is not there is looked for ten times
/// first, in four seconds.
type Quiet = (Usage, Usage);

const LOOK: Duration = Duration::from_secs(5);

fn quiet(daemon: &Daemon) -> io::Result<Quiet> {
    std::thread::sleep(LOOK);
    let before = Usage::of(daemon.pid())?;
    std::thread::sleep(LOOK);
    Ok((before, Usage::of(daemon.pid())?))
}

fn tell(part: &mut Part, before: &Usage, (first, held): &Quiet, after: &Usage) {
    part.memories(&[("before", *before), ("all pending", *held), ("all answered", *after)]);
    let (cpu, woken) = spent(first, held, LOOK.as_secs_f64());
    part.say(&format!("While all waited and nothing happened: {cpu:.2} % of a core, {} wake-ups/s.", number(woken)));
}

type Hook<'scope> = std::thread::ScopedJoinHandle<'scope, Option<(String, Instant)>>;

/// A thread for each hook that waits.
fn ask_all<'scope>(
    scope: &'scope std::thread::Scope<'scope, '_>,
    daemon: &Daemon,
    cast: &Cast,
) -> io::Result<Vec<Hook<'scope>>> {
    let payloads = ASKED.iter().map(|name| recorded(name)).collect::<io::Result<Vec<_>>>()?;
    let asked = cast.sessions().into_iter().zip(payloads.iter().cycle()).map(|(session, payload)| {
        let (event, id, socket) = (session.say(payload), session.id().to_owned(), daemon.socket());
        scope.spawn(move || event.ask(&socket).filter(|answer| answer.status == 200).map(|_| (id, Instant::now())))
    });
    Ok(asked.collect())
}

fn wait_for_all(runtime: &Runtime, daemon: &Daemon) -> io::Result<Vec<Value>> {
    let (client, begin) = (Client::new(&daemon.socket()), Instant::now());
    while begin.elapsed() < Duration::from_secs(20) {
        let mut answer: Value = runtime.block_on(client.get("/approvals")).map_err(io::Error::other)?;
        if let Value::Array(pending) = answer["approvals"].take()
            && pending.len() == PENDING
        {
            return Ok(pending);
        }
    }
    Err(io::Error::other("not all requests are pending"))
}

/// When each was given, and when the daemon said that it is on the disk.
fn answer_all(
    runtime: &Runtime,
    daemon: &Daemon,
    pending: &[Value],
) -> io::Result<HashMap<String, (Instant, Instant)>> {
    let client = Client::new(&daemon.socket());
    let answered = pending.iter().map(|approval| {
        let text = |name: &str| approval[name].as_str().unwrap_or_default();
        let (path, begun) = (format!("/approvals/{}/decision", text("id")), Instant::now());
        let body = json!({ "shown": text("shown"), "decision": "allow" });
        let said: Result<Value, _> = runtime.block_on(client.post(&path, &body));
        said.map_err(io::Error::other)?;
        Ok((text("session_id").to_owned(), (begun, Instant::now())))
    });
    answered.collect()
}
