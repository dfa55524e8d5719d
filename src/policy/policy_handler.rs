//! The local policy: which records are logged, what their lines look like, and where they go.
//!
//! In: records of one connection, through [`PolicyHandler`]. Out: lines, each written by a `simplelog::WriteLogger` that the
//! connection owns, into a batch that goes to the [`Output`] when the connection has to wait, or the batch is large. The
//! logger adds nothing to a line: the formatter has laid it out, as Python's would.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use log::{LevelFilter, Log};
use simplelog::{ConfigBuilder, WriteLogger};

use crate::base::abort::Abort;
use crate::base::text::TextWriter;
use crate::format::escape::Escape;
use crate::format::{Formatter, json};
use crate::policy::handler::LogRecordHandler;
use crate::record::{Field, LogRecord};
use crate::write::Output;

/// What the program does with records. One for all connections.
#[derive(Debug)]
pub struct Policy {
    layout: Layout,
    escape: Escape,
    level: Option<f64>,
    names: Vec<String>,
    /// A record this severe is remembered.
    alarm_level: Option<f64>,
    is_alarmed: AtomicBool,
    logname: Option<String>,
    max_line_bytes: usize,
    count: Option<Count>,
    output: Output,
    /// Held by the one connection that may have a large line in memory.
    large_line: Mutex<()>,
}

/// What a line looks like.
#[derive(Clone, Debug)]
pub enum Layout {
    /// A JSON object.
    Json,
    /// By a Python format.
    Text(Formatter),
}

/// Stops the receiver after a number of records.
#[derive(Debug)]
struct Count {
    claimed: AtomicU64,
    wanted: u64,
    abort: Abort,
}

impl Policy {
    /// Logs every record to `output`; a line longer than `max_line_bytes` is cut and ends in `...`.
    pub fn new(layout: Layout, escape: Escape, max_line_bytes: usize, output: Output) -> Policy {
        Policy {
            layout,
            escape,
            level: None,
            names: Vec::new(),
            alarm_level: None,
            is_alarmed: AtomicBool::new(false),
            logname: None,
            max_line_bytes,
            count: None,
            output,
            large_line: Mutex::default(),
        }
    }

    /// Leaves out records whose `levelno` is a number below `level`, as the level of a Python handler does.
    #[must_use]
    pub fn with_level(self, level: Option<f64>) -> Policy {
        Policy { level, ..self }
    }

    /// Leaves out records of other loggers than these and those below them, as `logging.Filter` does; none stand for all.
    #[must_use]
    pub fn with_names(self, names: Vec<String>) -> Policy {
        Policy { names, ..self }
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
        Policy { count: Some(Count { claimed: AtomicU64::new(0), wanted, abort }), ..self }
    }

    /// True once as many records were logged as [`Policy::with_count`] asked for; true without it.
    pub fn is_count_reached(&self) -> bool {
        self.count.as_ref().is_none_or(|count| count.claimed.load(Ordering::Relaxed) >= count.wanted)
    }
}

impl Policy {
    /// Takes note of a severe record, and says whether any record of this kind is logged.
    #[inline]
    fn admits(&self, record: &LogRecord<'_>) -> bool {
        if self.alarm_level.is_some() || self.level.is_some() || !self.names.is_empty() {
            return self.filter(record);
        }
        true
    }

    fn filter(&self, record: &LogRecord<'_>) -> bool {
        let level = record.field(Field::LevelNo).as_f64();
        // What comes after the last that is wanted is nobody's business.
        if self.alarm_level.is_some_and(|least| level >= Some(least))
            && !(self.count.is_some() && self.is_count_reached())
        {
            self.is_alarmed.store(true, Ordering::Relaxed);
        }
        let is_below = |least| level.is_some_and(|level| level < least);
        let is_named =
            |name: &String| record.field(Field::Name).as_text().is_some_and(|of| is_within(of.as_bytes(), name));
        !self.level.is_some_and(is_below) && (self.names.is_empty() || self.names.iter().any(is_named))
    }
}

