//! `$` formats: `logging.StringTemplateStyle`, that is, `string.Template`.
//!
//! In: a format. Out: its pieces. Refused: a `$` that begins neither `$name`, `${name}` nor `$$`, and a format without a
//! field. Names are ASCII: `$messagé` is `$messag` and an é.

use super::error::{Error, Reason};
use super::piece::{Field, Piece, push_literal};

/// Compiles a format.
pub(super) fn compile(format: &str, is_validated: bool) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    let mut rest = format;
    let mut fields = false;
    while let Some((literal, after_dollar)) = rest.split_once('$') {
        push_literal(&mut pieces, literal);
        let offset = format.len().saturating_sub(after_dollar.len()).saturating_sub(1);
        if let Some(after) = after_dollar.strip_prefix('$') {
            push_literal(&mut pieces, "$");
            rest = after;
        } else {
            let (name, after) = name(after_dollar).ok_or(Error { offset, reason: Reason::BareDollar })?;
            pieces.push(Piece::Field(Field::plain(name)));
            fields = true;
            rest = after;
        }
    }
    push_literal(&mut pieces, rest);
    if fields || !is_validated { Ok(pieces) } else { Err(Error { offset: 0, reason: Reason::NoField }) }
}

/// Splits `name` or `{name}` from what follows it.
fn name(text: &str) -> Option<(&str, &str)> {
    let braced = text.strip_prefix('{');
    let text = braced.unwrap_or(text);
    let after = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let name = text.get(..text.len().saturating_sub(after.len()))?;
    let is_identifier = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let after = if braced.is_some() { after.strip_prefix('}')? } else { after };
    is_identifier.then_some((name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_ascii_identifiers_do() {
        let literal = |text: &str| Piece::Literal(text.into());
        let field = |name| Piece::Field(Field::plain(name));
        for (format, pieces) in [
            ("$message", vec![field("message")]),
            ("$$a ${b}c$_d1-", vec![literal("$a "), field("b"), literal("c"), field("_d1"), literal("-")]),
            ("$messagé", vec![field("messag"), literal("é")]),
            ("$$$$$x", vec![literal("$$"), field("x")]),
        ] {
            assert_eq!(compile(format, true), Ok(pieces), "{format}");
        }
    }

    #[test]
    fn refuses_bare_dollars_and_formats_without_fields() {
        for (format, offset, reason) in [
            ("no field", 0, Reason::NoField),
            ("$$message", 0, Reason::NoField),
            ("$message $", 9, Reason::BareDollar),
            ("$message ${", 9, Reason::BareDollar),
            ("${message", 0, Reason::BareDollar),
            ("é$1 $message", 2, Reason::BareDollar),
            ("${1} $message", 0, Reason::BareDollar),
            ("$é", 0, Reason::BareDollar),
        ] {
            assert_eq!(compile(format, true), Err(Error { offset, reason }), "{format}");
        }
    }
}
