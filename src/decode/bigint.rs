//! Integers of any size, as far as a receiver needs them: read, compared, printed; nothing is computed.
//!
//! In: decimal digits, or two's complement as in a pickle. Out: the same, and hexadecimal, octal and binary digits. Refused:
//! text that is no integer. The length is for the caller to limit: reading and printing decimal digits takes time by the
//! square of their number.

use std::cmp::Ordering;
use std::fmt;

use crate::base::memory::with_room_for;
use crate::base::words::{leading_digits, word_at_most};

/// An integer. Two equal ones have the same form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BigInt {
    negative: bool,
    /// 32 bits each, the least significant first, the last not zero.
    limbs: Vec<u32>,
}

impl BigInt {
    /// From two's complement, the least significant byte first; `None` if the system has no memory for it.
    pub fn from_signed_bytes_le(bytes: &[u8]) -> Option<BigInt> {
        let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let fill = if negative { 0xff } else { 0 };
        let limb = |bytes: &[u8]| {
            let mut limb = [fill; 4];
            limb.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            u32::from_le_bytes(limb)
        };
        let mut limbs = with_room_for(bytes.len().div_ceil(4))?;
        limbs.extend(bytes.chunks(4).map(limb));
        if negative {
            negate(&mut limbs);
        }
        Some(BigInt::new(negative, limbs))
    }

    /// `None` if the system has no memory for it.
    pub fn from_u128(value: u128) -> Option<BigInt> {
        // A byte more, for the sign.
        BigInt::from_signed_bytes_le(&[&value.to_le_bytes()[..], &[0]].concat())
    }

