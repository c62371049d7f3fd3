//! The user's word that they want to be left alone for a while: no popup and no notification, until it is over.

use std::future::pending;
use std::sync::Arc;

use jiff::{Zoned, civil};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::sync::{broadcast, watch};

use super::announce::quiet as hours;
use super::changes::readable;
use super::clock;
use super::settings::Live;
use crate::api::{Change, Later, Quieter};
use crate::config::Quiet;
use crate::core::Time;
use crate::store::{Batch, RuleChanges, Store};

/// Name of the setting under which it outlives a restart.
const NAME: &str = "quiet_until";
/// When a day begins,
const MORNING: civil::Time = civil::time(7, 0, 0, 0);
/// and when the one before is over: earlier than that, tomorrow is this morning.
const NIGHT_ENDS: civil::Time = civil::time(4, 0, 0, 0);

/// Keeps that word.
pub struct Hush {
    until: watch::Sender<Option<Time>>,
    store: Store,
    settings: Live,
    changes: broadcast::Sender<Change>,
}

impl Hush {
    /// As an earlier life left it.
    #[must_use]
    pub fn load(store: &Store, settings: Live, changes: broadcast::Sender<Change>) -> Self {
        let stored = store.reader().settings().unwrap_or_default();
        let until = stored.into_iter().find(|(name, _)| name == NAME).and_then(|(_, until)| until.parse().ok());
        let (until, _) = watch::channel(until.map(Time).filter(|until| *until > clock::wall()));
        Self { until, store: store.clone(), settings, changes }
    }

    /// Until when it is quiet, for whoever goes by it.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Option<Time>> {
        self.until.subscribe()
    }

    /// Ends it when its time has come, for as long as the daemon runs.
    pub async fn keep(self: Arc<Self>) {
        let mut until = self.watch();
        loop {
            let ends = *until.borrow_and_update();
            tokio::select! {
                changed = until.changed() => if changed.is_err() {
                    return;
                },
                () = reached(ends) => self.end(ends),
            }
        }
    }

    fn tell(&self, until: Option<Time>) {
        if self.until.send_replace(until) != until {
            let _ = self.changes.send(Change::Quiet(until));
        }
    }

    /// What began to be over; the user may have said something else meanwhile.
    fn end(&self, ends: Option<Time>) {
        if *self.until.borrow() == ends {
            self.tell(None);
        }
    }
}

impl Quieter for Hush {
    fn set(&self, until: Option<Time>) -> Later<'_, Result<(), String>> {
        self.tell(until);
        let value = until.map(|until| until.0.to_string()).unwrap_or_default();
        let rules = RuleChanges { settings: vec![(NAME.to_owned(), value)], ..RuleChanges::default() };
        let stored = self.store.append(Batch { rules, ..Batch::default() });
        Box::pin(async move {
            let forgotten = |error| format!("it counts now, but ccmon will not know it when it starts again: {error}");
            stored.await.map(drop).map_err(forgotten)
        })
    }

    fn tomorrow(&self) -> Time {
        tomorrow(&Zoned::now(), &self.settings.borrow().quiet)
    }
}

/// When the clock on the wall says so, whatever becomes of it meanwhile: it may be set, and the machine may sleep.
async fn reached(time: Option<Time>) {
    let Some(time) = time else {
        return pending().await;
    };
    if let Err(error) = alarm(time).await {
        tracing::warn!("no alarm of the system can be had: {error}");
        tokio::time::sleep(std::time::Duration::from_millis(time.since(clock::wall()))).await;
    }
}

async fn alarm(time: Time) -> std::io::Result<()> {
    let timer = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
    let at = std::time::Duration::from_millis(time.0);
    let it_value = Timespec { tv_sec: at.as_secs().try_into().unwrap_or(i64::MAX), tv_nsec: at.subsec_nanos().into() };
    let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
    timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &once)?;
    readable(timer)?.readable().await.map(drop)
}

