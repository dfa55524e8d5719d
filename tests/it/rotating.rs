//! Rotation: the same files as CPython's, and nothing lost wherever it is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::frames::record;
use crate::program::{Launch, wait_until};
use crate::pythons::pythons;

#[test]
fn leaves_the_same_files_as_the_rotating_file_handler_of_every_python() {
    for python in pythons() {
        for (max_bytes, backup_count) in [("100", "3"), ("1000", "1"), ("777", "5"), ("4k", "100")] {
            let arguments = ["--max-bytes", max_bytes, "--backup-count", backup_count];
            let arguments = [&["--format", "%(levelname)s %(message)s", "--output", "log"], &arguments[..]].concat();
            let program = Launch::new(&arguments).start();
            let theirs = tempfile::tempdir().unwrap();
            let path = theirs.path().join("log");
            let bytes = max_bytes.replace("4k", "4096");
            let port = program.port().to_string();
            let client = ["127.0.0.1", &port, path.to_str().unwrap(), &bytes, backup_count];
            python.run("clients/rotating_client.py", &client, "UTC");
            let ours = program.directory().to_owned();
            let expected = files(theirs.path());
            wait_until("the last line", || files(&ours).get("log") == expected.get("log"));
            assert!(files(&ours) == expected, "{:?}: {max_bytes} {backup_count}", python.version);
            program.stop().expect_status(0);
        }
    }
}

/// Each record has a file of its own, so that most of the time is spent on rotating. What is there after a kill must be there,
/// in the same order, after the next, followed by the first records of the round between: none overwritten, none left out.
#[test]
fn loses_nothing_that_was_written_when_killed_while_rotating() {
    let directory = tempfile::tempdir().unwrap();
    let arguments = ["--format", "%(message)s", "--output", "log", "--max-bytes", "1", "--backup-count", "1000000"];
    let mut random = Random(2026);
    let mut before: Vec<String> = Vec::new();
    let mut gaps = 0;
    for round in 0..ROUNDS {
        let program = Launch::new(&arguments).in_directory(directory.path()).start();
        let frames: Vec<u8> = (0..500).flat_map(|index| record(&format!("{round} {index}"))).collect();
        let client = program.connect();
        std::io::Write::write_all(&mut &client, &frames).unwrap();
        let begun = format!("{round} ");
        wait_until("the first record of the round", || {
            // The file has no name for a moment of each rotation.
            fs::read_to_string(directory.path().join("log")).is_ok_and(|text| text.starts_with(&begun))
        });
        spin(Duration::from_micros(random.below(3000)));
        program.signal(Signal::SIGKILL);
        program.wait();
        let (written, is_gapless) = records(directory.path());
        assert!(written.starts_with(&before), "round {round} lost or changed what was written");
        let new = &written[before.len()..];
        for (index, text) in new.iter().enumerate() {
            assert_eq!(*text, format!("{round} {index}\n"), "round {round}");
        }
        assert!(!new.is_empty(), "round {round} wrote nothing");
        gaps += usize::from(!is_gapless);
        before = written;
    }
    assert!(gaps > 0, "it was never killed between two steps of a rotation");
}

#[test]
fn a_second_program_is_refused_a_file_that_was_reopened_by_sighup_too() {
    let directory = tempfile::tempdir().unwrap();
    let rotating = ["--format", "%(message)s", "--output", "log", "--max-bytes", "1M", "--backup-count", "1"];
    let first = Launch::new(&rotating).in_directory(directory.path()).start();
    let mut written = String::new();
    for round in 0..3 {
        first.signal(Signal::SIGHUP);
        for part in 0..3 {
            first.send(&record(&format!("{round} {part}")));
            written.push_str(&format!("{round} {part}\n"));
            wait_until("the record", || fs::read_to_string(directory.path().join("log")).unwrap() == written);
        }
        let second = [&rotating[..], &["--port-file", "other"]].concat();
        let second = Launch::new(&second).in_directory(directory.path()).start_without_waiting().wait();
        assert_eq!(second.stderr, "cannot open \"log\": another program rotates it\n", "round {round}");
        second.expect_status(1);
    }
    first.stop().expect_status(0);
}

/// The records, the oldest file first, and whether all files from the youngest to the oldest are there.
fn records(directory: &Path) -> (Vec<String>, bool) {
    let mut by_age = BTreeMap::new();
    for (name, text) in files(directory) {
        let age: usize = name.strip_prefix("log").unwrap().trim_start_matches('.').parse().unwrap_or(0);
        by_age.insert(age, text);
    }
    let is_gapless = by_age.keys().copied().eq(0..by_age.len());
    let texts =
        by_age.into_values().rev().flat_map(|text| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>());
    (texts.collect(), is_gapless)
}

/// The log files of a folder, by name.
fn files(directory: &Path) -> BTreeMap<String, String> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let logs = names.filter(|name| name.starts_with("log"));
    // One that has just been renamed is missing, and looked for again by whoever waits.
    logs.filter_map(|name| Some((fs::read_to_string(directory.join(&name)).ok()?, name)))
        .map(|(text, name)| (name, text))
        .collect()
}

/// Waits without giving the processor away: sleeping would take too long.
fn spin(time: Duration) {
    let begin = Instant::now();
    while begin.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// Knuth's linear congruential generator.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

const ROUNDS: u32 = 40;
