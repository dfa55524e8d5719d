//! Rotation by size, step by step.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]
use super::*;
use crate::write::{Batch, Output, Place};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const FOUR_OF_100: Rotation = Rotation { max_bytes: 100, backup_count: 4 };

fn contents(directory: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())).collect()
}

fn write(path: &Path, rotation: Rotation, lines: &[String]) {
    let sink = Place::file(path, Some(rotation));
    let output = Output::start(sink, || {}).unwrap();
    let mut batch = Batch::new();
    for line in lines {
        batch.buffer().extend_from_slice(line.as_bytes());
        batch.end_record();
    }
    output.send(&mut batch);
    let totals = output.finish(Instant::now() + Duration::from_secs(60));
    assert_eq!((totals.records, totals.lost), (lines.len().try_into().unwrap(), 0));
}

fn line(length: usize) -> String {
    format!("{}\n", "x".repeat(length - 1))
}

#[test]
fn rotates_before_the_record_that_would_reach_the_limit() {
    for (second, rotated) in [(49, false), (50, true), (51, true)] {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("log");
        write(&path, FOUR_OF_100, &[line(50), line(second)]);
        assert_eq!(backup(&path, 1).exists(), rotated, "{second}");
    }
}

#[test]
fn never_rotates_an_empty_file() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    write(&path, FOUR_OF_100, &[line(1000)]);
    assert_eq!(contents(directory.path()).len(), 1);
    write(&path, FOUR_OF_100, &[line(1)]);
    assert_eq!(contents(directory.path())["log.1"].len(), 1000);
}

#[test]
fn keeps_backup_count_old_files_and_no_more() {
    for kept in 1..=3 {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("log");
        let rotation = Rotation { max_bytes: 4, backup_count: kept };
        write(&path, rotation, &(0..6).map(|n| format!("r{n}\n")).collect::<Vec<_>>());
        let found = contents(directory.path());
        assert_eq!(found.len(), usize::try_from(kept).unwrap() + 1);
        assert_eq!(found["log"], "r5\n");
        for n in 1..=kept {
            assert_eq!(found[&format!("log.{n}")], format!("r{}\n", 5 - n));
        }
    }
}

#[test]
fn a_limit_or_count_of_zero_means_never() {
    for (max_bytes, backup_count) in [(0, 1), (1, 0)] {
        assert!(!Rotation { max_bytes, backup_count }.is_due(10, 10));
    }
}

#[test]
fn shifts_only_the_files_before_a_gap() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    let steps = || FOUR_OF_100.steps(&path).unwrap().collect::<Vec<_>>();
    assert_eq!(steps(), [Step::Retire]);
    for n in [1, 2, 4] {
        fs::write(backup(&path, n), "").unwrap();
    }
    assert_eq!(steps(), [Step::Shift(2), Step::Shift(1), Step::Retire]);
    fs::write(backup(&path, 3), "").unwrap();
    assert_eq!(steps(), [Step::Shift(3), Step::Shift(2), Step::Shift(1), Step::Retire]);
}

#[test]
fn where_names_become_too_long_fewer_files_are_kept_and_nothing_is_looked_for_without_end() {
    let directory = TempDir::new().unwrap();
    let millions = Rotation { max_bytes: 4, backup_count: u32::MAX };
    // 253 letters and `.9` fit, `.10` does not.
    let path = directory.path().join("x".repeat(253));
    write(&path, millions, &(0..12).map(|n| format!("{n:02}\n")).collect::<Vec<_>>());
    let found = contents(directory.path());
    assert_eq!(found.len(), 10);
    assert_eq!(fs::read_to_string(backup(&path, 9)).unwrap(), "02\n");
    // No old file fits: it goes on in the same.
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("x".repeat(255));
    write(&path, millions, &(0..12).map(|n| format!("{n:02}\n")).collect::<Vec<_>>());
    assert_eq!(contents(directory.path()).len(), 1);
}

#[test]
fn the_oldest_file_is_one_of_ours() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("log");
    assert_eq!(FOUR_OF_100.oldest(&path), None);
    for name in ["log", "log.1", "log.3", "log.5", "log.04", "log.+4", "log.4.gz", "log.x", "other.4"] {
        fs::write(directory.path().join(name), "").unwrap();
    }
    assert_eq!(FOUR_OF_100.oldest(&path), Some(backup(&path, 3)));
}

