//! `format(value, spec)` of a `decimal.Decimal`: as it is, or to a number of digits, after the point or in all.
//!
//! In: the text of a Decimal, as its pickle has it. Out: a [`Number`]. Refused, and then shown as `str()`: exponents so
//! large that CPython too would rather not print all the zeros. Facts: `Lib/_pydecimal.py`, `Decimal.__format__`.

use crate::base::digits;
use crate::base::limits::MAX_INTEGER_DIGITS;
use crate::decode::float_digits::{length, without_last};
use crate::python::number::Number;

/// The number as `str()` prints it, taken apart.
pub(in crate::python) fn as_it_is(text: &str) -> Number {
    let (negative, magnitude) = split_sign(text);
    let digits = magnitude.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = magnitude.split_at_checked(digits).unwrap_or((magnitude, ""));
    let fraction = rest.find(['E', 'e']).unwrap_or(if rest.starts_with('.') { rest.len() } else { 0 });
    let (fraction, suffix) = rest.split_at_checked(fraction).unwrap_or((rest, ""));
    Number { negative, digits: digits.into(), fraction: fraction.into(), suffix: suffix.into(), ..Number::default() }
}

/// The number, times ten to the power of `shift`, as the presentation types `e f g` and their capitals ask, rounded half to even: with an
/// exponent, without one, or, as without a type, where `str()` would have one. The precision counts the digits after the point, of `g`
/// all.
pub(in crate::python) fn presented(
    text: &str,
    shift: i64,
    letter: Option<char>,
    precision: Option<usize>,
) -> Option<Number> {
    let (negative, magnitude) = split_sign(text);
    if !magnitude.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Some(as_it_is(text));
    }
    let (coefficient, exponent) = magnitude.split_once(['E', 'e']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let mut exponent = digits::parse::<i64>(exponent)?.checked_add(shift)?.checked_sub(length(fraction.len()))?;
    if whole.len().saturating_add(fraction.len()) > MAX_INTEGER_DIGITS {
        return None;
    }
    let coefficient = [whole, fraction].concat();
    if !coefficient.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut digits = coefficient.trim_start_matches('0').to_owned();
    if digits.is_empty() {
        digits.push('0');
    }
    let is_fixed = matches!(letter, Some('f' | 'F' | '%'));
    let has_exponent = matches!(letter, Some('e' | 'E'));
    let places = precision.filter(|_| is_fixed || has_exponent);
    let kept = precision.map(|precision| i64::try_from(precision).unwrap_or(i64::MAX)).map(|precision| {
        let before_point =
            if is_fixed { exponent.saturating_add(length(digits.len())) } else { i64::from(has_exponent) };
        if places.is_some() { precision.saturating_add(before_point) } else { precision.max(1) }
    });
    let drop = kept.map_or(0, |kept| length(digits.len()).saturating_sub(kept));
    let is_zero = digits == "0";
    if drop > 0 {
        let before = digits.len();
        digits = without_last(&digits, usize::try_from(drop).ok()?);
        exponent = exponent.checked_add(drop)?;
        // What was rounded up to a power of ten has a digit more.
        if !is_fixed && length(digits.len()).saturating_add(drop) > i64::try_from(before).ok()? {
            digits.pop();
            exponent = exponent.checked_add(1)?;
        }
        if digits.is_empty() {
            digits.push('0');
        }
    }
    if is_fixed && exponent > 0 {
        let zeros = usize::try_from(if is_zero { 0 } else { exponent }).ok()?;
        digits.push_str(&zeros_of(zeros)?);
        exponent = 0;
    }
    // Where the point would be without an exponent, and where it is.
    let mut point = exponent.checked_add(length(digits.len()))?;
    let is_plain = is_fixed || !has_exponent && exponent <= 0 && point > -6;
    let place = if is_plain { point } else { 1 };
    digits.insert_str(0, &zeros_of(usize::try_from(1_i64.checked_sub(place)?).unwrap_or(0))?);
    let mut fraction = digits.split_off(usize::try_from(place.max(1)).ok()?.min(digits.len()));
    let trailing_zeros = places.map_or(0, |places| places.saturating_sub(fraction.len()));
    if !fraction.is_empty() || trailing_zeros > 0 {
        fraction.insert(0, '.');
    }
    let mut suffix = String::new();
    if !is_plain {
        if is_zero {
            point = point.checked_add(i64::try_from(places.unwrap_or(0)).ok()?)?;
        }
        let letter = if matches!(letter, Some('e' | 'g' | 'n')) { 'e' } else { 'E' };
        suffix = format!("{letter}{:+}", point.checked_sub(1)?);
    }
    Some(Number { negative, digits, fraction, trailing_zeros, suffix, ..Number::default() })
}