/// True for the logger `name` and those below it; the empty name is above all. Python's `logging.Filter.filter`.
fn is_within(logger: &[u8], name: &str) -> bool {
    match logger.strip_prefix(name.as_bytes()) {
        Some(rest) => name.is_empty() || rest.first().is_none_or(|&byte| byte == b'.'),
        None => false,
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
    layout: Layout,
    logger: Box<dyn Log>,
    /// Lines that are laid out and not yet logged, and where in them each record ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The ends of what is being logged, for the logger's writer, which sees only text.
    logged_ends: Arc<Mutex<Vec<usize>>>,
}

impl PolicyHandler {
    /// A handler for one connection.
    pub fn new(policy: &Arc<Policy>) -> PolicyHandler {
        let logged_ends = Arc::default();
        let writer = BatchWriter { ends: Arc::clone(&logged_ends), output: policy.output.clone() };
        PolicyHandler {
            policy: Arc::clone(policy),
            layout: policy.layout.clone(),
            logger: line_logger(LevelFilter::Trace, Box::new(writer)),
            text: Vec::new(),
            ends: Vec::new(),
            logged_ends,
        }
    }

    /// Lays a line out in at most `limit` bytes; false if it had to be cut.
    fn lay_out(&mut self, record: &LogRecord<'_>, limit: usize) -> bool {
        let start = self.text.len();
        let mut text = TextWriter::new(&mut self.text, limit);
        match &mut self.layout {
            Layout::Json => json::write(record, &mut text),
            Layout::Text(formatter) => formatter.format(record, &mut text),
        }
        let whole = !text.is_cut();
        match &self.layout {
            Layout::Json => whole,
            Layout::Text(formatter) => {
                self.policy.escape.finish(&mut self.text, start, formatter.highlights(), limit) && whole
            }
        }
    }

    fn end_line(&mut self) {
        self.text.push(b'\n');
        self.ends.push(self.text.len());
    }

    /// Logs the lines laid out so far, as one message: for each line, a logger's lock and formatting would cost a tenth of all
    /// that a record costs. They go to the logger that `logname` names.
    fn log_lines(&mut self) {
        let Some(lines) = self.text.strip_suffix(b"\n") else { return };
        // Escaping has left nothing that is not UTF-8. `from_utf8` alone is much faster than `from_utf8_lossy` by itself.
        let lines = std::str::from_utf8(lines).map_or_else(|_| String::from_utf8_lossy(lines), Cow::Borrowed);
        mem::swap(&mut self.ends, &mut *self.logged_ends.lock().unwrap_or_else(PoisonError::into_inner));
        let target = self.policy.logname.as_deref().unwrap_or_default();
        self.logger.log(&log::Record::builder().args(format_args!("{lines}")).target(target).build());
        self.text.clear();
        self.ends.clear();
    }

    /// A line that may take as much memory as a frame: one at a time, and gone before the next.
    #[cold]
    fn log_large_line(&mut self, record: &LogRecord<'_>) {
        self.log_lines();
        let policy = Arc::clone(&self.policy);
        let _turn = policy.large_line.lock().unwrap_or_else(PoisonError::into_inner);
        self.lay_out(record, policy.max_line_bytes);
        self.end_line();
        self.flush();
    }
}

impl LogRecordHandler for PolicyHandler {
    #[inline]
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        if !self.policy.admits(record) {
            return;
        }
        let claim = self.policy.count.as_ref().map(Count::claim);
        if claim == Some(Claim::TooLate) {
            return;
        }
        if self.text.is_empty() {
            self.text.reserve(FIRST_TEXT_BYTES);
        }
        let start = self.text.len();
        let limit = self.policy.max_line_bytes;
        if self.lay_out(record, limit.min(LARGE_LINE_BYTES)) || limit <= LARGE_LINE_BYTES {
            self.end_line();
            if self.text.len() >= FULL_BATCH_BYTES {
                self.log_lines();
            }
        } else {
            self.text.truncate(start);
            self.log_large_line(record);
        }
        if let (Some(Claim::Last), Some(count)) = (claim, &self.policy.count) {
            let abort = count.abort.clone();
            self.log_lines();
            abort.stop_now();
        }
    }

    /// Hands the lines over, and keeps no buffer: the connection is about to wait.
    fn flush(&mut self) {
        self.log_lines();
        (self.text, self.ends) = (Vec::new(), Vec::new());
        *self.logged_ends.lock().unwrap_or_else(PoisonError::into_inner) = Vec::new();
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
        match self.claimed.fetch_add(1, Ordering::Relaxed).saturating_add(1) {
            claimed if claimed < self.wanted => Claim::More,
            claimed if claimed == self.wanted => Claim::Last,
            _ => Claim::TooLate,
        }
    }
}

