//! Quiet hours.

use jiff::civil::Time;

use crate::config::Quiet;

const DAY: u64 = 24 * 60 * 60 * 1_000;

/// For how many milliseconds it is still quiet at this time of day; `None` when it is not. Hours that
/// cannot be read, or that begin as they end, are none.
#[must_use]
pub fn left(quiet: &Quiet, now: Time) -> Option<u64> {
    let (from, to) = (of_day(clock(&quiet.from)?), of_day(clock(&quiet.to)?));
    let now = of_day(now);
    let since = (now + DAY - from) % DAY;
    let long = (to + DAY - from) % DAY;
    (quiet.on && since < long).then_some(long.saturating_sub(since))
}

/// In how many milliseconds it becomes quiet; `None` when it is, or never does.
#[must_use]
pub fn until(quiet: &Quiet, now: Time) -> Option<u64> {
    let from = of_day(clock(&quiet.from)?);
    (quiet.on && quiet.from != quiet.to && left(quiet, now).is_none()).then(|| (from + DAY - of_day(now)) % DAY)
}

/// When those hours end that are still on at this time of day.
#[must_use]
pub fn end(quiet: &Quiet, at: Time) -> Option<Time> {
    left(quiet, at).and_then(|_| clock(&quiet.to))
}

fn clock(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text.trim()).ok()
}

fn of_day(time: Time) -> u64 {
    let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(|part| u64::from(part.unsigned_abs()));
    let milli = u64::from(time.millisecond().unsigned_abs());
    ((hour * 60 + minute) * 60 + second) * 1_000 + milli
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    fn at(from: &str, to: &str, now: &str) -> Option<u64> {
        let quiet = Quiet { on: true, from: from.into(), to: to.into() };
        left(&quiet, clock(now).unwrap()).map(|ms| ms / MINUTE)
    }

    #[test]
    fn hours_may_pass_midnight() {
        for (now, left) in [
            ("21:59", None),
            ("22:00", Some(570)),
            ("23:59", Some(451)),
            ("00:00", Some(450)),
            ("07:29", Some(1)),
            ("07:30", None),
            ("12:00", None),
        ] {
            assert_eq!(at("22:00", "07:30", now), left, "{now}");
        }
        assert_eq!(at("12:00", "13:00", "12:59"), Some(1));
        assert_eq!(at("12:00", "13:00", "13:00"), None);
        assert_eq!(at("00:00", "23:59", "00:00"), Some(1_439));
    }

    #[test]
    fn it_is_known_when_they_begin() {
        let quiet = Quiet { on: true, from: "22:00".into(), to: "07:30".into() };
        let minutes = |now| until(&quiet, clock(now).unwrap()).map(|ms| ms / MINUTE);
        assert_eq!(["21:59", "22:00", "07:30"].map(minutes), [Some(1), None, Some(870)]);
        assert_eq!(until(&Quiet { on: false, ..quiet.clone() }, Time::midnight()), None);
        assert_eq!(until(&Quiet { to: "22:00".into(), ..quiet }, Time::midnight()), None);
    }

    #[test]
    fn what_is_no_span_of_time_is_never_quiet() {
        for (from, to) in [("09:00", "09:00"), ("", "07:00"), ("25:00", "07:00"), ("22:00", "x")] {
            assert_eq!(at(from, to, "09:00"), None, "{from} {to}");
        }
        let off = Quiet { on: false, from: "00:00".into(), to: "23:59".into() };
        assert_eq!(left(&off, Time::midnight()), None);
    }
}
