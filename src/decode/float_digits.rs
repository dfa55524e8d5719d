//! Decimal digits to float and back, exactly rounded, half to even: [`read_float`], [`rounded`], [`scientific`], [`without_last`].
//!
//! Most is done with 128 bits. Where these do not tell which of two numbers is the nearer, whole numbers of any size do. Rust's own
//! ways there and back are 30 kB, most of them tables; this is a tenth.

use std::cmp::Ordering;

use super::bigint::BigInt;
use crate::base::digits::unsigned;

/// A float as Rust's own `parse` takes it: `-1.5e3`, `.5`, `1.`, `inf`, `Infinity`, `nan`.
pub fn read_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is = |name| unsigned.eq_ignore_ascii_case(name);
    let magnitude = match Decimal::of(unsigned) {
        Some(decimal) => decimal.to_float(),
        None if is("nan") => f64::NAN,
        None if is("inf") || is("infinity") => f64::INFINITY,
        None => return None,
    };
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Digits, perhaps with a point among them, and an exponent.
struct Decimal<'t> {
    coefficient: &'t [u8],
    exponent: i64,
    /// The first digits, and their exponent.
    word: u64,
    word_exponent: i64,
    /// There are more of them, not all zero.
    is_longer: bool,
}

impl Decimal<'_> {
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "a text has fewer than 2**62 digits, and a word room for one more"
    )]
    fn of(text: &str) -> Option<Decimal<'_>> {
        let letter = text.bytes().position(|byte| matches!(byte, b'e' | b'E'));
        let (coefficient, exponent) = match letter.and_then(|place| text.split_at_checked(place)) {
            Some((coefficient, exponent)) => (coefficient.as_bytes(), exponent_of(exponent.get(1..)?)?),
            None => (text.as_bytes(), 0),
        };
        let mut decimal = Decimal { coefficient, exponent, word: 0, word_exponent: exponent, is_longer: false };
        let mut point = None;
        for (place, byte) in coefficient.iter().enumerate() {
            match byte {
                b'.' if point.is_none() => point = Some(place),
                b'0'..=b'9' if decimal.word < FULL_WORD => {
                    decimal.word = decimal.word * 10 + u64::from(byte & 0xf);
                    decimal.word_exponent -= i64::from(point.is_some());
                }
                b'0'..=b'9' => {
                    decimal.is_longer |= *byte != b'0';
                    decimal.word_exponent += i64::from(point.is_none());
                }
                _ => return None,
            }
        }
        (coefficient.len() > usize::from(point.is_some())).then_some(decimal)
    }

    /// The nearest float.
    #[allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "exponents are small where they are not beyond all floats; what is below 2**53 is a float, and so is 10**19"
    )]
    fn to_float(&self) -> f64 {
        let &Decimal { word, word_exponent: exponent, is_longer, .. } = self;
        // One operation with two floats is exactly rounded.
        let power = u32::try_from(exponent.abs()).ok().and_then(|exponent| 10_u64.checked_pow(exponent));
        if let (Some(power), 0, false) = (power, word >> (MANTISSA_BITS + 1), is_longer) {
            return if exponent < 0 { word as f64 / power as f64 } else { word as f64 * power as f64 };
        }
        match exponent {
            _ if word == 0 => return 0.0,
            ..-400 => return 0.0,
            400.. => return f64::INFINITY,
            _ => {}
        }
        let (power, power_exponent) = power_of_ten(exponent);
        let product = |word: u64, power: u128| {
            let zeros = word.leading_zeros();
            nearest(high_product(u128::from(word) << 64 << zeros, power), power_exponent + 64 - i64::from(zeros))
        };
        let least = product(word, power);
        let most = product(word + u64::from(is_longer), power.saturating_add(POWER_ERROR));
        if least == most { least } else { self.nearer(least, most) }
    }

    /// Of two neighbours, between which it lies.
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "exponents of floats are small, and a text has fewer than 2**62 digits"
    )]
    fn nearer(&self, least: f64, most: f64) -> f64 {
        let is_digit = |byte: &&u8| byte.is_ascii_digit();
        let digits = self.coefficient.iter().filter(is_digit).skip_while(|digit| **digit == b'0');
        let (first, mut rest) = (digits.clone().take(MAX_DIGITS), digits.skip(MAX_DIGITS));
        let mut digits: Vec<u8> = first.copied().collect();
        let fraction = self.coefficient.iter().rev().take_while(is_digit).count();
        let fraction = if self.coefficient.contains(&b'.') { fraction } else { 0 };
        let mut exponent = self.exponent - length(fraction);
        exponent += length(rest.clone().count());
        if let (Some(last), true) = (digits.last_mut(), rest.any(|digit| *digit != b'0')) {
            // No middle has a digit there: all that is more than it is alike.
            *last |= 1;
        }
        let (mantissa, twos) = parts(least);
        let middle = BigInt::scaled(false, mantissa * 2 + 1, 0);
        let own = BigInt::from_decimal(&digits).unwrap_or(BigInt::from(0));
        let twos = exponent - (twos - 1);
        let own = own.times_power(5, exponent).times_power(2, twos);
        let middle = middle.times_power(5, -exponent).times_power(2, -twos);
        match own.cmp_magnitude(&middle) {
            Ordering::Less => least,
            Ordering::Equal if mantissa % 2 == 0 => least,
            Ordering::Equal | Ordering::Greater => most,
        }
    }
}

