//! Lines, laid out for one connection: [`Lines`].
//!
//! In: records, and the handlers that take them. Out: for each a `log::Record`, given to a `simplelog::WriteLogger` that the connection
//! owns; that logger's writer is the connection's batch, which goes to the [`Output`] when the connection has to wait, or the batch
//! is large. The logger adds nothing to a line: the formatter has laid it out, as Python's would.

use std::fmt;
use std::io::{self, Write};

use log::{LevelFilter, Log};
use simplelog::{ConfigBuilder, WriteLogger};

use crate::base::limits::MAX_FRAME_BYTES;
use crate::base::lock::Lock;
use crate::base::text::TextWriter;
use crate::format::Ascii;
use crate::format::escape::Escape;
use crate::policy::handling::{Handler, Layout, To};
use crate::policy::relog::level_of;
use crate::policy::tree::Tree;
use crate::record::LogRecord;
use crate::write::{Batch, Output};

/// How long lines may be, and what they look like besides their layout. One for all connections.
#[derive(Debug)]
pub(super) struct LineRules {
    pub escape: Escape,
    pub max_line_bytes: usize,
    /// Longer lines are laid out one at a time, all connections together.
    pub ordinary_line_bytes: usize,
    /// Held by the one connection that may have a large line in memory.
    pub large_line: Lock<()>,
}

impl LineRules {
    /// The most bytes that the line of a record may have.
    pub fn limit(&self, record: &LogRecord<'_>) -> usize {
        self.max_line_bytes.min(record.max_line_bytes())
    }
}

/// What one connection needs of the layouts and destinations: made when it is first needed, so that idle connections stay small.
pub(super) struct Lines {
    pub(super) layouts: Vec<Option<Layout>>,
    /// A logger for each destination.
    loggers: Vec<Option<Box<dyn Log>>>,
    /// What is no line, for each destination.
    pub(super) batches: Vec<Batch>,
    /// The line that is being laid out.
    pub(super) line: Vec<u8>,
    /// By which layout the present record stands in `line`.
    laid_out: Option<usize>,
    /// The system had no memory for it.
    pub(super) is_starved: bool,
    /// It has the place for a large line.
    pub(super) has_turn: bool,
    /// Of the messages that queues hand on at this moment.
    pub(super) passing_bytes: usize,
}

impl Lines {
    pub fn new(tree: &Tree) -> Lines {
        Lines {
            layouts: tree.layouts().iter().map(|_| None).collect(),
            loggers: tree.destinations().iter().map(|_| None).collect(),
            batches: tree.destinations().iter().map(|_| Batch::new()).collect(),
            line: Vec::new(),
            laid_out: None,
            is_starved: false,
            has_turn: false,
            passing_bytes: 0,
        }
    }

    /// The next record is another one.
    #[inline]
    pub fn begin_record(&mut self) {
        self.laid_out = None;
    }

    /// Logs a record, which a handler of the logger `name` takes, as that does.
    #[inline]
    pub fn log(&mut self, rules: &LineRules, tree: &Tree, handler: &Handler, record: &LogRecord<'_>, name: &str) {
        match &handler.to {
            &To::Lines { layout, destination, ascii } => {
                // What is itself that long mostly prints as much: it is not laid out to find that out.
                let is_large = record.frame_bytes() > rules.ordinary_line_bytes;
                if is_large || !self.has_line(rules, tree, layout, record) {
                    return self.log_large_line(rules, tree, (layout, destination, ascii), record, name);
                }
                self.log_line_of(record, tree, (destination, ascii), name);
            }
            _ => self.pass_on(rules, tree, handler, record, name),
        }
    }

    /// Sees to it that the present record is laid out, in as many bytes as every connection may have at once; false if there is more
    /// of it.
    #[inline]
    pub(super) fn has_line(&mut self, rules: &LineRules, tree: &Tree, layout: usize, record: &LogRecord<'_>) -> bool {
        if self.laid_out == Some(layout) && record.meter().charge(self.line.len() / COPIED_BYTES_A_UNIT) {
            return true;
        }
        let limit = rules.limit(record);
        let is_whole = self.lay_out(rules, tree, layout, record, limit.min(rules.ordinary_line_bytes));
        // Of a record on which no more work may be done, there is no more to be had.
        let is_all = is_whole || limit <= rules.ordinary_line_bytes || record.meter().is_spent();
        self.laid_out = is_all.then_some(layout);
        is_all
    }

