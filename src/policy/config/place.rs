//! Places that are open: [`Places`].

use std::path::Path;
use std::time::Duration;

#[cfg(feature = "syslog")]
use crate::write::Purpose;
use crate::write::{Output, Place};

/// The file of a place, if it is one.
pub(super) fn path_of(place: &Place) -> Option<&Path> {
    match place {
        Place::File { path, .. } => Some(path),
        _ => None,
    }
}

/// Whether both are a file of the same name.
pub(super) fn is_same_file(one: &Place, other: &Place) -> bool {
    path_of(one).is_some() && path_of(one) == path_of(other)
}

/// The argument that names a place.
pub(super) fn argument_of(place: &Place) -> &'static str {
    match place {
        Place::File { .. } => "filename",
        #[cfg(feature = "syslog")]
        Place::Remote { purpose: Purpose::Syslog, .. } => "address",
        Place::Remote { .. } => "host",
        Place::Stderr | Place::Stdout => "stream",
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
        let is_it = |known: &Place| known == place || is_same_file(known, place);
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
