//! The file that records are appended to: reopened when moved or deleted, rotated by size or by time.
//!
//! In come bytes, and the question how many of them may go into the present file. What is not regular (a device, a pipe) is
//! not rotated, and reopened only when it was made anew. Who rotates a file has it locked; a second one is refused. What goes
//! wrong beside the writing loses nothing: if a new file cannot be opened or old ones cannot be renamed, records go on into the
//! file that is open, as long as it still has a name. On a full disk the oldest of the old files goes for what is new.

use super::batch::Batch;
use super::report::Report;
use super::rotation::{Rotation, backup};
use super::timed_rotation::{self, TimedRotation};
use crate::base::sys;
use crate::base::text::{Text, plural};
use nix::errno::Errno;
use nix::libc;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

pub(super) struct LogFile {
    path: PathBuf,
    rotation: Option<RotateBy>,
    /// When it is to be rotated by time, in seconds since 1970.
    due: i64,
    opened: Opened,
    /// The file was moved and no new one could be opened: `opened` is no longer what the path names.
    moved_away: bool,
    /// A failure to rotate was said, and no rotation has succeeded since.
    rotation_failed: bool,
    /// When to try again to rotate.
    rotate_again: Option<Instant>,
    given_up: GivenUp,
    /// A file is on the disk before another takes its place.
    syncs: bool,
    /// No longer delayed once it is open.
    opening: Opening,
    report: Report,
}

/// Old files that went for new records.
#[derive(Default)]
struct GivenUp {
    /// When the last one went, if nothing could be written since.
    in_vain: Option<Instant>,
    /// When that was last said, and how many went since.
    said: Option<Instant>,
    unsaid: u32,
}

/// By what a file is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotateBy {
    /// Its length.
    Size(Rotation),
    /// The clock.
    Time(TimedRotation),
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// With its first record.
    pub is_delayed: bool,
    /// Which empties it.
    pub is_emptied: bool,
    /// Anew when it is moved or deleted.
    pub is_watched: bool,
}

impl Opening {
    /// At once, as `WatchedFileHandler` does.
    pub const WATCHED: Opening = Opening { is_delayed: false, is_emptied: false, is_watched: true };
}

struct Opened {
    file: File,
    device: u64,
    inode: u64,
    regular: bool,
    length: u64,
    /// When it was last written before it was opened, in seconds since 1970.
    modified: i64,
    /// The last line lacks its newline: whoever wrote it was killed.
    unterminated: bool,
}

impl LogFile {
    /// Opens, or creates, the file to append to: now or with the first record.
    ///
    /// # Errors
    /// Any of `open(2)`; ENXIO for a named pipe that nobody reads. Another program rotates the file.
    pub(super) fn open(
        path: PathBuf,
        rotation: Option<RotateBy>,
        opening: Opening,
        report: Report,
    ) -> io::Result<LogFile> {
        let opened = match opening.is_delayed {
            true => Opened::open(Path::new("/dev/null"), MODE)?,
            false => Opened::at_first(&path, rotation, &report)?,
        };
        Ok(LogFile {
            path,
            rotation,
            due: due_of(rotation, &opened),
            opened,
            moved_away: false,
            rotation_failed: false,
            rotate_again: None,
            given_up: GivenUp::default(),
            syncs: false,
            opening,
            report,
        })
    }

    /// Rotates and watches it otherwise from here on. Where another program rotates it, it does not.
    pub(super) fn change(&mut self, rotation: Option<RotateBy>, opening: Opening) {
        let before = std::mem::replace(&mut self.rotation, rotation);
        self.opening.is_watched = opening.is_watched;
        match (before, rotation) {
            (None, Some(rotation)) if !self.opening.is_delayed => match Opened::open_to_rotate(&self.path, rotation) {
                Ok(opened) => self.opened = opened,
                Err(error) => {
                    self.report.error(format_args!("cannot rotate {:?}: {error}", self.path));
                    self.rotation = None;
                }
            },
            (Some(_), None) => sys::unlock(&self.opened.file),
            _ => {}
        }
        self.due = due_of(self.rotation, &self.opened);
    }

