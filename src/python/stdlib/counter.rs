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
use crate::python::integer;
use crate::python::number::Integer;
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
    Big(BigInt),
    /// What is before its point, and what is after it.
    Decimal(BigInt, f64),
    /// Never a NaN, which has no order.
    Float(f64),
    Small(i64),
}

impl Count {
    fn of(value: Value<'_>) -> Option<Count> {
        match value.kind() {
            // What is no small integer is made a long one for each comparison.
            Kind::Float(number) => {
                (!number.is_nan() && value.meter().charge(UNITS_A_BIG_COUNT)).then_some(Count::Float(number))
            }
            Kind::BigInt(bytes) if bytes.len() > MAX_COUNT_BYTES || !value.meter().charge(UNITS_A_BIG_COUNT) => None,
            Kind::Object(object) => match classify(&object) {
                // So many digits after the point are told apart as a float.
                Class::Decimal(text) if text.as_bytes().len() <= MAX_DECIMAL_BYTES => {
                    value.meter().charge(UNITS_A_BIG_COUNT).then_some(())?;
                    let fraction = read_float(text.as_str()?)?;
                    let Some(Integer::Big(whole)) = Integer::of_other(value) else { return None };
                    (whole.bits() <= 8 * MAX_COUNT_BYTES).then(|| Count::Decimal(whole, fraction.fract()))
                }
                _ => None,
            },
            _ => value.as_i64().map(Count::Small).or_else(|| integer::of(value).map(Count::Big)),
        }
    }

    /// What is before the point, and what is after it; of an infinity, no number.
    fn parts(&self) -> Result<(BigInt, f64), f64> {
        match self {
            Count::Big(value) => Ok((value.clone(), 0.0)),
            Count::Decimal(whole, fraction) => Ok((whole.clone(), *fraction)),
            Count::Small(value) => Ok((BigInt::from(*value), 0.0)),
            Count::Float(value) => match Integer::truncate(*value) {
                Some(Integer::Small(whole)) => Ok((BigInt::from(whole), value.fract())),
                Some(Integer::Big(whole)) => Ok((whole, 0.0)),
                None => Err(*value),
            },
        }
    }

    fn cmp(&self, other: &Count) -> Ordering {
        if let (Count::Small(this), Count::Small(other)) = (self, other) {
            return this.cmp(other);
        }
        let (this, other) = match (self.parts(), other.parts()) {
            (Ok(this), Ok(other)) => (this, other),
            (this, other) => {
                let infinity = |parts: Result<(BigInt, f64), f64>| parts.err().unwrap_or(0.0);
                return infinity(this).total_cmp(&infinity(other));
            }
        };
        let magnitudes = this.0.cmp_magnitude(&other.0);
        let wholes = match (this.0.is_negative(), other.0.is_negative()) {
            (false, false) => magnitudes,
            (true, true) => magnitudes.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        };
        // Adding zero makes -0.0 positive.
        wholes.then((this.1 + 0.0).total_cmp(&(other.1 + 0.0)))
    }
}

/// Larger counters keep the order of their pickle: sorting takes memory, 1.3 MB for so many.
const MAX_SORTED_ENTRIES: usize = 1 << 14;

/// What it costs to sort an entry, in units of a meter.
const UNITS_A_SORTED_ENTRY: usize = 40;
/// … and one with a count of more than 64 bits, of which those of more bytes than this have no order.
const UNITS_A_BIG_COUNT: usize = 400;
const MAX_COUNT_BYTES: usize = 64;
const MAX_DECIMAL_BYTES: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_counts_as_python_compares_numbers() {
        let big = |digits: &str| Count::Big(BigInt::from_decimal(digits.as_bytes()).unwrap());
        let ascending = [
            Count::Float(f64::NEG_INFINITY),
            big("-9223372036854775809"),
            Count::Float(-1.5),
            Count::Small(-1),
            Count::Float(-5e-324),
            Count::Float(-0.0),
            Count::Float(5e-324),
            Count::Float(0.5),
            Count::Small(1),
            Count::Float(1.5),
            Count::Float(9_007_199_254_740_992.0),
            Count::Small(9_007_199_254_740_993),
            Count::Small(i64::MAX),
            Count::Float(9_223_372_036_854_775_808.0),
            big("9223372036854775809"),
            Count::Float(f64::INFINITY),
        ];
        assert!(ascending.is_sorted_by(|one, other| one.cmp(other).is_lt()));
        assert!(Count::Float(-0.0).cmp(&Count::Small(0)).is_eq());
        assert!(Count::Float(1e18).cmp(&Count::Small(1_000_000_000_000_000_000)).is_eq());
        assert!(Count::of(Value::float(f64::NAN)).is_none());
    }
}
