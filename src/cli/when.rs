//! Times as people type and read them.

use crate::daemon::clock;

/// `15min`, `1h`, `90s`, `2d`, `3w`; `None` for what is no such time.
pub fn seconds(time: &str) -> Option<u64> {
    let (count, unit) = time.split_at(time.find(|c: char| !c.is_ascii_digit())?);
    let unit = match unit.trim() {
        "s" | "sec" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    count.parse::<u64>().ok()?.checked_mul(unit)
}

/// Since when; always, unless told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since(Option<u64>);

impl Since {
    /// As ms since the Unix epoch, for a query.
    pub fn in_query(self) -> Option<String> {
        self.0.map(|at| at.to_string())
    }
}

/// So long ago; or `any`.
pub fn since(time: &str) -> Result<Since, String> {
    if time == "any" {
        return Ok(Since(None));
    }
    let ago = seconds(time).and_then(|ago| ago.checked_mul(1_000));
    let ago = ago.ok_or_else(|| format!("{time:?} is no time: write 24h, 7d, 30d or any"))?;
    Ok(Since(Some(clock::wall().0.saturating_sub(ago))))
}

/// A moment, where the user is.
pub fn moment(at: Option<u64>) -> String {
    let at = at.and_then(|at| jiff::Timestamp::from_millisecond(i64::try_from(at).ok()?).ok()).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// How long something took.
pub fn took(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..120_000 => format!("{} s", ms / 1_000),
        120_000..7_200_000 => format!("{} min", ms / 60_000),
        _ => format!("{} h", ms / 3_600_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_or_refused() {
        assert_eq!(seconds("15min"), Some(900));
        assert_eq!(seconds("1h"), Some(3_600));
        assert_eq!(seconds("2w"), Some(1_209_600));
        for odd in ["", "h", "5", "5 weeks", "-1h", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(seconds(odd), None, "{odd}");
        }
        assert_eq!(since("any"), Ok(Since(None)));
        assert!(since("24h").unwrap().0.is_some());
        for odd in ["soon", "18446744073709551615s"] {
            assert!(since(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn durations_are_short() {
        let shown = [5, 61_000, 300_000, 36_000_000].map(took);
        assert_eq!(shown, ["5 ms", "61 s", "5 min", "10 h"]);
    }
}
