//! What has a name, and can be written to: [`Place`].

use std::fmt;
use std::path::PathBuf;

use super::file::{Opening, RotateBy};
use super::remote::{Purpose, RemoteAddress};
use super::rotation::Rotation;

/// Where lines go, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file, appended to.
    File {
        /// Its name.
        path: PathBuf,
        /// When to rotate, if at all.
        rotation: Option<RotateBy>,
        /// When it is opened, and when anew.
        opening: Opening,
    },
    /// Another program, on this machine or elsewhere: a stream of the records, or a datagram for each. Nobody waits for it: it need
    /// not be there, and when it does not keep up the newest records are lost.
    Remote {
        /// Where it listens.
        address: RemoteAddress,
        /// What it is for.
        purpose: Purpose,
    },
    /// Standard error.
    Stderr,
    /// Standard output. Nothing else in the process should write there.
    Stdout,
}

impl Place {
    /// A file that is opened at once, and anew when it is moved or deleted, as `WatchedFileHandler` does; rotated, if at all, as
    /// `RotatingFileHandler` does.
    pub fn file(path: impl Into<PathBuf>, rotation: Option<Rotation>) -> Place {
        Place::File { path: path.into(), rotation: rotation.map(RotateBy::Size), opening: Opening::WATCHED }
    }
}

/// As the diagnostics name it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { path, .. } => write!(f, "{path:?}"),
            Place::Remote { address, purpose } => write!(f, "{purpose}:{address}"),
            Place::Stderr => f.write_str("standard error"),
            Place::Stdout => f.write_str("standard output"),
        }
    }
}
