//! Places to write to: [`Place`], and those that are open.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

    /// Whether both are a file of the same name.
    pub(super) fn is_same_file(&self, other: &Place) -> bool {
        self.path().is_some() && self.path() == other.path()
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
    open: Vec<(Place, Output)>,
    /// Those that are about to be closed.
    retired: Vec<(Place, Output)>,
}

impl Places {
    /// What is open at this place: the same stream or address, or a file of that name. It is kept open.
    pub(super) fn find(&self, place: &Place) -> Option<Output> {
        let is_it = |known: &Place| known == place || known.is_same_file(place);
        let retired = self.retired.iter().filter(|(known, output)| is_it(known) && output.retire(None));
        let open = self.open.iter().filter(|(known, _)| is_it(known));
        open.chain(retired).next().map(|(_, output)| output.clone())
    }

    /// Takes what is open from here on. What is not among it is closed when those who may still write there have done so.
    pub(super) fn replace(&mut self, opened: Vec<(Place, Output)>) {
        for (place, output) in &opened {
            let known = self.open.iter().chain(&self.retired).find(|(_, known)| known.is_same(output));
            if let (Place::File { rotation, opening, .. }, Some(_)) = (place, known.filter(|(known, _)| known != place))
            {
                output.change(*rotation, *opening);
            }
        }
        let former = std::mem::replace(&mut self.open, opened);
        self.retired.extend(former);
        let open = &self.open;
        self.retired.retain(|(_, output)| !open.iter().any(|(_, used)| used.is_same(output)));
        self.retire();
    }

    /// Has closed what nobody uses. Of those that were found, too.
    pub(super) fn retire(&mut self) {
        self.retired.retain(|(_, output)| output.retire(Some(LAST_WRITES)));
    }
}

/// A connection goes over to another policy with its next record: what it has of the old one is sent when it waits for that, at most
/// when it has waited itself for a full disk.
const LAST_WRITES: Duration = Duration::from_secs(5);
