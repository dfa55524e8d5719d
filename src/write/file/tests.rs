//! Files that are moved, deleted, rotated, locked, or waited for.

#![allow(clippy::as_conversions, reason = "tests")]
use super::*;
use crate::write::When;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use std::io::ErrorKind;
use tempfile::TempDir;

struct Logs {
    directory: TempDir,
    file: LogFile,
    report: Report,
}

/// Rotated, if at all, as `RotatingFileHandler` does.
fn open(path: PathBuf, rotation: Option<Rotation>, report: Report) -> io::Result<LogFile> {
    open_by(path, rotation.map(RotateBy::Size), report)
}

fn open_by(path: PathBuf, rotation: Option<RotateBy>, report: Report) -> io::Result<LogFile> {
    LogFile::open(path, rotation, Opening::WATCHED, report)
}

impl Logs {
    fn with(before: &str, rotation: Option<Rotation>) -> Logs {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("log");
        if !before.is_empty() {
            fs::write(&path, before).unwrap();
        }
        let report = Report::default();
        let file = open(path, rotation, report.clone()).unwrap();
        Logs { directory, file, report }
    }

    /// Rotated by time, after 2 January 2026.
    fn timed(before: &str, rotation: TimedRotation) -> Logs {
        let mut logs = Logs::with("", None);
        let path = logs.path("log");
        fs::write(&path, before).unwrap();
        let written = std::time::UNIX_EPOCH.checked_add(Duration::from_secs(1_767_358_800)).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(written).unwrap();
        logs.file = open_by(path, Some(RotateBy::Time(rotation)), logs.report.clone()).unwrap();
        logs
    }

    /// As the writer does it, for one record.
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.watch()?;
        if self.file.room(false, [text.as_bytes()].into_iter(), usize::MAX) == 0 {
            self.file.rotate()?;
        }
        let written = self.file.write_vectored(&[IoSlice::new(text.as_bytes())])?;
        assert_eq!(written, text.len());
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }
}

const EVERY_RECORD: Option<Rotation> = Some(Rotation { max_bytes: 1, backup_count: 1 });

#[test]
fn appends_to_what_is_there() {
    let mut logs = Logs::with("one\n", None);
    logs.write("two\n").unwrap();
    assert_eq!(logs.text("log"), "one\ntwo\n");
}

#[test]
fn terminates_a_line_that_a_killed_process_left_unfinished() {
    let mut logs = Logs::with("torn", None);
    logs.write("one\n").unwrap();
    logs.write("two\n").unwrap();
    assert_eq!(logs.text("log"), "torn\none\ntwo\n");
}

#[test]
fn opens_a_new_file_when_it_was_moved_or_deleted_or_replaced() {
    let mut logs = Logs::with("", None);
    logs.write("one\n").unwrap();
    logs.rename("log", "moved");
    logs.write("two\n").unwrap();
    fs::remove_file(logs.path("log")).unwrap();
    logs.write("three\n").unwrap();
    fs::write(logs.path("other"), "four\n").unwrap();
    logs.rename("other", "log");
    logs.write("five\n").unwrap();
    assert_eq!(logs.text("moved"), "one\n");
    assert_eq!(logs.text("log"), "four\nfive\n");
    assert!(logs.report.said().is_empty());
}

#[test]
fn goes_on_in_the_moved_file_while_no_new_one_can_be_opened() {
    let mut logs = Logs::with("", EVERY_RECORD);
    logs.rename("log", "moved");
    fs::create_dir(logs.path("log")).unwrap();
    logs.write("one\n").unwrap();
    logs.write("two\n").unwrap();
    fs::remove_dir(logs.path("log")).unwrap();
    logs.write("three\n").unwrap();
    assert_eq!(logs.text("moved"), "one\ntwo\n");
    assert_eq!(logs.text("log"), "three\n");
    let said = logs.report.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("Is a directory (os error 21); going on in the file that is open"), "{said:?}");
}

