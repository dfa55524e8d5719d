//! The tree of loggers: which handlers get a record, Python's `Logger.handle` and `Logger.callHandlers`.
//!
//! In: the name of the logger at which a record is handled. Out: its [`Route`]: the handlers on the way up to the root, each
//! logger's in the order of its list, up to the first logger that does not propagate. Logger levels are not asked: filtering
//! is for the sending end. What handlers have in common, layouts and destinations, they share. Refused: more than
//! [`MAX_DESTINATIONS`] places to write to. Facts: CPython's `Lib/logging/__init__.py`.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::base::limits::MAX_DESTINATIONS;
use crate::base::text::Text;
use crate::format::Ascii;
use crate::policy::filter::Filter;
use crate::policy::handling::{Handler, Layout, To};
use crate::policy::memory_handler::{MemoryHandler, QueueHandler};
use crate::write::Output;

/// Loggers, their handlers, and where those write.
#[derive(Debug)]
pub struct Tree {
    /// In the order of their names: the root, whose name is empty, is the first.
    loggers: Vec<(String, Logger)>,
    longest_name_bytes: usize,
    handlers: Vec<Handler>,
    layouts: Vec<Arc<Layout>>,
    destinations: Vec<Output>,
    last_resort: Option<usize>,
}

impl Default for Tree {
    fn default() -> Tree {
        Tree {
            loggers: vec![(String::new(), Logger::default())],
            longest_name_bytes: 0,
            handlers: Vec::new(),
            layouts: Vec::new(),
            destinations: Vec::new(),
            last_resort: None,
        }
    }
}

/// A logger: what is configured for one name.
#[derive(Clone, Debug)]
pub struct Logger {
    /// Numbers of handlers, as [`Tree::add`] gave them.
    pub handlers: Vec<usize>,
    /// For records that are handled at this very logger.
    pub filters: Vec<Filter>,
    /// Whether the handlers of the logger above get its records too.
    pub propagate: bool,
}

impl Default for Logger {
    fn default() -> Logger {
        Logger { handlers: Vec::new(), filters: Vec::new(), propagate: true }
    }
}

/// Handlers that records pass through at most, one after the other.
pub const MAX_PASSAGES: usize = 8;

/// The way of the records that are handled at one logger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The filters of the logger itself.
    pub filters: Vec<Filter>,
    /// Numbers of handlers, in order; one that two loggers have stands twice.
    pub handlers: Vec<usize>,
}

impl Tree {
    /// No handlers, and no logger but the root.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// Adds a handler and gives its number. Handlers that write to clones of one output share a destination, and those with
    /// clones of one layout lay each record out once.
    ///
    /// # Errors
    /// It would be a destination too many.
    pub fn add(
        &mut self,
        layout: &Arc<Layout>,
        output: &Output,
        level: Option<f64>,
        filters: Vec<Filter>,
    ) -> Result<usize, String> {
        let known = self.destinations.iter().position(|known| known.is_same(output));
        let destination = known.unwrap_or(self.destinations.len());
        if destination >= MAX_DESTINATIONS {
            return Err(format!("more than {MAX_DESTINATIONS} places to write to"));
        }
        if known.is_none() {
            self.destinations.push(output.clone());
        }
        let gives_lines = match **layout {
            #[cfg(feature = "json")]
            Layout::Json(_) => true,
            Layout::Text(_) => true,
            _ => false,
        };
        let layout = self.number_of(layout);
        let to = if gives_lines {
            To::Lines { layout, destination, ascii: None }
        } else {
            To::Messages { layout, destination }
        };
        Ok(self.push(level, filters, to))
    }

    fn number_of(&mut self, layout: &Arc<Layout>) -> usize {
        let known = self.layouts.iter().position(|known| Arc::ptr_eq(known, layout));
        known.unwrap_or_else(|| {
            self.layouts.push(Arc::clone(layout));
            self.layouts.len().saturating_sub(1)
        })
    }

    fn push(&mut self, level: Option<f64>, filters: Vec<Filter>, to: To) -> usize {
        self.handlers.push(Handler { level, filters, to });
        self.handlers.len().saturating_sub(1)
    }

    /// Has the lines of a handler in ASCII.
    pub fn encode(&mut self, handler: usize, encoding: Option<Ascii>) {
        if let Some(Handler { to: To::Lines { ascii, .. }, .. }) = self.handlers.get_mut(handler) {
            *ascii = encoding;
        }
    }

