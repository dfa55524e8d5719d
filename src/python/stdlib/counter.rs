//! The order in which a `collections.Counter` prints.
//!
//! In: its entries. Out: the same, the greatest count first. Refused, with `None`: counts that cannot be compared, or too many; those of more
//! than 64 bits are compared as floats. Facts: `Counter.__repr__` in CPython's `Lib/collections/__init__.py`.

use super::entries::Entries;
use crate::base::memory::{collected, with_room_for};
use crate::base::order::order;
use crate::decode::Value;
use crate::python::number::float_of;
use std::cmp::Ordering;

/// The entries as `Counter.__repr__` orders them: the greatest count first, if all counts can be compared.
pub(super) fn most_common(entries: Entries<'_>) -> Option<Vec<(Value<'_>, Value<'_>)>> {
    let unsorted = collected(entries.take(MAX_SORTED_ENTRIES.saturating_add(1)))?;
    let is_sorted = unsorted.len() <= MAX_SORTED_ENTRIES;
    let work = unsorted.len().saturating_mul(if is_sorted { UNITS_A_SORTED_ENTRY } else { 1 });
    if !unsorted.first()?.0.meter().charge(work) || !is_sorted {
        return None;
    }
    let mut counts = with_room_for(unsorted.len())?;
    for (_, count) in &unsorted {
        // Nothing is before or after a NaN.
        counts.push((count.as_i64(), float_of(*count).filter(|count| !count.is_nan())?));
    }
    let precedes = |one: usize, other: usize| match (counts.get(one), counts.get(other)) {
        (Some(this), Some(that)) => compared(that, this).then(one.cmp(&other)).is_lt(),
        _ => false,
    };
    let places = order(unsorted.len(), &mut { precedes });
    (places.len() == unsorted.len()).then_some(())?;
    collected(places.into_iter().filter_map(|place| unsorted.get(place).copied()))
}

/// Two counts, as integers if both are small ones.
fn compared((one, as_float): &(Option<i64>, f64), (other, float): &(Option<i64>, f64)) -> Ordering {
    match (one, other) {
        (Some(one), Some(other)) => one.cmp(other),
        _ => as_float.partial_cmp(float).unwrap_or(Ordering::Equal),
    }
}

/// Larger counters keep the order of their pickle: sorting takes memory, 1 MB for so many.
const MAX_SORTED_ENTRIES: usize = 1 << 14;

/// What it costs to sort an entry, in units of a meter; what is no small integer costs more to read.
const UNITS_A_SORTED_ENTRY: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_counts_as_python_compares_numbers() {
        let int = |count| (Some(count), float_of(Value::int(count)).unwrap());
        let float = |count| (None, count);
        let ascending = [
            float(f64::NEG_INFINITY),
            float(-1.5),
            int(-1),
            float(-5e-324),
            float(-0.0),
            float(5e-324),
            int(1),
            float(1.5),
            int(9_007_199_254_740_992),
            int(9_007_199_254_740_993),
            int(i64::MAX),
            float(f64::MAX),
            float(f64::INFINITY),
        ];
        assert!(ascending.is_sorted_by(|one, other| compared(one, other).is_lt()));
        assert!(compared(&float(-0.0), &int(0)).is_eq());
    }
}
