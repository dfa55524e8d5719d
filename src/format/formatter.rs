//! Record to text: [`Formatter`], Python's `logging.Formatter`.
//!
//! In: a format in one of Python's three styles, compiled once, and records. Out: their lines, `exc_text` and `stack_info`
//! included. Refused, when the formatter is made: what `logging.Formatter(format, datefmt, style)` refuses. Not refused,
//! because a record must not be lost: an attribute that a record lacks prints as `-`, one that a conversion does not take
//! as its `str()`, both padded as asked. [`json`] writes records as JSON instead, and [`escape`] makes either safe to look at.
//! Facts: CPython's `Lib/logging/__init__.py`.

#[cfg(not(feature = "styles"))]
use super::Reason;
use super::error::Error;
use super::escape::{Color, Highlight};
use super::exception::exception_of;
#[cfg(feature = "config")]
use super::json_fields::JsonFields;
use super::piece::{self, Attribute, Piece};
use super::short::Row;
#[cfg(feature = "styles")]
use super::{brace, dollar};
use super::{percent, short, time};
use crate::base::text::TextWriter;
use crate::python::stdlib::traceback::print_exception;
use crate::record::{self, LogRecord};
use std::sync::Arc;

/// The syntax of a format; `style` in `logging.Formatter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `{`: `str.format`
    Brace,
    /// `$`: `string.Template`
    Dollar,
    /// `%`: the `%` operator
    #[default]
    Percent,
}

/// A compiled format. Clones share it; each has caches of its own.
#[derive(Clone, Debug)]
pub struct Formatter {
    pieces: Arc<[Piece]>,
    clock: time::Clock,
    color: bool,
    highlights: Vec<Highlight>,
    #[cfg(feature = "config")]
    json: Option<Arc<JsonFields>>,
}

impl Formatter {
    /// Compiles a format; an empty one is `%(message)s` in its style. `datefmt`, unless empty, is the strftime format of
    /// `asctime`. Refuses what `logging.Formatter` with `validate=True` refuses.
    pub fn new(format: &str, style: Style, datefmt: Option<&str>, utc: bool) -> Result<Formatter, Error> {
        Ok(Formatter::compile(format, style, datefmt, true)?.with_utc(utc))
    }

    /// The same for local time; where `validate` is false, a format needs no field, as in `logging.Formatter`.
    ///
    /// # Errors
    /// Without `validate`, what could not print any record.
    pub fn compile(format: &str, style: Style, datefmt: Option<&str>, validate: bool) -> Result<Formatter, Error> {
        let pieces = match style {
            #[cfg(feature = "styles")]
            Style::Brace => brace::compile(if format.is_empty() { "{message}" } else { format }, validate),
            #[cfg(feature = "styles")]
            Style::Dollar => dollar::compile(if format.is_empty() { "${message}" } else { format }, validate),
            #[cfg(not(feature = "styles"))]
            Style::Brace | Style::Dollar => Err(Error { offset: 0, reason: Reason::NoStyles }),
            Style::Percent => percent::compile(if format.is_empty() { "%(message)s" } else { format }, validate),
        }?;
        Ok(Formatter::of(short::join(pieces), datefmt))
    }

    fn of(pieces: Vec<Piece>, datefmt: Option<&str>) -> Formatter {
        Formatter {
            pieces: pieces.into(),
            clock: time::Clock::new(datefmt, false),
            color: false,
            highlights: Vec::new(),
            #[cfg(feature = "config")]
            json: None,
        }
    }

    /// JSON, as python-json-logger prints it.
    #[cfg(feature = "config")]
    pub fn json(fields: JsonFields, datefmt: Option<&str>) -> Formatter {
        Formatter { json: Some(Arc::new(fields)), ..Formatter::of(Vec::new(), datefmt) }
    }

    /// Whether to find out where level names stand: see [`Formatter::highlights`].
    #[must_use]
    pub fn with_color(mut self, color: bool) -> Formatter {
        self.color = color;
        self
    }

    /// Values for attributes that a record lacks, each as its pickle; `defaults` in `logging.Formatter`.
    #[must_use]
    pub fn with_defaults(mut self, defaults: &[(String, Vec<u8>)]) -> Formatter {
        if let Some(pieces) = Arc::get_mut(&mut self.pieces) {
            piece::set_defaults(pieces, defaults);
        }
        self
    }