    /// Lays a record's line out in at most `limit` bytes; false if it had to be cut.
    pub(super) fn lay_out(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        layout: usize,
        record: &LogRecord<'_>,
        limit: usize,
    ) -> bool {
        self.line.clear();
        let Some(layout) = layout_of(&mut self.layouts, tree, layout) else { return true };
        let mut text = TextWriter::new(&mut self.line, limit);
        let is_whole = match layout {
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
                let is_finished =
                    rules.escape.finish_for(Some(record.meter()), &mut self.line, 0, formatter.highlights(), limit);
                // There was no memory even for the mark of a cut.
                self.is_starved |= !is_finished && !self.line.ends_with(b"...");
                is_finished && whole
            }
            #[cfg(any(feature = "relay", feature = "syslog"))]
            _ => true,
        };
        // What is cut is far longer than its frame; most of what it costs comes later, when it is copied to fresh memory.
        let units = if is_whole { self.line.len() / COPIED_BYTES_A_UNIT } else { self.line.len() / CUT_BYTES_A_UNIT };
        record.meter().charge(units);
        is_whole
    }

    /// Logs the line of a record, which was laid out, to a destination.
    #[inline]
    fn log_line_of(&mut self, record: &LogRecord<'_>, tree: &Tree, to: (usize, Option<Ascii>), name: &str) {
        if to.1.is_some() && !self.line.is_ascii() {
            record.meter().charge(self.line.len() / ENCODED_BYTES_A_UNIT);
        }
        self.log_line(tree, to, level_of(record), name);
    }

    /// Logs the line that was laid out to a destination.
    #[inline]
    pub(super) fn log_line(
        &mut self,
        tree: &Tree,
        (destination, ascii): (usize, Option<Ascii>),
        level: log::Level,
        name: &str,
    ) {
        let Some(slot) = self.loggers.get_mut(destination) else { return };
        if self.is_starved {
            return lose(tree, destination);
        }
        let Some(output) = tree.destinations().get(destination) else { return };
        let logger = slot.get_or_insert_with(|| logger_to(output));
        // Escaping has left nothing that is not UTF-8.
        let mut line = std::str::from_utf8(&self.line).unwrap_or_default();
        let mut encoded = Vec::new();
        if let Some(ascii) = ascii.filter(|_| !line.is_ascii()) {
            // Escapes take up to three times the room of what they stand for: it is the longest line that counts.
            let mut text = TextWriter::new(&mut encoded, line.len().max(MAX_FRAME_BYTES));
            ascii.encode(line, &mut text);
            text.show_cut();
            if text.is_starved() {
                return lose(tree, destination);
            }
            line = std::str::from_utf8(&encoded).unwrap_or_default();
        }
        // In one statement: before Rust 1.89 what `format_args` gives lives no longer.
        logger.log(&log::Record::builder().level(level).target(name).args(format_args!("{}", Line(line))).build());
    }

    /// A line that may take as much memory as a frame: one at a time, and gone before the next.
    #[cold]
    fn log_large_line(
        &mut self,
        rules: &LineRules,
        tree: &Tree,
        (layout, destination, ascii): (usize, usize, Option<Ascii>),
        record: &LogRecord<'_>,
        name: &str,
    ) {
        self.flush(tree);
        let turn = self.take_turn(rules);
        self.lay_out(rules, tree, layout, record, rules.limit(record));
        self.log_line_of(record, tree, (destination, ascii), name);
        self.flush(tree);
        self.has_turn &= turn.is_none();
    }

    /// Hands all batches over, and keeps no buffer.
    pub fn flush(&mut self, tree: &Tree) {
        (0..self.batches.len()).for_each(|destination| self.send(tree, destination));
        (self.line, self.laid_out) = (Vec::new(), None);
    }

    /// Hands over what there is for a destination.
    pub(super) fn send(&mut self, tree: &Tree, destination: usize) {
        if let Some(Some(logger)) = self.loggers.get(destination) {
            logger.flush();
        }
        if let (Some(batch), Some(output)) = (self.batches.get_mut(destination), tree.destinations().get(destination)) {
            output.send(batch);
        }
    }
}

/// A layout of this connection.
pub(super) fn layout_of<'l>(layouts: &'l mut [Option<Layout>], tree: &Tree, number: usize) -> Option<&'l mut Layout> {
    let (layout, shared) = (layouts.get_mut(number)?, tree.layouts().get(number)?);
    Some(layout.get_or_insert_with(|| shared.copy()))
}

/// Counts a record as lost for want of memory.
#[cold]
pub(super) fn lose(tree: &Tree, destination: usize) {
    if let Some(output) = tree.destinations().get(destination) {
        output.lose(&NO_MEMORY);
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
        end_record(&mut self.batch, &self.output);
        Ok(())
    }

    /// Hands the batch over.
    fn flush(&mut self) -> io::Result<()> {
        self.output.send(&mut self.batch);
        Ok(())
    }
}

/// Ends a record in a batch, and hands that over if it is full.
#[inline(always)]
pub(super) fn end_record(batch: &mut Batch, output: &Output) {
    batch.end_record();
    if batch.is_full() {
        output.send(batch);
    }
}

/// A line to be written as it is: `str` itself looks for a width first.
struct Line<'a>(&'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Bytes of a line that a unit is enough for, to lay out or to copy, also where it is cut, and to have in ASCII.
const COPIED_BYTES_A_UNIT: usize = 28;
const CUT_BYTES_A_UNIT: usize = 2;
const ENCODED_BYTES_A_UNIT: usize = 6;

/// Why a line is lost.
const NO_MEMORY: &str = "the system has no memory for its line";

/// Room for the lines of a connection that has just woken up: mostly it has little to say.
const FIRST_TEXT_BYTES: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{FULL_BATCH_BYTES, Sink};
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
