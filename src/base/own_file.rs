//! Files that this process has made for others to find: [`OwnFile`], removed when dropped.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// A file at a path: removed when dropped, unless something else is at its path by then.
#[derive(Debug)]
pub struct OwnFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl OwnFile {
    /// What is at `path` now.
    ///
    /// # Errors
    /// Those of `lstat(2)`.
    pub fn at(path: &Path) -> io::Result<OwnFile> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(OwnFile { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() })
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        let is_ours = |metadata: fs::Metadata| (metadata.dev(), metadata.ino()) == (self.device, self.inode);
        if fs::symlink_metadata(&self.path).is_ok_and(is_ours) {
            // Whoever took away our right to remove it wants to keep it.
            let _ = fs::remove_file(&self.path);
        }
    }
}
