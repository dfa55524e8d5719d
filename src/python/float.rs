//! `repr()` of a `float`: the shortest decimal that reads back as the same number.
//!
//! In: an `f64`. Out: what CPython's `float_repr_style == 'short'` prints: plain notation from 1e-4 up to below 1e16,
//! else an exponent of at least two digits (`format_float_short` in CPython's `Python/pystrtod.c`).

use crate::base::digits;
use crate::base::text::TextWriter;
use std::fmt::Write;

/// Writes what Python's `repr(value)` gives: `1.0`, `1e+16`, `1e-05`, `nan`, `-inf`.
pub(crate) fn repr(value: f64, out: &mut TextWriter<'_>) {
    shortest(value, ".0", out);
}

/// As [`repr`], but whole numbers without `.0`, as `complex` prints its parts.
pub(crate) fn repr_part_of_complex(value: f64, out: &mut TextWriter<'_>) {
    shortest(value, "", out);
}

fn shortest(value: f64, whole_suffix: &str, out: &mut TextWriter<'_>) {
    write_digits(value, None, whole_suffix, out);
}

/// As [`repr`], of a float of fewer bits that has these digits, and this exponent of the first.
pub(crate) fn repr_of_digits(digits: (String, i64), value: f64, out: &mut TextWriter<'_>) {
    write_digits(value, Some(digits), ".0", out);
}

fn write_digits(value: f64, digits: Option<(String, i64)>, whole_suffix: &str, out: &mut TextWriter<'_>) {
    if value.is_nan() {
        return out.push_str("nan");
    }
    if value.is_sign_negative() {
        out.push_str("-");
    }
    if value.is_infinite() {
        return out.push_str("inf");
    }
    out.charge(UNITS_OF_SHORTEST);
    let (digits, exponent) = digits.unwrap_or_else(|| shortest_digits(value.abs()));
    if value != 0.0 && !(LEAST_PLAIN..LEAST_GREAT).contains(&value.abs()) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs());
    } else if exponent < 0 {
        let zeros = usize::try_from(exponent.unsigned_abs()).unwrap_or(0).saturating_sub(1);
        let _ = write!(out, "0.{:0<zeros$}{digits}", "");
    } else {
        let whole = usize::try_from(exponent).unwrap_or(0).saturating_add(1);
        match digits.split_at_checked(whole) {
            Some((whole, rest)) if !rest.is_empty() => _ = write!(out, "{whole}.{rest}"),
            _ => _ = write!(out, "{digits:0<whole$}{whole_suffix}"),
        }
    }
}

/// The fewest digits that read back as this number, of those the nearest to it, and the exponent of the first. (Of two that are equally
/// near, CPython takes the even one, as zmij does, and Rust's own `{:e}` the greater.)
pub(crate) fn shortest_digits(value: f64) -> (String, i64) {
    significant_digits(zmij::Buffer::new().format_finite(value))
}

fn significant_digits(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let zeros = digits.len().saturating_sub(significant.len());
    let first = i64::try_from(whole.len()).unwrap_or(0).saturating_sub(i64::try_from(zeros).unwrap_or(0));
    match significant.trim_end_matches('0') {
        "" => ("0".to_owned(), 0),
        significant => (
            significant.to_owned(),
            digits::parse::<i64>(exponent).unwrap_or(0).saturating_add(first).saturating_sub(1),
        ),
    }
}

/// What it costs to find the fewest digits, in units of a meter.
pub(crate) const UNITS_OF_SHORTEST: usize = 16;

/// The least number in plain notation, …
const LEAST_PLAIN: f64 = 1e-4;
/// … and the first above it with an exponent again. (`numpy.float32(1e-4)` is a little less than the one.)
const LEAST_GREAT: f64 = 1e16;

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(print: fn(f64, &mut TextWriter<'_>), value: f64) -> String {
        let mut buffer = Vec::new();
        print(value, &mut TextWriter::new(&mut buffer, 400));
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn prints_floats_as_python_does() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.2345e22, "1.2345e+22"),
            (1e100, "1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.0001, "0.0001"),
            (0.00012345, "0.00012345"),
            (0.00009999, "9.999e-05"),
            (5e-324, "5e-324"),
            (5_071_440_245_943_101.0 / 4.0, "1267860061485775.2"),
            (5_071_440_245_943_103.0 / 4.0, "1267860061485775.8"),
            (1152921504606851500.0, "1.1529215046068516e+18"),
            (f64::NAN, "nan"),
            (-f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(printed(repr, value), expected);
        }
    }

    #[test]
    fn parts_of_complex_numbers_have_no_point_zero() {
        for (value, expected) in
            [(0.0, "0"), (-0.0, "-0"), (1.0, "1"), (1.5, "1.5"), (1e15, "1000000000000000"), (1e16, "1e+16")]
        {
            assert_eq!(printed(repr_part_of_complex, value), expected);
        }
    }
}
