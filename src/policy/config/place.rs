//! Places to write to: [`Place`], and those that are open.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::write::{Opening, Output, RemoteAddress, RotateBy, Sink};

/// A place to write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    File {
        path: PathBuf,
        rotation: Option<RotateBy>,
        opening: Opening,
    },
    #[cfg_attr(not(any(feature = "relay", feature = "syslog")), allow(dead_code, reason = "nothing sends there"))]
    Remote {
        address: RemoteAddress,
        purpose: &'static str,
    },
    Stderr,
    Stdout,
}

impl Place {
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Place::File { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The argument that names it.
    pub(super) fn argument(&self) -> &'static str {
        match self {
            Place::File { .. } => "filename",
            Place::Remote { purpose: "syslog", .. } => "address",
            Place::Remote { .. } => "host",
            Place::Stderr | Place::Stdout => "stream",
        }
    }

    pub(super) fn sink(&self) -> Sink {
        match self.clone() {
            Place::File { path, rotation, opening } => Sink::HandlerFile { path, rotation, opening },
            Place::Remote { address, purpose } => Sink::Remote { address, purpose },
            Place::Stderr => Sink::Stderr,
            Place::Stdout => Sink::Stdout,
        }
    }
}

/// As `--check` names it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Remote { address, .. } => address.fmt(f),
            place => place.sink().fmt(f),
        }
    }
}

/// The places that are open: passed on from one configuration to the next, so that what stays the same stays open.
#[derive(Debug, Default)]
pub struct Places {
    pub(super) open: Vec<(Place, Output)>,
}

impl Places {
    /// Nothing is open.
    pub fn new() -> Places {
        Places::default()
    }
}
