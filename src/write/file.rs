//! The file that records are appended to: reopened when moved or deleted, rotated by size.
//!
//! In come bytes, and the question how many of them may go into the present file. A file that is not regular (a device,
//! a pipe) is neither reopened nor rotated. What goes wrong beside the writing loses nothing: if a new file cannot be opened
//! or old ones cannot be renamed, records go on into the file that is open, as long as it still has a name.

use super::report::Report;
use super::rotation::Rotation;
use nix::libc;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(super) struct LogFile {
    path: PathBuf,
    rotation: Option<Rotation>,
    opened: Opened,
    /// The file was moved and no new one could be opened: `opened` is no longer what the path names.
    astray: bool,
    /// A failure to rotate was said, and no rotation has succeeded since.
    rotation_failed: bool,
    /// When to try again to rotate.
    rotate_again: Option<Instant>,
    report: Report,
}

struct Opened {
    file: File,
    device: u64,
    inode: u64,
    regular: bool,
    length: u64,
    /// The last line lacks its newline: whoever wrote it was killed.
    unterminated: bool,
}

impl LogFile {
    /// Opens, or creates, the file to append to.
    ///
    /// # Errors
    /// Any of `open(2)`; ENXIO for a named pipe that nobody reads.
    pub(super) fn open(path: PathBuf, rotation: Option<Rotation>, report: Report) -> io::Result<LogFile> {
        let opened = Opened::open(&path)?;
        Ok(LogFile { path, rotation, opened, astray: false, rotation_failed: false, rotate_again: None, report })
    }

    /// Looks whether the path still names the open file, by device and inode as `WatchedFileHandler` does, and how long
    /// it is by now; if it does not, opens a new one. One system call, unless something has changed. Returns whether
    /// another file is open now.
    ///
    /// # Errors
    /// The file was deleted and no new one can be opened, or its unfinished last line cannot be terminated.
    pub(super) fn watch(&mut self) -> io::Result<bool> {
        if !self.opened.regular {
            return Ok(false);
        }
        let reopened = match fs::metadata(&self.path) {
            Ok(found) if self.opened.is(&found) => {
                self.opened.length = found.len();
                self.astray = false;
                false
            }
            Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => false,
            Ok(_) | Err(_) => self.reopen()?,
        };
        if self.rotate_again.is_some_and(|when| when <= Instant::now()) {
            self.rotate_again = None;
        }
        self.opened.terminate()?;
        Ok(reopened)
    }

    /// How many bytes of the records of these lengths may be written before the file must be rotated. If the first
    /// one `stays`, as the rest of a torn record does, it belongs here in any case.
    pub(super) fn room(&self, stays: bool, records: impl Iterator<Item = usize>, most: usize) -> usize {
        let Some(rotation) = self.rotation.filter(|_| self.may_rotate()) else {
            return most;
        };
        let mut room: usize = 0;
        for (index, record) in records.enumerate() {
            let length = self.opened.length.saturating_add(u64::try_from(room).unwrap_or(u64::MAX));
            let stays = stays && index == 0;
            if room >= most || (!stays && rotation.is_due(length, record)) {
                break;
            }
            room = room.saturating_add(record);
        }
        room.min(most)
    }

    /// Rotates. A failure is said once, and tried again after a while; until then the file grows beyond its limit.
    ///
    /// # Errors
    /// As [`LogFile::watch`].
    pub(super) fn rotate(&mut self) -> io::Result<()> {
        let Some(rotation) = self.rotation else {
            return Ok(());
        };
        match rotation.steps(&self.path).try_for_each(|step| step.run(&self.path)) {
            Ok(()) => {
                self.rotation_failed = false;
                self.reopen()?;
                self.opened.terminate()
            }
            Err(error) => {
                if !self.rotation_failed {
                    let path = &self.path;
                    self.report.error(format_args!("cannot rotate {path:?}: {error}; going on in the same file"));
                }
                self.rotation_failed = true;
                self.rotate_again = Instant::now().checked_add(ROTATION_PAUSE);
                Ok(())
            }
        }
    }

