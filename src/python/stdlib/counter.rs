//! The order in which a `collections.Counter` prints.
//!
//! In: its entries. Out: the same, the greatest count first. Refused, with `None`: counts that cannot be compared, or too many. Facts:
//! `Counter.__repr__` in CPython's `Lib/collections/__init__.py`.

use super::classes::{Class, classify};
use super::entries::Entries;
use crate::base::order::order;
use crate::decode::bigint::BigInt;
use crate::decode::float_digits::read_float;
use crate::decode::{Kind, Value};
use crate::python::number::Integer;
use std::borrow::Cow;
use std::cmp::Ordering;

/// The entries as `Counter.__repr__` orders them: the greatest count first, if all counts can be compared.
pub(super) fn most_common(entries: Entries<'_>) -> Option<Vec<(Value<'_>, Value<'_>)>> {
    let unsorted: Vec<_> = entries.take(MAX_SORTED_ENTRIES.saturating_add(1)).collect();
    let is_sorted = unsorted.len() <= MAX_SORTED_ENTRIES;
    let work = unsorted.len().saturating_mul(if is_sorted { UNITS_A_SORTED_ENTRY } else { 1 });
    if !unsorted.first()?.0.meter().charge(work) || !is_sorted {
        return None;
    }
    let mut counts = Vec::new();
    for &(_, count) in &unsorted {
        counts.push(Count::of(count)?);
    }
    let places = order(unsorted.len(), &mut |one, other| match (counts.get(one), counts.get(other)) {
        (Some(this), Some(that)) => that.cmp(this).then(one.cmp(&other)).is_lt(),
        _ => false,
    });
    Some(places.into_iter().filter_map(|place| unsorted.get(place).copied()).collect())
}

/// A count, to be compared as Python compares numbers: exactly, whatever their types.
#[derive(Debug)]
enum Count {
    Small(i64),
    /// What is before its point, and what is after it: an infinity is all of that. Never a NaN, which has no order.
    Other(BigInt, f64),
}

impl Count {
    fn of(value: Value<'_>) -> Option<Count> {
        if let Some(small) = value.as_i64() {
            return Some(Count::Small(small));
        }
        // What is no small integer is made a long one for each comparison.
        value.meter().charge(UNITS_A_BIG_COUNT).then_some(())?;
        let (whole, fraction) = match value.kind() {
            Kind::Float(number) if number.is_infinite() => return Some(Count::Other(BigInt::from(0), number)),
            Kind::Float(number) => (Integer::truncate(number)?, number.fract()),
            Kind::BigInt(bytes) if bytes.len() <= MAX_COUNT_BYTES => (Integer::of(value)?, 0.0),
            Kind::Object(object) => match classify(&object) {
                // So many digits after the point are told apart as a float.
                Class::Decimal(text) if text.as_bytes().len() <= MAX_DECIMAL_BYTES => {
                    (Integer::of_other(value)?, read_float(text.as_str()?)?.fract())
                }
                _ => return None,
            },
            _ => return None,
        };
        let whole = match whole {
            Integer::Big(whole) => whole,
            Integer::Small(whole) => BigInt::from(whole),
        };
        // Adding zero makes -0.0 positive.
        (whole.bits() <= 8 * MAX_COUNT_BYTES).then_some(Count::Other(whole, fraction + 0.0))
    }

    fn parts(&self) -> (Cow<'_, BigInt>, f64) {
        match self {
            Count::Small(value) => (Cow::Owned(BigInt::from(*value)), 0.0),
            Count::Other(whole, fraction) => (Cow::Borrowed(whole), *fraction),
        }
    }

    fn cmp(&self, other: &Count) -> Ordering {
        if let (Count::Small(this), Count::Small(other)) = (self, other) {
            return this.cmp(other);
        }
        let ((whole, fraction), (other_whole, other_fraction)) = (self.parts(), other.parts());
        let fractions = fraction.total_cmp(&other_fraction);
        if fraction.is_infinite() || other_fraction.is_infinite() {
            return fractions;
        }
        let magnitudes = whole.cmp_magnitude(&other_whole);
        let wholes = match (whole.is_negative(), other_whole.is_negative()) {
            (false, false) => magnitudes,
            (true, true) => magnitudes.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        };
        wholes.then(fractions)
    }
}

/// Larger counters keep the order of their pickle: sorting takes memory, 1.3 MB for so many.
const MAX_SORTED_ENTRIES: usize = 1 << 14;

/// What it costs to sort an entry, in units of a meter.
const UNITS_A_SORTED_ENTRY: usize = 40;
/// … and one with a count of more than 64 bits, of which those of more bytes than this have no order.
const UNITS_A_BIG_COUNT: usize = 400;
const MAX_COUNT_BYTES: usize = 128;
const MAX_DECIMAL_BYTES: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_counts_as_python_compares_numbers() {
        let big = |digits: &str| Count::Other(BigInt::from_decimal(digits.as_bytes()).unwrap(), 0.0);
        let float = |number| Count::of(Value::float(number)).unwrap();
        let ascending = [
            float(f64::NEG_INFINITY),
            big("-9223372036854775809"),
            float(-1.5),
            Count::Small(-1),
            float(-5e-324),
            float(-0.0),
            float(5e-324),
            float(0.5),
            Count::Small(1),
            float(1.5),
            float(9_007_199_254_740_992.0),
            Count::Small(9_007_199_254_740_993),
            Count::Small(i64::MAX),
            float(9_223_372_036_854_775_808.0),
            big("9223372036854775809"),
            float(f64::MAX),
            float(f64::INFINITY),
        ];
        assert!(ascending.is_sorted_by(|one, other| one.cmp(other).is_lt()));
        assert!(float(-0.0).cmp(&Count::Small(0)).is_eq());
        assert!(float(1e18).cmp(&Count::Small(1_000_000_000_000_000_000)).is_eq());
        assert!(Count::of(Value::float(f64::NAN)).is_none());
    }
}
