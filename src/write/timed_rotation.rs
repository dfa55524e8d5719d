//! Rotation as `TimedRotatingFileHandler` does it: FILE becomes FILE.2026-01-02, and a new FILE is opened.
//!
//! In: when, and what the clock says. Out: the time of the next rotation, the name of the old file, and the old files beyond those
//! that are kept. The file becomes an old one by a single `rename`, and nothing is overwritten: wherever it is killed, the next
//! rotation finds all that there is. Old files are those whose names are spelt as theirs are, and no others. Facts:
//! `computeRollover`, `doRollover` and `getFilesToDelete` in CPython 3.13's `Lib/logging/handlers.py`.

use super::rotation::suffixes;
use crate::base::order::order;
use crate::base::own_file::with_suffix;
use crate::base::sys::BrokenDownTime;
use std::ffi::CStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// When to rotate, and how many old files to keep: the arguments of `TimedRotatingFileHandler`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedRotation {
    /// The unit of `interval`, or the time of the day or the week.
    pub when: When,
    /// So many units.
    pub interval: u32,
    /// Old files kept; 0 means all.
    pub backup_count: u32,
    /// Whether days begin, and files are named, by UTC.
    pub utc: bool,
    /// Seconds after midnight, for rotation by day or week.
    pub at_time: Option<u32>,
    /// Only a configuration asks for it: without that feature there is none.
    #[cfg(not(feature = "config"))]
    never: std::convert::Infallible,
}

/// `when`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// `S`
    Second,
    /// `M`
    Minute,
    /// `H`
    Hour,
    /// `D`: after 24 hours, whenever it is then.
    Day,
    /// `midnight`, or at `at_time`.
    Midnight,
    /// `W0`, Monday, to `W6`: at the end of that day, or at `at_time` of it.
    Week(u8),
}

impl When {
    /// By its name, in small or capital letters.
    pub fn named(name: &str) -> Option<When> {
        Some(match name.to_ascii_uppercase().as_bytes() {
            b"S" => When::Second,
            b"M" => When::Minute,
            b"H" => When::Hour,
            b"D" => When::Day,
            b"MIDNIGHT" => When::Midnight,
            &[b'W', day @ b'0'..=b'6'] => When::Week(day.saturating_sub(b'0')),
            _ => return None,
        })
    }

    const fn seconds(self) -> i64 {
        match self {
            When::Second => 1,
            When::Minute => 60,
            When::Hour => HOUR,
            When::Day | When::Midnight => DAY,
            When::Week(_) => WEEK,
        }
    }

    /// The end of an old file's name, for strftime, and with zeros for its digits.
    const fn suffix(self) -> (&'static CStr, &'static [u8]) {
        match self {
            When::Second => (c"%Y-%m-%d_%H-%M-%S", b"0000-00-00_00-00-00"),
            When::Minute => (c"%Y-%m-%d_%H-%M", b"0000-00-00_00-00"),
            When::Hour => (c"%Y-%m-%d_%H", b"0000-00-00_00"),
            When::Day | When::Midnight | When::Week(_) => (c"%Y-%m-%d", b"0000-00-00"),
        }
    }
}

impl TimedRotation {
    /// When a file is due that was last written, or begun, at this time: `computeRollover`. Never at once, whatever the clock does.
    pub(super) fn next(self, now: i64) -> i64 {
        let interval = self.seconds();
        let end = match self.when {
            When::Midnight | When::Week(_) => self.next_at_its_time(now, interval),
            _ => None,
        };
        end.unwrap_or_else(|| now.saturating_add(interval)).max(now.saturating_add(1))
    }

