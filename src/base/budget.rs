//! An allowance of memory: what may be held of what peers sent.
//!
//! Whoever is about to grow a buffer because of what a peer sent takes the bytes from the [`Budget`] first, and gives them
//! back when the buffer shrinks or goes. What does not fit is refused: that record is lost, the process lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A shared number of bytes; clones share it.
#[derive(Clone, Debug)]
pub struct Budget {
    left: Arc<AtomicUsize>,
}

impl Budget {
    /// An allowance of `bytes`.
    pub fn new(bytes: usize) -> Budget {
        Budget { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// Takes `bytes`, all or nothing; false if that many are not left.
    #[must_use]
    pub fn try_take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    /// The same for as long as what this gives is there.
    pub fn take(&self, bytes: usize) -> Option<Taken> {
        self.try_take(bytes).then(|| Taken { budget: self.clone(), bytes })
    }

    /// Gives back what was taken.
    pub fn give_back(&self, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// The bytes left.
    pub fn left(&self) -> usize {
        self.left.load(Ordering::Relaxed)
    }
}

/// Bytes of a budget, given back when this is dropped.
#[derive(Debug)]
pub struct Taken {
    budget: Budget,
    bytes: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;

    #[test]
    fn gives_what_is_left_and_not_a_byte_more() {
        for (asked, given) in [(9, true), (10, true), (11, false)] {
            let budget = Budget::new(10);
            assert_eq!(budget.clone().try_take(asked), given, "{asked} of 10");
            assert_eq!(budget.left(), if given { 10 - asked } else { 10 }, "{asked} of 10");
        }
        let budget = Budget::new(10);
        assert!(budget.try_take(10) && !budget.try_take(1));
        budget.give_back(1);
        assert!(budget.try_take(1));
    }
}
