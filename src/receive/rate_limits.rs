//! Diagnostics that must not flood: [`RateLimits`] lets so many pass, by [`Origin`] and altogether, and the others are counted.

use std::time::{Duration, Instant};

use crate::base::limits::{
    ALL_DIAGNOSTICS_PER_SECOND, DIAGNOSTICS_PER_SECOND, MAX_ALL_DIAGNOSTICS, MAX_DIAGNOSTICS, MAX_ORIGINS,
};
use crate::base::lock::Lock;
use crate::receive::origin::Origin;

/// Lets diagnostics pass while they are few: of one origin [`MAX_DIAGNOSTICS`] in a row, then [`DIAGNOSTICS_PER_SECOND`], and of
/// all together likewise [`MAX_ALL_DIAGNOSTICS`]. Of those, who had many must leave as many to others.
#[derive(Debug, Default)]
pub struct RateLimits {
    state: Lock<State>,
}

#[derive(Debug)]
struct State {
    all: Bucket,
    origins: Vec<(Origin, Bucket)>,
    /// Which of the origins is forgotten next.
    oldest: usize,
    unsaid: u64,
    #[cfg(test)]
    asked: u32,
}

impl RateLimits {
    /// True if a diagnostic about `origin` may be said now.
    pub fn admits(&self, origin: Origin) -> bool {
        self.state.lock().admits(origin, Instant::now())
    }

    /// True if a count of diagnostics that were not said may be said now; else it is kept.
    pub fn admits_count(&self, count: u64) -> bool {
        self.state.lock().admits_count(count, Instant::now())
    }

    /// How many diagnostics were neither said nor said as a count.
    pub fn take_unsaid(&self) -> u64 {
        std::mem::take(&mut self.state.lock().unsaid)
    }
}

#[cfg(test)]
impl RateLimits {
    /// How often it was asked whether a diagnostic may be said.
    pub fn asked(&self) -> u32 {
        self.state.lock().asked
    }
}

impl Default for State {
    fn default() -> State {
        let all = Bucket::new(MAX_ALL_DIAGNOSTICS, ALL_DIAGNOSTICS_PER_SECOND);
        State {
            all,
            origins: Vec::with_capacity(MAX_ORIGINS),
            oldest: 0,
            unsaid: 0,
            #[cfg(test)]
            asked: 0,
        }
    }
}

impl State {
    fn admits(&mut self, origin: Origin, now: Instant) -> bool {
        #[cfg(test)]
        {
            self.asked = self.asked.saturating_add(1);
        }
        self.all.refill(now);
        let left = self.all.left;
        let bucket = self.bucket_of(origin);
        bucket.refill(now);
        let admitted = bucket.left > 0 && left > bucket.most.saturating_sub(bucket.left);
        // Who is refused has asked for as much: else many floods would take by turns what is left for others.
        bucket.left = bucket.left.saturating_sub(1);
        self.all.left = left.saturating_sub(admitted.into());
        admitted
    }

    /// Counts are said while two thirds are left: each stands for many, but nobody may flood by them either.
    fn admits_count(&mut self, count: u64, now: Instant) -> bool {
        self.all.refill(now);
        let admitted = self.all.left > MAX_ALL_DIAGNOSTICS / 3 * 2;
        if admitted {
            self.all.left = self.all.left.saturating_sub(1);
        } else {
            self.unsaid = self.unsaid.saturating_add(count);
        }
        admitted
    }

    fn bucket_of(&mut self, origin: Origin) -> &mut Bucket {
        let known = self.origins.iter().position(|(other, _)| *other == origin);
        let place = known.unwrap_or_else(|| {
            let new = (origin, Bucket::new(MAX_DIAGNOSTICS, DIAGNOSTICS_PER_SECOND));
            if self.origins.len() < MAX_ORIGINS {
                self.origins.push(new);
                return self.origins.len().saturating_sub(1);
            }
            let place = self.oldest;
            self.oldest = place.saturating_add(1) % MAX_ORIGINS;
            if let Some(oldest) = self.origins.get_mut(place) {
                *oldest = new;
            }
            place
        });
        #[allow(clippy::indexing_slicing, reason = "it was found or made just now")]
        &mut self.origins[place].1
    }
}