    /// `None` at a time that has no date.
    fn next_at_its_time(self, now: i64, interval: i64) -> Option<i64> {
        let today = self.time(now)?;
        let mut day = today.weekday();
        let at = self.at_time.map_or(DAY, i64::from);
        let mut left = at.checked_sub(today.second_of_day())?;
        if left <= 0 {
            left = left.checked_add(DAY)?;
            day = day.checked_add(1)?.checked_rem(7)?;
        }
        let mut end = now.checked_add(left)?;
        if let When::Week(wanted) = self.when {
            let days = i64::from(wanted).checked_sub(day)?.rem_euclid(7);
            end = end.checked_add(days.checked_mul(DAY)?)?;
        }
        end = end.checked_add(interval.checked_sub(self.when.seconds())?)?;
        if self.utc {
            return Some(end);
        }
        let is_summer = |seconds| BrokenDownTime::local(seconds).map(|time| time.is_dst());
        match (today.is_dst(), is_summer(end)?) {
            // An hour is missing until then, unless that is the hour.
            (false, true) if is_summer(end.checked_sub(HOUR)?)? => end.checked_sub(HOUR),
            (true, false) => end.checked_add(HOUR),
            _ => Some(end),
        }
    }

    /// Makes an old file of the one that is due. False if there is one of that name: records go on in the same file (where CPython
    /// would never rotate again).
    ///
    /// # Errors
    /// Those of `rename(2)`; a time that has no date.
    pub(super) fn retire(self, path: &Path, due: i64, now: i64) -> io::Result<bool> {
        let old = self.old_name(path, due, now).ok_or_else(|| io::Error::other("the clock has no date"))?;
        if fs::symlink_metadata(&old).is_ok() {
            return Ok(false);
        }
        match fs::rename(path, old) {
            // Moved by somebody else.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            renamed => renamed.map(|()| true),
        }
    }

    /// It has the time at which it was begun.
    fn old_name(self, path: &Path, due: i64, now: i64) -> Option<PathBuf> {
        let begun = due.checked_sub(self.seconds())?;
        let mut time = self.time(begun)?;
        if !self.utc {
            let shift = match (self.time(now)?.is_dst(), time.is_dst()) {
                (true, false) => HOUR,
                (false, true) => HOUR.checked_neg()?,
                _ => 0,
            };
            time = self.time(begun.checked_add(shift)?)?;
        }
        let (format, _) = self.when.suffix();
        let mut buffer = [0; MAX_SUFFIX_BYTES];
        let length = time.strftime(format, &mut buffer);
        let suffix = buffer.get(..length).filter(|suffix| !suffix.is_empty())?;
        Some(with_suffix(path, suffix))
    }

    /// Deletes the oldest files beyond those that are kept.
    ///
    /// # Errors
    /// Those of `unlink(2)`: one of them.
    pub(super) fn delete_beyond(self, path: &Path) -> io::Result<()> {
        let kept = usize::try_from(self.backup_count).unwrap_or(usize::MAX);
        if kept == 0 {
            return Ok(());
        }
        let old = self.old_files(path);
        let beyond = old.len().saturating_sub(kept);
        let mut result = Ok(());
        for file in old.iter().take(beyond) {
            // The others go in any case.
            result = fs::remove_file(file).and(result);
        }
        result
    }

    /// Those that there are, the oldest first.
    pub(super) fn old_files(self, path: &Path) -> Vec<PathBuf> {
        let (_, pattern) = self.when.suffix();
        let is_old = |suffix: &Vec<u8>| {
            let zeros = suffix.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte });
            zeros.eq(pattern.iter().copied())
        };
        let mut suffixes = suffixes(path);
        suffixes.retain(is_old);
        let mut old = Vec::new();
        for place in order(suffixes.len(), &mut |one, other| suffixes.get(one) < suffixes.get(other)) {
            old.extend(suffixes.get(place).map(|suffix| with_suffix(path, suffix)));
        }
        old
    }

    fn seconds(self) -> i64 {
        self.when.seconds().saturating_mul(i64::from(self.interval))
    }

    fn time(self, seconds: i64) -> Option<BrokenDownTime> {
        if self.utc { BrokenDownTime::utc(seconds) } else { BrokenDownTime::local(seconds) }
    }
}

/// Whole seconds since 1970, as the system's clock has them.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// For years of more digits than anybody's, too.
const MAX_SUFFIX_BYTES: usize = 40;

#[cfg(test)]
mod tests;