#[test]
fn writing_to_a_deleted_file_fails_while_no_new_one_can_be_opened() {
    let mut logs = Logs::with("", None);
    fs::remove_file(logs.path("log")).unwrap();
    fs::create_dir(logs.path("log")).unwrap();
    let error = logs.write("one\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
    fs::remove_dir(logs.path("log")).unwrap();
    std::os::unix::fs::symlink("log", logs.path("log")).unwrap();
    let error = logs.write("one\n").unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ELOOP), "{error}");
    fs::remove_file(logs.path("log")).unwrap();
    logs.write("one\n").unwrap();
    assert_eq!(logs.text("log"), "one\n");
}

#[test]
fn grows_beyond_its_limit_while_it_cannot_be_rotated() {
    let mut logs = Logs::with("", EVERY_RECORD);
    fs::create_dir(logs.path("log.1")).unwrap();
    for text in ["one\n", "two\n", "three\n"] {
        logs.write(text).unwrap();
    }
    assert_eq!(logs.text("log"), "one\ntwo\nthree\n");
    let said = logs.report.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].ends_with("Is a directory (os error 21); going on in the same file"), "{said:?}");

    fs::remove_dir(logs.path("log.1")).unwrap();
    logs.file.rotate_again = Some(Instant::now());
    logs.write("four\n").unwrap();
    assert_eq!(logs.text("log.1"), "one\ntwo\nthree\n");
    assert_eq!(logs.text("log"), "four\n");
}

#[test]
fn rotates_by_the_length_that_others_left() {
    let rotation = Rotation { max_bytes: 10, backup_count: 1 };
    let mut logs = Logs::with("", Some(rotation));
    logs.write("one\n").unwrap();
    fs::write(logs.path("log"), "123456\n").unwrap();
    logs.write("two\n").unwrap();
    assert_eq!(logs.text("log.1"), "123456\n");
    fs::write(logs.path("log"), "").unwrap();
    logs.write("three\n").unwrap();
    assert_eq!(logs.text("log"), "three\n");
}

#[test]
fn room_ends_before_the_record_that_is_due_or_at_the_most() {
    let rotation = Rotation { max_bytes: 100, backup_count: 1 };
    let logs = Logs::with(&"x".repeat(50), Some(rotation));
    let text = [b'x'; 100];
    let room = |stays, records: &[usize], most| logs.file.room(stays, records.iter().map(|&size| &text[..size]), most);
    assert_eq!(room(false, &[20, 29, 1], 1000), 49);
    assert_eq!(room(false, &[20, 30, 1], 1000), 20);
    assert_eq!(room(false, &[50, 1], 1000), 0);
    assert_eq!(room(true, &[50, 1], 1000), 50);
    assert_eq!(room(true, &[20, 29, 1], 1000), 49);
    for most in 48..=50 {
        assert_eq!(room(false, &[20, 29, 1], most), most.min(49));
    }
}

#[test]
fn zeros_at_the_end_are_cut_off_at_the_start_and_that_is_said() {
    let chunk = ZEROS_CHUNK_BYTES;
    for (kept, zeros) in [("one\n", 1), ("one\n", chunk), ("one\ntorn", chunk * 2 - 3), ("", 5000)] {
        for rotation in [None, EVERY_RECORD] {
            let mut before = kept.as_bytes().to_vec();
            before.resize(kept.len() + zeros, 0);
            let mut logs = Logs::with(std::str::from_utf8(&before).unwrap(), rotation);
            assert_eq!(logs.text("log"), kept);
            let said = logs.report.said();
            assert!(said[0].ends_with(&format!("ended in {zeros} zeros, as after a power cut: they are cut off")));
            assert_eq!(said.len(), 1, "{said:?}");
            logs.file.rotation = None;
            logs.write("two\n").unwrap();
            let newline = if kept.ends_with("torn") { "\n" } else { "" };
            assert_eq!(logs.text("log"), format!("{kept}{newline}two\n"));
        }
    }
    let mut logs = Logs::with("zeros \0\0 inside\n", None);
    logs.write("one\n").unwrap();
    assert_eq!(logs.text("log"), "zeros \0\0 inside\none\n");
}

