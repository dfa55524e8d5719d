//! JSON strings: text between quotation marks, with what a terminal would obey escaped.

use std::iter;

use crate::base::text::{Text, TextWriter, encode_code_point};
use crate::base::words;
use crate::format::escape::{Escape, is_control};

/// Appends text as a JSON string; that which is plain, as most is, stands for itself. The other ends early when it is longer than `room`
/// anyway: escapes take up to six times the room of what they stand for.
pub fn append_string(text: Text<'_>, is_plain: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut rest = text.as_bytes();
    if is_plain {
        token.extend_from_slice(rest);
        rest = &[];
    }
    while !rest.is_empty() && token.len() <= room {
        let (plain, from_other) = rest.split_at_checked(words::plain_in_json(rest)).unwrap_or((rest, &[]));
        append_within(plain, room, token);
        rest = match from_other {
            [] => break,
            [b'\\', ..] => append_backslashes(from_other, room, token),
            [byte, after @ ..] if byte.is_ascii() => {
                append_escape(u32::from(*byte), token);
                after
            }
            _ => append_letters(from_other, room, token),
        };
    }
    token.push(b'"');
}

/// Appends a text, or as much of it as makes the string too long.
fn append_within(text: &[u8], room: usize, token: &mut Vec<u8>) {
    // A code point more than there is room for is still too long.
    let fits = room.saturating_sub(token.len()).saturating_add(4);
    token.extend_from_slice(Text::known_valid(text).within(fits).as_bytes());
}

/// Appends the backslashes with which a text begins; gives what follows. Before a surrogate, or before what a surrogate is spelled as, they
/// are doubled: an even number of them tells text, an odd one a surrogate.
fn append_backslashes<'t>(text: &'t [u8], room: usize, token: &mut Vec<u8>) -> &'t [u8] {
    let backslashes = text.iter().take_while(|&&byte| byte == b'\\').count();
    let after = text.get(backslashes..).unwrap_or_default();
    let bytes = backslashes.saturating_mul(if begins_as_surrogate(after) { 4 } else { 2 });
    token.extend(iter::repeat_n(b'\\', bytes.min(room.saturating_sub(token.len()).saturating_add(1))));
    after
}

/// Appends the characters beyond ASCII with which a text begins, those as escapes that a terminal would obey, and surrogates; gives what
/// follows.
#[inline(never)]
fn append_letters<'t>(text: &'t [u8], room: usize, token: &mut Vec<u8>) -> &'t [u8] {
    let letters = text.iter().take_while(|byte| !byte.is_ascii()).count();
    let (mut letters, after) = text.split_at_checked(letters).unwrap_or((text, &[]));
    while let Some((plain, code_point, rest)) = Escape::All.next_special(letters).filter(|_| token.len() <= room) {
        append_within(plain, room, token);
        if matches!(code_point, 0xd800..0xe000) {
            // With a backslash of its own: jq takes no `\ud800`.
            token.push(b'\\');
        }
        append_escape(code_point, token);
        letters = rest;
    }
    append_within(letters, room, token);
    after
}

/// True for text that begins with a surrogate, or with what follows the backslash where one is spelled.
fn begins_as_surrogate(text: &[u8]) -> bool {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    match text {
        [b'u', b'd', b'8'..=b'9' | b'a'..=b'f', third, fourth, ..] => is_digit(third) && is_digit(fourth),
        [0xed, 0xa0..=0xbf, ..] => true,
        _ => false,
    }
}

/// Appends the escape of a character, or of half of one.
fn append_escape(code_point: u32, token: &mut Vec<u8>) {
    match SHORT_ESCAPES.iter().find(|(known, _)| u32::from(*known) == code_point) {
        Some((_, letter)) => {
            token.push(b'\\');
            token.push(*letter);
        }
        None => TextWriter::new(token, usize::MAX).push_escape(b'u', code_point, 4),
    }
}

/// Appends text as `json.dumps` spells it; what a terminal would obey is escaped even where letters are not.
pub fn append_as_python(text: Text<'_>, has_letters: bool, room: usize, token: &mut Vec<u8>) {
    token.push(b'"');
    let mut bytes = [0; 4];
    let mut rest = text.as_bytes();
    while token.len() <= room {
        let (plain, from_other) = rest.split_at_checked(words::plain_in_json(rest)).unwrap_or((rest, &[]));
        append_within(plain, room, token);
        if let [byte @ 0..0x80, after @ ..] = from_other {
            append_escape(u32::from(*byte), token);
            rest = after;
            continue;
        }
        let mut code_points = Text::known_valid(from_other).code_points();
        let Some(code_point) = code_points.next() else { break };
        rest = code_points.rest().as_bytes();
        let is_escaped = is_control(code_point) || matches!(code_point, 0xd800..0xe000);
        let mut units = [0; 2];
        match char::from_u32(code_point).map_or(&[][..], |letter| letter.encode_utf16(&mut units)) {
            [high, low] if !has_letters => {
                append_escape(u32::from(*high), token);
                append_escape(u32::from(*low), token);
            }
            _ if !is_escaped && has_letters => {
                token.extend_from_slice(encode_code_point(code_point, &mut bytes).as_bytes());
            }
            _ => append_escape(code_point, token),
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

/// The length of the longest start of a JSON string, its quotation mark included, that ends between characters and has at
/// most `room` bytes.
pub fn whole_characters(string: &[u8], room: usize) -> usize {
    let mut length = 0_usize;
    loop {
        let rest = string.get(length..).unwrap_or_default();
        let plain = words::plain_in_json(rest);
        let next = match rest {
            [] => return length,
            [b'\\', b'u', ..] => 6,
            [b'\\', ..] => 2,
            // Its first byte says how many a character has.
            [first, ..] => plain.max(usize::try_from(first.leading_ones()).unwrap_or(1)).max(1),
        };
        match length.saturating_add(next) {
            end if end <= room => length = end,
            _ => return if plain > 0 { room } else { length },
        }
    }
}

/// Shorter texts are escaped without asking whether there is memory for that.
pub const SHORT_BYTES: usize = 1 << 14;
