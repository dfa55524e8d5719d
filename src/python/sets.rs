//! The order in which CPython iterates over a set.
//!
//! In: the elements in the order of their pickle, in which CPython inserts them. Out: the elements in the order of the hash
//! table that this gives, equal ones once. Refused, with `None`: elements whose hash differs from run to run (text, bytes)
//! or is not known here, sets of more than 16,384, and tables that a peer filled to be slow; pickle order then has to do.
//! Facts: `set_add_entry` and `set_table_resize` in CPython's `Objects/setobject.c`; the hashes are those of 64-bit
//! builds: `_Py_HashDouble` in `Python/pyhash.c`, `long_hash` in `Objects/longobject.c`, `tuplehash`.

use crate::base::memory::{collected, with_room_for};
use crate::decode::{Items, Kind, Value};
use crate::python::integer;
use crate::python::stdlib::classes::{Class, classify};

/// The elements in CPython's order, each with nothing, as entries have values.
pub(super) fn in_order_of_cpython(items: Items<'_>) -> Option<Vec<(Value<'_>, Value<'_>)>> {
    let mut table = Table::of_size(LEAST_SIZE)?;
    let mut probes_left = MAX_PROBES_PER_ELEMENT;
    for value in items {
        if table.used == MAX_ELEMENTS {
            return None;
        }
        probes_left = probes_left.saturating_add(MAX_PROBES_PER_ELEMENT);
        value.meter().charge(UNITS_AN_ELEMENT).then_some(())?;
        table.add(Entry { hash: hash(value)?, value }, &mut probes_left)?;
    }
    collected(table.slots.into_iter().flatten().map(|entry| (entry.value, Value::none())))
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    hash: u64,
    value: Value<'a>,
}

/// An open-addressed table of a power of two slots.
struct Table<'a> {
    slots: Vec<Option<Entry<'a>>>,
    used: usize,
}

impl<'a> Table<'a> {
    fn of_size(size: usize) -> Option<Table<'a>> {
        let mut slots = with_room_for(size)?;
        slots.resize(size, None);
        Some(Table { slots, used: 0 })
    }

    fn add(&mut self, entry: Entry<'a>, probes_left: &mut usize) -> Option<()> {
        let slot = self.slot_for(&entry, probes_left)?;
        let is_new = slot.is_none();
        if is_new {
            *slot = Some(entry);
            self.used = self.used.saturating_add(1);
        }
        let mask = self.slots.len().saturating_sub(1);
        if is_new && self.used.saturating_mul(5) >= mask.saturating_mul(3) {
            self.grow(probes_left)?;
        }
        Some(())
    }

    /// The free slot for an entry, or the slot of an equal one.
    fn slot_for(&mut self, entry: &Entry<'a>, probes_left: &mut usize) -> Option<&mut Option<Entry<'a>>> {
        let mask = u64::try_from(self.slots.len()).ok()?.checked_sub(1)?;
        let mut perturb = entry.hash;
        let mut start = entry.hash & mask;
        loop {
            let in_line = if start.saturating_add(LINEAR_PROBES) <= mask { LINEAR_PROBES } else { 0 };
            for index in start..=start.saturating_add(in_line) {
                *probes_left = probes_left.checked_sub(1)?;
                let index = usize::try_from(index).ok()?;
                let is_match = match self.slots.get(index)? {
                    None => true,
                    Some(other) => {
                        let is_alike = other.hash == entry.hash && entry.value.meter().charge(UNITS_OF_COMPARISON);
                        is_alike && are_equal(other.value, entry.value)
                    }
                };
                if is_match {
                    return self.slots.get_mut(index);
                }
            }
            entry.value.meter().charge(UNITS_OF_PROBES).then_some(())?;
            perturb >>= PERTURB_SHIFT;
            start = start.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb) & mask;
        }
    }

    fn grow(&mut self, probes_left: &mut usize) -> Option<()> {
        let size = self.used.saturating_mul(4).checked_add(1)?.next_power_of_two().max(LEAST_SIZE);
        let old = std::mem::replace(self, Table::of_size(size)?);
        *probes_left = probes_left.saturating_add(old.used.saturating_mul(MAX_PROBES_PER_ELEMENT));
        for entry in old.slots.into_iter().flatten() {
            *self.slot_for(&entry, probes_left)? = Some(entry);
        }
        self.used = old.used;
        Some(())
    }
}

