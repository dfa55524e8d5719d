//! Where in the arena the value of each field of a record stands.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::field::Field;

/// The fields of a record: where in the arena each one's value stands.
#[derive(Debug)]
pub(crate) struct Fields {
    places: [u32; Field::COUNT],
    /// See [`Fields::keys`].
    keys: usize,
    ending: Option<Ending>,
}

/// With what a record ends: of two records of the same keys for which this is the same, the values from `first_key` on are the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub number: usize,
    /// The number of a key.
    pub first_key: usize,
}

impl Fields {
    /// A record without fields.
    pub const NONE: Fields = Fields { places: [u32::MAX; Field::COUNT], keys: 0, ending: None };

    /// The same with a number for the keys of the record: see [`Fields::keys`].
    pub fn with_new_keys(self) -> Fields {
        Fields { keys: new_number(), ..self }
    }

    /// What keys a record has: of two records for which this is the same and not 0, each key stands where the other has the same
    /// one, as far as both have as many.
    pub fn keys(&self) -> usize {
        self.keys
    }

    /// With what the record ends, if that is known.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    #[inline]
    pub fn set_ending(&mut self, ending: Option<Ending>) {
        self.ending = ending;
    }

    /// The place of a field's value; beyond the arena for one that there is not.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u32 {
        self.places.get(field.index()).copied().unwrap_or(u32::MAX)
    }

    /// Those that stand before place `end`, which are so much further on in another arena.
    pub fn moved_by(&self, start: u32, end: u32) -> Fields {
        Fields {
            places: self.places.map(|place| if place < end { place.wrapping_add(start) } else { u32::MAX }),
            keys: 0,
            ending: None,
        }
    }

    /// Sets the place of a field's value.
    pub fn set(&mut self, field: Option<Field>, place: u32) {
        if let Some(slot) = field.and_then(|field| self.places.get_mut(field.index())) {
            *slot = place;
        }
    }
}

/// A number other than 0 that was not given before, as long as there are such.
pub(super) fn new_number() -> usize {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    let last = LAST.fetch_update(Relaxed, Relaxed, |last| last.checked_add(1));
    last.map_or(0, |last| last.wrapping_add(1))
}

impl Default for Fields {
    fn default() -> Fields {
        Fields::NONE
    }
}