    /// From decimal digits, with or without a sign.
    pub fn from_decimal(text: &[u8]) -> Option<BigInt> {
        let (negative, digits) = match text {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] | digits => (false, digits),
        };
        if digits.is_empty() {
            return None;
        }
        let mut limbs = Vec::with_capacity(digits.len().div_ceil(DIGITS_PER_GROUP));
        for group in digits.chunks(DIGITS_PER_WORD) {
            let (count, value) = leading_digits(word_at_most(group));
            if usize::try_from(count) != Ok(group.len()) {
                return None;
            }
            multiply_add(&mut limbs, 10_u32.wrapping_pow(count), low(value.into()));
        }
        Some(BigInt::new(negative, limbs))
    }

    /// `mantissa * 2**exponent`, as a float has it.
    pub fn scaled(negative: bool, mantissa: u64, exponent: u64) -> BigInt {
        let [shift, zeros] = [exponent % 32, exponent / 32];
        let wide = u128::from(mantissa) << shift;
        let zeros = std::iter::repeat_n(0, usize::try_from(zeros).unwrap_or(usize::MAX));
        BigInt::new(negative, zeros.chain([0_u32, 32, 64].map(|place| low((wide >> place) & 0xffff_ffff))).collect())
    }

    /// This times `base**exponent`; nothing else, if the exponent is negative.
    pub fn times_power(mut self, base: u32, exponent: i64) -> BigInt {
        let mut left = u32::try_from(exponent).unwrap_or(0);
        let most = u32::MAX.checked_ilog(base).unwrap_or(1);
        while left > 0 {
            let step = left.min(most);
            multiply_add(&mut self.limbs, base.saturating_pow(step), 0);
            left = left.saturating_sub(step);
        }
        self
    }

    /// The decimal digits of the absolute value times `10**places` divided by another, and one digit more: from that on it is not zero, if it is
    /// not zero anywhere. It takes time by the product of the digits of both.
    pub fn quotient(self, divisor: &BigInt, places: i64) -> String {
        let mut rest = self.times_power(10, places);
        // A digit has more than three bits.
        let length = rest.bits().saturating_sub(divisor.bits()).saturating_div(3).saturating_add(1);
        let divisor = divisor.clone().times_power(10, i64::try_from(length).unwrap_or(i64::MAX));
        let mut digits = Vec::new();
        for _ in 0..length.saturating_add(2) {
            let mut digit = b'0';
            while rest.cmp_magnitude(&divisor).is_ge() {
                rest.subtract(&divisor);
                digit = digit.saturating_add(1);
            }
            digits.push(digit);
            rest = rest.times_power(10, 1);
        }
        match digits.last_mut() {
            Some(last) if !rest.limbs.is_empty() && matches!(last, b'0' | b'5') => *last = last.saturating_add(1),
            _ => {}
        }
        String::from_utf8(digits).unwrap_or_default()
    }

    /// Takes away the absolute value of another that is no greater.
    fn subtract(&mut self, other: &BigInt) {
        let mut borrows = false;
        for (limb, taken) in self.limbs.iter_mut().zip(other.limbs.iter().copied().chain(std::iter::repeat(0))) {
            let (difference, below) = limb.overflowing_sub(taken);
            let (difference, below_too) = difference.overflowing_sub(u32::from(borrows));
            (*limb, borrows) = (difference, below || below_too);
        }
        *self = BigInt::new(self.negative, std::mem::take(&mut self.limbs));
    }

    /// What it costs to read, or to write, so many decimal digits, in units of a [`Meter`](crate::base::meter::Meter).
    pub fn units_of_decimal(digits: usize) -> usize {
        let groups = digits.div_ceil(DIGITS_PER_GROUP);
        groups.saturating_mul(groups).saturating_add(digits).div_ceil(LIMBS_A_UNIT).saturating_add(UNITS_OF_LIMBS)
    }

    fn new(negative: bool, mut limbs: Vec<u32>) -> BigInt {
        let length = limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last.saturating_add(1));
        limbs.truncate(length);
        BigInt { negative: negative && length > 0, limbs }
    }

    /// Two's complement, the least significant byte first; the sign may be repeated at the end.
    pub fn to_signed_bytes_le(&self) -> Vec<u8> {
        let mut limbs = self.limbs.clone();
        limbs.push(0);
        if self.negative {
            negate(&mut limbs);
        }
        limbs.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    pub fn to_u128(&self) -> Option<u128> {
        if self.negative || self.limbs.len() > 4 {
            return None;
        }
        Some(self.limbs.iter().rev().fold(0, |number, &limb| number << 32 | u128::from(limb)))
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// 32 bits each of the absolute value, the most significant first.
    pub fn limbs(&self) -> impl Iterator<Item = u32> {
        self.limbs.iter().rev().copied()
    }

    /// How many bits the absolute value has.
    #[inline(never)]
    pub fn bits(&self) -> usize {
        let unused = self.limbs.last().map_or(0, |limb| limb.leading_zeros());
        self.limbs.len().saturating_mul(32).saturating_sub(usize::try_from(unused).unwrap_or(0))
    }

    /// Compares the absolute values.
    pub fn cmp_magnitude(&self, other: &BigInt) -> Ordering {
        self.limbs.len().cmp(&other.limbs.len()).then_with(|| self.limbs().cmp(other.limbs()))
    }

    /// The decimal digits of the absolute value.
    pub fn decimal_digits(&self) -> String {
        let mut limbs = self.limbs.clone();
        // From the last digit to the first.
        let mut reversed = Vec::new();
        while !limbs.is_empty() {
            for mut group in take_groups(&mut limbs) {
                for _ in 0..DIGITS_PER_GROUP {
                    let [digit, ..] = (group % 10).to_le_bytes();
                    reversed.push(digit | b'0');
                    group /= 10;
                }
            }
        }
        let length = reversed.iter().rposition(|&digit| digit != b'0').map_or(1, |last| last.saturating_add(1));
        reversed.resize(length, b'0');
        reversed.reverse();
        String::from_utf8(reversed).unwrap_or_default()
    }

    /// The first digits of the absolute value, at most `room` of them: binary if they have one bit each, octal if three,
    /// hexadecimal if four. `None` if the system has no memory for them.
    pub fn leading_digits(&self, bits_per_digit: usize, room: usize) -> Option<String> {
        let count = self.bits().div_ceil(bits_per_digit.max(1)).max(1);
        let bit = |index: usize| {
            let limb = self.limbs.get(index / 32).copied().unwrap_or(0);
            limb >> (index % 32) & 1
        };
        let digit = |place: usize| {
            let first = place.saturating_mul(bits_per_digit);
            (first..first.saturating_add(bits_per_digit)).rev().fold(0, |digit, index| digit << 1 | bit(index))
        };
        let mut digits = String::from_utf8(with_room_for(count.min(room))?).ok()?;
        digits.extend((0..count).rev().take(room).filter_map(|place| char::from_digit(digit(place), 16)));
        Some(digits)
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-" } else { "" })?;
        f.write_str(&self.decimal_digits())
    }
}

impl From<i64> for BigInt {
    fn from(value: i64) -> BigInt {
        BigInt::scaled(value < 0, value.unsigned_abs(), 0)
    }
}

/// Negates two's complement.
fn negate(limbs: &mut Vec<u32>) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(u32::from(carry));
    }
}

/// `limbs * factor + addend`
#[allow(clippy::arithmetic_side_effects, reason = "(2**32 - 1)**2 + 2**32 - 1 is below 2**64")]
fn multiply_add(limbs: &mut Vec<u32>, factor: u32, addend: u32) {
    let mut carry = addend;
    for limb in limbs.iter_mut() {
        let wide = u64::from(*limb) * u64::from(factor) + u64::from(carry);
        (*limb, carry) = (low(wide.into()), low((wide >> 32).into()));
    }
    if carry > 0 {
        limbs.push(carry);
    }
}

