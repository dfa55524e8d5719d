//! The short fields of a line, appended together.
//!
//! In: fields that are text or a whole number, padded with spaces or not, and the spaces that follow them: what most lines
//! are. Out: the same, put side by side in a small buffer that is appended to the line in one piece, since appending
//! costs as much for one byte as for a hundred. Left to the field itself: what is longer, is no ASCII, or asks for more.

use super::piece::{Attribute, Field, Piece, Shape};
use crate::base::text::{Text, TextWriter};
use crate::base::words::is_ascii;
use crate::python::conversion::Form;
use crate::python::integer::{DECIMAL_BYTES, short_decimal};
use crate::record::{self, LogRecord};

/// A field that is mostly short.
#[derive(Debug, PartialEq)]
pub(super) struct ShortField {
    source: Source,
    left: bool,
    width: usize,
    /// Those that follow the field.
    spaces: usize,
    /// The same without the spaces, for values that are something else.
    field: Field,
}

/// What a short field shows.
#[derive(Debug, PartialEq)]
enum Source {
    /// The message, as it was sent.
    Message,
    /// An attribute by `%d`.
    Number(record::Field),
    /// One by `%s`.
    Text(record::Field),
}

/// Makes short fields of those that can be, and of the spaces behind them.
pub(super) fn join(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut joined = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Field(field) => joined.push(ShortField::of(field)),
            Piece::Literal(mut literal) => {
                if let Some(Piece::Short(short)) = joined.last_mut() {
                    let spaces = literal.bytes().take(MAX_SPACES).take_while(|&byte| byte == b' ').count();
                    short.spaces = spaces;
                    literal.drain(..spaces);
                }
                if !literal.is_empty() {
                    joined.push(Piece::Literal(literal));
                }
            }
            short @ Piece::Short(_) => joined.push(short),
        }
    }
    joined
}

impl ShortField {
    fn of(field: Field) -> Piece {
        let Shape::Percent(form) = field.shape else { return Piece::Field(field) };
        let Form { left, width, letter, .. } = form;
        let is_plain = form == Form { left, width, letter, ..Form::STR } && width <= MAX_WIDTH;
        let source = match (&field.attribute, letter) {
            (Attribute::Message, b's') => Source::Message,
            (&Attribute::Standard(attribute), b'd') => Source::Number(attribute),
            (&Attribute::Standard(attribute), b's') => Source::Text(attribute),
            _ => return Piece::Field(field),
        };
        if is_plain { Piece::Short(ShortField { source, left, width, spaces: 0, field }) } else { Piece::Field(field) }
    }

    /// Adds this field's text to a row. False, and nothing done, if it is not short.
    #[inline(always)]
    pub fn add_to(&self, record: &LogRecord<'_>, row: &mut Row) -> bool {
        let text = match self.source {
            Source::Message => record.plain_message(),
            Source::Number(field) => {
                let Some(number) = record.sent(field).as_small_number() else { return false };
                return row.put(short_decimal(number, &mut [0; DECIMAL_BYTES]), self);
            }
            Source::Text(field) => record.sent(field).as_text(),
        };
        match text.map(Text::as_bytes) {
            Some(text) if self.width == 0 || is_ascii(text) => row.put(text, self),
            _ => false,
        }
    }

    /// The field itself, for when its text is not short, and the spaces that follow it.
    pub fn field(&self) -> (&Field, &'static str) {
        (&self.field, SPACES.get(..self.spaces).unwrap_or_default())
    }
}

/// Short texts side by side that are yet to be appended, and spaces behind them.
pub(super) struct Row {
    bytes: [u8; ROW_BYTES],
    length: usize,
}

impl Row {
    #[inline(always)]
    pub fn new() -> Row {
        Row { bytes: [b' '; ROW_BYTES], length: 0 }
    }

    /// Puts a text, padded and spaced as the field asks. False, and nothing done, if there is no room.
    #[inline(always)]
    fn put(&mut self, text: &[u8], field: &ShortField) -> bool {
        let padding = field.width.saturating_sub(text.len());
        let end = self.length.wrapping_add(text.len()).wrapping_add(padding).wrapping_add(field.spaces);
        let start = self.length.wrapping_add(if field.left { 0 } else { padding });
        match self.bytes.get_mut(start..start.wrapping_add(text.len())) {
            Some(place) if end <= ROW_BYTES => {
                place.copy_from_slice(text);
                self.length = end;
                true
            }
            _ => false,
        }
    }

    /// Appends them to the line.
    pub fn append_to(&self, out: &mut TextWriter<'_>) {
        out.push(Text::known_valid(self.bytes.get(..self.length).unwrap_or_default()));
    }

    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// Room for most lines.
const ROW_BYTES: usize = 128;

/// The widest field, and the most spaces behind one.
const MAX_WIDTH: usize = 32;
const MAX_SPACES: usize = SPACES.len();
const SPACES: &str = "        ";
