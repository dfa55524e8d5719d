//! Bytes looked at eight at a time, as words: what most names, messages and lines are tells itself so in a few instructions.
//!
//! In: bytes. Out: whether all of them are of a kind. Each of these is the same as a plain loop over the bytes, which stands
//! beside it in the tests and decides there. A set high bit in what is made of a word tells of a byte that is not of the kind.

/// True for printable ASCII, which most lines are.
pub(crate) fn are_printable(text: &[u8]) -> bool {
    are_free_of(text, unprintable)
}

/// What follows the words of eight bytes that it begins with and that are printable ASCII.
pub(crate) fn after_printable(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let Some((word, after)) = rest.split_first_chunk() {
        if unprintable(u64::from_le_bytes(*word)) != 0 {
            break;
        }
        rest = after;
    }
    rest
}

/// True for printable ASCII without quotation marks and backslashes: what stands for itself in a JSON string.
pub(crate) fn stand_for_themselves_in_json(text: &[u8]) -> bool {
    are_free_of(text, others_in_json)
}

/// How many bytes a text begins with that do.
pub(crate) fn plain_in_json(text: &[u8]) -> usize {
    place_of_first(text, others_in_json)
}

#[inline(always)]
fn others_in_json(word: u64) -> u64 {
    unprintable(word) | is_ascii_and(b'"', word) | is_ascii_and(b'\\', word)
}

/// True for ASCII. `<[u8]>::is_ascii` is made for long texts; names and messages are short, and two overlapping words
/// cover most of them.
#[inline(always)]
pub(crate) fn is_ascii(bytes: &[u8]) -> bool {
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) if bytes.len() <= 16 => {
            (u64::from_ne_bytes(*first) | u64::from_ne_bytes(*last)) & HIGH_BITS == 0
        }
        (Some(_), _) => is_long_ascii(bytes),
        _ => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                u64::from(u32::from_ne_bytes(*first) | u32::from_ne_bytes(*last)) & HIGH_BITS == 0
            }
            _ => bytes.iter().fold(0, |all, byte| all | byte) < 0x80,
        },
    }
}

/// Rust's own, once instead of wherever it is asked: a call is nothing beside what it takes.
#[inline(never)]
fn is_long_ascii(bytes: &[u8]) -> bool {
    bytes.is_ascii()
}

/// True only if the first `length` bytes are ASCII: not of more than 32, and where no 32 bytes can be read. All of these are looked
/// at whatever the length is: the lengths of names and messages are nothing that a processor could predict.
#[inline(always)]
pub(crate) fn begins_with_short_ascii(bytes: &[u8], length: usize) -> bool {
    match (bytes.first_chunk::<32>(), HIGH_BITS_UP_TO.get(length)) {
        (Some(bytes), Some([a, b, c, d])) => {
            let [a, b] = [word_at(bytes, 0) & a, word_at(bytes, 8) & b];
            let [c, d] = [word_at(bytes, 16) & c, word_at(bytes, 24) & d];
            a | b | c | d == 0
        }
        _ => false,
    }
}

/// By length: the high bit of each byte that is within that length, and of no other.
#[allow(clippy::indexing_slicing, reason = "evaluated when it is compiled")]
static HIGH_BITS_UP_TO: [[u64; 4]; 33] = {
    let mut masks = [[0; 4]; 33];
    let mut length = 1;
    while length < masks.len() {
        let byte = length - 1;
        masks[length] = masks[byte];
        masks[length][byte / 8] |= 0x80 << (byte % 8 * 8);
        length += 1;
    }
    masks
};

/// Where a byte stands first.
pub(crate) fn position(byte: u8, bytes: &[u8]) -> Option<usize> {
    let zeros = |word: u64| {
        let unlike = word ^ u64::from_le_bytes([byte; 8]);
        unlike.wrapping_sub(EACH) & !unlike & HIGH_BITS
    };
    Some(place_of_first(bytes, zeros)).filter(|place| *place < bytes.len())
}

/// Where the first byte stands that `tells` tells of, or the length. It may be wrong of bytes beyond that one: the lowest bit that is set
/// is right, and the carry from there may set others.
#[inline(always)]
fn place_of_first(bytes: &[u8], tells: impl Fn(u64) -> u64) -> usize {
    let (mut rest, mut before) = (bytes, 0_usize);
    let place_in = |told: u64| usize::try_from(told.trailing_zeros() / 8).unwrap_or_default();
    while let Some((word, after)) = rest.split_first_chunk() {
        let told = tells(u64::from_le_bytes(*word));
        if told != 0 {
            return before.wrapping_add(place_in(told));
        }
        (rest, before) = (after, before.wrapping_add(8));
    }
    before.wrapping_add(place_in(tells(word_at_most(rest))).min(rest.len()))
}

