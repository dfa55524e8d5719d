//! The local policy: which records are logged, what their lines look like, and where they go.
//!
//! In: records of one connection, through [`PolicyHandler`]. Out: one `log::Record` for each, given to a
//! `simplelog::WriteLogger` that the connection owns; that logger's writer is the connection's batch, which goes to the
//! [`Output`] when the connection has to wait, or the batch is large. The logger adds nothing to a line: the formatter has
//! laid it out, as Python's would.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use log::{LevelFilter, Log};
use simplelog::{ConfigBuilder, WriteLogger};

use crate::base::abort::Abort;
use crate::base::text::{Text, TextWriter};
use crate::format::escape::Escape;
use crate::format::json;
#[cfg(feature = "relay")]
use crate::format::relay;
use crate::policy::handler::LogRecordHandler;
use crate::policy::relog::level_of;
use crate::policy::tree::{Handler, Layout, Route, Tree, pass};
use crate::record::{Field, LogRecord};
use crate::write::{Batch, Output};

/// What the program does with records. One for all connections.
#[derive(Debug)]
pub struct Policy {
    tree: Arc<Tree>,
    /// A destination gathers lines before they are written.
    gathers: bool,
    escape: Escape,
    /// A record this severe is remembered.
    alarm_level: Option<f64>,
    is_alarmed: AtomicBool,
    logname: Option<String>,
    max_line_bytes: usize,
    count: Option<Count>,
    /// Held by the one connection that may have a large line in memory.
    large_line: Mutex<()>,
}

/// Stops the receiver after a number of records.
#[derive(Debug)]
struct Count {
    /// A mutex, since not every small processor has atomics of 64 bits.
    left: Mutex<u64>,
    abort: Abort,
}

impl Policy {
    /// Logs records by this tree; a line longer than `max_line_bytes` is cut and ends in `...`.
    pub fn new(tree: Tree, escape: Escape, max_line_bytes: usize) -> Policy {
        Policy {
            gathers: tree.destinations().iter().any(Output::gathers),
            tree: Arc::new(tree),
            escape,
            alarm_level: None,
            is_alarmed: AtomicBool::new(false),
            logname: None,
            max_line_bytes,
            count: None,
            large_line: Mutex::default(),
        }
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
    pub fn with_count(self, wanted: u64, abort: Abort) -> Policy {
        Policy { count: Some(Count { left: Mutex::new(wanted), abort }), ..self }
    }

    /// Remembers a severe record. What comes after the last that is wanted is nobody's business.
    #[cold]
    fn take_note(&self, record: &LogRecord<'_>) {
        let level = record.field(Field::LevelNo).as_f64();
        if self.alarm_level.is_some_and(|least| level >= Some(least))
            && !(self.count.is_some() && self.is_count_reached())
        {
            self.is_alarmed.store(true, Ordering::Relaxed);
        }
    }

    /// True once as many records were logged as [`Policy::with_count`] asked for; true without it.
    pub fn is_count_reached(&self) -> bool {
        self.count.as_ref().is_none_or(|count| *count.left() == 0)
    }
}

/// A logger that writes each message as a line and adds nothing to it: simplelog's, without its decorations.
///
/// The writer is behind a box so that there is one logger for all kinds: each would bring 12 kB of dates and times along.
pub fn line_logger(level: LevelFilter, writer: Box<dyn Write + Send>) -> Box<dyn Log> {
    let undecorated = ConfigBuilder::new()
        .set_max_level(LevelFilter::Off)
        .set_time_level(LevelFilter::Off)
        .set_thread_level(LevelFilter::Off)
        .set_target_level(LevelFilter::Off)
        .set_location_level(LevelFilter::Off)
        .build();
    WriteLogger::new(level, undecorated, writer)
}

/// Logs the records of one connection by a [`Policy`].
pub struct PolicyHandler {
    policy: Arc<Policy>,
    routes: Routes,
    lines: Lines,
    /// Among what is laid out there is a record that is not to be gathered with others before it is written.
    is_urgent: bool,
}

impl PolicyHandler {
    /// A handler for one connection.
    pub fn new(policy: &Arc<Policy>) -> PolicyHandler {
        let (routes, lines) = (Routes::default(), Lines::new(&policy.tree));
        PolicyHandler { policy: Arc::clone(policy), routes, lines, is_urgent: false }
    }
}

impl LogRecordHandler for PolicyHandler {
    #[inline]
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        let policy = &*self.policy;
        if policy.alarm_level.is_some() {
            policy.take_note(record);
        }
        let (name, route) = self.routes.of(policy, record);
        if !pass(&route.filters, record) {
            return;
        }
        if policy.gathers {
            self.is_urgent |= record.field(Field::LevelNo).as_f64() >= Some(URGENT_LEVEL);
        }
        let mut claim = None;
        self.lines.laid_out = None;
        for handler in route.handlers.iter().filter_map(|&number| policy.tree.handlers().get(number)) {
            if !handler.takes(record) {
                continue;
            }
            if let (None, Some(count)) = (claim, &policy.count) {
                claim = Some(count.claim());
            }
            if claim == Some(Claim::TooLate) {
                return;
            }
            self.lines.log(policy, handler, record, name);
        }
        if let (Some(Claim::Last), Some(count)) = (claim, &policy.count) {
            self.lines.flush(policy);
            count.abort.stop_now();
        }
    }

