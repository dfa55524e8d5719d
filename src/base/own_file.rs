//! Files that this process makes for others to find: [`OwnFile`], removed when dropped, and [`Successor`], which nobody sees half
//! written.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process;

/// A file at a path: removed when dropped, unless something else is at its path by then.
#[derive(Debug)]
pub struct OwnFile {
    path: PathBuf,
    identity: Identity,
}

/// Its device, its number there, and when it was written: another file may have the number of one that was removed.
type Identity = (u64, u64, (i64, i64));

fn identity(metadata: &fs::Metadata) -> Identity {
    (metadata.dev(), metadata.ino(), (metadata.mtime(), metadata.mtime_nsec()))
}

impl OwnFile {
    /// What is at `path` now.
    ///
    /// # Errors
    /// Those of `lstat(2)`.
    pub fn at(path: &Path) -> io::Result<OwnFile> {
        fs::symlink_metadata(path).map(|metadata| OwnFile::of(path, &metadata))
    }

    /// The file of this metadata, if it is still at `path` when this is dropped.
    pub fn of(path: &Path, metadata: &fs::Metadata) -> OwnFile {
        OwnFile { path: path.to_owned(), identity: identity(metadata) }
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.identity) {
            // Whoever took away our right to remove it wants to keep it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A file beside another, whose place it takes when it is written; else removed when dropped.
#[derive(Debug)]
pub struct Successor {
    file: File,
    name: PathBuf,
}

impl Successor {
    /// An empty file beside `path`.
    ///
    /// # Errors
    /// Those of `open(2)`.
    pub fn of(path: &Path) -> io::Result<Successor> {
        let name = with_suffix(path, process::id().to_string().as_bytes());
        let open = || File::options().write(true).create_new(true).open(&name);
        let file = open().or_else(|error| match error.kind() {
            // Of an earlier program with this number: whatever it is, only the name goes.
            ErrorKind::AlreadyExists => fs::remove_file(&name).and_then(|()| open()),
            _ => Err(error),
        })?;
        Ok(Successor { file, name })
    }

    /// Has this text, and takes the place of `path`. Its metadata is what it was just before: whoever waits for the file may have removed
    /// it by now.
    ///
    /// # Errors
    /// Those of `write(2)`, `fstat(2)` and `rename(2)`: then `path` is what it was.
    pub fn take_place(mut self, path: &Path, text: &[u8]) -> io::Result<fs::Metadata> {
        self.file.write_all(text)?;
        let metadata = self.file.metadata()?;
        fs::rename(&self.name, path).map(|()| metadata)
    }
}

impl Drop for Successor {
    fn drop(&mut self) {
        // If it has taken a place, there is none of that name.
        let _ = fs::remove_file(&self.name);
    }
}

/// FILE.suffix
pub(crate) fn with_suffix(path: &Path, suffix: &[u8]) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".");
    name.push(OsStr::from_bytes(suffix));
    PathBuf::from(name)
}