fn zeros_of(count: usize) -> Option<String> {
    (count <= MAX_INTEGER_DIGITS).then(|| "0".repeat(count))
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: &Number) -> String {
        let sign = if number.negative { "-" } else { "" };
        let zeros = "0".repeat(number.trailing_zeros);
        format!("{sign}{}{}{zeros}{}", number.digits, number.fraction, number.suffix)
    }

    #[test]
    fn prints_as_many_places_as_asked_rounding_half_to_even() {
        for (text, precision, expected) in [
            ("1.5", Some(2), "1.50"),
            ("-12345.678", Some(2), "-12345.68"),
            ("1E+5", Some(2), "100000.00"),
            ("0.00", Some(2), "0.00"),
            ("2.5", Some(0), "2"),
            ("3.5", Some(0), "4"),
            ("0.125", Some(2), "0.12"),
            ("-0.001", Some(1), "-0.0"),
            ("9.99", Some(1), "10.0"),
            ("0.05", None, "0.05"),
            ("1E-3", None, "0.001"),
            ("5E+2", None, "500"),
            ("NaN", Some(2), "NaN"),
            ("-Infinity", Some(2), "-Infinity"),
        ] {
            let number = presented(text, 0, Some('f'), precision).map(|number| shown(&number));
            assert_eq!(number.as_deref(), Some(expected), "{text}");
        }
        let of = |text, precision| presented(text, 0, Some('f'), precision);
        assert_eq!(of("1E+4300", None).unwrap().digits.len(), 4301);
        assert_eq!(of("1E+4301", Some(2)), None);
        assert_eq!(of("1E-4301", None), None);
        assert_eq!(shown(&of("1E-4301", Some(2)).unwrap()), "0.00");
        assert_eq!(of("1E-99999999999999999999", Some(2)), None);
        assert!(of("1.5", Some(usize::MAX)).unwrap().trailing_zeros > 1 << 30);
    }

    #[test]
    fn prints_as_many_significant_digits_as_asked() {
        // As CPython 3.13 prints them.
        for (text, letter, precision, expected) in [
            ("0", Some('e'), Some(3), "0.000e+3"),
            ("0E+5", Some('e'), Some(2), "0.00e+7"),
            ("0E-9", Some('e'), None, "0e-9"),
            ("0E-9", Some('g'), None, "0e-9"),
            ("0.000", None, Some(2), "0.000"),
            ("0.0000001", None, Some(3), "1E-7"),
            ("0.0001234", None, Some(2), "0.00012"),
            ("123", Some('e'), None, "1.23e+2"),
            ("2.5", Some('E'), Some(3), "2.500E+0"),
            ("999.96", None, Some(4), "1000"),
            ("999.96", Some('e'), Some(3), "1.000e+3"),
            ("99.5", None, Some(2), "1.0E+2"),
            ("1E+5", Some('G'), Some(3), "1E+5"),
            ("123456", None, Some(3), "1.23E+5"),
            ("-0.00", Some('e'), Some(0), "-0e-2"),
            ("12.50", Some('g'), Some(0), "1e+1"),
            ("1.5", Some('n'), None, "1.5"),
            ("-NaN12", Some('e'), Some(2), "-NaN12"),
        ] {
            let number = presented(text, 0, letter, precision).map(|number| shown(&number));
            assert_eq!(number.as_deref(), Some(expected), "{text} {letter:?} {precision:?}");
        }
        // An exponent beyond 64 bits is not counted.
        assert_eq!(presented("0", 0, Some('e'), Some(usize::MAX)).is_none(), usize::BITS == 64);
        assert!(presented("1.5", 0, Some('e'), Some(usize::MAX)).unwrap().trailing_zeros > 1 << 30);
    }

    #[test]
    fn takes_apart_what_str_prints() {
        for (text, digits, fraction, suffix) in [
            ("-12.30", "12", ".30", ""),
            ("1E+5", "1", "", "E+5"),
            ("1.2E-9", "1", ".2", "E-9"),
            ("sNaN12", "", "", "sNaN12"),
        ] {
            let number = as_it_is(text);
            assert_eq!((&*number.digits, &*number.fraction, &*number.suffix), (digits, fraction, suffix), "{text}");
        }
    }
}