/// So many at once, and so many more each second.
#[derive(Debug)]
struct Bucket {
    left: u32,
    most: u32,
    each: Duration,
    refilled: Option<Instant>,
}

impl Bucket {
    fn new(most: u32, per_second: u32) -> Bucket {
        let each = Duration::from_secs(1).checked_div(per_second).unwrap_or_default();
        Bucket { left: most, most, each, refilled: None }
    }

    fn refill(&mut self, now: Instant) {
        let since = now.saturating_duration_since(*self.refilled.get_or_insert(now));
        let more = since.as_nanos().checked_div(self.each.as_nanos()).unwrap_or(0);
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        if more > 0 {
            self.left = self.left.saturating_add(more).min(self.most);
            self.refilled = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;

    fn admitted(state: &mut State, origin: u32, now: Instant, asked: u32) -> u32 {
        (0..asked).map(|_| u32::from(state.admits(Origin::User(origin), now))).sum()
    }

    #[test]
    fn admits_a_burst_and_then_so_many_a_second() {
        let start = Instant::now();
        let mut state = State::default();
        assert_eq!(admitted(&mut state, 1, start, MAX_DIAGNOSTICS - 1), MAX_DIAGNOSTICS - 1);
        assert_eq!(admitted(&mut state, 1, start, 2), 1);
        assert_eq!(admitted(&mut state, 1, start + Duration::from_millis(99), 5), 0);
        let later = start + Duration::from_secs(1);
        assert_eq!(admitted(&mut state, 1, later, 500), DIAGNOSTICS_PER_SECOND);
        let much_later = start + Duration::from_secs(3600);
        assert_eq!(admitted(&mut state, 1, much_later, 500), MAX_DIAGNOSTICS);
    }

    /// Each flood takes at most half of what those before it have left.
    #[test]
    fn a_few_floods_leave_something_to_others() {
        for floods in [1, 4, 5, 8] {
            let now = Instant::now();
            let mut state = State::default();
            let all: u32 = (0..floods).map(|flood| admitted(&mut state, flood, now, 500)).sum();
            assert!(all < MAX_ALL_DIAGNOSTICS, "{floods}: {all}");
            assert_eq!(admitted(&mut state, u32::MAX, now, 1), 1, "{floods}");
        }
    }

    /// Who asks often has said much, whether it was admitted or not.
    #[test]
    fn many_floods_leave_something_to_who_is_quiet() {
        let start = Instant::now();
        let mut state = State::default();
        for moment in 0..20_000 {
            let now = start + Duration::from_millis(moment);
            let all: u32 = (0..60).map(|flood| admitted(&mut state, flood, now, 1)).sum();
            assert!(moment < 10_000 || all <= 1 + ALL_DIAGNOSTICS_PER_SECOND / 10, "{moment}: {all}");
            if moment % 1000 == 999 {
                assert_eq!(admitted(&mut state, u32::MAX, now, 1), 1, "{moment}");
            }
        }
    }

    #[test]
    fn forgets_the_oldest_of_too_many_origins() {
        let now = Instant::now();
        let mut state = State::default();
        for origin in 0..=u32::try_from(MAX_ORIGINS).unwrap() {
            state.admits(Origin::User(origin), now);
            assert!(state.origins.len() <= MAX_ORIGINS);
        }
        assert!(!state.origins.iter().any(|(origin, _)| *origin == Origin::User(0)));
        assert!(state.origins.iter().any(|(origin, _)| *origin == Origin::User(1)));
    }

    #[test]
    fn counts_are_said_or_kept() {
        let now = Instant::now();
        let mut state = State::default();
        let said = (0..1000).filter(|_| state.admits_count(3, now)).count();
        assert_eq!(u32::try_from(said), Ok(MAX_ALL_DIAGNOSTICS - MAX_ALL_DIAGNOSTICS / 3 * 2));
        assert_eq!(state.unsaid, 3 * (1000 - u64::try_from(said).unwrap()));
        assert!(state.admits(Origin::Unknown, now));
    }
}
