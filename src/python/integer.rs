//! `int` as a number, and its decimal text.
//!
//! In: a value, or a number. Out: a [`BigInt`]; its decimal digits. Refused, as CPython refuses it with `ValueError:
//! Exceeds the limit (4300 digits) for integer string conversion`: what has more digits than
//! [`MAX_INTEGER_DIGITS`]. In its place stands `<int of 33219 bits>`, so that the record is not lost.

use crate::bigint::BigInt;
use crate::limits::MAX_INTEGER_DIGITS;
use crate::pickle::{Kind, Value};
use std::sync::LazyLock;

/// The number, if this is an `int` or a `bool`.
pub(crate) fn of(value: Value<'_>) -> Option<BigInt> {
    match value.kind() {
        Kind::Bool(value) => Some(BigInt::from(i64::from(value))),
        Kind::Int(value) => Some(BigInt::from(value)),
        Kind::BigInt(bytes) => Some(BigInt::from_signed_bytes_le(bytes)),
        _ => None,
    }
}

/// The decimal digits, with `-` if negative; or else `<int of … bits>`.
pub(crate) fn decimal(integer: &BigInt) -> String {
    if is_printable(integer) { integer.to_string() } else { format!("<int of {} bits>", integer.bits()) }
}

/// A number of at most 64 bits as Rust reads it. One copy of that code is enough.
#[inline(never)]
pub(crate) fn parse(text: &str) -> Option<i64> {
    text.parse().ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_many_digits_as_cpython_and_no_more() {
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
}