#[test]
fn who_rotates_a_file_has_it_alone() {
    let mut logs = Logs::with("", EVERY_RECORD);
    let path = logs.path("log");
    let second = |rotation| open(path.clone(), rotation, Report::default());
    let refused = || second(EVERY_RECORD).err().map(|error| error.to_string());
    let expected = Some("another program rotates it".to_owned());
    assert_eq!(refused(), expected);
    assert!(second(None).is_ok(), "to append only is no conflict");
    for text in ["one\n", "two\n", "three\n"] {
        logs.write(text).unwrap();
        assert_eq!(refused(), expected, "after {text:?}");
    }
    // As if in the middle of a rotation.
    fs::rename(logs.path("log"), logs.path("log.1")).unwrap();
    assert_eq!(refused(), expected);
    logs.write("four\n").unwrap();
    assert_eq!(refused(), expected);
    // As a process has it that is being started meanwhile.
    let inherited = logs.file.as_fd().try_clone_to_owned().unwrap();
    drop(logs.file);
    assert!(second(EVERY_RECORD).is_ok());
    drop(inherited);
}

#[test]
fn who_rotates_a_file_keeps_it_when_it_is_reopened_and_until_it_rotates_no_more() {
    let mut logs = Logs::with("", EVERY_RECORD);
    let path = logs.path("log");
    let refused = || open(path.clone(), EVERY_RECORD, Report::default()).err().map(|error| error.to_string());
    let expected = Some("another program rotates it".to_owned());
    let opening = Opening::WATCHED;
    let change = |file: &mut LogFile, rotation: Option<Rotation>| {
        file.change(rotation.map(RotateBy::Size), opening);
        assert!(file.reopen().unwrap());
    };
    assert!(logs.file.reopen().unwrap());
    assert_eq!(refused(), expected, "reopened");
    change(&mut logs.file, Some(Rotation { max_bytes: 2, backup_count: 2 }));
    assert_eq!(refused(), expected, "rotated otherwise");
    change(&mut logs.file, None);
    assert_eq!(refused(), None, "not rotated any more");
    change(&mut logs.file, EVERY_RECORD);
    assert_eq!(refused(), expected, "rotated again");
    for text in ["one\n", "two\n"] {
        logs.write(text).unwrap();
        assert!(logs.file.reopen().unwrap());
        assert_eq!(refused(), expected, "after {text:?}");
    }
    assert_eq!((logs.text("log.1"), logs.text("log")), ("one\n".to_owned(), "two\n".to_owned()));
    assert!(logs.report.said().is_empty());
}

#[test]
fn reopening_the_same_file_takes_note_of_what_others_did_to_it() {
    let mut logs = Logs::with("", Some(Rotation { max_bytes: 10, backup_count: 1 }));
    logs.write("one\n").unwrap();
    fs::write(logs.path("log"), "torn").unwrap();
    assert!(logs.file.reopen().unwrap());
    assert_eq!(logs.file.opened.length, 4);
    logs.write("two\n").unwrap();
    assert_eq!(logs.text("log"), "torn\ntwo\n");
}

/// Of a folder of its own, opened with its first record.
fn delayed(rotation: Option<Rotation>) -> Logs {
    let directory = TempDir::new().unwrap();
    let report = Report::default();
    let opening = Opening { is_delayed: true, is_emptied: false, is_watched: false };
    let path = directory.path().join("log");
    let file = LogFile::open(path, rotation.map(RotateBy::Size), opening, report.clone()).unwrap();
    Logs { directory, file, report }
}

#[test]
fn a_file_that_waits_for_its_first_record_is_not_reopened() {
    for rotation in [None, EVERY_RECORD] {
        let mut logs = delayed(rotation);
        assert!(!logs.file.reopen().unwrap());
        assert!(!logs.path("log").exists());
        logs.write("one\n").unwrap();
        assert_eq!(logs.text("log"), "one\n");
        assert!(logs.report.said().is_empty(), "{:?}", logs.report.said());
    }
}

#[test]
fn a_file_that_another_program_rotates_when_its_first_record_comes_is_a_failure_until_that_ends() {
    let mut logs = delayed(EVERY_RECORD);
    let other = open(logs.path("log"), EVERY_RECORD, Report::default()).unwrap();
    let error = logs.write("one\n").unwrap_err();
    assert_eq!(error.to_string(), "another program rotates it");
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "a descriptor that is slow");
    drop(other);
    logs.write("one\n").unwrap();
    assert_eq!(logs.text("log"), "one\n");
}