/// An exponent, far beyond those of floats if it has too many digits.
fn exponent_of(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = unsigned(digits).unwrap_or(i64::MAX).min(i64::MAX / 4);
    Some(if text.starts_with('-') { exponent.saturating_neg() } else { exponent })
}

/// So many digits, as an exponent counts them.
pub fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The float nearest to `mantissa * 2**exponent`.
#[allow(clippy::arithmetic_side_effects, reason = "exponents of floats are small, and no shift is longer than checked")]
fn nearest(mantissa: u128, exponent: i64) -> f64 {
    let zeros = mantissa.leading_zeros();
    let mantissa = mantissa.checked_shl(zeros).unwrap_or(0);
    // Of the highest bit, above that of the least float.
    let place = exponent + 127 - i64::from(zeros) - LEAST_EXPONENT;
    if place >= 2046 + 52 {
        return f64::INFINITY;
    }
    let bits = place.clamp(-1, MANTISSA_BITS) + 1;
    let shift = u32::try_from(128 - bits).unwrap_or(128);
    let rest = if shift < 128 { mantissa & ((1 << shift) - 1) } else { mantissa };
    let whole = u64::try_from(mantissa.checked_shr(shift).unwrap_or(0)).unwrap_or(u64::MAX);
    let half = 1_u128 << (shift - 1);
    let up = rest > half || rest == half && whole % 2 == 1;
    // Where the mantissa is whole, its first bit counts as one more of the exponent.
    let steps = u64::try_from((place - MANTISSA_BITS).max(0)).unwrap_or(0);
    f64::from_bits((steps << MANTISSA_BITS) + whole + u64::from(up && place >= -1))
}

/// `10**exponent`, below 2**512, as a mantissa whose highest bit is set, and an exponent of two. What it lacks is less than
/// [`POWER_ERROR`].
#[allow(clippy::arithmetic_side_effects, reason = "exponents are small")]
fn power_of_ten(exponent: i64) -> (u128, i64) {
    let (mut power, mut twos) = (1_u128 << 127, -127);
    for (place, mantissas) in POWERS.iter().enumerate() {
        let Some(step) = 1_i64.checked_shl(u32::try_from(place).unwrap_or(0)) else { break };
        if exponent.abs() & step != 0 {
            let [positive, negative] = *mantissas;
            let (mantissa, step) = if exponent < 0 { (negative, -step) } else { (positive, step) };
            power = high_product(power, mantissa);
            // By how many bits it is longer than 1.
            twos += ((step * LOG2_OF_10_TIMES_2_TO_THE_16) >> 16) + 1;
            if power >> 127 == 0 {
                (power, twos) = (power << 1, twos - 1);
            }
        }
    }
    (power, twos)
}