    /// Adds a handler that does nothing, and gives its number; a logger that has it has a handler.
    pub fn add_null(&mut self, level: Option<f64>, filters: Vec<Filter>) -> usize {
        self.push(level, filters, To::Null)
    }

    /// Adds a handler that keeps records for another, and gives its number. The way from there must have an end, after at most
    /// [`MAX_PASSAGES`] handlers.
    pub fn add_memory(&mut self, level: Option<f64>, filters: Vec<Filter>, memory: MemoryHandler) -> usize {
        self.push(level, filters, To::Memory(memory))
    }

    /// Adds a handler that passes records to others, whose filters are asked and perhaps their levels, and gives its number. What it
    /// lays out is all that those find of message and exception. The way from there must have an end, too.
    #[cfg(feature = "config")]
    pub fn add_queue(
        &mut self,
        layout: &Arc<Layout>,
        level: Option<f64>,
        filters: Vec<Filter>,
        handlers: Vec<usize>,
        asks_levels: bool,
    ) -> usize {
        let layout = self.number_of(layout);
        self.push(level, filters, To::Queue(QueueHandler { layout, handlers, asks_levels }))
    }

    /// The handler of records that find none, Python's `lastResort`.
    pub fn set_last_resort(&mut self, handler: usize) {
        self.last_resort = Some(handler);
    }

    /// Whether the records of some logger find no handler: where a way ends, there is none then.
    pub fn needs_last_resort(&self) -> bool {
        let mut ends = self.loggers.iter().filter(|(name, logger)| name.is_empty() || !logger.propagate);
        ends.any(|(_, logger)| logger.handlers.is_empty())
    }

    /// The logger of a name, made if it is new; `""` and `"root"` name the root.
    #[allow(clippy::indexing_slicing, reason = "a logger is there, or was just put there")]
    pub fn logger(&mut self, name: &str) -> &mut Logger {
        let name = if is_root(name) { "" } else { name };
        let place = self.place_of(name.as_bytes()).unwrap_or_else(|place| {
            self.longest_name_bytes = self.longest_name_bytes.max(name.len());
            self.loggers.insert(place, (name.to_owned(), Logger::default()));
            place
        });
        &mut self.loggers[place].1
    }

    /// Where a logger is, or would be.
    ///
    /// The root's name, which lies nowhere in memory, is compared with none: glibc's `memcmp` loads what it compares by a mask, and a
    /// processor with AVX-512 takes a tenth of a record's time to suppress the fault of a load of nothing from nowhere.
    fn place_of(&self, name: &[u8]) -> Result<usize, usize> {
        if name.is_empty() {
            return Ok(0);
        }
        let order = |known: &str| if known.is_empty() { Ordering::Less } else { known.as_bytes().cmp(name) };
        self.loggers.binary_search_by(|(known, _)| order(known))
    }

    fn known(&self, name: &[u8]) -> Option<&Logger> {
        self.place_of(name).ok().and_then(|place| self.loggers.get(place)).map(|(_, logger)| logger)
    }

    /// Where the handlers write, each place once.
    pub fn destinations(&self) -> &[Output] {
        &self.destinations
    }

    pub(super) fn handlers(&self) -> &[Handler] {
        &self.handlers
    }

    pub(super) fn layouts(&self) -> &[Arc<Layout>] {
        &self.layouts
    }

    /// Makes `route` the way of the records that are handled at the logger of this name.
    pub(super) fn find_route(&self, name: Text<'_>, route: &mut Route) {
        route.handlers.clear();
        route.filters.clear();
        let name = if is_root(name.as_bytes()) { b"" } else { name.as_bytes() };
        // No logger has a longer name, and where one above has as long a name, a dot follows it.
        let (mut rest, mut logger) = match name.get(..=self.longest_name_bytes) {
            Some(head) => (head, None),
            None => (name, self.known(name)),
        };
        if let Some(logger) = logger {
            route.filters.extend_from_slice(&logger.filters);
        }
        loop {
            if let Some(logger) = logger {
                route.handlers.extend_from_slice(&logger.handlers);
            }
            if rest.is_empty() || logger.is_some_and(|logger| !logger.propagate) {
                break;
            }
            let dot = rest.iter().rposition(|&byte| byte == b'.');
            rest = rest.get(..dot.unwrap_or(0)).unwrap_or_default();
            logger = self.known(rest);
        }
        if route.handlers.is_empty() {
            route.handlers.extend(self.last_resort);
        }
    }
}

