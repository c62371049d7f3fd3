//! What one event costs the engine's loop, without sockets and disk: reading it, folding it, finding what it has
//! changed, and the picture of the Board, which the events of a burst share.
//!
//! `cargo bench --no-default-features --bench fold`. Sessions take turns, so that every event meets another one.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::time::{Duration, Instant};

use ccmon::claude::payload;
use ccmon::core::{Board, Core, HookCall, Input, Limits, Time};
use ccmon::daemon::shown::Shown;
use support::play::{Event, Session, now_ms};
use support::{median, percentile, setting, verdict};

const PROMISE: Duration = Duration::from_micros(20);

fn main() {
    let rounds = setting("CCMON_BENCH_ROUNDS", 100_000);
    println!("{:<26} {:>9} {:>9} {:>9}   target", "", "mean", "p50", "p99");
    for (sessions, promised) in [(10, false), (500, true), (2_000, false)] {
        let mut stage = Stage::set(sessions);
        let (mut reading, mut folding, mut news, mut pictures) = (vec![], vec![], vec![], vec![]);
        for _ in 0..rounds {
            let event = stage.next();
            let (call, took) = timed(|| (event.asks, read(&event)));
            reading.push(took);
            folding.push(timed(|| stage.fold(call)).1);
            news.push(timed(|| stage.shown.news(stage.core.board())).1);
            pictures.push(timed(|| stage.picture = stage.core.board().clone()).1);
        }
        let promise = |times: &[Duration]| verdict("mean ≤ 20 µs", mean(times) <= PROMISE);
        report(&format!("{sessions} sessions: read"), &mut reading, "");
        let promise = if promised { promise(&folding) } else { String::new() };
        report(&format!("{sessions} sessions: fold"), &mut folding, &promise);
        report(&format!("{sessions} sessions: news"), &mut news, "");
        report(&format!("{sessions} sessions: picture"), &mut pictures, "");
    }
}

/// A core, its sessions, and what was shown of it last.
struct Stage {
    core: Core,
    sessions: Vec<Session>,
    turn: usize,
    shown: Shown,
    picture: Board,
}

impl Stage {
    /// Sessions in the middle of their turns, some asking for something.
    fn set(count: u32) -> Self {
        let mut sessions: Vec<_> = (0..count).map(|number| Session::named(1_000_000 + number, 7)).collect();
        let mut core = Core::new(Limits::default());
        for (number, session) in sessions.iter_mut().enumerate() {
            for _ in 0..number % 19 + 2 {
                let event = session.next();
                let (asks, call) = (event.asks, read(&event));
                core.apply(Time(now_ms()), if asks { Input::Request(call) } else { Input::Hook(call) });
            }
        }
        let (shown, picture) = (Shown::of(core.board()), core.board().clone());
        Self { core, sessions, turn: 0, shown, picture }
    }

    fn next(&mut self) -> Event {
        // Far apart in memory and in the map, as neighbours in time are.
        self.turn = (self.turn + 7) % self.sessions.len();
        self.sessions[self.turn].next()
    }

    fn fold(&mut self, (asks, call): (bool, HookCall)) {
        // The loop asks before each input.
        let _ = self.core.deadline();
        self.core.apply(Time(now_ms()), if asks { Input::Request(call) } else { Input::Hook(call) });
    }
}

fn read(event: &Event) -> HookCall {
    payload::read(&event.context, event.payload.as_bytes(), Time(now_ms())).expect("a recorded payload")
}

fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let result = what();
    (result, begin.elapsed())
}

fn mean(times: &[Duration]) -> Duration {
    times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap_or(u32::MAX).max(1)
}

fn report(name: &str, times: &mut [Duration], promise: &str) {
    let us = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    let (mean, p50, p99) = (us(mean(times)), us(median(times)), us(percentile(times, 99)));
    println!("{name:<26} {mean:>9} {p50:>9} {p99:>9}   {promise}");
}