#[test]
fn zeros_are_cut_off_when_the_first_record_comes() {
    for rotation in [None, EVERY_RECORD] {
        let mut logs = delayed(rotation);
        fs::write(logs.path("log"), "\0\0\0").unwrap();
        logs.write("one\n").unwrap();
        assert_eq!(logs.text("log"), "one\n");
        let said = logs.report.said();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with("ended in 3 zeros, as after a power cut: they are cut off"), "{said:?}");
    }
}

const DAILY: TimedRotation =
    TimedRotation { when: When::Midnight, interval: 1, backup_count: 1, utc: true, at_time: None };

#[test]
fn rotates_by_the_time_at_which_the_file_was_written_before() {
    let mut logs = Logs::timed("old\n", DAILY);
    fs::write(logs.path("log.2026-01-01"), "older\n").unwrap();
    logs.write("one\n").unwrap();
    logs.write("two\n").unwrap();
    assert_eq!((logs.text("log.2026-01-02"), logs.text("log")), ("old\n".to_owned(), "one\ntwo\n".to_owned()));
    assert!(!logs.path("log.2026-01-01").exists());
    assert!(logs.report.said().is_empty());
}

#[test]
fn goes_on_in_the_same_file_until_the_next_time_if_there_is_an_old_one_of_that_name() {
    let mut logs = Logs::timed("new\n", DAILY);
    fs::write(logs.path("log.2026-01-02"), "old\n").unwrap();
    logs.write("one\n").unwrap();
    assert_eq!((logs.text("log.2026-01-02"), logs.text("log")), ("old\n".to_owned(), "new\none\n".to_owned()));
    assert!(logs.file.due > timed_rotation::now());
}

#[test]
fn the_rest_of_a_torn_record_stays_in_the_file_that_is_due() {
    let logs = Logs::timed("old\n", DAILY);
    let room = |stays, most| logs.file.room(stays, [&[b'x'; 20][..], &[b'x'; 30]].into_iter(), most);
    assert_eq!((room(false, 1000), room(true, 1000), room(true, 19)), (0, 20, 19));
}

#[test]
fn who_rotates_a_file_by_time_has_it_alone() {
    let mut logs = Logs::timed("old\n", DAILY);
    let path = logs.path("log");
    let second = || open_by(path.clone(), Some(RotateBy::Time(DAILY)), Report::default());
    let expected = Some("another program rotates it".to_owned());
    assert_eq!(second().err().map(|error| error.to_string()), expected);
    // As if in the middle of a rotation.
    logs.rename("log", "log.2026-01-02");
    assert_eq!(second().err().map(|error| error.to_string()), expected);
    logs.write("one\n").unwrap();
    assert_eq!(second().err().map(|error| error.to_string()), expected);
    drop(logs.file);
    assert!(second().is_ok());
}

#[test]
fn on_a_full_disk_the_oldest_goes_unless_all_are_to_be_kept() {
    for backup_count in 0..=1 {
        let mut logs = Logs::timed("old\n", TimedRotation { backup_count, ..DAILY });
        logs.write("one\n").unwrap();
        assert_eq!(logs.file.give_up_oldest(), backup_count > 0);
        assert_eq!(logs.path("log.2026-01-02").exists(), backup_count == 0);
    }
}

#[test]
fn a_new_file_has_the_mode_and_the_owner_of_the_old_one() {
    let mut logs = Logs::with("", EVERY_RECORD);
    let is_root = fchown(&logs.file.opened.file, Some(12), Some(34)).is_ok();
    for mode in [0o640, 0o600, 0o666] {
        fs::set_permissions(logs.path("log"), Permissions::from_mode(mode)).unwrap();
        logs.write("one\n").unwrap();
        logs.write("two\n").unwrap();
        for name in ["log", "log.1"] {
            let found = fs::metadata(logs.path(name)).unwrap();
            assert_eq!(found.mode() & 0o7777, mode, "{name}");
            assert!(!is_root || (found.uid(), found.gid()) == (12, 34), "{name}");
        }
    }
}

