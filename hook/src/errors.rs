//! `hook-errors.log`: the only place where the hook says what went wrong. Bounded, and never worth failing for.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::{paths, private};

/// The log begins anew beyond this size.
pub const LIMIT: u64 = 256 * 1024;

/// Appends a line with the time. What cannot be written is not written.
pub fn note(state: &Path, message: &str) {
    let _ = append(state, &line(SystemTime::now(), message));
}

fn append(state: &Path, line: &str) -> Result<(), Errno> {
    let dir = private::state_dir(state)?;
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE;
    let (file, stat) = private::file_in(dir, paths::ERROR_LOG, flags)?;
    if u64::try_from(stat.st_size).unwrap_or(0) + line.len() as u64 > LIMIT {
        rustix::fs::ftruncate(&file, 0)?;
    }
    // In one piece, so that lines of hooks that run at once do not mix.
    rustix::io::write(&file, line.as_bytes()).map(|_| ())
}

fn line(now: SystemTime, message: &str) -> String {
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z {message}\n")
}

/// The Gregorian date of a day since 1970-01-01. Counted in years that begin in March, a leap day comes
/// last and the months' lengths follow a straight line.
fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + u64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_line_begins_with_the_time() {
        let at = |seconds| line(UNIX_EPOCH + Duration::from_secs(seconds), "x");
        assert_eq!(at(0), "1970-01-01T00:00:00Z x\n");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z x\n");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z x\n");
        assert_eq!(at(1_735_689_599), "2024-12-31T23:59:59Z x\n");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z x\n");
    }
}
