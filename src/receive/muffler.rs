//! Diagnostics that must not flood: [`Muffler`] lets a burst pass, then so many a second, and counts the others.

use std::time::Instant;

use crate::base::limits::{DIAGNOSTICS_PER_SECOND, MAX_DIAGNOSTICS};

/// Lets diagnostics pass while they are few, and counts the others: [`MAX_DIAGNOSTICS`] in a row, then
/// [`DIAGNOSTICS_PER_SECOND`].
#[derive(Debug)]
pub struct Muffler {
    left: u32,
    refilled: Option<Instant>,
    muffled: u64,
}

impl Muffler {
    /// True if a diagnostic may be said at `now`; else it is counted.
    pub fn admits(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(*self.refilled.get_or_insert(now));
        let refill = u32::try_from(since.as_millis()).unwrap_or(u32::MAX) / MILLISECONDS_A_DIAGNOSTIC;
        if refill > 0 {
            self.left = self.left.saturating_add(refill).min(MAX_DIAGNOSTICS);
            self.refilled = Some(now);
        }
        let admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        self.muffled = self.muffled.saturating_add(u64::from(!admitted));
        admitted
    }

    /// How many were counted and not said since this was last asked.
    pub fn take_muffled(&mut self) -> u64 {
        std::mem::take(&mut self.muffled)
    }
}

/// Nothing was said yet.
impl Default for Muffler {
    fn default() -> Muffler {
        Muffler { left: MAX_DIAGNOSTICS, refilled: None, muffled: 0 }
    }
}

const MILLISECONDS_A_DIAGNOSTIC: u32 = 1000 / DIAGNOSTICS_PER_SECOND;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use std::time::Duration;

    #[test]
    fn admits_a_burst_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut muffler = Muffler::default();
        let admitted = |muffler: &mut Muffler, milliseconds: u64, asked: u32| -> u32 {
            let now = start + Duration::from_millis(milliseconds);
            (0..asked).map(|_| u32::from(muffler.admits(now))).sum()
        };
        assert_eq!(admitted(&mut muffler, 0, MAX_DIAGNOSTICS - 1), MAX_DIAGNOSTICS - 1);
        assert_eq!(muffler.take_muffled(), 0);
        assert_eq!(admitted(&mut muffler, 0, 50), 1);
        assert_eq!(muffler.take_muffled(), 49);
        assert_eq!(admitted(&mut muffler, 99, 5), 0);
        assert_eq!(admitted(&mut muffler, 1000, 500), DIAGNOSTICS_PER_SECOND);
        assert_eq!(muffler.take_muffled(), 5 + 490);
        assert_eq!(admitted(&mut muffler, 3_600_000, 500), MAX_DIAGNOSTICS);
    }
}
