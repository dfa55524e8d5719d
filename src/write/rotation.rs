//! Rotation as `RotatingFileHandler` does it: FILE.1 becomes FILE.2, …, FILE becomes FILE.1, and a new FILE is opened.
//!
//! In comes the path; out go the steps, each one `rename`, which the kernel does wholly or not at all. Wherever it is
//! killed, the old files have at most one gap between them, and the next rotation shifts only those before the gap: so
//! nothing is overwritten but, in the first step, the oldest file when there are as many as may be kept. CPython shifts
//! those after a gap too, and would then lose the oldest of them; without a gap both do the same.

use crate::base::digits;
use crate::base::own_file::with_suffix;
use nix::libc;
use std::fmt::{self, Display};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// When to rotate, and how many old files to keep: `maxBytes` and `backupCount`. If either is 0, never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// A record that would bring the file to this many bytes or more goes into a new one.
    pub max_bytes: u64,
    /// Old files kept: FILE.1, the youngest, to FILE.`backup_count`.
    pub backup_count: u32,
}

/// As `--check` says it, after the file.
impl Display for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rotated at {} bytes, old files: {}", self.max_bytes, self.backup_count)
    }
}

/// One step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// FILE.n becomes FILE.n+1.
    Shift(u32),
    /// FILE becomes FILE.1. What follows is the opening of a new FILE, as after a move by anyone else.
    Retire,
}

impl Rotation {
    /// Whether the record belongs into a new file. An empty file is never rotated (CPython 3.13, gh-116263).
    pub(super) fn is_due(self, length: u64, record: usize) -> bool {
        let record = u64::try_from(record).unwrap_or(u64::MAX);
        let enabled = self.max_bytes > 0 && self.backup_count > 0;
        enabled && length > 0 && length.saturating_add(record) >= self.max_bytes
    }

    /// The steps that lead from the files that there are to a rotated state. Where a name would be too long, fewer old files
    /// are kept.
    ///
    /// # Errors
    /// Those of `lstat(2)`.
    pub(super) fn steps(self, path: &Path) -> io::Result<impl Iterator<Item = Step> + use<>> {
        let mut vacant = self.backup_count;
        for n in 1..self.backup_count {
            match fs::symlink_metadata(backup(path, n)) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    vacant = n;
                    break;
                }
                Err(error) if error.raw_os_error() == Some(libc::ENAMETOOLONG) => {
                    vacant = n.saturating_sub(1);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok((1..vacant).rev().map(Step::Shift).chain([Step::Retire]))
    }

    /// The oldest of the old files that there are.
    pub(super) fn oldest(self, path: &Path) -> Option<PathBuf> {
        let number_of = |suffix: Vec<u8>| {
            let number = digits::unsigned::<u32>(std::str::from_utf8(&suffix).ok()?)?;
            // Only a name that is spelt as ours are.
            (number.to_string().as_bytes() == suffix && (1..=self.backup_count).contains(&number)).then_some(number)
        };
        suffixes(path).into_iter().filter_map(number_of).max().map(|number| backup(path, number))
    }
}

impl Step {
    pub(super) fn run(self, path: &Path) -> io::Result<()> {
        match self {
            Step::Shift(n) => fs::rename(backup(path, n), backup(path, n.saturating_add(1))),
            Step::Retire => fs::rename(path, backup(path, 1)),
        }
    }
}

/// FILE.n
pub(super) fn backup(path: &Path, n: u32) -> PathBuf {
    with_suffix(path, n.to_string().as_bytes())
}

/// What follows `FILE.` in the names of the files beside it.
pub(super) fn suffixes(path: &Path) -> Vec<Vec<u8>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default();
    let suffix_of = |entry: fs::DirEntry| {
        let entry = entry.file_name();
        Some(entry.as_bytes().strip_prefix(name.as_bytes())?.strip_prefix(b".")?.to_vec())
    };
    fs::read_dir(folder).into_iter().flatten().flatten().filter_map(suffix_of).collect()
}

#[cfg(test)]
mod tests;