/// `hash(value)`, if every run of CPython gives the same.
fn hash(value: Value<'_>) -> Option<u64> {
    match value.kind() {
        Kind::None => Some(HASH_OF_NONE),
        Kind::Tuple(items) => hash_of_tuple(items),
        _ => hash_of_scalar(value),
    }
}

fn hash_of_scalar(value: Value<'_>) -> Option<u64> {
    let (residue, is_negative) = match value.kind() {
        Kind::None => return Some(HASH_OF_NONE),
        Kind::Bool(value) => (u64::from(value), false),
        Kind::Int(value) => (value.unsigned_abs().checked_rem(MODULUS)?, value < 0),
        Kind::BigInt(bytes) if bytes.len() <= MAX_INTEGER_BYTES => {
            value.meter().charge(bytes.len() / HASHED_BYTES_A_UNIT).then_some(())?;
            let integer = integer::of(value)?;
            (integer.limbs().fold(0, append_limb), integer.is_negative())
        }
        Kind::Object(object) => match classify(&object) {
            Class::Uuid(uuid) => {
                let limb = |bytes: &[u8]| bytes.iter().fold(0, |limb, &byte| limb << 8 | u32::from(byte));
                (uuid.to_be_bytes().chunks_exact(4).map(limb).fold(0, append_limb), false)
            }
            _ => return None,
        },
        Kind::Float(value) if value.is_infinite() => (HASH_OF_INFINITY, value < 0.0),
        Kind::Float(value) if !value.is_nan() => (residue_of_float(value)?, value < 0.0),
        _ => return None,
    };
    let hash = if is_negative { residue.wrapping_neg() } else { residue };
    // -1 says in C that there is no hash.
    Some(if hash == u64::MAX { hash.wrapping_sub(1) } else { hash })
}

/// A number modulo 2**61 - 1, with 32 bits more.
#[allow(clippy::arithmetic_side_effects, reason = "61 bits and 32 bits; the modulus is not zero")]
fn append_limb(residue: u64, limb: u32) -> u64 {
    let rotated = residue << 32 & MODULUS | residue >> (61 - 32);
    (rotated + u64::from(limb)) % MODULUS
}