/// When tomorrow begins, for who wants to hear nothing until then: when the quiet hours of that night end, and at seven in
/// the morning where there are none. In the small hours that is today.
#[must_use]
pub fn tomorrow(now: &Zoned, hours: &Quiet) -> Time {
    let day = if now.time() < NIGHT_ENDS { Ok(now.date()) } else { now.date().tomorrow() };
    let morning = hours::end(hours, NIGHT_ENDS).unwrap_or(MORNING);
    let begins = day.and_then(|day| day.to_datetime(morning).to_zoned(now.time_zone().clone()));
    let begins = begins.unwrap_or_else(|_| now.clone()).timestamp().as_millisecond();
    Time(begins.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::TimeZone;

    use super::*;

    /// When tomorrow begins with these hours, as the clock on the wall shows it then.
    fn begins(now: &str, zone: &TimeZone, hours: &Quiet) -> (String, i64) {
        let now = now.parse::<DateTime>().expect("a time").to_zoned(zone.clone()).expect("a time");
        let begins = i64::try_from(tomorrow(&now, hours).0).expect("a time");
        let begins = jiff::Timestamp::from_millisecond(begins).expect("a time");
        let minutes = begins.duration_since(now.timestamp()).as_mins();
        (begins.to_zoned(zone.clone()).datetime().to_string(), minutes)
    }

    #[test]
    fn tomorrow_is_the_next_morning() {
        for (now, then) in [
            ("2026-03-02T14:05:09", "2026-03-03T07:00:00"),
            ("2026-03-02T23:59:59.9", "2026-03-03T07:00:00"),
            ("2026-03-03T03:59:59", "2026-03-03T07:00:00"),
            ("2026-03-03T04:00:00", "2026-03-04T07:00:00"),
            ("2026-12-31T20:00:00", "2027-01-01T07:00:00"),
        ] {
            assert_eq!(begins(now, &TimeZone::UTC, &Quiet::default()).0, then, "{now}: the hours are off");
        }
    }

    #[test]
    fn tomorrow_begins_when_the_quiet_hours_of_the_night_end() {
        let at = |now: &str, from: &str, to: &str| {
            let hours = Quiet { on: true, from: from.into(), to: to.into() };
            begins(now, &TimeZone::UTC, &hours).0
        };
        assert_eq!(at("2026-03-02T14:00:00", "22:00", "07:30"), "2026-03-03T07:30:00");
        assert_eq!(at("2026-03-02T23:00:00", "22:00", "07:30"), "2026-03-03T07:30:00");
        assert_eq!(at("2026-03-03T02:00:00", "00:00", "10:15"), "2026-03-03T10:15:00");
        // Those of noon say nothing of the morning, nor do those that cannot be read.
        for (from, to) in [("12:00", "13:00"), ("22:00", "04:00"), ("22:00", "x"), ("07:00", "07:00")] {
            assert_eq!(at("2026-03-02T11:00:00", from, to), "2026-03-03T07:00:00", "{from} {to}");
        }
    }

    #[test]
    fn the_clock_on_the_wall_counts_where_it_is_set_in_the_night() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a time zone");
        let hours = Quiet { on: true, ..Quiet::default() };
        for (now, then, minutes) in [
            ("2026-03-28T20:00:00", "2026-03-29T07:30:00", 10 * 60 + 30),
            ("2026-03-29T01:30:00", "2026-03-29T07:30:00", 5 * 60),
            ("2026-10-24T20:00:00", "2026-10-25T07:30:00", 12 * 60 + 30),
            ("2026-10-25T02:30:00", "2026-10-25T07:30:00", 6 * 60),
        ] {
            assert_eq!(begins(now, &zone, &hours), (then.to_owned(), minutes), "{now}");
        }
    }

    #[tokio::test]
    async fn a_time_that_is_over_was_reached() {
        reached(Some(Time(1))).await;
        let soon = clock::wall().plus(20);
        reached(Some(soon)).await;
        assert!(clock::wall() >= soon);
    }
}
