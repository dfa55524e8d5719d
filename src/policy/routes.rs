//! The ways of records through the tree, looked up once for each logger and connection.

use crate::base::text::Text;
use crate::policy::tree::{Route, Tree};
use crate::record::{Field, LogRecord};

/// The ways of the last few logger names. Peers choose the names, so their number and length are bounded.
#[derive(Default)]
pub(super) struct Routes {
    known: Vec<(String, Route)>,
    /// Which of them was asked for last.
    last: usize,
    /// A way that is not kept, without its name.
    other: (String, Route),
}

impl Routes {
    /// The logger at which a record is handled, without a name if that is long, and its way from there. It is the one that the record
    /// names, if there is no `logname`.
    #[inline]
    pub(super) fn of(&mut self, logname: Option<&str>, tree: &Tree, record: &LogRecord<'_>) -> (&str, &Route) {
        let name = match logname {
            Some(logname) => logname.into(),
            None => record.field(Field::Name).as_text().unwrap_or_default(),
        };
        let name_bytes = name.as_bytes();
        let is_it = |(known, _): &(String, Route)| known.as_bytes() == name_bytes;
        if !self.known.get(self.last).is_some_and(is_it) {
            match self.known.iter().position(is_it) {
                Some(found) => self.last = found,
                None => self.look_up(tree, name),
            }
        }
        let (name, route) = self.known.get(self.last).unwrap_or(&self.other);
        (name, route)
    }

    #[inline(never)]
    fn look_up(&mut self, tree: &Tree, name: Text<'_>) {
        let is_long = name.as_bytes().len() > MAX_KNOWN_NAME_BYTES;
        let name = name.to_str();
        let route = tree.route(&name);
        // A name that long would stay with an idle connection.
        let name = if is_long { String::new() } else { name.into_owned() };
        if is_long {
            self.last = usize::MAX;
            self.other = (name, route);
        } else if self.known.len() < MAX_KNOWN_NAMES {
            self.last = self.known.len();
            self.known.push((name, route));
        } else {
            self.last = self.last.saturating_add(1) % MAX_KNOWN_NAMES;
            if let Some(oldest) = self.known.get_mut(self.last) {
                *oldest = (name, route);
            }
        }
    }
}

/// Logger names whose ways a connection keeps, and the longest of them.
const MAX_KNOWN_NAMES: usize = 16;
const MAX_KNOWN_NAME_BYTES: usize = 256;
