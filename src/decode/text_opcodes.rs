//! The text forms of strings in protocol 0: STRING's escapes and UNICODE's raw-unicode-escape.
//!
//! In: what stands on the opcode's line. Out: bytes, or text as UTF-8 with surrogates. Refused: `None` where CPython's
//! decoders raise. Facts: `_PyBytes_DecodeEscape` in `Objects/bytesobject.c` and `_PyUnicode_DecodeRawUnicodeEscapeStateful`
//! in `Objects/unicodeobject.c`.

use crate::base::text::TextWriter;

/// Appends the bytes of a quoted and escaped Python 2 `str`, no more than there are on the line; `None` if the quotes do not match or a
/// `\x` lacks digits.
pub(super) fn decode_string_escapes(line: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let quoted = line.trim_ascii_end();
    let inner = match quoted {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return None,
    };
    let mut rest = inner;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'\\' {
            rest = decode_one_escape(after, bytes)?;
        } else {
            bytes.push(*first);
        }
    }
    Some(())
}

/// Decodes what follows a backslash; gives what follows the escape. An unknown escape stays as it is, as in Python.
fn decode_one_escape<'a>(escape: &'a [u8], bytes: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (&kind, after) = escape.split_first()?;
    let byte = match kind {
        b'\n' => return Some(after),
        b'\\' | b'\'' | b'"' => kind,
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        b'x' => {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.push(u8::try_from(hexadecimal(digits)?).ok()?);
            return Some(after);
        }
        b'0'..=b'7' => {
            let digits = escape.iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
            let (octal, after) = escape.split_at_checked(digits)?;
            let value = octal.iter().fold(0, |value: u8, digit| value.wrapping_mul(8).wrapping_add(digit & 7));
            bytes.push(value);
            return Some(after);
        }
        other => {
            bytes.push(b'\\');
            other
        }
    };
    bytes.push(byte);
    Some(after)
}

/// Appends the text of a raw-unicode-escaped line, at most twice as long: only `\u` with four hexadecimal digits and `\U` with eight are
/// escapes, after an odd number of backslashes; every other byte is a Latin-1 character. `None` for a cut escape or one beyond U+10FFFF.
pub(super) fn decode_raw_unicode_escape(line: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    let mut text = TextWriter::new(bytes, usize::MAX);
    let mut rest = line;
    let mut escaping = false;
    while let [first, after @ ..] = rest {
        rest = after;
        let digits = match first {
            b'u' if escaping => 4,
            b'U' if escaping => 8,
            _ => {
                if escaping {
                    text.push_str("\\");
                }
                escaping = *first == b'\\' && !escaping;
                if !escaping {
                    text.push_code_point(u32::from(*first));
                }
                continue;
            }
        };
        let (digits, after) = after.split_at_checked(digits)?;
        text.push_code_point(hexadecimal(digits).filter(|&code_point| code_point <= 0x10_ffff)?);
        (rest, escaping) = (after, false);
    }
    if escaping {
        text.push_str("\\");
    }
    Some(())
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |value, &digit| Some(value << 4 | char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with `codecs.escape_decode` of CPython 3.13.
    #[test]
    fn decodes_the_escapes_of_python_2_strings() {
        for (line, expected) in [
            (r"'abc'", Some(&b"abc"[..])),
            (r#""it's""#, Some(b"it's")),
            (r"'\\ \' \n\t\r\a\b\f\v'", Some(b"\\ ' \n\t\r\x07\x08\x0c\x0b")),
            (r"'\x41\x7f\xff\0\101\377\18'", Some(b"A\x7f\xff\0A\xff\x018")),
            (r"'\q'  ", Some(b"\\q")),
            (r"''", Some(b"")),
            (r"'\x4'", None),
            (r"'\'", None),
            ("'", None),
            ("", None),
            ("abc", None),
            ("'abc\"", None),
        ] {
            let mut bytes = Vec::new();
            let decoded = decode_string_escapes(line.as_bytes(), &mut bytes).map(|()| &bytes[..]);
            assert_eq!(decoded, expected, "{line}");
        }
    }

    /// Compared with `bytes.decode('raw-unicode-escape')` of CPython 3.13.
    #[test]
    fn decodes_raw_unicode_escapes() {
        for (line, expected) in [
            (&br"abc"[..], Some("abc".as_bytes())),
            (b"caf\xe9", Some("café".as_bytes())),
            (br"\u00e9\U0001f600", Some("é😀".as_bytes())),
            (br"\\u0041 \\\u0041", Some(br"\\u0041 \\A")),
            (br"\ud800", Some(b"\xed\xa0\x80")),
            (br"\n\x41\", Some(br"\n\x41\")),
            (br"\u12", None),
            (br"\U00110000", None),
            (br"\U", None),
        ] {
            let mut bytes = Vec::new();
            let decoded = decode_raw_unicode_escape(line, &mut bytes).map(|()| &bytes[..]);
            assert_eq!(decoded, expected, "{}", line.escape_ascii());
        }
    }
}
