//! The local policy: which records are logged, and by which handlers.
//!
//! In: records of one connection, through [`PolicyHandler`]. Out: each to the handlers of its logger and of those above it, as the
//! tree has them, whose lines [`Lines`] lays out.

use std::fmt;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::lines::{LineRules, Lines};
use crate::base::abort::Abort;
use crate::base::lock::Lock;
use crate::format::escape::Escape;
use crate::policy::filter::pass;
use crate::policy::handler::LogRecordHandler;
use crate::policy::routes::Routes;
use crate::policy::tree::Tree;
use crate::record::LogRecord;

/// What the program does with records. One for all connections.
#[derive(Debug)]
pub struct Policy {
    tree: Lock<Arc<Tree>>,
    /// Counts the trees, so that connections see a new one without a lock.
    generation: AtomicUsize,
    rules: LineRules,
    /// A record this severe is remembered.
    alarm_level: Option<f64>,
    is_alarmed: AtomicBool,
    logname: Option<String>,
    count: Option<Count>,
}

/// Stops the receiver after a number of records.
#[derive(Debug)]
struct Count {
    /// Not of 64 bits: not every small processor has such atomics.
    left: AtomicUsize,
    abort: Abort,
}

impl Policy {
    /// Logs records by this tree; a line longer than `max_line_bytes` is cut and ends in `...`.
    pub fn new(tree: Tree, escape: Escape, max_line_bytes: usize) -> Policy {
        let ordinary_line_bytes = LARGE_LINE_BYTES;
        Policy {
            tree: Lock::new(Arc::new(tree)),
            generation: AtomicUsize::new(0),
            rules: LineRules { escape, max_line_bytes, ordinary_line_bytes, large_line: Lock::default() },
            alarm_level: None,
            is_alarmed: AtomicBool::new(false),
            logname: None,
            count: None,
        }
    }

    /// Lays lines above `bytes` out one at a time, all connections together, so that many peers cannot make the receiver hold
    /// many of them.
    #[must_use]
    pub fn with_ordinary_lines(mut self, bytes: usize) -> Policy {
        self.rules.ordinary_line_bytes = bytes.clamp(1, LARGE_LINE_BYTES);
        self
    }

    /// Logs by another tree from here on: each connection with its next record. What is kept until now goes before what comes then.
    pub fn replace(&self, tree: Tree) {
        self.close();
        *self.tree.lock() = Arc::new(tree);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Hands on what `MemoryHandler`s keep until the end.
    pub fn close(&self) {
        let tree = self.tree();
        Lines::new(&tree).hand_on_what_is_kept(&tree);
    }

    fn tree(&self) -> Arc<Tree> {
        Arc::clone(&self.tree.lock())
    }

    /// Remembers whether a record came whose `levelno` is at least `level`, whether it is logged or not.
    #[must_use]
    pub fn with_alarm_level(self, level: Option<f64>) -> Policy {
        Policy { alarm_level: level, ..self }
    }

    /// True once a record came that is as severe as [`Policy::with_alarm_level`] says.
    pub fn is_alarmed(&self) -> bool {
        self.is_alarmed.load(Ordering::Relaxed)
    }

    /// Logs every record to the logger of this name, instead of the one it names; the document's `logname`.
    #[must_use]
    pub fn with_logname(self, logname: Option<String>) -> Policy {
        Policy { logname, ..self }
    }

    /// Logs the first `wanted` records, whichever connections they come from, and then stops the receiver.
    #[must_use]
    pub fn with_count(self, wanted: usize, abort: Abort) -> Policy {
        Policy { count: Some(Count { left: AtomicUsize::new(wanted), abort }), ..self }
    }

    /// Remembers a severe record. What comes after the last that is wanted is nobody's business.
    #[cold]
    fn take_note(&self, record: &LogRecord<'_>) {
        let level = record.level();
        if self.alarm_level.is_some_and(|least| level >= Some(least))
            && !(self.count.is_some() && self.is_count_reached())
        {
            self.is_alarmed.store(true, Ordering::Relaxed);
        }
    }

    /// True once as many records were logged as [`Policy::with_count`] asked for; true without it.
    pub fn is_count_reached(&self) -> bool {
        self.count.as_ref().is_none_or(|count| count.left.load(Ordering::Relaxed) == 0)
    }
}

/// Logs the records of one connection by a [`Policy`].
pub struct PolicyHandler {
    policy: Arc<Policy>,
    tree: Arc<Tree>,
    generation: usize,
    /// A destination gathers lines before they are written.
    gathers: bool,
    routes: Routes,
    lines: Lines,
    /// Among what is laid out there is a record that is not to be gathered with others before it is written.
    is_urgent: bool,
}

impl PolicyHandler {
    /// A handler for one connection.
    pub fn new(policy: &Arc<Policy>) -> PolicyHandler {
        let generation = policy.generation.load(Ordering::Acquire);
        let tree = policy.tree();
        let (routes, lines) = (Routes::default(), Lines::new(&tree));
        let gathers = tree.destinations().iter().any(|output| output.gathers());
        let policy = Arc::clone(policy);
        PolicyHandler { policy, tree, generation, gathers, routes, lines, is_urgent: false }
    }

    /// What was logged by the old tree goes where that said.
    #[cold]
    fn take_new_tree(&mut self) {
        self.flush();
        *self = PolicyHandler::new(&self.policy);
    }
}

impl LogRecordHandler for PolicyHandler {
    #[inline]
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        if self.generation != self.policy.generation.load(Ordering::Relaxed) {
            self.take_new_tree();
        }
        let (policy, tree) = (&*self.policy, &*self.tree);
        if policy.alarm_level.is_some() {
            policy.take_note(record);
        }
        let (name, route) = self.routes.of(policy.logname.as_deref(), tree, record);
        if !pass(&route.filters, record) {
            return;
        }
        if self.gathers {
            self.is_urgent |= record.level() >= Some(URGENT_LEVEL);
        }
        let mut claim = None;
        self.lines.begin_record();
        for &number in &route.handlers {
            let Some(handler) = tree.handlers().get(number).filter(|handler| handler.takes(record)) else { continue };
            if let (None, Some(count)) = (claim, &policy.count) {
                claim = Some(count.claim());
            }
            if claim == Some(Claim::TooLate) {
                return;
            }
            self.lines.log(&policy.rules, tree, handler, record, name);
        }
        if let (Some(Claim::Last), Some(count)) = (claim, &policy.count) {
            self.lines.flush(tree);
            count.abort.stop_now();
        }
    }

    /// Hands the lines over, and keeps no buffer: the connection is about to wait.
    fn flush(&mut self) {
        self.lines.flush(&self.tree);
        if mem::take(&mut self.is_urgent) {
            self.tree.destinations().iter().for_each(|output| output.hurry());
        }
    }
}

impl fmt::Debug for PolicyHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyHandler").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Whether a record is among those that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Last,
    More,
    TooLate,
}

impl Count {
    fn claim(&self) -> Claim {
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(1) => Claim::Last,
            Ok(_) => Claim::More,
            Err(_) => Claim::TooLate,
        }
    }
}

/// `logging.ERROR`: such records are written at once.
const URGENT_LEVEL: f64 = 40.0;

/// The most for [`Policy::with_ordinary_lines`].
const LARGE_LINE_BYTES: usize = 256 << 10;
