//! Letters that are no ASCII and that `repr()` shows as they are, many at a time.
//!
//! In: text. Out: what it begins with, as far as that is such letters and there is room; and the rest.

use crate::base::text::{Text, TextWriter};
use crate::python::isprintable::is_printable;

/// Writes the letters at the beginning, no more than there is room for and one, and gives the rest.
pub(super) fn push<'t>(text: &'t [u8], out: &mut TextWriter<'_>) -> &'t [u8] {
    let fitting = Text::known_valid(text).within(out.remaining().saturating_add(4).min(LETTER_BYTES));
    let mut code_points = fitting.code_points();
    let mut rest = code_points.rest();
    while code_points.next().is_some_and(|code_point| code_point >= 0x80 && is_printable(code_point)) {
        rest = code_points.rest();
    }
    let length = fitting.as_bytes().len().saturating_sub(rest.as_bytes().len());
    let (letters, rest) = text.split_at_checked(length).unwrap_or((text, &[]));
    out.charge(letters.len() / LETTER_BYTES_A_UNIT);
    out.push(Text::known_valid(letters));
    rest
}

/// So many bytes are looked at before they are charged, and so many in the time of a unit.
const LETTER_BYTES: usize = 4096;
const LETTER_BYTES_A_UNIT: usize = 2;
