//! Files that this process has made for others to find: [`OwnFile`], removed when dropped.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

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
        let metadata = fs::symlink_metadata(path)?;
        Ok(OwnFile { path: path.to_owned(), identity: identity(&metadata) })
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