    /// From here on, a file is on the disk before another takes its place.
    pub(super) fn keep_synced(&mut self) {
        self.syncs = true;
    }

    /// Looks whether the path still names the open file, by device and inode as `WatchedFileHandler` does, and how long
    /// it is by now; if it does not, opens a new one. One system call, unless something has changed. Returns whether
    /// another file is open now.
    ///
    /// # Errors
    /// The file was deleted and no new one can be opened, or its unfinished last line cannot be terminated.
    pub(super) fn watch(&mut self) -> io::Result<bool> {
        if self.opening.is_delayed {
            self.opened = Opened::at_first(&self.path, self.rotation, &self.report)?;
            if self.opening.is_emptied && self.opened.file.set_len(0).is_ok() {
                (self.opened.length, self.opened.unterminated) = (0, false);
            }
            self.due = due_of(self.rotation, &self.opened);
            self.opening.is_delayed = false;
        }
        let found = if self.opening.is_watched { fs::metadata(&self.path) } else { self.opened.file.metadata() };
        let reopened = match found {
            Ok(found) if self.opened.is(&found) => {
                self.opened.length = found.len();
                self.moved_away = false;
                false
            }
            // Who makes a pipe anew must not find a file in its place.
            Err(_) if !self.opened.regular => false,
            Ok(_) | Err(_) => self.reopen()?,
        };
        if self.rotate_again.is_some_and(|when| when <= Instant::now()) {
            self.rotate_again = None;
        }
        self.opened.terminate()?;
        Ok(reopened)
    }

    /// Whether the file has become shorter than it was after the last write: then a record that is written in part has lost
    /// its beginning.
    pub(super) fn was_cut(&mut self) -> bool {
        match self.opened.file.metadata() {
            Ok(found) if self.opened.regular && found.len() < self.opened.length => {
                self.opened.length = found.len();
                true
            }
            _ => false,
        }
    }