    pub(super) fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.opened.file.write_vectored(text)?;
        self.opened.lengthen(written);
        Ok(written)
    }

    fn may_rotate(&self) -> bool {
        self.opened.regular && !self.astray && self.rotate_again.is_none()
    }

    /// Opens what the path names now; returns whether another file is open since.
    ///
    /// # Errors
    /// It cannot be opened, and the file that is open has no name any more.
    pub(super) fn reopen(&mut self) -> io::Result<bool> {
        match Opened::open(&self.path) {
            Ok(opened) => {
                self.opened = opened;
                self.astray = false;
                Ok(true)
            }
            Err(error) if self.opened.has_a_name() => {
                if !self.astray {
                    let path = &self.path;
                    self.report
                        .error(format_args!("cannot open {path:?}: {error}; going on in the file that was moved"));
                }
                self.astray = true;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

impl AsFd for LogFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.opened.file.as_fd()
    }
}

impl Opened {
    /// Without O_NONBLOCK, opening a pipe that nobody reads would never return; files do not care.
    fn open(path: &Path) -> io::Result<Opened> {
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = OpenOptions::new().append(true).create(true).custom_flags(flags).open(path)?;
        let found = file.metadata()?;
        let unterminated = found.is_file() && lacks_newline(path, found.len());
        Ok(Opened {
            file,
            device: found.dev(),
            inode: found.ino(),
            regular: found.is_file(),
            length: found.len(),
            unterminated,
        })
    }

    fn is(&self, found: &Metadata) -> bool {
        found.dev() == self.device && found.ino() == self.inode
    }

    fn has_a_name(&self) -> bool {
        self.file.metadata().is_ok_and(|found| found.nlink() > 0)
    }

    /// Ends the line that another process left unfinished, so that the next record has its own.
    fn terminate(&mut self) -> io::Result<()> {
        if self.unterminated && self.length > 0 {
            let written = self.file.write(b"\n")?;
            self.lengthen(written);
        }
        self.unterminated = false;
        Ok(())
    }

    fn lengthen(&mut self, written: usize) {
        self.length = self.length.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
    }
}

/// A file that may not be read is taken to end in a newline.
fn lacks_newline(path: &Path, length: u64) -> bool {
    let Some(last) = length.checked_sub(1) else {
        return false;
    };
    let mut byte = [b'\n'];
    let mut options = OpenOptions::new();
    let options = options.read(true).custom_flags(libc::O_NONBLOCK);
    let read = options.open(path).and_then(|file| file.read_at(&mut byte, last));
    read.is_ok() && byte != [b'\n']
}

/// How long a rotation that failed is left alone.
const ROTATION_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    #![allow(clippy::as_conversions, reason = "tests")]
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use tempfile::TempDir;

    struct Logs {
        directory: TempDir,
        file: LogFile,
        report: Report,
    }

    impl Logs {
        fn with(before: &str, rotation: Option<Rotation>) -> Logs {
            let directory = TempDir::new().unwrap();
            let path = directory.path().join("log");
            if !before.is_empty() {
                fs::write(&path, before).unwrap();
            }
            let report = Report::default();
            let file = LogFile::open(path, rotation, report.clone()).unwrap();
            Logs { directory, file, report }
        }

        /// As the writer does it, for one record.
        fn write(&mut self, text: &str) -> io::Result<()> {
            self.file.watch()?;
            if self.file.room(false, [text.len()].into_iter(), usize::MAX) == 0 {
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
        assert!(said[0].ends_with("Is a directory (os error 21); going on in the file that was moved"), "{said:?}");
    }

    #[test]
    fn writing_to_a_deleted_file_fails_while_no_new_one_can_be_opened() {
        let mut logs = Logs::with("", None);
        fs::remove_file(logs.path("log")).unwrap();
        fs::create_dir(logs.path("log")).unwrap();
        let error = logs.write("one\n").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        fs::remove_dir(logs.path("log")).unwrap();
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
        let room = |stays, records: &[usize], most| logs.file.room(stays, records.iter().copied(), most);
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
    fn a_pipe_or_device_is_neither_reopened_nor_rotated() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("pipe");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        let reader = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(&path).unwrap();
        let null = PathBuf::from("/dev/null");
        for path in [path, null] {
            let mut file = LogFile::open(path.clone(), EVERY_RECORD, Report::default()).unwrap();
            file.opened.length = 1000;
            assert!(!file.watch().unwrap());
            assert_eq!(file.room(false, [10, 10].into_iter(), 1000), 1000);
            if path.parent() == Some(directory.path()) {
                fs::remove_file(&path).unwrap();
                assert!(!file.watch().unwrap());
                assert!(!path.exists());
            }
        }
        drop(reader);
    }

    #[test]
    fn a_pipe_that_nobody_reads_cannot_be_opened() {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("pipe");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        let error = LogFile::open(path, None, Report::default()).err().unwrap();
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
    }
}