/// `==`, by words: the C libraries of small boxes compare byte by byte, which took a third of all the time there.
#[inline(always)]
pub(crate) fn are_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let (last, other_last) = (one.last_chunk(), other.last_chunk());
    let (mut one, mut other) = (one, other);
    while let (Some((piece, after)), Some((other_piece, other_after))) =
        (one.split_first_chunk(), other.split_first_chunk())
    {
        if are_unlike(piece, other_piece) {
            return false;
        }
        (one, other) = (after, other_after);
    }
    // The last piece overlaps with the one before.
    match (last, other_last) {
        (Some(last), Some(other_last)) => !are_unlike(last, other_last),
        _ => one.iter().eq(other),
    }
}

#[inline(always)]
fn are_unlike(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let unlike = |at| word_at(one, at) ^ word_at(other, at);
    unlike(0) | unlike(8) | unlike(16) | unlike(24) != 0
}

/// How many ASCII digits eight bytes begin with, the first of them in the lowest byte, and what number they are. They are moved
/// up so that as many zeros stand before them as others stood behind; then neighbours are joined to numbers of two digits each,
/// those to numbers of four, and those to one.
#[inline(always)]
pub(crate) fn leading_digits(bytes: u64) -> (u32, u64) {
    // '0' to '9' become 0 to 9, anything else more. The first of those sets its high bit; its carry changes only later ones.
    let digits = bytes ^ (EACH * 0x30);
    let others = (digits.wrapping_add(EACH * 0x76) | digits) & HIGH_BITS;
    let count = others.trailing_zeros() / 8;
    let moved = digits.checked_shl(64_u32.wrapping_sub(count.wrapping_mul(8))).unwrap_or(0);
    let pairs = (moved & 0x000f_000f_000f_000f).wrapping_mul(10).wrapping_add(moved >> 8 & 0x000f_000f_000f_000f);
    let fours = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(100).wrapping_add(pairs >> 16 & 0x0000_00ff_0000_00ff);
    (count, (fours & 0xffff).wrapping_mul(10_000).wrapping_add(fours >> 32))
}

