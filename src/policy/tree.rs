//! The tree of loggers: which handlers get a record, Python's `Logger.handle` and `Logger.callHandlers`.
//!
//! In: the name of the logger at which a record is handled. Out: its [`Route`]: the handlers on the way up to the root, each
//! logger's in the order of its list, up to the first logger that does not propagate. Logger levels are not asked: filtering
//! is for the sending end. What handlers have in common, layouts and destinations, they share. Refused: more than
//! [`MAX_DESTINATIONS`](crate::base::limits::MAX_DESTINATIONS) places to write to. Facts: CPython's `Lib/logging/__init__.py`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::base::limits::MAX_DESTINATIONS;
use crate::format::Formatter;
#[cfg(feature = "relay")]
use crate::format::relay::Adds;
#[cfg(feature = "syslog")]
use crate::format::syslog::Syslog;
use crate::record::{Field, LogRecord};
use crate::write::Output;

/// Loggers, their handlers, and where those write.
#[derive(Debug, Default)]
pub struct Tree {
    root: Logger,
    loggers: BTreeMap<String, Logger>,
    handlers: Vec<Handler>,
    layouts: Vec<Arc<Layout>>,
    destinations: Vec<Output>,
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

/// What a line looks like.
#[derive(Clone, Debug)]
pub enum Layout {
    /// A JSON object.
    Json,
    /// A frame for another receiver.
    #[cfg(feature = "relay")]
    Relay(Adds),
    /// A syslog message.
    #[cfg(feature = "syslog")]
    Syslog(Box<Syslog>),
    /// By a Python format.
    Text(Formatter),
}

impl Layout {
    /// With the level's name in colour, or not; JSON has none.
    #[must_use]
    pub fn with_color(self, color: bool) -> Layout {
        match self {
            Layout::Text(formatter) => Layout::Text(formatter.with_color(color)),
            other => other,
        }
    }
}

impl Layout {
    /// Whether what it gives is no line.
    #[inline]
    pub(super) fn is_message(&self) -> bool {
        !matches!(self, Layout::Json | Layout::Text(_))
    }
}

/// Decides, for records of a level and by filters, what their lines look like and where they go.
#[derive(Clone, Debug)]
pub struct Handler {
    level: Option<f64>,
    filters: Vec<Filter>,
    layout: usize,
    destination: usize,
}

impl Handler {
    /// Which of the tree's layouts, and which of its destinations.
    pub(super) fn places(&self) -> (usize, usize) {
        (self.layout, self.destination)
    }

    /// Whether level and filters let the record pass. A level that is no number passes.
    #[inline]
    pub(super) fn takes(&self, record: &LogRecord<'_>) -> bool {
        let is_below = |least| record.field(Field::LevelNo).as_f64().is_some_and(|level| level < least);
        !self.level.is_some_and(is_below) && pass(&self.filters, record)
    }
}

/// Whether all filters let the record pass.
#[inline]
pub(super) fn pass(filters: &[Filter], record: &LogRecord<'_>) -> bool {
    filters.is_empty() || {
        let name = record.field(Field::Name).as_text().unwrap_or_default();
        filters.iter().all(|filter| filter.passes(name.as_bytes()))
    }
}

/// Python's `logging.Filter`: lets pass what a logger, or one below it, has logged. The empty name lets everything pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(Vec<String>);

impl Filter {
    /// A filter for the logger of this name.
    pub fn new(name: &str) -> Filter {
        Filter(vec![name.to_owned()])
    }

    /// A filter that lets pass what any of these would.
    pub fn any(names: Vec<String>) -> Filter {
        Filter(names)
    }

    fn passes(&self, name: &[u8]) -> bool {
        self.0.iter().any(|above| {
            let below = name.strip_prefix(above.as_bytes());
            above.is_empty() || below.is_some_and(|rest| matches!(rest, [] | [b'.', ..]))
        })
    }
}

/// The way of the records that are handled at one logger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// The filters of the logger itself.
    pub filters: Vec<Filter>,
    /// Numbers of handlers, in order; one that two loggers have stands twice.
    pub handlers: Vec<usize>,
}

