//! Ten thousand at the door: hooks that all come at once, and connections that say nothing.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::page::Part;
use crate::sessions::{LIVES, SENDERS, SESSIONS};
use crate::support::daemon::Daemon;
use crate::support::load::Load;
use crate::support::mix::lives;
use crate::support::play::Cast;
use crate::support::tally::{Tally, number};
use crate::support::watch::Usage;
use crate::support::{chart, setting, verdict};

const CONNECTIONS: u64 = 10_000;
/// Who sends at once, when all come at once.
const CROWD: usize = 512;
/// What everybody else has while silent ones fill the door: events in a second,
const RATE: u64 = 200;
/// and longest time, in ms.
const OTHERS: f64 = 100.0;
/// What a hook waits for an acknowledgement before it spools, in ms.
const BUDGET: f64 = 200.0;

pub fn measure() -> io::Result<Part> {
    allow_files()?;
    let (daemon, cast) = (Daemon::on_disk()?, Cast::of(SESSIONS, lives(LIVES)?)?);
    let mut part = Part::new(
        &format!("{CONNECTIONS} connections"),
        &format!(
            "*At once*: {CONNECTIONS} hooks, {CROWD} at a time, each on a connection of its own. *Beside silent ones*: as many \
             connections are opened and say nothing, while other sessions report {RATE} events a second; the door holds 4,096, \
             and those that came first and said nothing have to go."
        ),
    );
    let mut looks = vec![("before", Usage::of(daemon.pid())?)];
    let crowd = Load { most: CONNECTIONS, ..Load::new(daemon.socket(), CROWD, None) }.run(&cast);
    let at_once = Tally::of(&crowd.times);
    looks.push(("after all at once", Usage::of(daemon.pid())?));
    let (beside, silent, held, full) = silent_ones(&daemon, &cast)?;
    looks.push(("silent ones at the door", full));
    let beside = Tally::of(&beside);
    part.latencies(&[
        ("at once", &at_once, verdict("p99 ≤ 200 ms, or it is spooled", at_once.at(0.99) <= BUDGET)),
        ("beside silent ones", &beside, verdict("p99.9 ≤ 100 ms", beside.at(0.999) <= OTHERS)),
    ]);
    part.say(&format!(
        "At once: {} events/s, {} not acknowledged. Opening {CONNECTIONS} silent connections took {} s; {held} of them had not \
         been turned away when the last one was open.",
        number(crowd.rate()),
        crowd.failed,
        number(silent.as_secs_f64()),
    ));
    std::thread::sleep(Duration::from_secs(2));
    looks.push(("2 s after they left", Usage::of(daemon.pid())?));
    part.memories(&looks);
    part.plot(
        "connections",
        chart::latencies("10,000 connections", &[("at once", &at_once), ("beside silent ones", &beside)]),
    );
    Ok(part)
}

type Silence = (Vec<Duration>, Duration, usize, Usage);

/// What others' events took meanwhile, how long it took to open them all, how many were left, and what the daemon held then.
fn silent_ones(daemon: &Daemon, cast: &Cast) -> io::Result<Silence> {
    let length = Duration::from_secs(setting("CCMON_BENCH_SECONDS", 15).min(8));
    let load = Load { length, ..Load::new(daemon.socket(), SENDERS, Some(RATE)) };
    std::thread::scope(|scope| {
        let others = scope.spawn(|| load.run(cast));
        let begin = Instant::now();
        let opened: io::Result<Vec<UnixStream>> =
            (0..CONNECTIONS).map(|_| UnixStream::connect(daemon.socket())).collect();
        let (opened, took) = (opened?, begin.elapsed());
        let full = Usage::of(daemon.pid())?;
        let held = opened.iter().filter(|stream| is_open(stream)).count();
        let others = others.join().map_err(|_| io::Error::other("a sender panicked"))?;
        Ok((others.times, took, held, full))
    })
}

/// Whether the daemon has not closed it: there is nothing to read, not even the end.
fn is_open(stream: &UnixStream) -> bool {
    use std::io::Read;
    let mut stream = stream;
    let read = stream.set_nonblocking(true).and_then(|()| stream.read(&mut [0]));
    read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}

/// Both ends of a connection are files, and one of them is ours.
fn allow_files() -> io::Result<()> {
    let (limit, wanted) = (getrlimit(Resource::Nofile), CONNECTIONS + 2_000);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let allowed = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    allowed
        .map_err(|error| io::Error::other(format!("{wanted} open files are not allowed here (`ulimit -Hn`): {error}")))
}
