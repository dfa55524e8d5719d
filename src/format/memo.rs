//! What a pickle has written that may be referred to: [`Memo`].
//!
//! In: keys of containers and texts, each once. Out: their slots, and how many places had to be looked at for that, which whoever
//! asks counts as work. An open-addressed table of places: without the code of a HashMap, and its work can be counted.

use crate::base::text::has_memory_for;
use crate::decode::Identity;

/// Keys in the order of their slots, and where to look for them.
pub(super) struct Memo {
    put: Vec<Key>,
    /// A power of two of places: a slot and one, or 0 where there is none. Of a slot that was given back the place stays.
    places: Vec<u32>,
    used: usize,
}

/// What two values have in common if they are the same object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// With the opcode that ends it: a set may be a list's, otherwise.
    Container(Identity, u8),
    /// By the opcode that begins it; where its bytes stand in memory, and how many there are.
    Text(u8, usize, usize),
}

impl Memo {
    /// Of nothing.
    pub fn new() -> Memo {
        Memo { put: Vec::new(), places: Vec::new(), used: 0 }
    }

    /// The number of slots.
    pub fn len(&self) -> usize {
        self.put.len()
    }

    /// The slot of a key, and how many places were looked at.
    pub fn slot_of(&self, key: Key) -> (Option<u32>, usize) {
        for (probes, place) in (1..).zip(self.way(key)) {
            match self.places.get(place).copied().unwrap_or(0).checked_sub(1) {
                None => return (None, probes),
                Some(slot) if self.key_at(slot) == Some(key) => return (Some(slot), probes),
                Some(_) => {}
            }
        }
        (None, 1)
    }

    /// The next slot, for a key that has none; `None` if the system has no memory for it.
    pub fn put(&mut self, key: Key) -> Option<u32> {
        let slot = u32::try_from(self.put.len()).ok()?;
        has_memory_for(&mut self.put, 1).then_some(())?;
        self.put.push(key);
        if self.used.saturating_mul(2) >= self.places.len() {
            self.grow()?;
        } else {
            self.set(slot, key);
        }
        Some(slot)
    }

    /// Gives back all slots from this one on.
    pub fn truncate(&mut self, slots: usize) {
        self.put.truncate(slots);
    }

    fn grow(&mut self) -> Option<()> {
        let size = self.put.len().saturating_mul(4).next_power_of_two().max(LEAST_PLACES);
        self.places.clear();
        has_memory_for(&mut self.places, size).then_some(())?;
        self.places.resize(size, 0);
        self.used = 0;
        for slot in 0..u32::try_from(self.put.len()).unwrap_or(u32::MAX) {
            self.key_at(slot).into_iter().for_each(|key| self.set(slot, key));
        }
        Some(())
    }

    fn set(&mut self, slot: u32, key: Key) {
        let free = self.way(key).find(|&place| self.places.get(place) == Some(&0));
        if let Some(place) = free.and_then(|place| self.places.get_mut(place)) {
            *place = slot.saturating_add(1);
            self.used = self.used.saturating_add(1);
        }
    }

    fn key_at(&self, slot: u32) -> Option<Key> {
        self.put.get(usize::try_from(slot).ok()?).copied()
    }

    /// The places in which a key may be, in the order in which to look.
    fn way(&self, key: Key) -> impl Iterator<Item = usize> + use<> {
        let number = match key {
            Key::Container(Identity::Object(place) | Identity::Run(place) | Identity::Tuple(place), end) => {
                u64::from(place) << 8 | u64::from(end)
            }
            Key::Text(opcode, start, _) => u64::try_from(start).unwrap_or(0).rotate_left(8) ^ u64::from(opcode),
        };
        let mixed = number.wrapping_mul(GOLDEN_RATIO);
        let first = usize::try_from(mixed >> 32).unwrap_or(0);
        let mask = self.places.len().saturating_sub(1);
        (0..self.places.len()).map(move |step| first.wrapping_add(step) & mask)
    }
}

const LEAST_PLACES: usize = 16;

/// 2 to the power of 64, divided by the golden ratio: it spreads numbers that follow one another.
const GOLDEN_RATIO: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_and_was_not_given_back() {
        let key = |number: u32| match number % 3 {
            0 => Key::Container(Identity::Run(number), number.to_le_bytes()[0]),
            1 => Key::Container(Identity::Tuple(number), 1),
            _ => Key::Text(2, usize::try_from(number).unwrap(), 8),
        };
        let mut memo = Memo::new();
        assert_eq!(memo.slot_of(key(0)).0, None);
        for round in 0..3 {
            for number in 0..1000 {
                assert_eq!(memo.slot_of(key(number)).0, None, "{round}");
                assert_eq!(memo.put(key(number)), Some(number));
            }
            assert!((0..1000).all(|number| memo.slot_of(key(number)).0 == Some(number)), "{round}");
            let probes: usize = (0..1000).map(|number| memo.slot_of(key(number)).1).sum();
            assert!(probes < 3000, "{probes}");
            memo.truncate(500);
            assert!((0..1000).all(|number| memo.slot_of(key(number)).0 == (number < 500).then_some(number)), "{round}");
            memo.truncate(0);
        }
    }
}
