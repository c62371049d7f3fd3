//! The user's word that they want to be left alone for a while: no popup and no notification, until it is over.

use std::future::pending;
use std::sync::Arc;

use jiff::{ToSpan, Zoned};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::sync::{broadcast, watch};

use super::changes::readable;
use super::clock;
use crate::api::{Change, Later, Quieter};
use crate::core::Time;
use crate::store::{Batch, RuleChanges, Store};

/// Name of the setting under which it outlives a restart.
const NAME: &str = "quiet_until";
/// When a day begins, for who wants to hear nothing until tomorrow,
const MORNING: i8 = 7;
/// and when it is over: earlier than that, tomorrow is this morning.
const NIGHT_ENDS: i8 = 4;

/// Keeps that word.
pub struct Hush {
    until: watch::Sender<Option<Time>>,
    store: Store,
    changes: broadcast::Sender<Change>,
}

impl Hush {
    /// As an earlier life left it.
    #[must_use]
    pub fn load(store: &Store, changes: broadcast::Sender<Change>) -> Self {
        let stored = store.reader().settings().unwrap_or_default();
        let until = stored.into_iter().find(|(name, _)| name == NAME).and_then(|(_, until)| until.parse().ok());
        let (until, _) = watch::channel(until.map(Time).filter(|until| *until > clock::wall()));
        Self { until, store: store.clone(), changes }
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

/// When tomorrow begins: at seven in the morning. In the small hours that is today.
#[must_use]
pub fn tomorrow(now: &Zoned) -> Time {
    let days = i64::from(now.hour() >= NIGHT_ENDS);
    let morning = now.checked_add(days.days()).and_then(|day| day.with().hour(MORNING).minute(0).build());
    let morning = morning.and_then(|morning| morning.with().second(0).subsec_nanosecond(0).build());
    let morning = morning.unwrap_or_else(|_| now.clone()).timestamp().as_millisecond();
    Time(morning.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn tomorrow_is_the_next_morning() {
        for (now, then) in [
            ("2026-03-02T14:05:09", "2026-03-03T07:00"),
            ("2026-03-02T23:59:59.9", "2026-03-03T07:00"),
            ("2026-03-03T03:59", "2026-03-03T07:00"),
            ("2026-03-03T04:00", "2026-03-04T07:00"),
            ("2026-12-31T20:00", "2027-01-01T07:00"),
        ] {
            let time = |text: &str| text.parse::<DateTime>().expect("a time").to_zoned(TimeZone::UTC).expect("a time");
            let (now, then) = (time(now), time(then));
            assert_eq!(i64::try_from(tomorrow(&now).0), Ok(then.timestamp().as_millisecond()), "{now}");
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
