//! `format(value, spec)` of a `decimal.Decimal`: as it is, or to a number of digits, after the point or in all.
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
    let Some((negative, coefficient, exponent)) = parts(text)? else { return Some(as_it_is(text)) };
    let exponent = exponent.checked_add(shift)?;
    let zeros_or_places = usize::try_from(exponent.unsigned_abs()).ok().filter(|&zeros| zeros <= MAX_INTEGER_DIGITS)?;
    let places = if exponent < 0 { zeros_or_places } else { 0 };
    let precision = precision.unwrap_or(places);
    let kept = places.min(precision);
    let mut digits = if exponent < 0 {
        rounded(&coefficient, places.saturating_sub(kept))
    } else {
        coefficient + &"0".repeat(zeros_or_places)
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

/// The number in so many significant digits, or in as many as it has: with an exponent where `str()` would have one, or, as `e` and `E`
/// ask for, always, and then so many digits after the point.
pub(in crate::python) fn significant(text: &str, letter: Option<char>, precision: Option<usize>) -> Option<Number> {
    let Some((negative, mut digits, exponent)) = parts(text)? else { return Some(as_it_is(text)) };
    let is_always = matches!(letter, Some('e' | 'E'));
    let places = precision.filter(|_| is_always);
    digits.insert_str(0, if digits.is_empty() { "0" } else { "" });
    let is_zero = digits == "0";
    let size = |digits: &str| i64::try_from(digits.len()).ok();
    // Where the point would be without an exponent.
    let mut point = exponent.checked_add(size(&digits)?)?;
    let wanted = places.map_or(precision.unwrap_or(digits.len()).max(1), |places| places.saturating_add(1));
    if digits.len() > wanted {
        digits = rounded(&digits, digits.len().saturating_sub(wanted));
        if digits.len() > wanted {
            digits.pop();
            point = point.checked_add(1)?;
        }
    }
    let length = size(&digits)?;
    let trailing_zeros = places.map_or(0, |places| places.saturating_add(1).saturating_sub(digits.len()));
    let place = if !is_always && point <= length && point > -6 { point } else { 1 };
    let zeros = usize::try_from(1_i64.checked_sub(place)?).unwrap_or(0);
    digits.insert_str(0, &"0".repeat(zeros));
    let fraction = digits.split_off(usize::try_from(place.max(1)).ok()?.min(digits.len()));
    let point_shown = if fraction.is_empty() && trailing_zeros == 0 { "" } else { "." };
    let mut number =
        Number { negative, digits, fraction: [point_shown, &fraction].concat(), trailing_zeros, ..Number::default() };
    if is_zero {
        point = point.checked_add(i64::try_from(places.unwrap_or(0)).ok()?)?;
    }
    if is_always || point != place {
        let letter = if matches!(letter, Some('e' | 'g' | 'n')) { 'e' } else { 'E' };
        number.suffix = format!("{letter}{:+}", point.checked_sub(place)?);
    }
    Some(number)
}

/// Sign, digits without zeros before them, and exponent; the inner `None` of what is no number.
fn parts(text: &str) -> Option<Option<(bool, String, i64)>> {
    let (negative, magnitude) = split_sign(text);
    if !magnitude.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Some(None);
    }
    let (coefficient, exponent) = magnitude.split_once(['E', 'e']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let exponent = digits::parse::<i64>(exponent)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let coefficient = [whole, fraction].concat();
    let is_short = coefficient.len() <= MAX_INTEGER_DIGITS && coefficient.bytes().all(|b| b.is_ascii_digit());
    is_short.then(|| Some((negative, coefficient.trim_start_matches('0').to_owned(), exponent)))
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
            let number = significant(text, letter, precision).map(|number| shown(&number));
            assert_eq!(number.as_deref(), Some(expected), "{text} {letter:?} {precision:?}");
        }
        assert_eq!(significant("0", Some('e'), Some(usize::MAX)), None);
        assert!(significant("1.5", Some('e'), Some(usize::MAX)).unwrap().trailing_zeros > 1 << 30);
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
