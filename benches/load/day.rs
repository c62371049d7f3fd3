//! A heavy day, an hour after the other as fast as events are acknowledged: sessions come and go, ask, and end.

use std::collections::VecDeque;
use std::io;

use crate::page::{Part, memory};
use crate::sessions::{CLIENTS, LIVES};
use crate::support::daemon::Daemon;
use crate::support::load::Load;
use crate::support::mix::{lives, recorded};
use crate::support::play::Cast;
use crate::support::tally::{Tally, number};
use crate::support::watch::Usage;
use crate::support::{plot, setting, verdict};

/// How much of the day's work each hour has, in per mille: a long morning, a longer afternoon, jobs at night.
const HOURS: [u64; 24] = [10, 8, 8, 8, 8, 10, 16, 28, 52, 78, 90, 86, 52, 64, 90, 92, 84, 66, 46, 36, 26, 18, 14, 10];
/// Sessions that begin in the busiest hour,
const NEW: u64 = 60;
/// and how many hours a session lives.
const HOURS_OF_LIFE: usize = 4;
/// Most that memory may grow by from the busiest hour to the last, in MiB.
const GROWTH: f64 = 5.0;

/// What an hour came to.
struct Hour {
    sessions: usize,
    rate: f64,
    tally: Tally,
    failed: usize,
    usage: Usage,
    file: f64,
}

pub fn measure() -> io::Result<Part> {
    let events = setting("CCMON_BENCH_EVENTS", 240_000);
    let mut part = Part::new(
        "24 hours of a heavy day",
        &format!(
            "{events} events in 24 hours that follow the curve of a day, each hour as fast as {CLIENTS} clients are acknowledged. \
             Sessions begin, live for {HOURS_OF_LIFE} hours, and end, their process too; requests are held until the session's next \
             event settles them."
        ),
    );
    let (daemon, scripts) = (Daemon::on_disk()?, lives(LIVES)?);
    let goodbye = recorded("SessionEnd-other")?;
    let (mut casts, mut hours) = (VecDeque::new(), Vec::new());
    for share in HOURS {
        casts.push_back(Cast::of((1 + NEW * share / 92) as usize, scripts.clone())?);
        if casts.len() > HOURS_OF_LIFE
            && let Some(cast) = casts.pop_front()
        {
            say_goodbye(&daemon, &cast, &goodbye);
        }
        hours.push(hour(&daemon, &casts, events * share / 1_000)?);
    }
    tell(&mut part, &daemon, &hours)?;
    Ok(part)
}

/// The processes end when the cast is dropped, which is after that.
fn say_goodbye(daemon: &Daemon, cast: &Cast, goodbye: &str) {
    for session in cast.sessions() {
        // What is lost here would be missed in the count of what was stored.
        session.say(goodbye).send(&daemon.socket());
    }
}

fn hour(daemon: &Daemon, casts: &VecDeque<Cast>, most: u64) -> io::Result<Hour> {
    let sessions: Vec<_> = casts.iter().flat_map(Cast::sessions).collect();
    let count = sessions.len();
    let outcome = Load { most, asks: true, ..Load::new(daemon.socket(), CLIENTS, None) }.play(sessions);
    let (_, bytes) = daemon.stored()?;
    Ok(Hour {
        sessions: count,
        rate: outcome.rate(),
        tally: Tally::of(&outcome.times),
        failed: outcome.failed,
        usage: Usage::of(daemon.pid())?,
        file: bytes as f64 / f64::from(1 << 20),
    })
}

fn tell(part: &mut Part, daemon: &Daemon, hours: &[Hour]) -> io::Result<()> {
    part.table(
        "hour | sessions | events | events/s | p50, ms | p99, ms | not acknowledged | RSS, MiB | PSS | private dirty | file, MiB",
        &rows(hours),
    );
    let of = |field: fn(&Hour) -> f64| hours.iter().map(field).collect::<Vec<f64>>();
    let rss = of(|hour| hour.usage.rss);
    let busiest = rss[..=15].iter().copied().fold(0.0, f64::max);
    let grown = rss[23] - busiest;
    let (stored, _) = daemon.stored()?;
    let acknowledged: u64 = hours.iter().map(|hour| hour.tally.count()).sum();
    part.say(&format!(
        "Acknowledged {acknowledged} and stored {stored}, what was asked and the ends of sessions included. RSS after the last hour beyond \
         the most up to the busiest: {} MiB, {}. Processor time of the threads that live: {} s.",
        number(grown),
        verdict("≤ 5 MiB", grown <= GROWTH),
        number(hours[23].usage.cpu / 1e3)
    ));
    let memory = [("RSS", "#b07030", rss), ("PSS", "#3060b0", of(|hour| hour.usage.pss))];
    let waits = [("p99", "#a03060", of(|hour| hour.tally.at(0.99))), ("p50", "#308050", of(|hour| hour.tally.at(0.5)))];
    let file = [("file", "#6040a0", of(|hour| hour.file))];
    let frames: [(&str, &[plot::Line]); 3] = [("MiB", &memory), ("ms", &waits), ("MiB of file", &file)];
    part.plot("day", plot::panels("24 hours of a heavy day", "24:00", &frames));
    Ok(())
}

/// Every third hour.
fn rows(hours: &[Hour]) -> Vec<String> {
    let row = |(at, hour): (usize, &Hour)| {
        let of = |quantile| number(hour.tally.at(quantile));
        format!(
            "{at}:00 | {} | {} | {} | {} | {} | {} | {} | {}",
            hour.sessions,
            hour.tally.count(),
            number(hour.rate),
            of(0.5),
            of(0.99),
            hour.failed,
            memory(&hour.usage),
            number(hour.file)
        )
    };
    hours.iter().enumerate().skip(2).step_by(3).map(row).collect()
}
