//! Rotation as `TimedRotatingFileHandler` does it: FILE becomes FILE.2026-01-02, and a new FILE is opened.
//!
//! In: when, and what the clock says. Out: the time of the next rotation, the name of the old file, and the old files beyond those
//! that are kept. The file becomes an old one by a single `rename`, and nothing is overwritten: wherever it is killed, the next
//! rotation finds all that there is. Old files are those whose names are spelt as theirs are, and no others. Facts:
//! `computeRollover`, `doRollover` and `getFilesToDelete` in CPython 3.13's `Lib/logging/handlers.py`.

use super::rotation::{suffixes, with_suffix};
use crate::base::order::order;
use crate::base::sys::BrokenDownTime;
use std::ffi::{CStr, OsString};
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
        let suffix = std::str::from_utf8(buffer.get(..length)?).ok().filter(|suffix| !suffix.is_empty())?;
        let mut name = OsString::from(path);
        name.push(".");
        name.push(suffix);
        Some(PathBuf::from(name))
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
        let old: Vec<Vec<u8>> = suffixes(path).filter(is_old).collect();
        let places = order(old.len(), &mut |one, other| old.get(one) < old.get(other));
        places.into_iter().filter_map(|place| old.get(place)).map(|suffix| with_suffix(path, suffix)).collect()
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
mod tests {
    use super::*;
    use crate::base::sys;
    use std::collections::BTreeSet;
    use std::env;
    use std::process::Command;
    use tempfile::TempDir;

    /// Made by `tests/data/rollovers.py`.
    const ROLLOVERS: &str = include_str!("../../tests/data/rollovers.csv");

    const DAILY: TimedRotation =
        TimedRotation { when: When::Midnight, interval: 1, backup_count: 2, utc: true, at_time: None };

    /// The zone is the process's, so that there is a process for each.
    #[test]
    fn rolls_over_when_cpython_does_to_the_same_names_in_every_zone() {
        let zones: BTreeSet<&str> = ROLLOVERS.lines().filter_map(|line| line.split(';').next()).collect();
        assert_eq!(zones.len(), 6);
        for zone in zones {
            let mut command = Command::new(env::current_exe().unwrap());
            command.args([
                "--exact",
                "write::timed_rotation::tests::rolls_over_when_cpython_does_in_the_zone_of_this_process",
            ]);
            let output = command.env("TZ", zone).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.contains("1 passed"), "{zone}: {said}");
        }
    }

    /// Of another zone than those of the table, what is by UTC.
    #[test]
    fn rolls_over_when_cpython_does_in_the_zone_of_this_process() {
        sys::read_time_zone();
        let here = env::var("TZ").unwrap_or_default();
        let mut rows: usize = 0;
        for line in ROLLOVERS.lines() {
            let columns: Vec<&str> = line.split(';').collect();
            let [zone, when, interval, utc, at_time, now, due, rolled, suffix] = *columns.as_slice() else {
                panic!("{line}");
            };
            let rotation = TimedRotation {
                when: When::named(when).unwrap(),
                interval: interval.parse().unwrap(),
                backup_count: 0,
                utc: utc == "1",
                at_time: at_time.parse().ok(),
            };
            if zone != here && !rotation.utc {
                continue;
            }
            let [now, due, rolled] = [now, due, rolled].map(|time| time.parse().unwrap());
            assert_eq!(rotation.next(now), due, "{line}");
            let name = rotation.old_name(Path::new("log"), due, rolled).unwrap();
            assert_eq!(name, Path::new(&format!("log.{suffix}")), "{line}");
            rows = rows.saturating_add(1);
        }
        assert!(rows >= 200, "{rows}");
    }

    #[test]
    fn names_of_when_are_those_of_cpython() {
        for (name, when) in [("s", Some(When::Second)), ("Midnight", Some(When::Midnight)), ("w6", Some(When::Week(6)))]
        {
            assert_eq!(When::named(name), when);
        }
        for name in ["", "W", "W7", "W00", "daily", "MIDNIGH", " S"] {
            assert_eq!(When::named(name), None, "{name:?}");
        }
    }

    #[test]
    fn deletes_the_oldest_files_of_its_own_names_and_no_others() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("log");
        let others = ["log", "log.2026-01-01.gz", "log.2026-1-1", "log.bak", "other.2026-01-01", "log.2026-01-01_00"];
        let old = ["log.2025-12-30", "log.2025-12-31", "log.2026-01-01", "log.2026-01-02"];
        for kept in 0..=5_u32 {
            for name in others.iter().chain(&old) {
                fs::write(directory.path().join(name), "").unwrap();
            }
            TimedRotation { backup_count: kept, ..DAILY }.delete_beyond(&path).unwrap();
            let gone = if kept == 0 { 0 } else { old.len().saturating_sub(kept.try_into().unwrap()) };
            for (index, name) in old.iter().enumerate() {
                assert_eq!(directory.path().join(name).exists(), index >= gone, "{kept}: {name}");
            }
            assert!(others.iter().all(|name| directory.path().join(name).exists()), "{kept}");
        }
    }

    #[test]
    fn overwrites_no_old_file() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("log");
        let old = directory.path().join("log.2026-01-02");
        let due = 1_767_398_400;
        fs::write(&path, "new").unwrap();
        fs::write(&old, "old").unwrap();
        assert!(!DAILY.retire(&path, due, due).unwrap());
        assert_eq!(
            (fs::read_to_string(&path).unwrap(), fs::read_to_string(&old).unwrap()),
            ("new".into(), "old".into())
        );
        fs::remove_file(&old).unwrap();
        assert!(DAILY.retire(&path, due, due).unwrap());
        assert_eq!(fs::read_to_string(&old).unwrap(), "new");
        assert!(DAILY.retire(&path, due.saturating_add(DAY), due).unwrap(), "a file that somebody has moved is none");
    }

    #[test]
    fn is_due_later_than_now_whatever_the_clock_says() {
        let intervals = [1, u32::MAX];
        let times = [i64::MIN, -1, 0, i64::from(i32::MAX), i64::MAX.saturating_sub(1)];
        for when in ["S", "M", "H", "D", "midnight", "W3"].map(|name| When::named(name).unwrap()) {
            for (interval, now) in intervals.into_iter().flat_map(|interval| times.map(|now| (interval, now))) {
                assert!(TimedRotation { when, interval, ..DAILY }.next(now) > now, "{when:?} {interval} {now}");
            }
        }
    }
}