/// Whether `tells` tells of no byte of `text`. Of a text shorter than a word, it sees spaces too.
#[inline(always)]
fn are_free_of(text: &[u8], tells: impl Fn(u64) -> u64) -> bool {
    // The last word overlaps with the one before.
    let Some(last) = text.last_chunk() else {
        return tells(short_word(text)) == 0;
    };
    let (mut rest, mut found) = (text, tells(u64::from_le_bytes(*last)));
    while let Some((words, after)) = rest.split_first_chunk::<32>() {
        let [a, b, c, d] = [word_at(words, 0), word_at(words, 8), word_at(words, 16), word_at(words, 24)];
        found |= tells(a) | tells(b) | tells(c) | tells(d);
        if found != 0 {
            return false;
        }
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

/// Tells of each byte that is less than a space, and of no other.
#[inline(always)]
pub(crate) fn below_space(word: u64) -> u64 {
    !((word & !HIGH_BITS).wrapping_add(EACH * 0x60) | word) & HIGH_BITS
}

/// Tells of each byte that is this one, and of no other.
#[inline(always)]
pub(crate) fn equal(byte: u8, word: u64) -> u64 {
    let unlike = word ^ u64::from_le_bytes([byte; 8]);
    !((unlike & !HIGH_BITS).wrapping_add(!HIGH_BITS) | unlike) & HIGH_BITS
}

/// Tells, of a word that is ASCII, whether one of its bytes is this one.
#[inline(always)]
fn is_ascii_and(byte: u8, word: u64) -> u64 {
    (word ^ u64::from_le_bytes([byte; 8])).wrapping_sub(EACH) & HIGH_BITS
}

/// Eight bytes as one word, the first the lowest; 0 past the end.
#[inline(always)]
pub(crate) fn word_at(bytes: &[u8], start: usize) -> u64 {
    bytes.get(start..).and_then(<[u8]>::first_chunk).map_or(0, |word| u64::from_le_bytes(*word))
}

/// The first eight bytes as one word, or fewer, and zeros.
pub(crate) fn word_at_most(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or_else(
        || bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        |word| u64::from_le_bytes(*word),
    )
}

/// The hexadecimal digits of a number, the highest first.
pub(crate) fn hexadecimal(number: u32) -> [u8; 8] {
    // Each digit is moved into a byte of its own; of those that are letters, six more have the bit above.
    let fours = u64::from(number >> 16) << 32 | u64::from(number & 0xffff);
    let pairs = (fours | fours << 8) & 0x00ff_00ff_00ff_00ff;
    let digits = (pairs | pairs << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = (digits.wrapping_add(EACH * 6) >> 4) & EACH;
    digits.wrapping_add(EACH * 0x30).wrapping_add(letters.wrapping_mul(0x27)).to_be_bytes()
}

const EACH: u64 = 0x0101_0101_0101_0101;
const SPACES: u64 = EACH * 0x20;
const HIGH_BITS: u64 = EACH * 0x80;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
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
            prop_assert_eq!(plain_in_json(&bytes), bytes.iter().take_while(|byte| stands(byte)).count());
            let words = bytes.chunks_exact(8).take_while(|word| word.iter().all(printable)).count();
            prop_assert_eq!(after_printable(&bytes), &bytes[8 * words..]);
            for byte in [b'"', b'a', 0x7f, 0x80] {
                prop_assert_eq!(position(byte, &bytes), bytes.iter().position(|other| *other == byte));
            }
            prop_assert_eq!(is_ascii(&bytes), bytes.iter().all(|byte| *byte < 0x80));
            for length in 0..40 {
                let is_short = length <= 32 && bytes.len() >= 32;
                let expected = is_short && bytes.iter().take(length).all(|byte| *byte < 0x80);
                prop_assert_eq!(begins_with_short_ascii(&bytes, length), expected, "{}", length);
            }
        }

        #[test]
        fn bytes_of_a_word_are_told_apart(bytes: [u8; 8], chosen in prop::sample::select(&b"\0\t\n\x1f \x7f\x80\xc2\xff"[..]), places: u8) {
            let bytes: [u8; 8] = std::array::from_fn(|place| if places >> place & 1 == 1 { chosen } else { bytes[place] });
            let told = |tells: u64| std::array::from_fn(|place| tells.to_le_bytes()[place] != 0);
            let word = u64::from_le_bytes(bytes);
            prop_assert_eq!(told(below_space(word)), bytes.map(|byte| byte < b' '));
            prop_assert_eq!(told(equal(chosen, word)), bytes.map(|byte| byte == chosen));
        }

        #[test]
        fn are_the_same_if_each_of_them_is(bytes in bytes(), place: prop::sample::Index, other: u8) {
            let mut others = bytes.clone();
            prop_assert!(are_same(&bytes, &others));
            if let Some(byte) = others.get_mut(place.index(bytes.len().max(1))) {
                *byte = other;
            }
            prop_assert_eq!(are_same(&bytes, &others), bytes == others);
            others.push(other);
            prop_assert_eq!(are_same(&bytes, &others), bytes == others);
        }

        #[test]
        fn digits_are_those_that_a_loop_finds(text in "[0-9]{0,8}[ -~]{8}") {
            let word: [u8; 8] = *text.as_bytes().first_chunk().unwrap();
            let digits: Vec<u64> =
                word.iter().take_while(|byte| byte.is_ascii_digit()).map(|byte| u64::from(byte - b'0')).collect();
            let number = digits.iter().fold(0, |number, digit| number * 10 + digit);
            let (count, found) = leading_digits(u64::from_le_bytes(word));
            prop_assert_eq!((usize::try_from(count), found), (Ok(digits.len()), number));
            for length in 0..word.len() {
                let alone = leading_digits(word_at_most(&word[..length]));
                let expected = digits.iter().take(length).fold(0, |number, digit| number * 10 + digit);
                prop_assert_eq!((usize::try_from(alone.0), alone.1), (Ok(digits.len().min(length)), expected));
            }
        }
    }

    #[test]
    fn hexadecimal_digits_are_those_that_rust_writes() {
        let numbers = (0..0x1_0000).chain((0..32).map(|place| 1 << place)).chain([0x0012_3456, 0x789a_bcde, u32::MAX]);
        for number in numbers {
            assert_eq!(hexadecimal(number), format!("{number:08x}").as_bytes());
        }
    }

    #[test]
    fn bytes_are_the_same_if_each_of_them_is() {
        for length in 0..100 {
            let bytes: Vec<u8> = (0..length).collect();
            assert!(are_same(&bytes, &bytes.clone()), "{length}");
            assert!(!are_same(&bytes, &[&bytes[..], &[0]].concat()), "{length}");
            for at in 0..bytes.len() {
                let mut others = bytes.clone();
                others[at] ^= 0x80;
                assert!(!are_same(&bytes, &others), "{length} {at}");
            }
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
