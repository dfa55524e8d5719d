//! Rotation by time: when, under what name, and which old files go.

use super::*;
use crate::base::sys;
use std::collections::BTreeSet;
use std::env;
use std::process::Command;
use tempfile::TempDir;

/// Made by `tests/data/rollovers.py`.
const ROLLOVERS: &str = include_str!("../../../tests/data/rollovers.csv");

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
        // With glibc on 32 bits, time ends in 2038.
        if sys::BrokenDownTime::utc(due).is_none() {
            continue;
        }
        assert_eq!(rotation.next(now), due, "{line}");
        let name = rotation.old_name(Path::new("log"), due, rolled).unwrap();
        assert_eq!(name, Path::new(&format!("log.{suffix}")), "{line}");
        rows = rows.saturating_add(1);
    }
    assert!(rows >= 200, "{rows}");
}

#[test]
fn names_of_when_are_those_of_cpython() {
    for (name, when) in [("s", Some(When::Second)), ("Midnight", Some(When::Midnight)), ("w6", Some(When::Week(6)))] {
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
    assert_eq!((fs::read_to_string(&path).unwrap(), fs::read_to_string(&old).unwrap()), ("new".into(), "old".into()));
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