/// The steps are run up to each of them, as if killed there; then another process goes on.
#[test]
fn loses_and_overwrites_nothing_wherever_it_is_killed() {
    for old_files in 0..=FOUR_OF_100.backup_count {
        for killed_after in 0..=old_files + 1 {
            let directory = TempDir::new().unwrap();
            let path = directory.path().join("log");
            let old: Vec<String> = (0..=old_files).map(|n| format!("{n}{}", line(98))).collect();
            fs::write(&path, &old[0]).unwrap();
            for n in 1..=old_files {
                fs::write(backup(&path, n), &old[usize::try_from(n).unwrap()]).unwrap();
            }
            let steps: Vec<Step> = FOUR_OF_100.steps(&path).unwrap().collect();
            for step in steps.iter().take(killed_after.try_into().unwrap()) {
                step.run(&path).unwrap();
            }
            write(&path, FOUR_OF_100, &[line(50)]);

            let found = contents(directory.path());
            let kept = old.iter().take(4);
            let expected: Vec<&String> = kept.collect();
            let found_old: Vec<&String> =
                found.iter().filter(|(name, _)| *name != "log").map(|(_, text)| text).collect();
            assert_eq!(found["log"], line(50), "{old_files} old files, killed after {killed_after} steps");
            assert_eq!(found_old, expected, "{old_files} old files, killed after {killed_after} steps");
        }
    }
}

mod as_cpython {
    use super::*;
    use std::process::{Command, Stdio};

    const HANDLER: &str = "
import logging.handlers, sys
path, size, count, lines = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
handler = logging.handlers.RotatingFileHandler(path, maxBytes=size, backupCount=count)
for line in open(lines):
    handler.emit(logging.makeLogRecord({'msg': line[:-1]}))
handler.close()
";

    /// Those of pyenv, and the system's.
    fn pythons() -> Vec<PathBuf> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let versions = fs::read_dir(home.join(".pyenv/versions")).into_iter().flatten().flatten();
        let candidates = versions.map(|version| version.path().join("bin/python"));
        let works = |python: &PathBuf| {
            let version = Command::new(python).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            version.is_ok_and(|status| status.success())
        };
        candidates.chain([PathBuf::from("python3")]).filter(works).collect()
    }

    /// The lengths, up to half as much again as the limit, of a linear congruential generator. The first line is
    /// short: before 3.13 an empty file was rotated.
    fn lines(seed: u64, most: u64) -> Vec<String> {
        let mut state = seed;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let first = "0\n".to_owned();
        let rest = (1..300).map(|n| format!("{n} {}\n", "x".repeat(random(most).try_into().unwrap())));
        [first].into_iter().chain(rest).collect()
    }

    #[test]
    fn leaves_the_same_files_as_rotating_file_handler() {
        let pythons = pythons();
        if pythons.is_empty() {
            eprintln!("SKIPPED: no Python found");
        }
        for (seed, python) in (1..).zip(&pythons) {
            for (max_bytes, backup_count) in [(10, 1), (64, 3), (1000, 2), (1000, 12), (100_000, 2)] {
                let lines = lines(seed, max_bytes * 3 / 2);
                let directory = TempDir::new().unwrap();
                let [theirs, ours] = ["theirs", "ours"].map(|name| directory.path().join(name));
                fs::create_dir(&theirs).unwrap();
                fs::create_dir(&ours).unwrap();
                let input = directory.path().join("lines");
                fs::write(&input, lines.concat()).unwrap();
                let status = Command::new(python)
                    .args(["-c", HANDLER])
                    .arg(theirs.join("log"))
                    .args([max_bytes.to_string(), backup_count.to_string()])
                    .arg(&input)
                    .status()
                    .unwrap();
                assert!(status.success());
                // In two parts, so that the second begins with what the first left.
                let (first, second) = lines.split_at(170);
                write(&ours.join("log"), Rotation { max_bytes, backup_count }, first);
                write(&ours.join("log"), Rotation { max_bytes, backup_count }, second);
                assert_eq!(contents(&ours), contents(&theirs), "{python:?} {max_bytes} {backup_count}");
            }
        }
    }
}