/// The higher half of a product.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "products of 64 bits, and carries of them, fit into 128"
)]
fn high_product(one: u128, other: u128) -> u128 {
    let product = |one: u128, other: u128| u128::from(one as u64) * u128::from(other as u64);
    let (across, back) = (product(one >> 64, other), product(one, other >> 64));
    let carry = (product(one, other) >> 64) + u128::from(across as u64) + u128::from(back as u64);
    product(one >> 64, other >> 64) + (across >> 64) + (back >> 64) + (carry >> 64)
}

/// `magnitude * 10**places`, as a whole number, in decimal digits.
pub fn rounded(magnitude: f64, places: i64) -> String {
    let (mantissa, exponent) = parts(magnitude);
    let zeros = mantissa.trailing_zeros();
    let (mantissa, exponent) = (mantissa.checked_shr(zeros).unwrap_or(0), exponent.saturating_add(zeros.into()));
    match rounded_in_128_bits(mantissa, exponent, places) {
        Some(number) => number.to_string(),
        None => rounded_at_any_size(mantissa, exponent, places),
    }
}

/// `None` if it takes more, or the number itself takes more than 64.
fn rounded_in_128_bits(mantissa: u64, exponent: i64, places: i64) -> Option<u64> {
    if mantissa == 0 {
        return Some(0);
    }
    let ten = |count: i64| 10_u128.checked_pow(u32::try_from(count.max(0)).ok()?);
    let two = |count: i64| 1_u128.checked_shl(u32::try_from(count.max(0)).ok()?);
    let numerator = u128::from(mantissa).checked_mul(ten(places)?)?.checked_mul(two(exponent)?)?;
    let halved = exponent.saturating_neg();
    if halved > 129 && places >= 0 {
        // Less than half.
        return Some(0);
    }
    let denominator = ten(places.saturating_neg())?.checked_mul(two(halved)?)?;
    let (number, rest) = (numerator.checked_div(denominator)?, numerator.checked_rem(denominator)?);
    let up = match rest.cmp(&denominator.saturating_sub(rest)) {
        Ordering::Less => false,
        Ordering::Equal => number % 2 == 1,
        Ordering::Greater => true,
    };
    u64::try_from(number.checked_add(u128::from(up))?).ok()
}

fn rounded_at_any_size(mantissa: u64, exponent: i64, places: i64) -> String {
    // What is divided by a power of two has as many digits after its point as the power of five is multiplied by instead.
    let fraction = exponent.saturating_neg().max(0);
    let exact = BigInt::scaled(false, mantissa, 0).times_power(5, fraction).times_power(2, exponent);
    let digits = exact.decimal_digits();
    let beyond = fraction.saturating_sub(places);
    if beyond <= 0 {
        return digits + &"0".repeat(usize::try_from(beyond.unsigned_abs()).unwrap_or(0));
    }
    let number = without_last(&digits, usize::try_from(beyond).unwrap_or(usize::MAX));
    if number.is_empty() { "0".to_owned() } else { number }
}

/// The number of these digits without the last `count`, rounded half to even; no digit is left of what is less than a half.
pub fn without_last(digits: &str, count: usize) -> String {
    let at = digits.len().checked_sub(count);
    let (kept, rest) = at.and_then(|at| digits.split_at_checked(at)).unwrap_or_default();
    let mut kept = kept.trim_start_matches('0').to_owned();
    let is_odd = kept.bytes().last().is_some_and(|digit| digit % 2 == 1);
    let is_up = match rest.as_bytes() {
        [b'5', rest @ ..] => is_odd || rest.iter().any(|&digit| digit != b'0'),
        rest => rest.first() > Some(&b'5'),
    };
    if is_up {
        let nines = kept.bytes().rev().take_while(|&digit| digit == b'9').count();
        kept.truncate(kept.len().saturating_sub(nines));
        let last = kept.pop().and_then(|digit| digit.to_digit(10)).unwrap_or(0);
        kept.extend(char::from_digit(last.saturating_add(1), 10));
        kept.push_str(&"0".repeat(nines));
    }
    kept
}

