//! Who is there: [`Guests`], and who of them gives up a place when somebody waits for one.
//!
//! Room is shared by [`Origin`]: one that has its equal share of all connections, or more, gives up the one that has been without
//! a record for longest; one that has less never does. Where all send without a pause, one of them has to go nevertheless: else
//! those who wait would wait for ever.

use std::sync::Arc;
use std::time::Duration;

use crate::base::lock::Lock;
use crate::base::order::order;
use crate::receive::guest::{Dismissal, Guest};
use crate::receive::origin::Origin;

/// All connections that are served.
#[derive(Debug, Default)]
pub struct Guests {
    all: Lock<Vec<Arc<Guest>>>,
}

impl Guests {
    /// Room for so many.
    pub fn reserve(&self, guests: usize) {
        self.all.lock().reserve(guests);
    }

    /// One more is served.
    pub fn add(&self, guest: &Arc<Guest>) {
        self.all.lock().push(guest.clone());
    }

    /// It is served no more.
    pub fn remove(&self, guest: &Arc<Guest>) {
        let mut all = self.all.lock();
        if let Some(place) = all.iter().position(|other| Arc::ptr_eq(other, guest)) {
            all.swap_remove(place);
        }
    }

    /// Ends a connection, which must have been silent for that long, so that somebody else can have its place; false if none can be.
    pub fn make_room(&self, silence: Duration) -> bool {
        let all = self.all.lock();
        let staying: Vec<_> = all.iter().filter(|guest| guest.dismissal().is_none()).collect();
        if all.len().saturating_sub(staying.len()) >= MAX_LEAVING {
            return false;
        }
        let known = staying.iter().map(|guest| (guest.peer().origin(), guest.idleness().unwrap_or_default()));
        let leaving = longest_silent(&known.collect::<Vec<_>>(), silence).and_then(|place| staying.get(place).copied());
        leaving.is_some_and(|guest| guest.dismiss(Dismissal::Place))
    }

    /// Of those that wait for a place, by their origins: the first one of the origin that has fewest.
    pub fn whose_turn(&self, waiting: impl Iterator<Item = Origin> + Clone) -> usize {
        let first = waiting.clone().next();
        // As a rule there is one that waits, or one origin.
        if waiting.clone().all(|origin| Some(origin) == first) {
            return 0;
        }
        let held = Held::by(self.all.lock().iter().map(|guest| guest.peer().origin()).collect());
        waiting.enumerate().min_by_key(|(_, origin)| held.of(*origin)).map_or(0, |(place, _)| place)
    }
}

/// Which of them gives up its place: of the origin that has most, the one that has been silent for longest.
fn longest_silent(guests: &[(Origin, Duration)], least: Duration) -> Option<usize> {
    let held = Held::by(guests.iter().map(|(origin, _)| *origin).collect());
    let distinct = held.0.chunk_by(Origin::eq).count();
    let candidates = guests.iter().enumerate().filter_map(|(place, &(origin, silence))| {
        let held = held.of(origin);
        (silence >= least && held.saturating_mul(distinct) >= guests.len()).then_some((held, silence, place))
    });
    candidates.max().map(|(_, _, place)| place)
}

/// How many places each origin has: the origins of all, in order.
struct Held(Vec<Origin>);

impl Held {
    fn by(origins: Vec<Origin>) -> Held {
        let origin = |place: usize| origins.get(place).copied();
        let places = order(origins.len(), &mut |one, other| origin(one) < origin(other));
        Held(places.into_iter().filter_map(origin).collect())
    }

    fn of(&self, origin: Origin) -> usize {
        let begin = self.0.partition_point(|other| *other < origin);
        self.0.get(begin..).unwrap_or_default().partition_point(|other| *other == origin)
    }
}

/// Those that were ended read what their peers had sent before. If that takes long, no others are ended meanwhile.
const MAX_LEAVING: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::guest::tests::guest;

    const A: Origin = Origin::User(1);
    const B: Origin = Origin::User(2);
    const C: Origin = Origin::User(3);

    /// Of guests by origin and milliseconds of silence, where a second is long.
    fn leaves(guests: &[(Origin, u64)]) -> Option<usize> {
        leaves_after(1000, guests)
    }

    fn leaves_after(least: u64, guests: &[(Origin, u64)]) -> Option<usize> {
        let silence = Duration::from_millis;
        let guests: Vec<_> = guests.iter().map(|&(origin, time)| (origin, silence(time))).collect();
        longest_silent(&guests, silence(least))
    }

    #[test]
    fn of_one_origin_alone_the_longest_silent_leaves() {
        assert_eq!(leaves(&[]), None);
        assert_eq!(leaves(&[(A, 2000), (A, 3000), (A, 2500)]), Some(1));
        for (silence, leaving) in [(0, None), (999, None), (1000, Some(0)), (1001, Some(0))] {
            assert_eq!(leaves(&[(A, silence), (A, 0)]), leaving, "{silence}");
        }
    }

    #[test]
    fn an_origin_below_its_share_never_gives_up_a_place() {
        // Of five places two origins may have two and a half each.
        assert_eq!(leaves(&[(A, 9000), (A, 9000), (B, 2000), (B, 2000), (B, 3000)]), Some(4));
        assert_eq!(leaves(&[(A, 9000), (A, 9000), (B, 0), (B, 999), (B, 0)]), None);
        assert_eq!(leaves(&[(A, 9000), (B, 9000), (C, 2000), (C, 1000), (C, 0), (B, 0)]), Some(2));
    }

    #[test]
    fn of_equal_ones_the_longest_silent_leaves() {
        assert_eq!(leaves(&[(A, 2000), (A, 0), (B, 3000), (B, 0)]), Some(2));
    }

    #[test]
    fn where_none_is_silent_one_of_those_that_have_most_leaves_nevertheless() {
        assert!(leaves_after(0, &[(A, 0), (A, 0)]).is_some());
        assert_eq!(leaves_after(0, &[(A, 0), (A, 200), (A, 100)]), Some(1));
        assert_eq!(leaves_after(0, &[(A, 0), (A, 100), (B, 900)]), Some(1));
    }

    #[test]
    fn a_place_is_for_the_first_of_the_origin_that_has_fewest() {
        let guests = Guests::default();
        let whose_turn = |waiting: &[Origin]| guests.whose_turn(waiting.iter().copied());
        assert_eq!([whose_turn(&[]), whose_turn(&[A]), whose_turn(&[A, B, A])], [0; 3]);
        // Who is behind this one is unknown.
        guests.add(&guest());
        assert_eq!(whose_turn(&[Origin::Unknown, Origin::Unknown, A, B]), 2);
        assert_eq!(whose_turn(&[Origin::Unknown, Origin::Unknown]), 0);
    }

    #[test]
    fn no_more_leave_while_many_are_about_to() {
        let guests = Guests::default();
        (0..=MAX_LEAVING).for_each(|_| guests.add(&guest()));
        let made = (0..=MAX_LEAVING).filter(|_| guests.make_room(Duration::ZERO)).count();
        assert_eq!(made, MAX_LEAVING);
    }
}
