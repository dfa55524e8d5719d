//! The way of records through the tree, looked up where the logger is another than that of the record before.

use crate::base::text::Text;
use crate::policy::tree::{Route, Tree};
use crate::record::{Field, LogRecord};

/// The way of the last record's logger. Peers choose the names, so what is kept of one is bounded.
#[derive(Default)]
pub(super) struct Routes {
    /// The logger, if its name is kept.
    name: Option<String>,
    route: Route,
}

impl Routes {
    /// The logger at which a record is handled, without a name if that is long or has a surrogate, and its way from there. It is the one
    /// that the record names, if there is no `logname`.
    #[inline]
    pub(super) fn of(&mut self, logname: Option<&str>, tree: &Tree, record: &LogRecord<'_>) -> (&str, &Route) {
        let name = match logname {
            Some(logname) => logname.into(),
            None => record.field(Field::Name).as_text().unwrap_or_default(),
        };
        if self.name.as_deref().map(str::as_bytes) != Some(name.as_bytes()) {
            self.look_up(tree, name);
        }
        (self.name.as_deref().unwrap_or_default(), &self.route)
    }

    #[inline(never)]
    fn look_up(&mut self, tree: &Tree, name: Text<'_>) {
        tree.find_route(name, &mut self.route);
        // A long one would stay with an idle connection.
        let name = name.as_str().filter(|name| name.len() <= MAX_KNOWN_NAME_BYTES);
        match (name, &mut self.name) {
            (Some(name), Some(known)) => {
                known.clear();
                known.push_str(name);
            }
            (name, known) => *known = name.map(str::to_owned),
        }
    }
}

/// The longest name that is kept.
const MAX_KNOWN_NAME_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::budget::Budget;
    use crate::decode::expect::RecordUnpickler;
    use crate::record::{Defaults, make_log_record};

    #[test]
    fn each_record_goes_the_way_of_its_own_logger_whichever_came_before() {
        let mut tree = Tree::new();
        tree.logger("").handlers = vec![7, 3];
        tree.logger("app").handlers = vec![1];
        let (mut routes, defaults) = (Routes::default(), Defaults::of_this_process());
        let most = format!("app.{}", "x".repeat(MAX_KNOWN_NAME_BYTES - 4));
        let long = most.clone() + "x";
        for (name, at, handlers) in [
            ("app.a", "app.a", &[1, 7, 3][..]),
            ("app.a", "app.a", &[1, 7, 3]),
            ("other", "other", &[7, 3]),
            (&most, &most, &[1, 7, 3]),
            (&long, "", &[1, 7, 3]),
            ("", "", &[7, 3]),
            (&long, "", &[1, 7, 3]),
            ("root", "root", &[7, 3]),
        ] {
            let length = u32::try_from(name.len()).unwrap().to_le_bytes();
            let pickle = [b"}X\x04\0\0\0nameX", &length[..], name.as_bytes(), b"s."].concat();
            let mut unpickler = RecordUnpickler::new(Budget::new(1 << 20));
            let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "peer").unwrap();
            let (found, route) = routes.of(None, &tree, &record);
            assert_eq!((found, route.handlers.as_slice()), (at, handlers), "{name}");
        }
    }
}