#[test]
fn what_a_symbolic_link_leads_to_is_rotated() {
    let directory = TempDir::new().unwrap();
    let here = |name: &str| directory.path().join(name);
    fs::create_dir(here("disk")).unwrap();
    // At first it leads to nothing.
    std::os::unix::fs::symlink("disk/real", here("log")).unwrap();
    let report = Report::default();
    let file = open(here("log"), EVERY_RECORD, report.clone()).unwrap();
    let mut logs = Logs { directory, file, report };
    for text in ["one\n", "two\n", "three\n"] {
        logs.write(text).unwrap();
    }
    assert_eq!((logs.text("disk/real"), logs.text("disk/real.1")), ("three\n".to_owned(), "two\n".to_owned()));
    assert!(fs::symlink_metadata(logs.path("log")).unwrap().file_type().is_symlink());
    assert!(!logs.path("log.1").exists());
    // Led elsewhere, it is followed there.
    fs::create_dir(logs.path("card")).unwrap();
    fs::remove_file(logs.path("log")).unwrap();
    std::os::unix::fs::symlink("card/real", logs.path("log")).unwrap();
    for text in ["four\n", "five\n"] {
        logs.write(text).unwrap();
    }
    assert_eq!((logs.text("card/real"), logs.text("card/real.1")), ("five\n".to_owned(), "four\n".to_owned()));
}

#[test]
fn says_that_a_file_is_on_another_device() {
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
        eprintln!("SKIPPED: there is no other device to write to");
        return;
    };
    let mut logs = Logs::with("", None);
    logs.write("one\n").unwrap();
    if fs::metadata(elsewhere.path()).unwrap().dev() == logs.file.opened.device {
        eprintln!("SKIPPED: /dev/shm is no other device");
        return;
    }
    fs::remove_file(logs.path("log")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("log"), logs.path("log")).unwrap();
    logs.write("two\n").unwrap();
    assert_eq!(logs.text("log"), "two\n");
    let said = logs.report.said();
    assert!(said[0].ends_with("is on another device than before"), "{said:?}");
    assert_eq!(said.len(), 1, "{said:?}");
}

#[test]
fn the_oldest_file_is_given_up_at_most_once_a_second_in_vain() {
    let mut logs = Logs::with("", Some(Rotation { max_bytes: 1, backup_count: 5 }));
    for number in 0..5 {
        logs.write(&format!("{number}\n")).unwrap();
    }
    assert!(logs.file.give_up_oldest() && !logs.path("log.4").exists());
    assert!(!logs.file.give_up_oldest() && logs.path("log.3").exists());
    logs.write("5\n").unwrap();
    assert!(logs.file.give_up_oldest() && !logs.path("log.4").exists());
    logs.file.given_up.in_vain = None;
    assert!(logs.file.give_up_oldest());
    // Never the file that is open, under whatever name.
    for name in ["log.1", "log.2", "log.3"] {
        let _ = fs::remove_file(logs.path(name));
    }
    logs.file.given_up.in_vain = None;
    logs.rename("log", "log.1");
    assert!(!logs.file.give_up_oldest() && logs.path("log.1").exists());
    let report = logs.report.clone();
    drop(logs);
    let said = report.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].ends_with("log.4\" is given up for new records"), "{said:?}");
    assert!(said[1].starts_with("2 more old files of "), "{said:?}");
}

#[test]
fn a_pipe_that_was_made_anew_is_opened_and_a_device_is_not_rotated() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("pipe");
    let make = || {
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(&path).unwrap()
    };
    let reader = make();
    for path in [path.clone(), PathBuf::from("/dev/null")] {
        let mut file = open(path, EVERY_RECORD, Report::default()).unwrap();
        file.opened.length = 1000;
        assert!(!file.watch().unwrap());
        assert_eq!(file.room(false, [&[b'x'; 10][..]; 2].into_iter(), 1000), 1000);
    }
    let mut file = open(path.clone(), EVERY_RECORD, Report::default()).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(!file.watch().unwrap());
    assert!(!path.exists(), "no file is in the way of a new pipe");
    let mut again = make();
    assert!(file.watch().unwrap());
    file.write_vectored(&[IoSlice::new(b"one\n")]).unwrap();
    drop((file, reader));
    let mut text = String::new();
    io::Read::read_to_string(&mut again, &mut text).unwrap();
    assert_eq!(text, "one\n");
}

#[test]
fn a_pipe_that_nobody_reads_cannot_be_opened() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("pipe");
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    let error = open(path, None, Report::default()).err().unwrap();
    assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
}