    /// Times in UTC, or local ones.
    #[must_use]
    pub fn with_utc(mut self, utc: bool) -> Formatter {
        self.clock.set_utc(utc);
        self
    }

    /// Writes one record, without a newline at its end: the line, then `exc_text`, then `stack_info`, each of them on lines
    /// of its own. What does not fit `out`, or is more than [`LogRecord::max_line_bytes`], or would cost too much, is cut off and ends in `...`.
    pub fn format(&mut self, record: &LogRecord<'_>, out: &mut TextWriter<'_>) {
        let start = out.position();
        out.limit(record.max_line_bytes());
        #[cfg(feature = "config")]
        if let Some(fields) = &self.json {
            return fields.write(record, &mut self.clock, out);
        }
        let mut row = Row::new();
        self.highlights.clear();
        for piece in &*self.pieces {
            if matches!(piece, Piece::Short(short) if !self.color && short.add_to(record, &mut row)) {
                continue;
            }
            if !row.is_empty() {
                row.append_to(out);
                row = Row::new();
            }
            let (field, spaces) = match piece {
                Piece::Field(field) => (field, ""),
                Piece::Literal(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Short(short) => short.field(),
            };
            let field_start = out.position();
            field.write(record, &mut self.clock, out);
            if self.color && field.attribute == Attribute::Standard(record::Field::LevelName) {
                self.highlights.extend(highlight(record, field_start, out));
            }
            out.push_str(spaces);
        }
        row.append_to(out);
        // What was not sent is none.
        if BLOCKS.iter().any(|field| !record.sent(*field).is_none()) {
            out.metered(record.meter(), |out| write_blocks(record, start, out));
        }
        if record.meter().is_spent() {
            out.cut();
        }
        out.show_cut();
    }

    /// Where the level names of the record formatted last stand, if [`Formatter::with_color`] asked for it.
    pub fn highlights(&self) -> &[Highlight] {
        &self.highlights
    }
}

/// What stands below the line, if it was sent.
const BLOCKS: [record::Field; 3] = [record::Field::ExcText, record::Field::ExcInfo, record::Field::StackInfo];

#[inline(never)]
fn write_blocks(record: &LogRecord<'_>, start: usize, out: &mut TextWriter<'_>) {
    let [exc_text, exc_info, stack_info] = BLOCKS.map(|field| record.field(field));
    if exc_text.is_truthy() {
        begin_block(start, out);
        crate::python::str(exc_text, out);
    } else if let Some((exception, traceback)) = exception_of(exc_info) {
        begin_block(start, out);
        print_exception(exception, traceback, out);
    }
    if stack_info.is_truthy() {
        begin_block(start, out);
        crate::python::str(stack_info, out);
    }
}

/// Begins a line, unless the text so far, which starts at `start`, ends with a newline.
fn begin_block(start: usize, out: &mut TextWriter<'_>) {
    if !out.since(start).as_bytes().ends_with(b"\n") {
        out.push_str("\n");
    }
}

/// `%(message)s`, as for Python's `logging.Formatter()`.
impl Default for Formatter {
    fn default() -> Formatter {
        Formatter::of(percent::compile("%(message)s", true).unwrap_or_default(), None)
    }
}

/// Finds the level's name in the field that was just written: its padding is not coloured.
fn highlight(record: &LogRecord<'_>, field_start: usize, out: &TextWriter<'_>) -> Option<Highlight> {
    let color = Color::of_level(record.level()?);
    let field = out.since(field_start).as_bytes();
    let name = record.field(record::Field::LevelName).as_text().unwrap_or_default().as_bytes();
    let findable = (1..=MAX_LEVEL_NAME_BYTES).contains(&name.len());
    let found = field.windows(name.len().max(1)).position(|window| findable && window == name);
    let (offset, length) = found.map_or_else(
        || (field.len().saturating_sub(field.trim_ascii_start().len()), field.trim_ascii().len()),
        |offset| (offset, name.len()),
    );
    let start = field_start.saturating_add(offset);
    (length > 0).then_some(Highlight { start, end: start.saturating_add(length), color })
}

/// The longest level name that is looked for within its padding; of a longer one all is coloured.
const MAX_LEVEL_NAME_BYTES: usize = 256;

#[cfg(test)]
mod tests;