    /// Hands the lines over, and keeps no buffer: the connection is about to wait.
    fn flush(&mut self) {
        self.lines.flush(&self.policy);
        if mem::take(&mut self.is_urgent) {
            self.policy.tree.destinations().iter().for_each(Output::hurry);
        }
    }
}

impl fmt::Debug for PolicyHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyHandler").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// The ways of the last few logger names. Peers choose the names, so their number and length are bounded.
#[derive(Default)]
struct Routes {
    known: Vec<(String, Route)>,
    /// Which of them was asked for last.
    last: usize,
    /// A way that is not kept.
    other: (String, Route),
}

impl Routes {
    /// The logger at which a record is handled, and its way from there.
    #[inline]
    fn of(&mut self, policy: &Policy, record: &LogRecord<'_>) -> (&str, &Route) {
        let name = match &policy.logname {
            Some(logname) => logname.as_str().into(),
            None => record.field(Field::Name).as_text().unwrap_or_default(),
        };
        let is_it = |(known, _): &(String, Route)| known.as_bytes() == name.as_bytes();
        if !self.known.get(self.last).is_some_and(is_it) {
            match self.known.iter().position(is_it) {
                Some(found) => self.last = found,
                None => self.look_up(policy, name),
            }
        }
        let (name, route) = self.known.get(self.last).unwrap_or(&self.other);
        (name, route)
    }

