//! What one record may cost: [`Meter`], which counts units of work.
//!
//! In: a charge, before each piece of work that is not plainly bounded by the length of the frame. What a pickle holds once it
//! can name many times, in two bytes each time, so that all that is done for a value may be done as often: without a meter, costs
//! are products of a frame's parts. Out: whether there is enough left. If there is not, whoever asked leaves off, and what it
//! writes ends in `...`. A unit stands for about ten nanoseconds of a desktop processor.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::base::limits::meter_units;

/// The work done for one record, and how much it may be.
///
/// A record is handled by one thread: atomics, read and written apart, cost what plain integers do, and let values be shared.
#[derive(Debug)]
pub struct Meter {
    used: AtomicUsize,
    limit: AtomicUsize,
    /// Up to here nothing need be asked.
    pause: AtomicUsize,
    stop: Option<Stop>,
}

impl Meter {
    /// A meter that is never spent: for values that are of no pickle.
    pub(crate) const fn unlimited() -> Meter {
        // Each charge has to ask, and then nothing is counted: threads share it.
        Meter { used: AtomicUsize::new(0), limit: AtomicUsize::new(usize::MAX), pause: AtomicUsize::new(0), stop: None }
    }

    /// True of [`Meter::unlimited`].
    #[inline]
    pub(crate) fn is_unlimited(&self) -> bool {
        self.limit() == usize::MAX
    }

    /// Sets what is asked now and then, whether to leave off: a second or more may be spent on one record.
    pub(crate) fn stop_when(&mut self, stop: Stop) {
        self.stop = Some(stop);
    }

    /// Begins a record of a frame of so many bytes.
    #[inline]
    pub(crate) fn begin(&self, frame_bytes: usize) {
        let limit = meter_units(frame_bytes);
        self.used.store(0, Relaxed);
        self.limit.store(limit, Relaxed);
        self.pause.store(limit.min(UNITS_BETWEEN_QUESTIONS), Relaxed);
    }

    /// Forgets what was counted: for whoever lays out one record again and again.
    pub fn reset(&self) {
        self.used.store(0, Relaxed);
    }

    /// Counts `units` of work that is about to be done; false if it must not be.
    #[inline(never)]
    pub fn charge(&self, units: usize) -> bool {
        let used = self.used.load(Relaxed).saturating_add(units);
        if used > self.pause.load(Relaxed) {
            return self.charge_beyond_pause(used);
        }
        self.used.store(used, Relaxed);
        true
    }

    /// So many units may be charged, and nothing need be asked.
    #[inline]
    pub(crate) fn left_at_once(&self) -> usize {
        self.pause.load(Relaxed).saturating_sub(self.used.load(Relaxed))
    }

    #[cold]
    fn charge_beyond_pause(&self, used: usize) -> bool {
        if self.is_unlimited() {
            return true;
        }
        let limit = self.limit.load(Relaxed);
        let before = self.used.load(Relaxed);
        self.used.store(used, Relaxed);
        if used <= limit && self.stop.as_ref().is_some_and(|stop| stop.0()) {
            self.limit.store(0, Relaxed);
        }
        let limit = self.limit.load(Relaxed);
        self.pause.store(limit.min(used.saturating_add(UNITS_BETWEEN_QUESTIONS)), Relaxed);
        if used > limit {
            // What is refused is not done, however much it would have been.
            self.used.store(before.max(limit).saturating_add(1), Relaxed);
        }
        used <= limit
    }

    /// True once a charge was refused: nothing more should be done.
    #[inline]
    pub fn is_spent(&self) -> bool {
        self.used.load(Relaxed) > self.limit.load(Relaxed)
    }

    /// The units charged so far; a charge that was refused counts as one beyond the limit.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// The units that may be used.
    pub fn limit(&self) -> usize {
        self.limit.load(Relaxed)
    }
}

/// The work that a frame of no bytes may cost.
impl Default for Meter {
    fn default() -> Meter {
        let meter = Meter { used: AtomicUsize::new(0), ..Meter::unlimited() };
        meter.begin(0);
        meter
    }
}

/// Tells whether to leave off.
#[derive(Clone)]
pub(crate) struct Stop(Arc<dyn Fn() -> bool + Send + Sync>);

impl Stop {
    pub fn when(is_time: impl Fn() -> bool + Send + Sync + 'static) -> Stop {
        Stop(Arc::new(is_time))
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stop")
    }
}

/// Some five milliseconds.
const UNITS_BETWEEN_QUESTIONS: usize = 1 << 19;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn lets_as_much_be_done_as_the_frame_allows_and_no_unit_more() {
        for (bytes, limit) in [
            (0, 98_304),
            (1, 98_309),
            (1000, 103_304),
            ((1 << 20) - 1, 5_341_179),
            (1 << 20, 5_341_184),
            ((1 << 20) + 1, 5_341_188),
            (16 << 20, 68_255_744),
        ] {
            for (units, is_enough) in [(limit - 1, true), (limit, true), (limit + 1, false)] {
                let meter = Meter::default();
                meter.begin(bytes);
                assert_eq!((meter.charge(units), meter.is_spent()), (is_enough, !is_enough), "{units} of {bytes}");
                assert_eq!(meter.used(), units);
            }
            let meter = Meter::default();
            meter.begin(bytes);
            assert!(meter.charge(limit) && !meter.charge(1) && !meter.charge(0) && meter.is_spent(), "{bytes}");
            meter.begin(bytes);
            assert!(meter.charge(limit), "{bytes}, begun anew");
        }
    }

    #[test]
    fn without_a_limit_it_counts_nothing() {
        let meter = Meter::unlimited();
        assert!(meter.charge(usize::MAX) && meter.charge(usize::MAX) && !meter.is_spent());
        assert_eq!(meter.used(), 0);
    }

    #[test]
    fn leaves_off_when_it_is_time_to_stop() {
        let is_time = Arc::new(AtomicBool::new(false));
        let mut meter = Meter::default();
        let asked = Arc::clone(&is_time);
        meter.stop_when(Stop::when(move || asked.load(Relaxed)));
        meter.begin(1 << 20);
        let step = UNITS_BETWEEN_QUESTIONS / 10;
        assert!((0..30).all(|_| meter.charge(step)));
        is_time.store(true, Relaxed);
        let after = (0..100).take_while(|_| meter.charge(step)).count();
        assert!(after <= 10 && meter.is_spent(), "{after} more");
    }
}
