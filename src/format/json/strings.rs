//! JSON strings: text between quotation marks, with what a terminal would obey escaped.

use crate::base::text::{Text, TextWriter, encode_code_point};
use crate::base::words;
use crate::format::escape::{Escape, is_control};

/// Appends text as a JSON string; that which is plain, as most is, stands for itself. The other is done piece by piece, and ends early
/// when it is longer than `room` anyway: escapes take up to six times the room of what they stand for.
pub fn append_string(text: Text<'_>, is_plain: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut rest = text.as_bytes();
    if is_plain {
        token.extend_from_slice(rest);
        rest = &[];
    }
    while !rest.is_empty() && token.len() <= room {
        let piece = whole_escapes(Text::known_valid(rest).within(PIECE_BYTES), rest);
        match with_backslashes_doubled(piece.as_bytes()) {
            Some(doubled) => append_piece(Text::known_valid(&doubled), token),
            None => append_piece(piece, token),
        }
        rest = rest.get(piece.as_bytes().len()..).unwrap_or_default();
    }
    token.push(b'"');
}

/// Appends text as `json.dumps` spells it; what a terminal would obey is escaped even where letters are not.
pub fn append_as_python(text: Text<'_>, has_letters: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut bytes = [0; 4];
    let mut rest = text.as_bytes();
    while token.len() <= room {
        let is_other = |byte: &u8| !matches!(byte, b' '..=b'~') || matches!(byte, b'"' | b'\\');
        let plain = rest.iter().take(room.saturating_add(1)).take_while(|byte| !is_other(byte)).count();
        let (plain, from_other) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        token.extend_from_slice(plain);
        let mut code_points = Text::known_valid(from_other).code_points();
        let Some(code_point) = code_points.next() else { break };
        rest = code_points.rest().as_bytes();
        let escaped = SHORT_ESCAPES.iter().find(|(known, _)| u32::from(*known) == code_point);
        let is_plain = matches!(code_point, 0x20..0x7f) || has_letters && code_point > 0x7f && !is_control(code_point);
        let is_surrogate = matches!(code_point, 0xd800..0xe000);
        if let Some((_, letter)) = escaped {
            token.extend_from_slice(&[b'\\', *letter]);
        } else if is_plain && !is_surrogate {
            token.extend_from_slice(encode_code_point(code_point, &mut bytes).as_bytes());
        } else {
            let mut units = [0; 2];
            let units = char::from_u32(code_point).map_or(&[][..], |letter| letter.encode_utf16(&mut units));
            let mut escapes = TextWriter::new(token, usize::MAX);
            match units {
                [high, low] => {
                    escapes.push_escape(b'u', u32::from(*high), 4);
                    escapes.push_escape(b'u', u32::from(*low), 4);
                }
                _ => escapes.push_escape(b'u', code_point, 4),
            }
        }
    }
    token.push(b'"');
}

/// Appends what `base64.urlsafe_b64encode` gives.
pub fn append_base64(bytes: &[u8], text: &mut Vec<u8>) {
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| usize::from(chunk.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        let letter = |shift: u32| BASE64.get(bits >> shift & 0x3f).copied().unwrap_or(b'=');
        let letters = [letter(18), letter(12), letter(6), letter(0)];
        let written = chunk.len().saturating_add(1);
        text.extend_from_slice(letters.get(..written).unwrap_or_default());
        text.extend(std::iter::repeat_n(b'=', 4_usize.saturating_sub(written)));
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const SHORT_ESCAPES: &[(u8, u8)] =
    &[(b'"', b'"'), (b'\\', b'\\'), (b'\n', b'n'), (b'\r', b'r'), (b'\t', b't'), (8, b'b'), (12, b'f')];

/// The piece of a text without the backslashes at its end, which may belong to what follows.
fn whole_escapes<'t>(piece: Text<'t>, rest: &[u8]) -> Text<'t> {
    let bytes = piece.as_bytes();
    let kept = bytes.iter().rposition(|&byte| byte != b'\\').map_or(0, |last| last.saturating_add(1));
    match bytes.get(..kept) {
        Some(kept) if !kept.is_empty() && bytes.len() < rest.len() => Text::known_valid(kept),
        _ => piece,
    }
}

/// The text with those backslashes doubled that stand before a surrogate, or before what a surrogate is spelled as: an even number of
/// them tells text, an odd one a surrogate. `None` of a text that has none of either.
fn with_backslashes_doubled(text: &[u8]) -> Option<Vec<u8>> {
    let is_spelled = |text: &[u8]| match text {
        [b'u', b'd', b'8'..=b'9' | b'a'..=b'f', third, fourth, ..] => {
            let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            is_digit(third) && is_digit(fourth)
        }
        [0xed, 0xa0..=0xbf, ..] => true,
        _ => false,
    };
    let mut doubled = Vec::new();
    let (mut rest, mut copied) = (text, 0_usize);
    while let Some(at) = words::position(b'\\', rest) {
        let from = rest.get(at..).unwrap_or_default();
        let count = from.iter().take_while(|&&byte| byte == b'\\').count();
        rest = from.get(count..).unwrap_or_default();
        if is_spelled(rest) {
            let end = text.len().saturating_sub(rest.len());
            doubled.extend_from_slice(text.get(copied..end).unwrap_or_default());
            doubled.extend(std::iter::repeat_n(b'\\', count));
            copied = end;
        }
    }
    if copied == 0 {
        return None;
    }
    doubled.extend_from_slice(text.get(copied..).unwrap_or_default());
    Some(doubled)
}

/// Appends text as it stands within a JSON string.
fn append_piece(text: Text<'_>, token: &mut Vec<u8>) {
    let (start, bytes) = (token.len(), text.as_bytes());
    // Letters that are no ASCII, mostly.
    let has = |byte| words::position(byte, bytes).is_some();
    if Escape::All.next_special(bytes).is_none() && !has(b'"') && !has(b'\\') {
        return token.extend_from_slice(bytes);
    }
    // Writing to a Vec cannot fail. In `to_str`, surrogates are spelled out: jq takes no `\ud800`.
    let _ = serde_json::to_writer(&mut *token, text.to_str().as_ref());
    // Without its quotation marks.
    token.pop();
    token.remove(start);
    // serde_json leaves as it is what a terminal would obey, and what some take for the end of a line.
    if Escape::All.next_special(token.get(start..).unwrap_or_default()).is_some() {
        let written = token.split_off(start);
        Escape::All.append(&written, true, token, usize::MAX, None);
    }
}

/// The length of the longest start of a JSON string, its quotation mark included, that ends between characters and has at
/// most `room` bytes.
pub fn whole_characters(string: &[u8], room: usize) -> usize {
    let mut length = 0_usize;
    loop {
        let rest = string.get(length..).unwrap_or_default();
        let next = match rest {
            [] => return length,
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            _ => Text::known_valid(rest).prefix(1).as_bytes().len(),
        };
        match length.saturating_add(next) {
            end if end <= room => length = end,
            _ => return length,
        }
    }
}

/// How much of a string is escaped at a time.
pub const PIECE_BYTES: usize = 1 << 14;
