//! `int` as a number, and its decimal text.
//!
//! In: a value, or a number. Out: a [`BigInt`]; its decimal digits. Refused, as CPython refuses it with `ValueError:
//! Exceeds the limit (4300 digits) for integer string conversion`: what has more digits than
//! [`MAX_INTEGER_DIGITS`]. In its place stands `<int of 33219 bits>`, so that the record is not lost.

use crate::base::limits::MAX_INTEGER_DIGITS;
use crate::base::text::TextWriter;
use crate::decode::bigint::BigInt;
use crate::decode::{Kind, Value};
use std::fmt::Write;
use std::sync::LazyLock;

/// The number, if this is an `int` or a `bool`; `None` too if it is longer than the record's meter allows, or than the system has memory
/// for: then the meter is spent.
pub(crate) fn of(value: Value<'_>) -> Option<BigInt> {
    match value.kind() {
        Kind::Bool(value) => Some(BigInt::from(i64::from(value))),
        Kind::Int(value) => Some(BigInt::from(value)),
        Kind::BigInt(bytes) => {
            let is_allowed = value.meter().charge((bytes.len() / COPIED_BYTES_A_UNIT).saturating_add(UNITS_OF_ANY));
            let integer = if is_allowed { BigInt::from_signed_bytes_le(bytes) } else { None };
            if is_allowed && integer.is_none() {
                value.meter().charge(usize::MAX);
            }
            integer
        }
        _ => None,
    }
}

/// Writes the decimal digits, with `-` if negative; or else `<int of … bits>`.
pub(crate) fn write(integer: &BigInt, out: &mut TextWriter<'_>) {
    if !is_printable(integer) {
        // Writing to a TextWriter cannot fail.
        let _ = write!(out, "<int of {} bits>", integer.bits());
        return;
    }
    out.charge(units_of_decimal(integer));
    if !out.is_cut() {
        out.push_str(&integer.to_string());
    }
}

/// What it costs to find the decimal digits, in units of a meter.
pub(crate) fn units_of_decimal(integer: &BigInt) -> usize {
    // A digit has a little more than three bits.
    BigInt::units_of_decimal(integer.bits() / 3)
}

/// The same of a number of at most 64 bits; the text is put into `buffer`.
#[inline(always)]
pub(crate) fn short_decimal(value: i64, buffer: &mut [u8; DECIMAL_BYTES]) -> &[u8] {
    let Ok(small @ 0..100_000_000) = u32::try_from(value) else { return long_decimal(value, buffer) };
    let (digits, zeros) = eight_digits(small);
    if let Some(place) = buffer.first_chunk_mut() {
        *place = digits;
    }
    buffer.get(zeros..8).unwrap_or_default()
}

#[inline(never)]
fn long_decimal(value: i64, buffer: &mut [u8; DECIMAL_BYTES]) -> &[u8] {
    let mut rest = value.unsigned_abs();
    let mut start = buffer.len();
    for place in buffer.iter_mut().rev() {
        let [low, ..] = (rest % 10).to_le_bytes();
        *place = low | b'0';
        start = start.wrapping_sub(1);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        start = start.wrapping_sub(1);
        if let Some(sign) = buffer.get_mut(start) {
            *sign = b'-';
        }
    }
    buffer.get(start..).unwrap_or_default()
}

/// The digits of a number below 10^8, with zeros before them, and how many of those there are; one digit is always left. All
/// are found at once, in the lanes of a word: four digits and four, then two and two in each, then one and one. The factors
/// divide by 100 and by 10, exactly for numbers that small.
#[inline(always)]
pub(crate) fn eight_digits(number: u32) -> ([u8; 8], usize) {
    let fours = u64::from(number / 10_000) | u64::from(number % 10_000) << 32;
    let hundreds = (fours.wrapping_mul(10_486) >> 20) & 0x0000_007f_0000_007f;
    let pairs = hundreds | fours.wrapping_sub(hundreds.wrapping_mul(100)) << 16;
    let tens = (pairs.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
    let digits = tens | pairs.wrapping_sub(tens.wrapping_mul(10)) << 8;
    let zeros = usize::try_from(digits.trailing_zeros() / 8).unwrap_or(0).min(7);
    ((digits | 0x3030_3030_3030_3030).to_le_bytes(), zeros)
}

/// True for a number of at most [`MAX_INTEGER_DIGITS`] digits. Cheap, unlike counting them: a peer can have one long
/// number printed many times.
pub(crate) fn is_printable(integer: &BigInt) -> bool {
    integer.bits() < LEAST_REFUSED.bits() || integer.cmp_magnitude(&LEAST_REFUSED).is_lt()
}

/// The least number of more digits: a one, then zeros.
static LEAST_REFUSED: LazyLock<BigInt> = LazyLock::new(|| {
    let digits = "1".to_owned() + &"0".repeat(MAX_INTEGER_DIGITS);
    BigInt::from_decimal(digits.as_bytes()).unwrap_or(BigInt::from(0))
});

/// A minus and 19 digits.
pub(crate) const DECIMAL_BYTES: usize = 20;

/// What any integer costs that is longer than 64 bits, and how many bytes of it are taken in the time of a unit.
const UNITS_OF_ANY: usize = 5;
const COPIED_BYTES_A_UNIT: usize = 8;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn prints_as_many_digits_as_cpython_and_no_more() {
        let decimal = |integer: &BigInt| {
            let mut text = Vec::new();
            write(integer, &mut TextWriter::new(&mut text, usize::MAX));
            shown(&text)
        };
        for sign in ["", "-"] {
            for digits in [MAX_INTEGER_DIGITS - 1, MAX_INTEGER_DIGITS] {
                let nines = format!("{sign}{}", "9".repeat(digits));
                assert_eq!(decimal(&BigInt::from_decimal(nines.as_bytes()).unwrap()), nines);
            }
            let refused = format!("{sign}1{}", "0".repeat(MAX_INTEGER_DIGITS));
            assert_eq!(decimal(&BigInt::from_decimal(refused.as_bytes()).unwrap()), "<int of 14285 bits>");
        }
    }

    #[test]
    fn reads_ints_and_bools_only() {
        assert_eq!(of(Value::int(-7)), Some(BigInt::from(-7)));
        assert_eq!(of(Value::float(1.0)), None);
        assert_eq!(of(Value::none()), None);
    }

    fn shown(digits: &[u8]) -> String {
        String::from_utf8(digits.to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn decimal_digits_are_those_of_display(value: i64, shift in 0_u32..64) {
            for value in [value >> shift, (value >> shift).wrapping_neg()] {
                prop_assert_eq!(shown(short_decimal(value, &mut [0; DECIMAL_BYTES])), value.to_string());
            }
        }
    }

    #[test]
    fn decimal_digits_are_right_where_their_number_changes() {
        let powers = (0..19).map(|exponent| 10_i64.pow(exponent));
        for value in powers.flat_map(|power| [power - 1, power, power + 1, -power]).chain([i64::MIN, i64::MAX]) {
            assert_eq!(shown(short_decimal(value, &mut [0; DECIMAL_BYTES])), value.to_string());
        }
    }
}