    #[inline(never)]
    fn look_up(&mut self, policy: &Policy, name: Text<'_>) {
        let name = name.to_str().into_owned();
        let route = policy.tree.route(&name);
        if name.len() > MAX_KNOWN_NAME_BYTES {
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

/// What one connection needs of the layouts and destinations: made when it is first needed, so that idle connections stay small.
struct Lines {
    layouts: Vec<Option<Layout>>,
    /// A logger for each destination.
    loggers: Vec<Option<Box<dyn Log>>>,
    /// What is no line, for each destination.
    batches: Vec<Batch>,
    /// The line that is being laid out.
    line: Vec<u8>,
    /// By which layout the present record stands in `line`.
    laid_out: Option<usize>,
}

impl Lines {
    fn new(tree: &Tree) -> Lines {
        Lines {
            layouts: tree.layouts().iter().map(|_| None).collect(),
            loggers: tree.destinations().iter().map(|_| None).collect(),
            batches: tree.destinations().iter().map(|_| Batch::new()).collect(),
            line: Vec::new(),
            laid_out: None,
        }
    }

    /// Logs a record as a handler of the logger `name` does.
    #[inline]
    fn log(&mut self, policy: &Policy, handler: &Handler, record: &LogRecord<'_>, name: &str) {
        let (layout, destination) = handler.places();
        if policy.tree.layouts().get(layout).is_some_and(|layout| layout.is_message()) {
            return self.send_message(policy, layout, destination, record);
        }
        if self.laid_out != Some(layout) {
            let limit = policy.max_line_bytes.min(record.max_line_bytes());
            let is_whole = self.lay_out(policy, layout, record, limit.min(LARGE_LINE_BYTES));
            // Of a record on which no more work may be done, there is no more to be had.
            if !is_whole && limit > LARGE_LINE_BYTES && !record.meter().is_spent() {
                return self.log_large_line(policy, handler, record, name);
            }
            self.laid_out = Some(layout);
        }
        self.log_line(policy, destination, record, name);
    }

    /// Puts a record into a batch in a form that is no line, and so nothing for a logger.
    #[inline(never)]
    fn send_message(&mut self, policy: &Policy, layout: usize, destination: usize, record: &LogRecord<'_>) {
        let (Some(layout), Some(shared)) = (self.layouts.get_mut(layout), policy.tree.layouts().get(layout)) else {
            return;
        };
        let (Some(batch), Some(output)) =
            (self.batches.get_mut(destination), policy.tree.destinations().get(destination))
        else {
            return;
        };
        if batch.is_empty() {
            *batch = output.spare_batch();
        }
        match layout.get_or_insert_with(|| Layout::clone(shared)) {
            #[cfg(feature = "relay")]
            Layout::Relay(adds) => {
                let relayed =
                    relay::write(record, *adds, policy.max_line_bytes.min(record.max_line_bytes()), batch.buffer());
                if let Err(why) = relayed {
                    output.lose(&why);
                }
            }
            #[cfg(feature = "syslog")]
            Layout::Syslog(syslog) => syslog.write(record, batch.buffer()),
            Layout::Json | Layout::Text(_) => {}
        }
        batch.end_record();
        if batch.len() >= FULL_BATCH_BYTES {
            output.send(batch);
        }
    }

    /// Lays a record's line out in at most `limit` bytes; false if it had to be cut.
    fn lay_out(&mut self, policy: &Policy, layout: usize, record: &LogRecord<'_>, limit: usize) -> bool {
        self.line.clear();
        let (Some(layout), Some(shared)) = (self.layouts.get_mut(layout), policy.tree.layouts().get(layout)) else {
            return true;
        };
        let layout = layout.get_or_insert_with(|| Layout::clone(shared));
        let mut text = TextWriter::new(&mut self.line, limit);
        match layout {
            Layout::Json => {
                json::write(record, &mut text);
                !text.is_cut()
            }
            Layout::Text(formatter) => {
                formatter.format(record, &mut text);
                let whole = !text.is_cut();
                policy.escape.finish(&mut self.line, 0, formatter.highlights(), limit) && whole
            }
            #[cfg(any(feature = "relay", feature = "syslog"))]
            _ => true,
        }
    }

    /// Logs the line that was laid out to a destination.
    #[inline]
    fn log_line(&mut self, policy: &Policy, destination: usize, record: &LogRecord<'_>, name: &str) {
        let (Some(logger), Some(output)) =
            (self.loggers.get_mut(destination), policy.tree.destinations().get(destination))
        else {
            return;
        };
        let logger = logger.get_or_insert_with(|| {
            let writer = BatchWriter { batch: Batch::new(), output: output.clone() };
            line_logger(LevelFilter::Trace, Box::new(writer))
        });
        // Escaping has left nothing that is not UTF-8. `from_utf8` alone is much faster than `from_utf8_lossy` by itself.
        let line = std::str::from_utf8(&self.line).map_or_else(|_| String::from_utf8_lossy(&self.line), Cow::Borrowed);
        // In one statement: before Rust 1.89 what `format_args` gives lives no longer.
        let level = level_of(record);
        logger.log(&log::Record::builder().level(level).target(name).args(format_args!("{line}")).build());
    }

    /// A line that may take as much memory as a frame: one at a time, and gone before the next.
    #[cold]
    fn log_large_line(&mut self, policy: &Policy, handler: &Handler, record: &LogRecord<'_>, name: &str) {
        self.flush(policy);
        let (layout, destination) = handler.places();
        let _turn = policy.large_line.lock().unwrap_or_else(PoisonError::into_inner);
        self.lay_out(policy, layout, record, policy.max_line_bytes.min(record.max_line_bytes()));
        self.log_line(policy, destination, record, name);
        self.flush(policy);
    }

    /// Hands all batches over, and keeps no buffer.
    fn flush(&mut self, policy: &Policy) {
        self.loggers.iter().flatten().for_each(|logger| logger.flush());
        for (batch, output) in self.batches.iter_mut().zip(policy.tree.destinations()) {
            output.send(batch);
        }
        (self.line, self.laid_out) = (Vec::new(), None);
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
        let mut left = self.left();
        let Some(rest) = left.checked_sub(1) else {
            return Claim::TooLate;
        };
        *left = rest;
        if rest == 0 { Claim::Last } else { Claim::More }
    }

    fn left(&self) -> MutexGuard<'_, u64> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a connection's logger writes: into the connection's batch. A message is a record.
struct BatchWriter {
    batch: Batch,
    output: Output,
}

impl Write for BatchWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_fmt(format_args!("{}", String::from_utf8_lossy(bytes)))?;
        Ok(bytes.len())
    }

    /// simplelog writes a message, decorations aside, by one `writeln!`: when it ends, so does the record.
    fn write_fmt(&mut self, line: fmt::Arguments<'_>) -> io::Result<()> {
        if self.batch.is_empty() {
            self.batch = self.output.spare_batch();
            self.batch.buffer().reserve(FIRST_TEXT_BYTES);
        }
        // Appending cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.batch, line);
        self.batch.end_record();
        if self.batch.len() >= FULL_BATCH_BYTES {
            self.output.send(&mut self.batch);
        }
        Ok(())
    }

    /// Hands the batch over.
    fn flush(&mut self) -> io::Result<()> {
        self.output.send(&mut self.batch);
        Ok(())
    }
}

/// Logger names whose ways a connection keeps, and the longest of them.
const MAX_KNOWN_NAMES: usize = 16;
const MAX_KNOWN_NAME_BYTES: usize = 256;

/// `logging.ERROR`: such records are written at once.
const URGENT_LEVEL: f64 = 40.0;

/// Lines above this size are laid out one at a time, all connections together, so that many peers cannot make the
/// receiver hold many of them.
const LARGE_LINE_BYTES: usize = 256 << 10;

/// A batch of that size is handed over before the connection has to wait: each time may have to wake the writer. A text of
/// 128 KiB has room for it and one more line.
const FULL_BATCH_BYTES: usize = 120 << 10;

/// Room for the lines of a connection that has just woken up: mostly it has little to say.
const FIRST_TEXT_BYTES: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::Sink;
    use std::thread;

    #[test]
    fn the_memory_of_full_batches_is_used_again() {
        for batches in 1..5 {
            let output = Output::start(Sink::Writer(Box::new(io::sink())), || {}).unwrap();
            let mut writer = BatchWriter { batch: Batch::new(), output: output.clone() };
            let line = "x".repeat(63);
            for _ in 0..batches {
                let sent = output.totals().bytes;
                for _ in 0..FULL_BATCH_BYTES.div_ceil(64) {
                    // As simplelog does: the newline comes after the text.
                    writeln!(writer, "{line}").unwrap();
                }
                assert!(writer.batch.is_empty());
                while output.totals().bytes == sent {
                    thread::yield_now();
                }
            }
            let kept = output.spare_batch().buffer().capacity();
            assert!(kept >= FULL_BATCH_BYTES, "{kept} after {batches} batches");
        }
    }
}