/// Divides by [`GROUP`] again and again, and gives the remainders: the lowest groups of digits, the last one first. All divisions go
/// along the limbs together, each a step behind the one before: a processor does them side by side.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a remainder is below a group, and so `wide` below 2**62, and a quotient below 2**32"
)]
fn take_groups(limbs: &mut Vec<u32>) -> [u64; GROUPS_AT_ONCE] {
    let mut remainders = [0; GROUPS_AT_ONCE];
    for limb in limbs.iter_mut().rev() {
        let mut quotient = u64::from(*limb);
        for remainder in &mut remainders {
            let wide = *remainder << 32 | quotient;
            quotient = ((u128::from(wide) * u128::from(RECIPROCAL_OF_GROUP)) >> 93) as u64;
            *remainder = wide - quotient * GROUP;
        }
        *limb = low(quotient.into());
    }
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    remainders
}

#[allow(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the low 32 bits are what is wanted")]
fn low(wide: u128) -> u32 {
    wide as u32
}

/// A power of ten that fits a limb, and its exponent.
const GROUP: u64 = 1_000_000_000;
const DIGITS_PER_GROUP: usize = 9;

/// So many are read at once.
const DIGITS_PER_WORD: usize = 8;

/// 2**93 divided by [`GROUP`], rounded up. To multiply by it, and to divide by 2**93, gives the quotient of what is below 2**62.
const RECIPROCAL_OF_GROUP: u64 = 9_903_520_314_283_042_200;
const GROUPS_AT_ONCE: usize = 8;

/// On average a group of digits meets half of the limbs; so many are multiplied or divided in the time of two units.
const LIMBS_A_UNIT: usize = 20;
/// A digit costs as much; and so much is to be added.
const UNITS_OF_LIMBS: usize = 20;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use num_bigint as oracle;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_num_bigint(bytes in proptest::collection::vec(any::<u8>(), 0..200), room in 0_usize..2000) {
            let expected = oracle::BigInt::from_signed_bytes_le(&bytes);
            let number = BigInt::from_signed_bytes_le(&bytes).unwrap();
            prop_assert_eq!(number.to_string(), expected.to_string());
            prop_assert_eq!(u64::try_from(number.bits()).unwrap(), expected.bits());
            prop_assert_eq!(number.is_negative(), expected.sign() == oracle::Sign::Minus);
            prop_assert_eq!(BigInt::from_decimal(expected.to_string().as_bytes()), Some(number.clone()));
            prop_assert_eq!(oracle::BigInt::from_signed_bytes_le(&number.to_signed_bytes_le()), expected.clone());
            prop_assert_eq!(number.to_u128(), u128::try_from(&expected).ok());
            for (bits, radix) in [(1, 2), (3, 8), (4, 16)] {
                let digits = expected.magnitude().to_str_radix(radix);
                prop_assert_eq!(number.leading_digits(bits, room).unwrap(), &digits[..digits.len().min(room)]);
            }
        }

        #[test]
        fn compares_and_scales_as_num_bigint_does(mantissa: u64, other: i64, exponent in 0_u64..1100, less in 0_u64..3) {
            let expected = oracle::BigInt::from(mantissa) << exponent;
            let number = BigInt::scaled(false, mantissa, exponent);
            prop_assert_eq!(number.to_string(), expected.to_string());
            let near = exponent.saturating_sub(less);
            let ordering = expected.magnitude().cmp(&(oracle::BigUint::from(other.unsigned_abs()) << near));
            prop_assert_eq!(number.cmp_magnitude(&BigInt::scaled(true, other.unsigned_abs(), near)), ordering);
            prop_assert_eq!(BigInt::from(other).to_string(), other.to_string());
        }
    }

    #[test]
    fn zero_has_no_sign() {
        for zero in [BigInt::from(0), BigInt::from_decimal(b"-0000000000").unwrap(), BigInt::scaled(true, 0, 99)] {
            assert_eq!((zero.to_string().as_str(), zero.is_negative(), zero.bits()), ("0", false, 0));
            assert_eq!(zero.leading_digits(4, 5).unwrap(), "0");
        }
    }

    #[test]
    fn rejects_what_is_no_integer() {
        for text in [
            "",
            "-",
            "+",
            "--1",
            "-+1",
            "1_0",
            " 1",
            "1.",
            "0x1",
            "1L",
            "12345678x",
            "1234567x",
            "123456789 ",
            "1234567890x",
            "1\0",
        ] {
            assert_eq!(BigInt::from_decimal(text.as_bytes()), None, "{text}");
        }
        assert_eq!(BigInt::from_decimal(b"+7"), Some(BigInt::from(7)));
    }
}
