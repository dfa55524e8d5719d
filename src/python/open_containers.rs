//! The containers that are being printed, in which a container that is met again is a cycle.
//!
//! In: containers as they are entered and left, the innermost first. Out: whether one was open already, and what that took.
//! The outer ones are compared one by one, as `Py_ReprEnter` does in CPython's `Objects/object.c`: few values are deeper. The
//! others, with which a peer could make that slow, have a bit each.

use crate::decode::Identity;

/// Containers, each in those before it.
#[derive(Debug, Default)]
pub(super) struct OpenContainers {
    outer: Vec<Identity>,
    /// Those within the outer ones: a bit for each container that the pickle could have, as far as one was needed.
    inner: Vec<u64>,
    inner_count: usize,
}

impl OpenContainers {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.outer.len().saturating_add(self.inner_count)
    }

    /// Enters a container, and gives how many bytes had to be cleared for that; `None` if it is open already.
    pub fn enter(&mut self, container: Identity) -> Option<usize> {
        if self.outer.contains(&container) {
            return None;
        }
        if self.outer.len() < MAX_OUTER {
            self.outer.push(container);
            return Some(0);
        }
        let (word, bit) = place_of(container);
        let cleared = word.saturating_add(1).saturating_sub(self.inner.len());
        self.inner.resize(self.inner.len().saturating_add(cleared), 0);
        let bits = self.inner.get_mut(word).filter(|bits| **bits & bit == 0)?;
        *bits |= bit;
        self.inner_count = self.inner_count.saturating_add(1);
        Some(cleared.saturating_mul(size_of::<u64>()))
    }

    /// Leaves the innermost container, which is this one.
    pub fn leave(&mut self, container: Identity) {
        if self.inner_count == 0 {
            self.outer.pop();
            return;
        }
        let (word, bit) = place_of(container);
        if let Some(bits) = self.inner.get_mut(word) {
            *bits &= !bit;
            self.inner_count = self.inner_count.saturating_sub(1);
        }
    }
}

/// The word in which a container has its bit, and the bit.
fn place_of(container: Identity) -> (usize, u64) {
    let (place, kind) = match container {
        Identity::Tuple(place) => (place, 0),
        Identity::Run(place) => (place, 1),
        Identity::Object(place) => (place, 2),
    };
    let number = u64::from(place).saturating_mul(3).saturating_add(kind);
    (usize::try_from(number / 64).unwrap_or(usize::MAX), 1 << (number % 64))
}

/// Containers that are compared one by one.
const MAX_OUTER: usize = 32;

#[cfg(test)]
mod tests {
    #![allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "tests"
    )]
    use super::*;

    fn containers(count: usize) -> Vec<Identity> {
        let kinds = [Identity::Tuple, Identity::Run, Identity::Object];
        (0..count).map(|number| kinds[number % 3]((number / 3) as u32)).collect()
    }

    #[test]
    fn knows_what_is_open_however_much_is() {
        for count in [1, MAX_OUTER - 1, MAX_OUTER, MAX_OUTER + 1, 10 * MAX_OUTER] {
            let (all, mut open) = (containers(count), OpenContainers::default());
            for _ in 0..2 {
                for (number, container) in all.iter().enumerate() {
                    assert_eq!(open.len(), number);
                    assert!(open.enter(*container).is_some(), "{container:?} of {count}");
                    assert!(all[..=number].iter().all(|entered| open.enter(*entered).is_none()), "{number} of {count}");
                }
                all.iter().rev().for_each(|container| open.leave(*container));
                assert_eq!(open.len(), 0);
            }
        }
    }

    #[test]
    fn tells_what_was_cleared() {
        let mut open = OpenContainers::default();
        for container in containers(MAX_OUTER) {
            assert_eq!(open.enter(container), Some(0));
        }
        // Three bits a place, in words of 64.
        for (place, words) in [(1000, Some(47)), (1000, None), (999, Some(0)), (2000, Some(47))] {
            let cleared = open.enter(Identity::Run(place));
            assert_eq!(cleared, words.map(|words| words * size_of::<u64>()), "{place}");
        }
    }
}