    /// How many bytes of these records may be written before the file must be rotated. If the first one `stays`, as the rest of
    /// a torn record does, it belongs here in any case. Python's handler counts a record's characters, so that of what has more
    /// bytes a little more goes into its file; of a file in ASCII, here, those that go there.
    pub(super) fn room<'r>(&self, stays: bool, records: impl Iterator<Item = &'r [u8]>, most: usize) -> usize {
        let rotation = match self.rotation.filter(|_| self.may_rotate()) {
            Some(RotateBy::Size(rotation)) => rotation,
            Some(RotateBy::Time(_)) if timed_rotation::now() >= self.due => {
                let first = if stays { records.into_iter().next() } else { None };
                return first.map_or(0, <[u8]>::len).min(most);
            }
            Some(RotateBy::Time(_)) | None => return most,
        };
        let mut room: usize = 0;
        for (index, record) in records.enumerate() {
            let length = self.opened.length.saturating_add(u64::try_from(room).unwrap_or(u64::MAX));
            let stays = stays && index == 0;
            let is_due = |size| rotation.is_due(length, size);
            let characters = || Text::known_valid(record).code_point_count();
            if room >= most || (!stays && is_due(record.len()) && (self.opening.is_watched || is_due(characters()))) {
                break;
            }
            room = room.saturating_add(record.len());
        }
        room.min(most)
    }

    /// Rotates what the path leads to. A failure is said once, and tried again after a while; until then the file grows beyond
    /// its limit.
    ///
    /// # Errors
    /// As [`LogFile::watch`].
    pub(super) fn rotate(&mut self) -> io::Result<()> {
        let Some(rotation) = self.rotation else {
            return Ok(());
        };
        let before = self.opened.file.metadata();
        let target = self.target();
        let rotated = match rotation {
            RotateBy::Size(rotation) => rotation
                .steps(&target)
                .and_then(|mut steps| steps.try_for_each(|step| step.run(&target)))
                .map(|()| true),
            RotateBy::Time(rotation) => {
                let now = timed_rotation::now();
                let due = std::mem::replace(&mut self.due, rotation.next(now));
                let retired = rotation.retire(&target, due, now);
                if retired.is_err() {
                    self.due = due;
                }
                retired
            }
        };
        match rotated {
            Ok(false) => Ok(()),
            Ok(true) => {
                let deleted = match rotation {
                    RotateBy::Time(rotation) => rotation.delete_beyond(&target),
                    RotateBy::Size(_) => Ok(()),
                };
                if let Err(error) = deleted {
                    self.report.error(format_args!("cannot delete an old file of {:?}: {error}", self.path));
                }
                self.rotation_failed = false;
                if self.reopen()? {
                    if let Ok(before) = before {
                        self.opened.take_after(&before);
                    }
                }
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

    /// On a full disk: gives the oldest old file up for what is new. False if there is none, or if the last one has gone
    /// in vain just now.
    pub(super) fn give_up_oldest(&mut self) -> bool {
        let now = Instant::now();
        let is_vain = self.given_up.in_vain.is_some_and(|last| now.saturating_duration_since(last) < GIVING_UP_PAUSE);
        let Some(rotation) = self.rotation.filter(|_| self.opened.regular && !is_vain) else { return false };
        let target = self.target();
        let oldest = match rotation {
            RotateBy::Size(rotation) => rotation.oldest(&target),
            // Where all are to be kept, none is given up.
            RotateBy::Time(TimedRotation { backup_count: 0, .. }) => None,
            RotateBy::Time(rotation) => rotation.old_files(&target).into_iter().next(),
        };
        let Some(oldest) = oldest else { return false };
        let is_open = fs::symlink_metadata(&oldest).map_or(true, |found| self.opened.is(&found));
        if is_open || fs::remove_file(&oldest).is_err() {
            return false;
        }
        self.given_up.in_vain = Some(now);
        if self.given_up.said.is_some_and(|said| now.saturating_duration_since(said) < BETWEEN_LINES) {
            self.given_up.unsaid = self.given_up.unsaid.saturating_add(1);
        } else {
            self.say_unsaid();
            self.given_up.said = Some(now);
            self.report.error(format_args!("no space is left: {oldest:?} is given up for new records"));
        }
        true
    }

    /// Takes back so many bytes, which were written last. False if that cannot be: others write to the file too, say.
    pub(super) fn take_back(&mut self, bytes: usize) -> bool {
        let Opened { file, length, .. } = &mut self.opened;
        let is_ours = file.metadata().is_ok_and(|found| found.is_file() && found.len() == *length);
        let before = u64::try_from(bytes).ok().and_then(|bytes| length.checked_sub(bytes));
        let Some(before) = before.filter(|before| is_ours && file.set_len(*before).is_ok()) else { return false };
        *length = before;
        true
    }

    fn say_unsaid(&mut self) {
        let count = std::mem::take(&mut self.given_up.unsaid);
        if count > 0 {
            let (path, plural) = (&self.path, plural(count));
            self.report.error(format_args!("{count} more old file{plural} of {path:?} given up for new records"));
        }
    }

    /// Writes a batch if all of it may go into the present file, and no device or pipe is to be waited for; how many bytes it wrote.
    ///
    /// # Errors
    /// Those of [`LogFile::watch`] and of `write(2)`.
    pub(super) fn write_at_once(&mut self, batch: &Batch) -> io::Result<usize> {
        let is_at_hand = self.opened.regular && !self.syncs;
        if !is_at_hand || self.watch()? || self.room(false, batch.unwritten_records(), batch.len()) < batch.len() {
            return Ok(0);
        }
        self.write_vectored(&[IoSlice::new(batch.unwritten())])
    }

    pub(super) fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = self.opened.file.write_vectored(text)?;
        self.opened.lengthen(written);
        self.given_up.in_vain = None;
        Ok(written)
    }

    /// Waits until what was written is on the disk. What has no disk needs none.
    ///
    /// # Errors
    /// Those of `fdatasync(2)`.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.opened.regular { self.opened.file.sync_data() } else { Ok(()) }
    }

    /// What the path leads to, where it is a symbolic link.
    fn target(&self) -> PathBuf {
        let is_link = fs::symlink_metadata(&self.path).is_ok_and(|found| found.file_type().is_symlink());
        let target = if is_link { fs::canonicalize(&self.path).ok() } else { None };
        target.unwrap_or_else(|| self.path.clone())
    }

    fn may_rotate(&self) -> bool {
        self.opened.regular && !self.moved_away && self.rotate_again.is_none()
    }

    /// Opens what the path names now, unless that waits for the first record; returns whether it was opened.
    ///
    /// # Errors
    /// It cannot be opened, and the file that is open has no name any more.
    pub(super) fn reopen(&mut self) -> io::Result<bool> {
        if self.opening.is_delayed {
            return Ok(false);
        }
        let path = &self.path;
        match Opened::open(path, MODE) {
            Ok(mut opened) => {
                let is_locked = self.rotation.is_some() && opened.regular;
                if is_locked && (opened.device, opened.inode) == (self.opened.device, self.opened.inode) {
                    // It is this descriptor that has the lock.
                    std::mem::swap(&mut opened.file, &mut self.opened.file);
                } else if is_locked && !opened.lock() {
                    self.report.error(format_args!("another program has {path:?} locked, and may rotate it, too"));
                }
                if opened.device != self.opened.device {
                    self.report.warn(format_args!("{path:?} is on another device than before"));
                }
                if self.syncs {
                    // What cannot be is said where the next one is.
                    let _ = self.sync();
                }
                self.opened = opened;
                self.moved_away = false;
                Ok(true)
            }
            Err(error) if self.opened.has_a_name() => {
                if !self.moved_away {
                    self.report.error(format_args!("cannot open {path:?}: {error}; going on in the file that is open"));
                }
                self.moved_away = true;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for LogFile {
    fn drop(&mut self) {
        self.say_unsaid();
        // A process that is being started just now may have the descriptor, too, a moment longer.
        sys::unlock(&self.opened.file);
    }
}

impl AsFd for LogFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.opened.file.as_fd()
    }
}

impl Opened {
    /// Without O_NONBLOCK, opening a pipe that nobody reads would never return; files do not care.
    fn open(path: &Path, mode: u32) -> io::Result<Opened> {
        let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = OpenOptions::new().append(true).create(true).mode(mode).custom_flags(flags).open(path)?;
        let found = file.metadata()?;
        let unterminated = found.is_file() && lacks_newline(path, found.len());
        Ok(Opened {
            file,
            device: found.dev(),
            inode: found.ino(),
            regular: found.is_file(),
            length: found.len(),
            modified: found.mtime(),
            unterminated,
        })
    }

    /// Opens a file that this program has not had open before: locked, if it is to be rotated, and without the zeros at its end.
    fn at_first(path: &Path, rotation: Option<RotateBy>, report: &Report) -> io::Result<Opened> {
        let mut opened = match rotation {
            Some(rotation) => Opened::open_to_rotate(path, rotation)?,
            None => Opened::open(path, MODE)?,
        };
        opened.cut_zeros(path, rotation.is_some(), report);
        Ok(opened)
    }

    /// Opens and locks a file that nobody else rotates.
    fn open_to_rotate(path: &Path, rotation: RotateBy) -> io::Result<Opened> {
        let refused = || Err(io::Error::other("another program rotates it"));
        for _ in 0..LOCK_ATTEMPTS {
            let opened = Opened::open(path, MODE)?;
            if !opened.regular {
                return Ok(opened);
            }
            if is_locked_by_others(&opened.file) {
                return refused();
            }
            let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            // In the middle of a rotation it is there that the other has its lock.
            let youngest = match rotation {
                RotateBy::Size(_) => Some(backup(&target, 1)),
                RotateBy::Time(rotation) => rotation.old_files(&target).pop(),
            };
            let old = youngest.and_then(|youngest| File::open(youngest).ok());
            let is_another = |old: &File| old.metadata().is_ok_and(|found| !opened.is(&found));
            if old.is_some_and(|old| is_another(&old) && is_locked_by_others(&old)) {
                return refused();
            }
            // Before this one was locked, it may have been rotated away.
            if fs::metadata(path).is_ok_and(|found| opened.is(&found)) {
                return Ok(opened);
            }
        }
        refused()
    }

    /// Locks a file that takes the place of one that is locked. Who starts just now may have it locked until he finds that out.
    fn lock(&self) -> bool {
        for _ in 0..LOCK_ATTEMPTS {
            if !is_locked_by_others(&self.file) {
                return true;
            }
            thread::sleep(LOCK_PAUSE);
        }
        false
    }

    /// Cuts off the zeros that a power cut leaves where a file had grown and its data was not yet written. Only while nobody
    /// else has the file locked.
    fn cut_zeros(&mut self, path: &Path, is_locked: bool, report: &Report) {
        if !self.regular || !self.unterminated || (!is_locked && is_locked_by_others(&self.file)) {
            return;
        }
        let kept = length_without_zeros(path, self.length).unwrap_or(self.length);
        let is_unchanged = self.file.metadata().is_ok_and(|found| found.len() == self.length);
        if kept < self.length && is_unchanged && self.file.set_len(kept).is_ok() {
            let zeros = self.length.saturating_sub(kept);
            report.warn(format_args!("{path:?} ended in {zeros} zeros, as after a power cut: they are cut off"));
            self.length = kept;
            self.unterminated = lacks_newline(path, kept);
        }
        if !is_locked {
            sys::unlock(&self.file);
        }
    }

    /// Gives a new file the mode and owner of the one that was rotated away, as far as that is allowed.
    fn take_after(&self, before: &Metadata) {
        if !self.regular || self.length > 0 {
            return;
        }
        let _ = fchown(&self.file, Some(before.uid()), Some(before.gid()));
        let _ = self.file.set_permissions(Permissions::from_mode(before.mode() & 0o7777));
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

/// True if somebody else has the file locked; else it is locked by us now, where the file system knows locks.
fn is_locked_by_others(file: &File) -> bool {
    sys::try_lock(file) == Err(Errno::EWOULDBLOCK)
}

/// The length of a file up to its last byte that is not zero; `None` if it cannot be read, or has more zeros than a power cut
/// leaves.
fn length_without_zeros(path: &Path, length: u64) -> Option<u64> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path).ok()?;
    let mut chunk = vec![0; ZEROS_CHUNK_BYTES];
    let mut end = length;
    while end > 0 && length.saturating_sub(end) < MAX_ZEROS {
        let start = end.saturating_sub(u64::try_from(chunk.len()).ok()?);
        let bytes = chunk.get_mut(..usize::try_from(end.saturating_sub(start)).ok()?)?;
        file.read_exact_at(bytes, start).ok()?;
        if let Some(last) = bytes.iter().rposition(|&byte| byte != 0) {
            return start.checked_add(u64::try_from(last).ok()?)?.checked_add(1);
        }
        end = start;
    }
    (end == 0).then_some(0)
}

/// When a file that was just opened is to be rotated by time.
fn due_of(rotation: Option<RotateBy>, opened: &Opened) -> i64 {
    match rotation {
        Some(RotateBy::Time(rotation)) => {
            sys::read_time_zone();
            rotation.next(opened.modified)
        }
        Some(RotateBy::Size(_)) | None => i64::MAX,
    }
}

/// What `open(2)` gives a new file, less the umask.
const MODE: u32 = 0o666;

/// Who else has the lock for a moment gives it back within a second.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// How long the next old file is kept when the last one has gone in vain.
const GIVING_UP_PAUSE: Duration = Duration::from_secs(1);

/// A line a minute says which old files had to go.
const BETWEEN_LINES: Duration = Duration::from_secs(60);

/// How much a file system grows files by before it writes their data, by far.
const MAX_ZEROS: u64 = 64 << 20;
const ZEROS_CHUNK_BYTES: usize = 64 << 10;

/// How long a rotation that failed is left alone.
const ROTATION_PAUSE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