/// One digit more than `places`, and the exponent of the first.
#[allow(clippy::arithmetic_side_effects, reason = "exponents of floats are small")]
pub fn scientific(magnitude: f64, places: usize) -> (String, i64) {
    let (mantissa, exponent) = parts(magnitude);
    if mantissa == 0 {
        return ("0".repeat(places.saturating_add(1)), 0);
    }
    let bits = exponent + 63 - i64::from(mantissa.leading_zeros());
    // Of the power of two below it; its own is at most one more, and one more if it is rounded up.
    let mut first = (bits * LOG10_OF_2_TIMES_10_TO_THE_5).div_euclid(100_000);
    loop {
        let digits = rounded(magnitude, i64::try_from(places).unwrap_or(i64::MAX).saturating_sub(first));
        if digits.len() <= places.saturating_add(1) {
            return (digits, first);
        }
        first += 1;
    }
}

/// A float that is not negative, as `mantissa * 2**exponent`.
#[allow(clippy::arithmetic_side_effects, reason = "exponents of floats are small")]
fn parts(magnitude: f64) -> (u64, i64) {
    let bits = magnitude.to_bits();
    let (biased, fraction) = (bits >> MANTISSA_BITS & 0x7ff, bits & ((1 << MANTISSA_BITS) - 1));
    let whole = if biased == 0 { fraction } else { fraction | 1 << MANTISSA_BITS };
    let exponent = i64::try_from(biased.max(1)).unwrap_or(1) - 1 + LEAST_EXPONENT;
    (whole, exponent)
}

/// A word of 64 bits that has no room for another digit.
const FULL_WORD: u64 = 1_000_000_000_000_000_000;

/// Digits of which a float can depend are 767; of more than that it only matters whether any is not zero.
const MAX_DIGITS: usize = 800;

/// What [`power_of_ten`] may lack, in the last of 128 places: in each of nine steps a product lacks less than four.
const POWER_ERROR: u128 = 64;

const MANTISSA_BITS: i64 = 52;

/// The least float is 2**-1074.
const LEAST_EXPONENT: i64 = -1074;

const LOG2_OF_10_TIMES_2_TO_THE_16: i64 = 217_706;
const LOG10_OF_2_TIMES_10_TO_THE_5: i64 = 30_103;

