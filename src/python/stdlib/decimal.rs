//! `format(value, spec)` of a `decimal.Decimal`: as it is, or to a number of digits after the point.
//!
//! In: the text of a Decimal, as its pickle has it. Out: a [`Number`]. Refused, and then shown as `str()`: exponents so
//! large that CPython too would rather not print all the zeros. Facts: `Lib/_pydecimal.py`, `Decimal.__format__`.

use crate::base::digits;
use crate::base::limits::MAX_INTEGER_DIGITS;
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

/// The number, times ten to the power of `shift`, with so many digits after the point, or with as many as it has; rounded half to even.
pub(in crate::python) fn fixed(text: &str, shift: i64, precision: Option<usize>) -> Option<Number> {
    let (negative, magnitude) = split_sign(text);
    if !magnitude.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Some(as_it_is(text));
    }
    let (coefficient, exponent) = magnitude.split_once(['E', 'e']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let exponent = digits::parse::<i64>(exponent)?.checked_add(shift)?;
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let zeros_or_places = usize::try_from(exponent.unsigned_abs()).ok()?;
    let coefficient = [whole, fraction].concat();
    if zeros_or_places.max(coefficient.len()) > MAX_INTEGER_DIGITS || !coefficient.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let places = if exponent < 0 { zeros_or_places } else { 0 };
    let precision = precision.unwrap_or(places);
    let kept = places.min(precision);
    let mut digits = if exponent < 0 {
        rounded(&coefficient, places.saturating_sub(kept))
    } else {
        coefficient.trim_start_matches('0').to_owned() + &"0".repeat(zeros_or_places)
    };
    if digits.bytes().all(|digit| digit == b'0') {
        digits.truncate(1);
    }
    let missing = kept.saturating_add(1).saturating_sub(digits.len());
    digits.insert_str(0, &"0".repeat(missing));
    let fraction = digits.split_off(digits.len().saturating_sub(kept));
    let fraction = if precision > 0 { format!(".{fraction}") } else { fraction };
    let trailing_zeros = precision.saturating_sub(kept);
    Some(Number { negative, digits, fraction, trailing_zeros, ..Number::default() })
}

/// The number without the last `drop` digits, rounded half to even; no digit is left of what is less than a half.
fn rounded(digits: &str, drop: usize) -> String {
    let at = digits.len().checked_sub(drop);
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
            assert_eq!(fixed(text, 0, precision).map(|number| shown(&number)).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(fixed("1E+4301", 0, Some(2)), None);
        assert_eq!(fixed("1E-99999999999999999999", 0, Some(2)), None);
        assert!(fixed("1.5", 0, Some(usize::MAX)).unwrap().trailing_zeros > 1 << 30);
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
