//! Room for those that wait for a place: [`Room`] has one connection end after the other, and not too many.

use std::time::{Duration, Instant};

use crate::receive::guests::Guests;

/// When a connection may be ended for the sake of another one.
#[derive(Debug)]
pub(super) struct Room {
    /// Not before that.
    after: Instant,
    /// How often one was looked for in vain since somebody waits and nobody leaves.
    looks_in_vain: u32,
    /// When one was ended for the next place that becomes free.
    made: Option<Instant>,
}

impl Room {
    /// Nobody has waited.
    pub fn new() -> Room {
        Room { after: Instant::now(), looks_in_vain: 0, made: None }
    }

    /// How long to wait before one may be ended.
    pub fn pause(&self) -> Duration {
        self.after.saturating_duration_since(Instant::now())
    }

    /// So many who waited have a place.
    pub fn are_taken(&mut self, places: usize) {
        let was_made = places > 0 && self.made.take().is_some();
        if places > usize::from(was_made) {
            self.looks_in_vain = 0;
        }
    }

    /// Nobody waits any more.
    pub fn is_enough(&mut self) {
        self.looks_in_vain = 0;
    }

    /// Lets one connection end for the sake of those that wait, if one may now. If there is none that is silent, and nobody leaves, one of
    /// those that are not has to, for that is how an enemy would keep all places.
    pub fn make(&mut self, guests: &Guests) {
        if !self.pause().is_zero() {
            return;
        }
        if self.after.elapsed() > LONG_SILENCE {
            // Nobody has waited meanwhile.
            self.looks_in_vain = 0;
        }
        let is_leaving = self.made.is_some_and(|at| at.elapsed() < LONG_SILENCE);
        let is_silent = !is_leaving && guests.make_room(LONG_SILENCE);
        let is_in_vain = !is_leaving && !is_silent;
        if is_in_vain {
            self.looks_in_vain = self.looks_in_vain.saturating_add(1);
        }
        if is_silent || is_in_vain && self.looks_in_vain > MAX_LOOKS && guests.make_room(Duration::ZERO) {
            self.made = Some(Instant::now());
        }
        let pause = if is_in_vain { BETWEEN_LOOKS } else { BETWEEN_ROOMS };
        self.after = Instant::now().checked_add(pause).unwrap_or(self.after);
    }
}

/// A hundred connections a second may be ended for the sake of others.
const BETWEEN_ROOMS: Duration = Duration::from_millis(10);

/// How soon to look again whether one has been silent for long enough, and so often a second one that was not may be ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// For a second, nobody is ended who was not silent.
const MAX_LOOKS: u32 = 10;

/// Whoever sends more often than that is not silent.
const LONG_SILENCE: Duration = Duration::from_secs(1);
