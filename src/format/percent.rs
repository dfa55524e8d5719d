//! `%` formats: `logging.PercentStyle`.
//!
//! In: a format. Out: its pieces. Refused: a format without one complete field, as `PercentStyle.validate` refuses it; past
//! that, what CPython would raise on at every record (`%(x)y`, a `%` at the end) stays as it stands, `*` counts as not
//! given, and a conversion without a key has no value.

use super::error::{Error, Reason};
use super::piece::{Attribute, Field, Piece, Shape, push_literal};
use crate::base::text::Text;
use crate::python::conversion::{self, Pieces};

/// Compiles a format.
pub(super) fn compile(format: &str, is_validated: bool) -> Result<Vec<Piece>, Error> {
    if is_validated {
        validate(format)?;
    }
    let mut pieces = Vec::new();
    for piece in Pieces::of(Text::from(format)) {
        match piece {
            conversion::Piece::Conversion(conversion) => {
                let key = conversion.key.and_then(Text::as_str);
                let attribute = key.map_or(Attribute::Missing, Attribute::of);
                pieces.push(Piece::Field(Field { attribute, shape: Shape::Percent(conversion.form) }));
            }
            conversion::Piece::Literal(text) | conversion::Piece::Malformed(text) => {
                push_literal(&mut pieces, text.as_str().unwrap_or_default());
            }
        }
    }
    Ok(pieces)
}

/// Searches for `%\(\w+\)[#0+ -]*(\*|\d+)?(\.(\*|\d+))?[diouxefgcrsa%]`, whatever the letter's case. If there is none, the
/// error points at the first place where one broke off.
fn validate(format: &str) -> Result<(), Error> {
    let mut first_failure = None;
    for (offset, _) in format.match_indices("%(") {
        match rest_of_field(format.get(offset..).unwrap_or_default()) {
            Ok(()) => return Ok(()),
            Err(rest) => {
                let offset = format.len().saturating_sub(rest.len());
                first_failure.get_or_insert(Error { offset, reason: Reason::InvalidField });
            }
        }
    }
    Err(first_failure.unwrap_or(Error { offset: 0, reason: Reason::NoField }))
}

/// `Err` with what stands where the field breaks off.
fn rest_of_field(field: &str) -> Result<(), &str> {
    let key = field.strip_prefix("%(").ok_or(field)?;
    let after_key = key.trim_start_matches(is_word);
    let after_key = after_key.strip_prefix(')').filter(|_| !key.starts_with(')')).ok_or(after_key)?;
    let after_flags = after_key.trim_start_matches(['#', '0', '+', ' ', '-']);
    let after_width = skip_count(after_flags).unwrap_or(after_flags);
    let after_precision = after_width.strip_prefix('.').and_then(skip_count).unwrap_or(after_width);
    let letter = after_precision.chars().next().ok_or(after_precision)?;
    if is_among("diouxefgcrsa%", letter.to_ascii_lowercase()) { Ok(()) } else { Err(after_precision) }
}

fn skip_count(text: &str) -> Option<&str> {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    text.strip_prefix('*').or_else(|| (digits.len() < text.len()).then_some(digits))
}

/// Looked for letter by letter: `str::contains` looks for texts, in 900 bytes.
pub(super) fn is_among(letters: &str, letter: char) -> bool {
    letters.chars().any(|known| known == letter)
}

/// `\w` of Python's `re`; what is beyond ASCII is taken for a letter: to tell would take tables of 3 kB.
pub(super) const fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || !character.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_what_percent_style_validates() {
        for format in [
            "%(message)s",
            "%(x)08.3f",
            "%(x)*.*d",
            "%(x)S",
            "%(x)%",
            "no %y, but %(é_1)a",
            "%( %(x)d",
            "%(message)s %",
        ] {
            assert!(compile(format, true).is_ok(), "{format}");
        }
    }

    #[test]
    fn refuses_what_percent_style_refuses_and_says_where() {
        for (format, offset, reason) in [
            ("", 0, Reason::NoField),
            ("no field", 0, Reason::NoField),
            ("%s %%", 0, Reason::NoField),
            ("%(message)ld", 10, Reason::InvalidField),
            ("a %(message)", 12, Reason::InvalidField),
            ("%()s", 2, Reason::InvalidField),
            ("%(a b)s", 3, Reason::InvalidField),
            ("%(x).s", 4, Reason::InvalidField),
            ("%(x", 3, Reason::InvalidField),
        ] {
            assert_eq!(compile(format, true), Err(Error { offset, reason }), "{format}");
        }
    }
}