/// The absolute value, modulo 2**61 - 1: a multiplication by two there is a rotation of 61 bits.
fn residue_of_float(value: f64) -> Option<u64> {
    let bits = value.abs().to_bits();
    let (biased, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let mantissa = if biased == 0 { fraction } else { fraction | 1 << 52 };
    let exponent = i64::try_from(biased.max(1)).ok()?.checked_sub(1075)?.checked_rem_euclid(61)?;
    let shift = u32::try_from(exponent).ok()?;
    let rotated = mantissa.wrapping_shl(shift) & MODULUS | mantissa.wrapping_shr(61_u32.checked_sub(shift)?);
    Some(rotated)
}

/// `xxHash`, as CPython has it from 3.8.
fn hash_of_tuple(items: Items<'_>) -> Option<u64> {
    let mut hash = XXPRIME_5;
    let length = items.len();
    if length > MAX_TUPLE_ITEMS {
        return None;
    }
    for item in items {
        item.meter().charge(1).then_some(())?;
        hash = hash.wrapping_add(hash_of_scalar(item)?.wrapping_mul(XXPRIME_2)).rotate_left(31).wrapping_mul(XXPRIME_1);
    }
    hash = hash.wrapping_add(u64::try_from(length).ok()? ^ (XXPRIME_5 ^ 3_527_539));
    Some(if hash == u64::MAX { 1_546_275_796 } else { hash })
}

/// Python's `==` of two keys; false for tuples with others in them, and for a float and an equal integer beyond 64 bits: no honest set
/// or dict holds both.
pub(in crate::python) fn are_equal(one: Value<'_>, other: Value<'_>) -> bool {
    match (one.kind(), other.kind()) {
        (Kind::Tuple(items), Kind::Tuple(others)) => {
            let is_as_long = items.len() == others.len() && items.len() <= MAX_TUPLE_ITEMS;
            is_as_long && items.zip(others).all(|(one, other)| one.meter().charge(1) && are_scalars_equal(one, other))
        }
        _ => are_scalars_equal(one, other),
    }
}

fn are_scalars_equal(one: Value<'_>, other: Value<'_>) -> bool {
    match (one.kind(), other.kind()) {
        (Kind::Str(text), Kind::Str(other)) => {
            let is_as_long = text.as_bytes().len() == other.as_bytes().len();
            is_as_long && one.meter().charge(text.as_bytes().len() / COMPARED_BYTES_A_UNIT) && text == other
        }
        (Kind::Bytes(bytes), Kind::Bytes(others)) => {
            bytes.len() == others.len() && one.meter().charge(bytes.len() / COMPARED_BYTES_A_UNIT) && bytes == others
        }
        (Kind::None, Kind::None) => true,
        (Kind::BigInt(bytes), Kind::BigInt(others)) => {
            one.meter().charge(bytes.len() / COMPARED_BYTES_A_UNIT) && bytes == others
        }
        // Integers that are rounded to the same float differ in their hash.
        _ => {
            one.as_f64().is_some_and(|number| other.as_f64() == Some(number))
                && hash_of_scalar(one) == hash_of_scalar(other)
        }
    }
}

/// `PySet_MINSIZE`
const LEAST_SIZE: usize = 8;
const LINEAR_PROBES: u64 = 9;
const PERTURB_SHIFT: u32 = 5;

/// `_PyHASH_MODULUS`
const MODULUS: u64 = (1 << 61) - 1;
const HASH_OF_INFINITY: u64 = 314_159;
const HASH_OF_NONE: u64 = 0xfca8_6420;
const XXPRIME_1: u64 = 11_400_714_785_074_694_791;
const XXPRIME_2: u64 = 14_029_467_366_897_019_727;
const XXPRIME_5: u64 = 2_870_177_450_012_600_261;

/// What an element costs, in units of a meter: its hash, its place, and its share of the tables. So many bytes of a long integer
/// are hashed, or compared, in the time of one.
const UNITS_AN_ELEMENT: usize = 9;
const UNITS_OF_PROBES: usize = 5;
const UNITS_OF_COMPARISON: usize = 2;
const HASHED_BYTES_A_UNIT: usize = 4;
const COMPARED_BYTES_A_UNIT: usize = 128;

/// Honest tables need one or two; integers that are all equal modulo 2**61 - 1 would need the square of their number.
const MAX_PROBES_PER_ELEMENT: usize = 64;
/// Larger sets keep the order of their pickle: the table takes memory, up to 3 MB for so many. Largest honest frames seen
/// have 45,000 opcodes.
const MAX_ELEMENTS: usize = 1 << 14;
/// Longer integers are not hashed. They are not printed either: 4,300 digits take 1,786 bytes.
const MAX_INTEGER_BYTES: usize = 1786;
/// Longer tuples are not hashed: a peer could put one into a set many times.
const MAX_TUPLE_ITEMS: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use crate::base::budget::Budget;
    use crate::base::limits::MAX_IN_FLIGHT_BYTES;
    use crate::decode::Unpickler;

    fn order(elements: impl Iterator<Item = i128>) -> Option<Vec<i64>> {
        let numbers: String = elements.map(|element| format!("L{element}L\n")).collect();
        let pickle = [b"c__builtin__\nset\n((", numbers.as_bytes(), b"ltR."].concat();
        let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let Kind::Set(items) = unpickler.unpickle(&pickle).unwrap().kind() else { panic!("no set") };
        let ordered = in_order_of_cpython(items)?;
        Some(ordered.into_iter().map(|(value, _)| value.as_i64().unwrap_or_default()).collect())
    }

    #[test]
    fn orders_integers_as_cpython_does() {
        // As CPython 3.13 prints sets of these lists.
        for (inserted, iterated) in [
            (&[3, 1, 2][..], &[1, 2, 3][..]),
            (&[8, 0, 16, 1], &[8, 0, 16, 1]),
            (&[-1, -2, 7], &[7, -1, -2]),
            (&[64, 0, 32, 7, -1, -2], &[64, 0, 32, 7, -2, -1]),
            (&[5, 5, 5], &[5]),
        ] {
            assert_eq!(order(inserted.iter().copied()).unwrap(), iterated, "{inserted:?}");
        }
    }

    #[test]
    fn leaves_large_sets_as_they_are() {
        let limit = i128::try_from(MAX_ELEMENTS).unwrap();
        for (count, is_ordered) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
            assert_eq!(order(0..count).is_some(), is_ordered, "{count}");
        }
    }

    #[test]
    fn gives_up_on_elements_chosen_to_collide() {
        let modulus = i128::from(MODULUS);
        assert!(order((1..50).map(|factor| factor * modulus)).is_some());
        assert!(order((1..10_000).map(|factor| factor * modulus)).is_none());
    }
}