/// Where a connection's logger writes: to the output, a batch for each message.
struct BatchWriter {
    ends: Arc<Mutex<Vec<usize>>>,
    output: Output,
}

impl Write for BatchWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_fmt(format_args!("{}", String::from_utf8_lossy(bytes)))?;
        Ok(bytes.len())
    }

    /// simplelog writes a message, decorations aside, by one `writeln!`.
    fn write_fmt(&mut self, lines: fmt::Arguments<'_>) -> io::Result<()> {
        let mut batch = self.output.spare_batch();
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        batch.buffer().reserve_exact(ends.last().copied().map_or(0, room_for));
        batch.write_fmt(lines)?;
        batch.swap_ends(&mut ends);
        drop(ends);
        self.output.send(&mut batch);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Room for a batch of lines, at most a quarter more than they need. For its last newline alone a text would else grow to twice
/// its room, too large to be kept; and of so few sizes a batch soon has the greatest.
fn room_for(length: usize) -> usize {
    let step = length.checked_next_power_of_two().map_or(1, |power| power >> 3).max(1);
    length.checked_next_multiple_of(step).unwrap_or(length)
}

/// Lines above this size are laid out one at a time, all connections together, so that many peers cannot make the
/// receiver hold many of them.
const LARGE_LINE_BYTES: usize = 256 << 10;

/// Lines of that size are handed over before the connection has to wait: each time may have to wake the writer.
const FULL_BATCH_BYTES: usize = 128 << 10;

/// Room for the lines of a connection that has just woken up: mostly it has little to say.
const FIRST_TEXT_BYTES: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::Sink;
    use std::thread;

    #[test]
    fn a_name_stands_for_its_logger_and_those_below() {
        for (name, logger, within) in [
            ("a.b", "a.b", true),
            ("a.b", "a.b.c", true),
            ("a.b", "a.bc", false),
            ("a.b", "a", false),
            ("a.b", "x.a.b", false),
            ("", "anything", true),
        ] {
            assert_eq!(is_within(logger.as_bytes(), name), within, "{name} {logger}");
        }
    }

    #[test]
    fn the_memory_of_full_batches_is_used_again() {
        for batches in 1..5 {
            let output = Output::start(Sink::Writer(Box::new(io::sink())), || {}).unwrap();
            let ends = Arc::default();
            let mut writer = BatchWriter { ends: Arc::clone(&ends), output: output.clone() };
            let mut sent: usize = 0;
            for length in (FULL_BATCH_BYTES..).step_by(40).take(batches) {
                ends.lock().unwrap().extend((1..length).step_by(64).chain([length]));
                let lines = "x".repeat(length.saturating_sub(1));
                // As simplelog does: the newline comes after the text.
                writeln!(writer, "{lines}").unwrap();
                sent = sent.saturating_add(length);
                while output.totals().bytes < u64::try_from(sent).unwrap() {
                    thread::yield_now();
                }
                ends.lock().unwrap().clear();
            }
            let kept = output.spare_batch().buffer().capacity();
            assert!(kept >= FULL_BATCH_BYTES, "{kept} after {batches} batches");
        }
    }
}
