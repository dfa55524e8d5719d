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
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use log::{LevelFilter, Log};
use simplelog::{ConfigBuilder, WriteLogger};

use crate::base::abort::Abort;
use crate::base::text::{Text, TextWriter};
use crate::format::Ascii;
use crate::format::escape::Escape;
#[cfg(feature = "relay")]
use crate::format::relay;
use crate::policy::handler::LogRecordHandler;
use crate::policy::relog::level_of;
use crate::policy::tree::{Handler, KeptRecord, Layout, Memory, Route, To, Tree, pass};
use crate::record::{Field, LogRecord};
use crate::write::{Batch, Output};

/// What the program does with records. One for all connections.
#[derive(Debug)]
pub struct Policy {
    tree: Mutex<Arc<Tree>>,
    /// Counts the trees, so that connections see a new one without a lock.
    generation: AtomicUsize,
    escape: Escape,
    /// A record this severe is remembered.
    alarm_level: Option<f64>,
    is_alarmed: AtomicBool,
    logname: Option<String>,
    max_line_bytes: usize,
    /// Longer lines are laid out one at a time, all connections together.
    ordinary_line_bytes: usize,
    count: Option<Count>,
    /// Held by the one connection that may have a large line in memory.
    large_line: Mutex<()>,
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
        Policy {
            tree: Mutex::new(Arc::new(tree)),
            generation: AtomicUsize::new(0),
            escape,
            alarm_level: None,
            is_alarmed: AtomicBool::new(false),
            logname: None,
            max_line_bytes,
            ordinary_line_bytes: LARGE_LINE_BYTES,
            count: None,
            large_line: Mutex::default(),
        }
    }

    /// Lays lines above `bytes` out one at a time, all connections together, so that many peers cannot make the receiver hold
    /// many of them.
    #[must_use]
    pub fn with_ordinary_lines(self, bytes: usize) -> Policy {
        Policy { ordinary_line_bytes: bytes.clamp(1, LARGE_LINE_BYTES), ..self }
    }

    /// Logs by another tree from here on: each connection with its next record.
    pub fn replace(&self, tree: Tree) {
        let old = mem::replace(&mut *self.tree.lock().unwrap_or_else(PoisonError::into_inner), Arc::new(tree));
        self.generation.fetch_add(1, Ordering::Release);
        self.hand_on_what_is_kept(&old);
    }

    /// Hands on what `MemoryHandler`s keep until the end.
    pub fn close(&self) {
        self.hand_on_what_is_kept(&self.tree());
    }

    fn hand_on_what_is_kept(&self, tree: &Arc<Tree>) {
        let mut lines = Lines::new(tree);
        for handler in tree.handlers() {
            let To::Memory(memory) = &handler.to else { continue };
            let kept = memory.take();
            if memory.flush_on_close {
                lines.hand_on(tree, memory, kept);
            }
        }
        lines.flush(tree);
    }

    fn tree(&self) -> Arc<Tree> {
        Arc::clone(&self.tree.lock().unwrap_or_else(PoisonError::into_inner))
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
        let level = record.field(Field::LevelNo).as_f64();
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
        let gathers = tree.destinations().iter().any(Output::gathers);
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
        let (name, route) = self.routes.of(policy, tree, record);
        if !pass(&route.filters, record) {
            return;
        }
        if self.gathers {
            self.is_urgent |= record.field(Field::LevelNo).as_f64() >= Some(URGENT_LEVEL);
        }
        let mut claim = None;
        self.lines.laid_out = None;
        for &number in &route.handlers {
            let Some(handler) = tree.handlers().get(number).filter(|handler| handler.takes(record)) else { continue };
            if let (None, Some(count)) = (claim, &policy.count) {
                claim = Some(count.claim());
            }
            if claim == Some(Claim::TooLate) {
                return;
            }
            self.lines.log(policy, tree, handler, record, name);
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
            self.tree.destinations().iter().for_each(Output::hurry);
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
    fn of(&mut self, policy: &Policy, tree: &Tree, record: &LogRecord<'_>) -> (&str, &Route) {
        let name = match &policy.logname {
            Some(logname) => logname.as_str().into(),
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
        let name = name.to_str().into_owned();
        let route = tree.route(&name);
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
    /// The system had no memory for it.
    is_starved: bool,
}

impl Lines {
    fn new(tree: &Tree) -> Lines {
        Lines {
            layouts: tree.layouts().iter().map(|_| None).collect(),
            loggers: tree.destinations().iter().map(|_| None).collect(),
            batches: tree.destinations().iter().map(|_| Batch::new()).collect(),
            line: Vec::new(),
            laid_out: None,
            is_starved: false,
        }
    }

    /// Logs a record, which a handler of the logger `name` takes, as that does.
    #[inline]
    fn log(&mut self, policy: &Policy, tree: &Tree, handler: &Handler, record: &LogRecord<'_>, name: &str) {
        match &handler.to {
            &To::Lines { layout, destination, ascii } => {
                if self.laid_out != Some(layout) {
                    let limit = policy.max_line_bytes.min(record.max_line_bytes());
                    let is_whole = self.lay_out(policy, tree, layout, record, limit.min(policy.ordinary_line_bytes));
                    // Of a record on which no more work may be done, there is no more to be had.
                    if !is_whole && limit > policy.ordinary_line_bytes && !record.meter().is_spent() {
                        return self.log_large_line(policy, tree, (layout, destination, ascii), record, name);
                    }
                    self.laid_out = Some(layout);
                }
                self.log_line(tree, (destination, ascii), level_of(record), name);
            }
            _ => self.pass_on(policy, tree, handler, record, name),
        }
    }

    /// What becomes of a record at a handler that does not write.
    #[inline(never)]
    fn pass_on(&mut self, policy: &Policy, tree: &Tree, handler: &Handler, record: &LogRecord<'_>, name: &str) {
        match &handler.to {
            To::Lines { .. } | To::Null => {}
            &To::Messages { layout, destination } => self.send_message(policy, tree, layout, destination, record),
            To::Memory(memory) => {
                let mut lines = Vec::new();
                if let Some(target) = memory.target {
                    self.lay_out_for(policy, tree, target, record, &mut lines);
                }
                let levelno = record.field(Field::LevelNo).as_f64();
                let kept = memory.keep(KeptRecord { level: level_of(record), levelno, name: name.to_owned(), lines });
                self.hand_on(tree, memory, kept);
            }
            To::Queue { handlers, asks_levels } => {
                for handler in handlers.iter().filter_map(|&number| tree.handlers().get(number)) {
                    if (!asks_levels || handler.has_level(record)) && handler.filters_pass(record) {
                        self.log(policy, tree, handler, record, name);
                    }
                }
            }
        }
    }

    /// The lines that handlers would write of a record that this one is handed on.
    fn lay_out_for(
        &mut self,
        policy: &Policy,
        tree: &Tree,
        number: usize,
        record: &LogRecord<'_>,
        lines: &mut Vec<(usize, String)>,
    ) {
        let Some(handler) = tree.handlers().get(number).filter(|handler| handler.filters_pass(record)) else { return };
        match &handler.to {
            To::Null => {}
            To::Memory(memory) => {
                if let Some(target) = memory.target {
                    self.lay_out_for(policy, tree, target, record, lines);
                }
            }
            To::Queue { handlers, asks_levels } => {
                for &number in handlers {
                    if !asks_levels || tree.handlers().get(number).is_some_and(|handler| handler.has_level(record)) {
                        self.lay_out_for(policy, tree, number, record, lines);
                    }
                }
            }
            // What is no line is not kept.
            &To::Messages { layout, destination } => self.send_message(policy, tree, layout, destination, record),
            &To::Lines { layout, .. } => {
                let limit = policy.max_line_bytes.min(record.max_line_bytes());
                self.laid_out = None;
                let is_whole = self.lay_out(policy, tree, layout, record, limit.min(policy.ordinary_line_bytes));
                if !is_whole && limit > policy.ordinary_line_bytes && !record.meter().is_spent() {
                    let _turn = policy.large_line.lock().unwrap_or_else(PoisonError::into_inner);
                    self.lay_out(policy, tree, layout, record, limit);
                }
                lines.push((number, String::from_utf8_lossy(&self.line).into_owned()));
            }
        }
    }

    /// Hands on what a `MemoryHandler` has kept.
    fn hand_on(&mut self, tree: &Tree, memory: &Memory, kept: Vec<KeptRecord>) {
        let Some(target) = memory.target else { return };
        for record in kept {
            self.deliver(tree, target, record);
        }
    }

    fn deliver(&mut self, tree: &Tree, number: usize, record: KeptRecord) {
        match tree.handlers().get(number).map(|handler| &handler.to) {
            None | Some(To::Null | To::Messages { .. }) => {}
            Some(To::Memory(memory)) => {
                let kept = memory.keep(record);
                self.hand_on(tree, memory, kept);
            }
            Some(To::Queue { handlers, .. }) => {
                for &number in handlers {
                    self.deliver(tree, number, record.clone());
                }
            }
            Some(&To::Lines { destination, ascii, .. }) => {
                for (_, line) in record.lines.iter().filter(|(writer, _)| *writer == number) {
                    self.line.clear();
                    self.is_starved = false;
                    self.line.extend_from_slice(line.as_bytes());
                    self.log_line(tree, (destination, ascii), record.level, &record.name);
                }
                self.laid_out = None;
            }
        }
    }

    /// Puts a record into a batch in a form that is no line, and so nothing for a logger.
    #[inline(never)]
    fn send_message(
        &mut self,
        policy: &Policy,
        tree: &Tree,
        layout: usize,
        destination: usize,
        record: &LogRecord<'_>,
    ) {
        let (Some(layout), Some(shared)) = (self.layouts.get_mut(layout), tree.layouts().get(layout)) else {
            return;
        };
        let (Some(batch), Some(output)) = (self.batches.get_mut(destination), tree.destinations().get(destination))
        else {
            return;
        };
        if batch.is_empty() {
            if output.loses_next() {
                return;
            }
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
            #[cfg(feature = "json")]
            Layout::Json(_) => {}
            Layout::Text(_) => {}
        }
        batch.end_record();
        if batch.len() >= FULL_BATCH_BYTES {
            output.send(batch);
        }
    }

    /// Lays a record's line out in at most `limit` bytes; false if it had to be cut.
    fn lay_out(&mut self, policy: &Policy, tree: &Tree, layout: usize, record: &LogRecord<'_>, limit: usize) -> bool {
        self.line.clear();
        let (Some(layout), Some(shared)) = (self.layouts.get_mut(layout), tree.layouts().get(layout)) else {
            return true;
        };
        let layout = layout.get_or_insert_with(|| Layout::clone(shared));
        let mut text = TextWriter::new(&mut self.line, limit);
        match layout {
            #[cfg(feature = "json")]
            Layout::Json(formatter) => {
                formatter.format(record, &mut text);
                self.is_starved = text.is_starved();
                !text.is_cut()
            }
            Layout::Text(formatter) => {
                formatter.format(record, &mut text);
                let whole = !text.is_cut();
                self.is_starved = text.is_starved();
                policy.escape.finish(&mut self.line, 0, formatter.highlights(), limit) && whole
            }
            #[cfg(any(feature = "relay", feature = "syslog"))]
            _ => true,
        }
    }

    /// Logs the line that was laid out to a destination.
    #[inline]
    fn log_line(&mut self, tree: &Tree, (destination, ascii): (usize, Option<Ascii>), level: log::Level, name: &str) {
        let Some(slot) = self.loggers.get_mut(destination) else { return };
        if self.is_starved {
            tree.destinations().iter().skip(destination).take(1).for_each(|output| output.lose(&NO_MEMORY));
            return;
        }
        if slot.is_none() {
            *slot = tree.destinations().get(destination).map(logger_to);
        }
        let Some(logger) = slot else { return };
        // Escaping has left nothing that is not UTF-8. `from_utf8` alone is much faster than `from_utf8_lossy` by itself.
        let mut line =
            std::str::from_utf8(&self.line).map_or_else(|_| String::from_utf8_lossy(&self.line), Cow::Borrowed);
        if let Some(ascii) = ascii.filter(|_| !line.is_ascii()) {
            line = Cow::Owned(ascii.encode(&line));
        }
        // In one statement: before Rust 1.89 what `format_args` gives lives no longer.
        logger.log(&log::Record::builder().level(level).target(name).args(format_args!("{}", Line(&line))).build());
    }

    /// A line that may take as much memory as a frame: one at a time, and gone before the next.
    #[cold]
    fn log_large_line(
        &mut self,
        policy: &Policy,
        tree: &Tree,
        (layout, destination, ascii): (usize, usize, Option<Ascii>),
        record: &LogRecord<'_>,
        name: &str,
    ) {
        self.flush(tree);
        let _turn = policy.large_line.lock().unwrap_or_else(PoisonError::into_inner);
        self.lay_out(policy, tree, layout, record, policy.max_line_bytes.min(record.max_line_bytes()));
        self.log_line(tree, (destination, ascii), level_of(record), name);
        self.flush(tree);
    }

    /// Hands all batches over, and keeps no buffer.
    fn flush(&mut self, tree: &Tree) {
        self.loggers.iter().flatten().for_each(|logger| logger.flush());
        for (batch, output) in self.batches.iter_mut().zip(tree.destinations()) {
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
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
            Ok(1) => Claim::Last,
            Ok(_) => Claim::More,
            Err(_) => Claim::TooLate,
        }
    }
}

#[cold]
fn logger_to(output: &Output) -> Box<dyn Log> {
    line_logger(LevelFilter::Trace, Box::new(BatchWriter { batch: Batch::new(), output: output.clone() }))
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
            // What is not had now is asked for again.
            let _ = self.batch.buffer().try_reserve(FIRST_TEXT_BYTES);
        }
        if fmt::Write::write_fmt(&mut self.batch, line).is_err() {
            self.batch.give_up_record();
            self.output.lose(&NO_MEMORY);
        }
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

/// A line to be written as it is: `str` itself looks for a width first.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Why a line is lost.
const NO_MEMORY: &str = "the system has no memory for its line";

/// Logger names whose ways a connection keeps, and the longest of them.
const MAX_KNOWN_NAMES: usize = 16;
const MAX_KNOWN_NAME_BYTES: usize = 256;

/// `logging.ERROR`: such records are written at once.
const URGENT_LEVEL: f64 = 40.0;

/// The most for [`Policy::with_ordinary_lines`].
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
