//! What one tray bears of sessions on other machines: hosts whose hooks come through relays of their own, as those of
//! `ssh` with `RemoteForward` do, each with sessions that play a heavy day.
//!
//! `cargo bench --no-default-features --bench fleet -- [HOSTS] [SECONDS]`: 50 hosts for 20 s with each count of sessions.
//! A relay is a process of its own that calls itself `ssh` and carries bytes between two sockets; there is no network,
//! so that what is measured is the daemon's part.
#![allow(clippy::print_stdout)] // The table is what a bench is for.

mod support;

use std::io;
use std::net::Shutdown;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use support::daemon::Daemon;
use support::play::Session;
use support::watch::{Sample, watch};
use support::{median, percentile};

/// An event every two seconds from each session.
const PACE: Duration = Duration::from_secs(2);
/// Sessions on each host, one run for each.
const SESSIONS: [usize; 4] = [1, 4, 20, 40];

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let [word, front, back] = &words[..]
        && word == "relay"
    {
        return relay(Path::new(front), back.into());
    }
    let number = |at: usize, usual: u64| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(usual);
    let (hosts, length) = (number(0, 50), Duration::from_secs(number(1, 20)));
    println!("{hosts} hosts, each session an event every {} s, {} s each", PACE.as_secs(), length.as_secs());
    println!("| sessions | events/s | p50 ms | p99 ms | not acknowledged | listed | lost after | RSS MiB | CPU % |");
    println!("|---|---|---|---|---|---|---|---|---|");
    SESSIONS.into_iter().try_for_each(|each| fleet(usize::try_from(hosts).unwrap_or(50), each, length))
}

/// One host: the relay that its hooks come through.
struct Host {
    relay: Child,
    socket: PathBuf,
    number: usize,
}

impl Drop for Host {
    fn drop(&mut self) {
        // One that has ended needs no end.
        let _ = self.relay.kill();
        let _ = self.relay.wait();
    }
}

impl Host {
    fn start(daemon: &Daemon, number: usize) -> io::Result<Self> {
        let (name, socket) = (daemon.dir.join("ssh"), daemon.dir.join(format!("host-{number}.sock")));
        if !name.exists() {
            symlink(std::env::current_exe()?, &name)?;
        }
        let mut relay = Command::new(name);
        relay.arg("relay").args([&socket, &daemon.socket()]).stdin(Stdio::null()).stdout(Stdio::null());
        let host = Self { relay: relay.spawn()?, socket, number };
        while UnixStream::connect(&host.socket).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(host)
    }

    /// Plays its sessions; how long each event took, and how many were not acknowledged.
    fn play(&self, sessions: usize, length: Duration) -> (Vec<Duration>, usize) {
        // The numbers of processes are the same on all machines; those of conversations are not.
        let id = |n: usize| u32::try_from(self.number * 1_000 + n).unwrap_or(0);
        let mut all: Vec<Session> = (0..sessions).map(|n| Session::named(id(n), 7)).collect();
        let (begin, count) = (Instant::now(), u32::try_from(sessions).unwrap_or(1));
        let (mut times, mut failed) = (Vec::new(), 0);
        // Not all hosts at once.
        let offset = PACE * u32::try_from(self.number % 50).unwrap_or(0) / 50;
        for turn in 0_u32.. {
            let due = begin + offset + PACE * turn / count;
            if due - begin > length {
                break;
            }
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let session = &mut all[turn as usize % sessions];
            let mut event = session.report();
            event.context = self.far(&event.context);
            match event.send(&self.socket) {
                204 => times.push(due.elapsed()),
                _ => failed += 1,
            }
        }
        (times, failed)
    }

    /// The context as a hook of that machine writes it.
    fn far(&self, context: &str) -> String {
        let number = self.number;
        let boot = format!("00000000-1111-2222-3333-{number:012}");
        context.replace(r#""host":"box""#, &format!(r#""host":"box-{number}","boot":"{boot}","pids":17"#))
    }
}

fn fleet(hosts: usize, each: usize, length: Duration) -> io::Result<()> {
    let daemon = Daemon::on_disk()?;
    let mut fleet = (0..hosts).map(|number| Host::start(&daemon, number)).collect::<io::Result<Vec<_>>>()?;
    let over = AtomicBool::new(false);
    let (parts, samples) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(daemon.pid(), || 0, &over));
        let played: Vec<_> = fleet.iter().map(|host| scope.spawn(move || host.play(each, length))).collect();
        let parts: Vec<_> = played.into_iter().map(|thread| thread.join().unwrap_or_default()).collect();
        over.store(true, Ordering::Relaxed);
        (parts, watcher.join())
    });
    let samples = samples.map_err(|_| io::Error::other("the watcher panicked"))??;
    let failed: usize = parts.iter().map(|part| part.1).sum();
    let mut times: Vec<Duration> = parts.into_iter().flat_map(|part| part.0).collect();
    let listed = daemon.sessions()?.iter().filter(|state| *state != "ended").count();
    // A tenth of the connections end.
    fleet.truncate(hosts - hosts / 10);
    let until = Instant::now() + Duration::from_secs(10);
    let lost = || daemon.sessions().map(|all| all.iter().filter(|state| *state == "lost").count());
    while lost()? < hosts / 10 * each && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(100));
    }
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let rate = times.len() as f64 / length.as_secs_f64();
    let (p50, p99) = (ms(median(&mut times)), ms(percentile(&mut times, 99)));
    let most = |of: fn(&Sample) -> f64| samples.iter().map(of).fold(0.0, f64::max);
    let cpu = samples.iter().map(|sample| sample.cpu).sum::<f64>() / samples.len().max(1) as f64;
    let (all, rss, lost) = (hosts * each, most(|sample| sample.rss), lost()?);
    println!("| {all} | {rate:.0} | {p50:.2} | {p99:.2} | {failed} | {listed} | {lost} | {rss:.0} | {cpu:.1} |");
    Ok(())
}

/// Carries bytes between whoever connects to `front` and `back`, as `ssh` does with a forwarded socket.
fn relay(front: &Path, back: PathBuf) -> io::Result<()> {
    for near in UnixListener::bind(front)?.incoming() {
        let (near, back) = (near?, back.clone());
        std::thread::spawn(move || {
            let far = UnixStream::connect(back)?;
            let (mut reading, mut writing) = (near.try_clone()?, far.try_clone()?);
            let forth = std::thread::spawn(move || {
                let carried = io::copy(&mut reading, &mut writing);
                let _ = writing.shutdown(Shutdown::Write);
                carried
            });
            let (mut far, mut near) = (far, near);
            io::copy(&mut far, &mut near)?;
            let _ = near.shutdown(Shutdown::Both);
            let _ = forth.join();
            io::Result::Ok(())
        });
    }
    Ok(())
}