impl Tree {
    /// No handlers, no loggers.
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
    ) -> Result<usize, TooManyDestinations> {
        let known = self.destinations.iter().position(|known| known.is_same(output));
        let destination = known.unwrap_or(self.destinations.len());
        if destination >= MAX_DESTINATIONS {
            return Err(TooManyDestinations);
        }
        if known.is_none() {
            self.destinations.push(output.clone());
        }
        let known = self.layouts.iter().position(|known| Arc::ptr_eq(known, layout));
        let layout = known.unwrap_or_else(|| {
            self.layouts.push(Arc::clone(layout));
            self.layouts.len().saturating_sub(1)
        });
        self.handlers.push(Handler { level, filters, layout, destination });
        Ok(self.handlers.len().saturating_sub(1))
    }

    /// The logger of a name, made if it is new; `""` and `"root"` name the root.
    pub fn logger(&mut self, name: &str) -> &mut Logger {
        if is_root(name) { &mut self.root } else { self.loggers.entry(name.to_owned()).or_default() }
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

    /// The way of the records that are handled at the logger of this name.
    pub fn route(&self, name: &str) -> Route {
        let mut logger = if is_root(name) { Some(&self.root) } else { self.loggers.get(name) };
        let mut route =
            Route { filters: logger.map(|logger| logger.filters.clone()).unwrap_or_default(), ..Route::default() };
        let mut rest = if is_root(name) { "" } else { name };
        loop {
            if let Some(logger) = logger {
                route.handlers.extend_from_slice(&logger.handlers);
                if !logger.propagate {
                    return route;
                }
            }
            match rest.rsplit_once('.') {
                _ if rest.is_empty() => return route,
                Some((above, _)) if !above.is_empty() => {
                    rest = above;
                    logger = self.loggers.get(above);
                }
                _ => {
                    rest = "";
                    logger = Some(&self.root);
                }
            }
        }
    }
}

fn is_root(name: &str) -> bool {
    name.is_empty() || name == "root"
}

/// More places to write to than a policy may have: each has a thread and a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyDestinations;

impl fmt::Display for TooManyDestinations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {MAX_DESTINATIONS} places to write to")
    }
}

impl std::error::Error for TooManyDestinations {}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn way(tree: &Tree, name: &str) -> String {
        tree.route(name).handlers.iter().map(|&letter| char::from(u8::try_from(letter).unwrap())).collect()
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
            assert_eq!(tree.route(name).filters.len(), filters, "{name}");
        }
    }

    #[test]
    fn a_filter_passes_its_logger_and_those_below() {
        for (filter, name, passes) in [
            ("shop", "shop", true),
            ("shop", "shop.till", true),
            ("shop", "shopping", false),
            ("shop", "sho", false),
            ("", "anything", true),
            ("", "", true),
        ] {
            assert_eq!(Filter::new(filter).passes(name.as_bytes()), passes, "{filter} {name}");
            let any = Filter::any(vec!["other".to_owned(), filter.to_owned()]);
            assert_eq!(any.passes(name.as_bytes()), passes, "{filter} {name}");
        }
    }

    #[test]
    fn handlers_share_destinations_of_which_there_are_at_most_so_many() {
        let start = || Output::start(Sink::Writer(Box::new(io::sink())), || {}).unwrap();
        let layout = Arc::new(Layout::Json);
        let mut tree = Tree::new();
        let first = start();
        for added in 0..MAX_DESTINATIONS {
            assert_eq!(
                tree.add(&layout, &if added == 0 { first.clone() } else { start() }, None, Vec::new()),
                Ok(added)
            );
        }
        assert_eq!(tree.add(&layout, &start(), None, Vec::new()), Err(TooManyDestinations));
        assert_eq!(tree.add(&layout, &first, None, Vec::new()), Ok(MAX_DESTINATIONS));
        assert_eq!((tree.destinations().len(), tree.layouts().len()), (MAX_DESTINATIONS, 1));
    }
}