/// Whether the root logger has this name.
pub(super) fn is_root(name: impl AsRef<[u8]>) -> bool {
    matches!(name.as_ref(), b"" | b"root")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Formatter;
    use crate::write::Sink;
    use std::io;

    /// A tree of loggers with a handler for each letter of their lists.
    fn tree(loggers: &[(&str, &str, bool)]) -> Tree {
        let mut tree = Tree::new();
        for (name, letters, propagate) in loggers {
            let logger = tree.logger(name);
            logger.handlers = letters.bytes().map(usize::from).collect();
            logger.propagate = *propagate;
        }
        tree
    }

    fn route(tree: &Tree, name: &str) -> Route {
        let mut route = Route { handlers: vec![7], filters: vec![Filter::new("of the name before")] };
        tree.find_route(Text::from(name), &mut route);
        route
    }

    fn way(tree: &Tree, name: &str) -> String {
        route(tree, name).handlers.iter().map(|&letter| char::from(u8::try_from(letter).unwrap())).collect()
    }

    #[test]
    fn the_way_leads_from_the_logger_up_to_the_root_or_to_one_that_does_not_propagate() {
        let tree =
            tree(&[("", "r", true), ("a", "xy", true), ("a.b", "", false), ("a.b.c", "z", true), ("a..d", "d", true)]);
        for (name, expected) in [
            ("", "r"),
            ("root", "r"),
            ("root.x", "r"),
            ("a", "xyr"),
            ("ab", "r"),
            ("a.x.y", "xyr"),
            ("a.b", ""),
            ("a.b.z", ""),
            ("a.b.c.d", "z"),
            ("a.", "xyr"),
            ("a..d", "dxyr"),
            (".a", "r"),
            (".", "r"),
        ] {
            assert_eq!(way(&tree, name), expected, "{name:?}");
        }
    }

    #[test]
    fn the_last_resort_is_needed_where_a_way_ends_without_a_handler() {
        for (loggers, expected) in [
            (&[][..], true),
            (&[("", "r", true)], false),
            (&[("", "r", false), ("a", "", true)], false),
            (&[("", "r", true), ("a", "", false)], true),
            (&[("", "r", true), ("a", "x", false), ("a.b", "", true)], false),
            (&[("", "", true), ("a", "x", true)], true),
        ] {
            let tree = tree(loggers);
            assert_eq!(tree.needs_last_resort(), expected, "{loggers:?}");
            let names = tree.loggers.iter().map(|(name, _)| way(&tree, name));
            assert_eq!(names.into_iter().any(|way| way.is_empty()), expected, "{loggers:?}");
        }
    }

    #[test]
    fn a_handler_that_two_loggers_have_stands_twice() {
        assert_eq!(way(&tree(&[("", "r", true), ("a", "r", true)]), "a.b"), "rr");
    }

    #[test]
    fn filters_are_those_of_the_logger_itself() {
        let mut tree = tree(&[]);
        for name in ["", "a"] {
            tree.logger(name).filters.push(Filter::new(name));
        }
        for (name, filters) in [("", 1), ("root", 1), ("a", 1), ("a.b", 0), ("b", 0)] {
            assert_eq!(route(&tree, name).filters.len(), filters, "{name}");
        }
    }

    #[test]
    fn handlers_share_destinations_of_which_there_are_at_most_so_many() {
        let start = || Output::start(Sink::Writer(Box::new(io::sink())), || {}).unwrap();
        let layout = Arc::new(Layout::Text(Formatter::default()));
        let mut tree = Tree::new();
        let first = start();
        for added in 0..MAX_DESTINATIONS {
            assert_eq!(
                tree.add(&layout, &if added == 0 { first.clone() } else { start() }, None, Vec::new()),
                Ok(added)
            );
        }
        assert_eq!(
            tree.add(&layout, &start(), None, Vec::new()),
            Err(format!("more than {MAX_DESTINATIONS} places to write to"))
        );
        assert_eq!(tree.add(&layout, &first, None, Vec::new()), Ok(MAX_DESTINATIONS));
        assert_eq!((tree.destinations().len(), tree.layouts().len()), (MAX_DESTINATIONS, 1));
    }
}
