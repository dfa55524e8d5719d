//! `repr()` of `str`, `bytes` and `bytearray`.
//!
//! In: text or bytes. Out: a literal in quotes. Facts: `unicode_repr` in CPython's `Objects/unicodeobject.c`,
//! `PyBytes_Repr` in `Objects/bytesobject.c`.

use crate::base::text::{Text, TextWriter, encode_code_point};
use crate::python::{isprintable::is_printable, letters};
use std::fmt::{self, Write};

/// Where the printer writes: the writer, with all that is not ASCII escaped if that was asked for.
#[derive(Debug)]
pub(super) struct Sink<'o, 'b> {
    pub writer: &'o mut TextWriter<'b>,
    pub ascii: bool,
}

impl Sink<'_, '_> {
    pub fn push(&mut self, text: Text<'_>) {
        if !self.ascii || text.as_bytes().is_ascii() {
            return self.writer.push(text);
        }
        self.writer.charge(text.as_bytes().len());
        for code_point in text.code_points() {
            if self.writer.is_cut() {
                break;
            }
            if code_point < 0x80 {
                self.writer.push_code_point(code_point);
            } else {
                escape(code_point, self.writer);
            }
        }
    }

    pub fn push_str(&mut self, text: &str) {
        self.push(Text::from(text));
    }
}

impl Write for Sink<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// Writes `repr(text)`.
pub(super) fn repr(text: Text<'_>, out: &mut Sink<'_, '_>) {
    let quote = quote_for(text.as_bytes());
    out.writer.charge((text.as_bytes().len() / SEARCHED_BYTES_A_UNIT).saturating_add(UNITS_A_TEXT));
    out.writer.push_code_point(quote.into());
    let mut rest = text.as_bytes();
    while !rest.is_empty() && !out.writer.is_cut() {
        let (plain, from_other) = split_plain(rest, quote, out.writer);
        out.writer.push(Text::known_valid(plain));
        let from_other = if out.ascii { from_other } else { letters::push(from_other, out.writer) };
        let mut code_points = Text::known_valid(from_other).code_points();
        if let Some(code_point) = code_points.next().filter(|_| !out.writer.is_cut()) {
            out.writer.charge(UNITS_A_CODE_POINT);
            push_shown(code_point, quote, out);
        }
        rest = code_points.rest().as_bytes();
    }
    out.writer.push_code_point(quote.into());
}

/// Writes `repr(bytes)`.
pub(super) fn repr_bytes(bytes: &[u8], out: &mut TextWriter<'_>) {
    let quote = quote_for(bytes);
    literal(bytes, quote, quote, out);
}

/// Writes `repr(bytearray)`, in which CPython's `bytearray_repr` escapes every `'`, whatever the quotes.
pub(super) fn repr_byte_array(bytes: &[u8], out: &mut TextWriter<'_>) {
    out.push_str("bytearray(");
    literal(bytes, quote_for(bytes), b'\'', out);
    out.push_str(")");
}

/// `b`, and the bytes in quotes.
fn literal(bytes: &[u8], quote: u8, escaped: u8, out: &mut TextWriter<'_>) {
    out.push_str("b");
    out.charge(bytes.len() / SEARCHED_BYTES_A_UNIT);
    out.push_code_point(quote.into());
    let mut rest = bytes;
    while !rest.is_empty() && !out.is_cut() {
        let (plain, from_other) = split_plain(rest, escaped, out);
        out.push(Text::known_valid(plain));
        rest = from_other;
        if let Some((&byte, after)) = from_other.split_first().filter(|_| !out.is_cut()) {
            out.charge(UNITS_A_CODE_POINT);
            escape_ascii(byte, out);
            rest = after;
        }
    }
    out.push_code_point(quote.into());
}

/// What stands for itself at the beginning, no longer than there is room for and a little, and the rest.
fn split_plain<'t>(bytes: &'t [u8], quote: u8, out: &mut TextWriter<'_>) -> (&'t [u8], &'t [u8]) {
    let fitting = bytes.get(..out.remaining().saturating_add(1)).unwrap_or(bytes);
    let length = fitting.iter().position(|&byte| !is_plain(byte, quote)).unwrap_or(fitting.len());
    out.charge(length / PLAIN_BYTES_A_UNIT);
    bytes.split_at_checked(length).unwrap_or((bytes, &[]))
}