/// 10, and a tenth, to the powers 1, 2, 4, …, 256: the first 128 bits of each.
const POWERS: [[u128; 2]; 9] = [
    [0xa0000000000000000000000000000000, 0xcccccccccccccccccccccccccccccccc],
    [0xc8000000000000000000000000000000, 0xa3d70a3d70a3d70a3d70a3d70a3d70a3],
    [0x9c400000000000000000000000000000, 0xd1b71758e219652bd3c36113404ea4a8],
    [0xbebc2000000000000000000000000000, 0xabcc77118461cefcfdc20d2b36ba7c3d],
    [0x8e1bc9bf040000000000000000000000, 0xe69594bec44de15b4c2ebe687989a9b3],
    [0x9dc5ada82b70b59df020000000000000, 0xcfb11ead453994ba67de18eda5814af2],
    [0xc2781f49ffcfa6d53cbf6b71c76b25fb, 0xa87fea27a539e9a53f2398d747b36224],
    [0x93ba47c980e98cdfc66f336c36b10137, 0xddd0467c64bce4a0ac7cb3f6d05ddbde],
    [0xaa7eebfb9df9de8dddbb901b98feeab7, 0xc0314325637a1939fa911155fefb5308],
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn agrees(text: &str) {
        let expected = text.parse::<f64>().ok().map(f64::to_bits);
        assert_eq!(read_float(text).map(f64::to_bits), expected, "{text}");
    }

    #[test]
    fn reads_what_rust_reads() {
        for text in [
            "",
            ".",
            "e5",
            "1e",
            "1e+",
            "+",
            "-",
            "1.",
            ".5",
            "1.e5",
            "0",
            "-0",
            "+1",
            "1_0",
            " 1",
            "0x1",
            "1..",
            "1.2.3",
            "inf",
            "-inf",
            "Infinity",
            "NaN",
            "-nan",
            "nano",
            "infinit",
            "1e400",
            "1e-400",
            "1e99999999999999999999",
            "0e99999999999999999999",
            "1e-99999999999999999999",
            "9007199254740993",
            "9007199254740992.999",
            "9007199254740993.0000000000000000000000000000000000001",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "179769313486231580793728971405301e276",
            "5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "00000000000000000000000000001",
            "0.1e1",
            "1e23",
            "8.5e22",
        ] {
            agrees(text);
        }
        for exponent in -345..312 {
            agrees(&format!("1e{exponent}"));
            agrees(&format!("18446744073709551615e{exponent}"));
        }
        // The exact middle of two floats, a little less and a little more, with as many digits as there can be.
        for bits in [0_u64, 1, 2, 0xf_ffff_ffff_ffff, 1 << 52, 0x3ff0_0000_0000_0000, 0x7fef_ffff_ffff_fffe] {
            let digits = |value: f64| {
                let (mantissa, exponent) = parts(value);
                let middle = BigInt::scaled(false, mantissa * 2 + 1, 0);
                let digits = middle.times_power(5, 1 - exponent).times_power(2, exponent - 1).decimal_digits();
                (digits, (exponent - 1).min(0))
            };
            let (middle, exponent) = digits(f64::from_bits(bits));
            for text in [format!("{middle}e{exponent}"), format!("{middle}1e{}", exponent - 1)] {
                agrees(&text);
            }
            agrees(&format!("{middle}{}1e{}", "0".repeat(900), exponent - 901));
        }
    }

    #[test]
    fn rounds_as_rust_does() {
        for value in [0.0, 0.5, 1.5, 2.5, 0.125, 0.375, 1e21, 1e22, 1e23, 9.995, 99.5, 5e-324, f64::MAX, 0.1, 1e-7] {
            for places in [0, 1, 2, 3, 17, 25, 400, 1100] {
                written(value, places);
            }
        }
    }

    fn written(value: f64, places: usize) {
        let fixed = format!("{value:.places$}").replace('.', "");
        let expected = fixed.trim_start_matches('0');
        let own = rounded(value, i64::try_from(places).unwrap());
        assert_eq!(own, if expected.is_empty() { "0" } else { expected }, "{value:e} {places}");
        let (digits, exponent) = scientific(value, places);
        let (first, rest) = digits.split_at(1);
        let point = if places == 0 { "" } else { "." };
        assert_eq!(format!("{first}{point}{rest}e{exponent}"), format!("{value:.places$e}"), "{value:e} {places}");
    }

    proptest! {
        #[test]
        fn agrees_with_rust(bits in any::<u64>(), digits in "[0-9]{1,40}", point in 0_usize..40, exponent in -400_i64..400, places in 0_usize..40) {
            let value = f64::from_bits(bits & !(1 << 63));
            if value.is_finite() {
                written(value, places);
                agrees(&format!("{value:e}"));
                agrees(&format!("{value:.places$e}"));
            }
            let point = point.min(digits.len());
            agrees(&format!("{}.{}e{exponent}", &digits[..point], &digits[point..]));
            agrees(&format!("{}.{}", &digits[..point], &digits[point..]));
        }
    }
}
