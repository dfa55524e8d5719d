//! Bytes looked at eight at a time, as words: what most names, messages and lines are tells itself so in a few instructions.
//!
//! In: bytes. Out: whether all of them are of a kind. Each of these is the same as a plain loop over the bytes, which stands
//! beside it in the tests and decides there. A set high bit in what is made of a word tells of a byte that is not of the kind.

/// True for printable ASCII, which most lines are.
pub(crate) fn are_printable(text: &[u8]) -> bool {
    no_word(text, unprintable)
}

/// True for printable ASCII without quotation marks and backslashes: what stands for itself in a JSON string.
#[cfg(feature = "json")]
pub(crate) fn stand_for_themselves_in_json(text: &[u8]) -> bool {
    no_word(text, |word| unprintable(word) | is_ascii_and(b'"', word) | is_ascii_and(b'\\', word))
}

/// Whether `tells` finds nothing in any word of `text`. Of one shorter than a word, it sees spaces too.
#[inline(always)]
fn no_word(text: &[u8], tells: impl Fn(u64) -> u64) -> bool {
    // The last word overlaps with the one before.
    let Some(last) = text.last_chunk() else {
        return tells(short_word(text)) == 0;
    };
    let (mut rest, mut found) = (text, tells(u64::from_le_bytes(*last)));
    while let Some((words, after)) = rest.split_first_chunk::<32>() {
        let [a, b, c, d] = [word_at(words, 0), word_at(words, 8), word_at(words, 16), word_at(words, 24)];
        found |= tells(a) | tells(b) | tells(c) | tells(d);
        rest = after;
    }
    while let Some((word, after)) = rest.split_first_chunk() {
        (rest, found) = (after, found | tells(u64::from_le_bytes(*word)));
    }
    found == 0
}

/// Fewer than eight bytes, some of them twice perhaps, and spaces.
#[inline(always)]
fn short_word(text: &[u8]) -> u64 {
    let four = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => four(first) | four(last) << 32,
        _ => match *text {
            [a, b, c] => SPACES ^ u64::from_le_bytes([b' ' ^ a, b' ' ^ b, b' ' ^ c, 0, 0, 0, 0, 0]),
            [a, b] => SPACES ^ u64::from_le_bytes([b' ' ^ a, b' ' ^ b, 0, 0, 0, 0, 0, 0]),
            [a] => SPACES ^ u64::from(b' ' ^ a),
            _ => SPACES,
        },
    }
}

/// Tells of each byte that is not printable ASCII.
#[inline(always)]
pub(crate) fn unprintable(word: u64) -> u64 {
    (word | word.wrapping_sub(SPACES) | word.wrapping_add(EACH)) & HIGH_BITS
}

/// Tells, of a word that is ASCII, whether one of its bytes is this one.
#[cfg(feature = "json")]
#[inline(always)]
fn is_ascii_and(byte: u8, word: u64) -> u64 {
    (word ^ u64::from_le_bytes([byte; 8])).wrapping_sub(EACH) & HIGH_BITS
}

/// Eight bytes as one word, the first the lowest; 0 past the end.
#[inline(always)]
pub(crate) fn word_at(bytes: &[u8], start: usize) -> u64 {
    bytes.get(start..).and_then(<[u8]>::first_chunk).map_or(0, |word| u64::from_le_bytes(*word))
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = EACH * 0x20;
const HIGH_BITS: u64 = EACH * 0x80;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of which most are of a kind: the lengths and places where words begin and end matter.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![8 => b' '..=b'~', 1 => any::<u8>(), 1 => prop::sample::select(&b"\"\\\x1f\x7f\x80"[..])];
        prop::collection::vec(byte, 0..80)
    }

    proptest! {
        #[test]
        fn are_what_plain_loops_find(bytes in bytes()) {
            let printable = |byte: &u8| (b' '..=b'~').contains(byte);
            prop_assert_eq!(are_printable(&bytes), bytes.iter().all(printable));
            let stands = |byte: &u8| printable(byte) && !b"\"\\".contains(byte);
            prop_assert_eq!(stand_for_themselves_in_json(&bytes), bytes.iter().all(stands));
        }
    }

    #[test]
    fn one_byte_decides_wherever_it_stands() {
        assert!(are_printable(b"") && stand_for_themselves_in_json(b""));
        for byte in 0..=u8::MAX {
            for length in [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 47] {
                for (place, other) in (0..length).flat_map(|place| [b' ', b'a', b'~'].map(|other| (place, other))) {
                    let mut text = vec![other; length];
                    text[place] = byte;
                    let is_printable = (b' '..=b'~').contains(&byte);
                    assert_eq!(are_printable(&text), is_printable, "{text:?}");
                    let stands = is_printable && !b"\"\\".contains(&byte);
                    assert_eq!(stand_for_themselves_in_json(&text), stands, "{text:?}");
                }
            }
        }
    }
}