/// What it costs to put quotes around a text.
const UNITS_A_TEXT: usize = 2;

/// So many bytes are searched for quotes in the time of a unit, so many found to stand for themselves; and what it costs to write
/// one that does not, or is no ASCII.
const SEARCHED_BYTES_A_UNIT: usize = 256;
const PLAIN_BYTES_A_UNIT: usize = 8;
const UNITS_A_CODE_POINT: usize = 4;

/// `'`, unless that is in the text and `"` is not.
fn quote_for(bytes: &[u8]) -> u8 {
    if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' }
}

const fn is_plain(byte: u8, quote: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != quote && byte != b'\\'
}

fn push_shown(code_point: u32, quote: u8, out: &mut Sink<'_, '_>) {
    match u8::try_from(code_point) {
        Ok(byte) if is_plain(byte, quote) => out.writer.push_code_point(code_point),
        Ok(byte @ 0..0x80) => escape_ascii(byte, out.writer),
        _ if is_printable(code_point) => out.push(encode_code_point(code_point, &mut [0; 4])),
        _ => escape(code_point, out.writer),
    }
}

/// Quote, backslash, a control character, or no ASCII.
fn escape_ascii(byte: u8, out: &mut TextWriter<'_>) {
    match byte {
        b'\t' => out.push_str("\\t"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\'' | b'"' | b'\\' => {
            out.push_str("\\");
            out.push_code_point(byte.into());
        }
        _ => escape(byte.into(), out),
    }
}

/// `\xe9`, `\u20ac` or `\U0001f600`, as Python's `backslashreplace` writes them.
pub(crate) fn escape(code_point: u32, out: &mut TextWriter<'_>) {
    match code_point {
        0..=0xff => out.push_escape(b'x', code_point, 2),
        0x100..=0xffff => out.push_escape(b'u', code_point, 4),
        _ => out.push_escape(b'U', code_point, 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(print: impl Fn(&mut Sink<'_, '_>), ascii: bool) -> String {
        let mut buffer = Vec::new();
        print(&mut Sink { writer: &mut TextWriter::new(&mut buffer, 1000), ascii });
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn quotes_and_escapes_text_as_python_does() {
        for (text, expected, ascii) in [
            ("", "''", "''"),
            ("a", "'a'", "'a'"),
            ("it's", "\"it's\"", "\"it's\""),
            ("\"it's\"", "'\"it\\'s\"'", "'\"it\\'s\"'"),
            ("\"", "'\"'", "'\"'"),
            ("\\\t\n\r\0\x1b\x7f", "'\\\\\\t\\n\\r\\x00\\x1b\\x7f'", "'\\\\\\t\\n\\r\\x00\\x1b\\x7f'"),
            ("é\u{a0}\u{ad}€", "'é\\xa0\\xad€'", "'\\xe9\\xa0\\xad\\u20ac'"),
            ("\u{2028}😀\u{e0001}", "'\\u2028😀\\U000e0001'", "'\\u2028\\U0001f600\\U000e0001'"),
        ] {
            assert_eq!(printed(|out| repr(Text::from(text), out), false), expected);
            assert_eq!(printed(|out| repr(Text::from(text), out), true), ascii);
        }
        let surrogate = Text::new(b"\xed\xb3\xbf").unwrap();
        assert_eq!(printed(|out| repr(surrogate, out), false), "'\\udcff'");
    }

    #[test]
    fn quotes_and_escapes_bytes_as_python_does() {
        for (bytes, expected) in
            [(&b""[..], "b''"), (b"a\t\n\r\\\x00\xff", "b'a\\t\\n\\r\\\\\\x00\\xff'"), (b"it's", "b\"it's\"")]
        {
            assert_eq!(printed(|out| repr_bytes(bytes, out.writer), false), expected);
        }
        assert_eq!(printed(|out| repr_byte_array(b"it's", out.writer), false), "bytearray(b\"it\\'s\")");
        assert_eq!(printed(|out| repr_byte_array(b"'\"", out.writer), false), "bytearray(b'\\'\"')");
    }
}
