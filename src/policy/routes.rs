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
        // Where there is but one way, only the name changes.
        if let Some((known, _)) = self.known.first_mut().filter(|_| !is_long && tree.has_one_way()) {
            self.last = 0;
            known.clear();
            return known.push_str(&name);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::expect::RecordUnpickler;
    use crate::record::{Defaults, make_log_record};

    /// How many ways are kept for forty names in turn; each is handled at its own logger, and goes to these handlers.
    fn kept(tree: &Tree, handlers: &[usize]) -> usize {
        let (mut routes, defaults) = (Routes::default(), Defaults::of_this_process());
        let long = "x".repeat(MAX_KNOWN_NAME_BYTES + 1);
        for name in (0..40).map(|number| format!("app.module{}", number % 20)).chain([long]) {
            let length = u32::try_from(name.len()).unwrap().to_le_bytes();
            let pickle = [b"}X\x04\0\0\0nameX", &length[..], name.as_bytes(), b"s."].concat();
            let mut unpickler = RecordUnpickler::new(Budget::new(1 << 20));
            let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "peer").unwrap();
            let (found, route) = routes.of(None, tree, &record);
            let expected = if name.len() > MAX_KNOWN_NAME_BYTES { "" } else { &name };
            assert_eq!((found, route.handlers.as_slice()), (expected, handlers), "{name}");
        }
        routes.known.len()
    }

    #[test]
    fn one_way_is_kept_where_there_is_but_one_and_else_those_of_some_names() {
        let mut tree = Tree::new();
        tree.logger("").handlers = vec![7, 3];
        assert_eq!(kept(&tree, &[7, 3]), 1);
        tree.logger("other");
        assert_eq!(kept(&tree, &[7, 3]), MAX_KNOWN_NAMES);
    }
}
