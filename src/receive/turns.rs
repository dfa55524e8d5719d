//! A bounded number of turns, given in the order in which they were asked for: [`Turns`].
//!
//! Those whose turn may take long have half of them at most, and wait while any others do: but for one of them at a time.
//! Whoever finds none left sleeps until one comes back, until it is dismissed or until there is no time left for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::base::lock::Lock;
use crate::receive::guest::Guest;

/// So many turns at once.
#[derive(Debug)]
pub struct Turns {
    state: Lock<State>,
}

#[derive(Debug)]
struct State {
    left: usize,
    /// Of those left, how many may be long ones; and of all.
    long_left: usize,
    most_long: usize,
    /// And whether their turn may take long.
    waiting: VecDeque<(Arc<Guest>, bool)>,
    /// Woken, and not yet aware of it: the turns are theirs.
    called: Vec<Arc<Guest>>,
}

/// One turn, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    turns: &'a Turns,
    is_long: bool,
}

/// How long a guest that waits may sleep on: `None` until it is woken; after no time at all it waits no more.
pub type Patience = Option<Duration>;

impl Turns {
    /// All of them are left.
    pub fn new(count: usize) -> Turns {
        let long = count.div_ceil(2);
        let (waiting, called) = (VecDeque::new(), Vec::with_capacity(count));
        Turns { state: Lock::new(State { left: count, long_left: long, most_long: long, waiting, called }) }
    }

    /// Room for so many that wait: nobody is kept waiting here for want of memory by one who waits for memory.
    pub fn reserve(&self, guests: usize) {
        self.state.lock().waiting.reserve(guests);
    }

    /// A turn for `guest`, which the present thread serves and which may take long; `None` if its `patience` is over before there
    /// is one.
    pub fn wait(&self, guest: &Arc<Guest>, is_long: bool, patience: impl Fn() -> Patience) -> Option<Turn<'_>> {
        let mut state = self.state.lock();
        state.waiting.push_back((guest.clone(), is_long));
        state.call();
        drop(state);
        loop {
            let patience = patience();
            let mut state = self.state.lock();
            let is_guest = |other: &Arc<Guest>| Arc::ptr_eq(other, guest);
            if let Some(place) = state.called.iter().position(is_guest) {
                state.called.swap_remove(place);
                return Some(Turn { turns: self, is_long });
            }
            if patience == Some(Duration::ZERO) {
                state.waiting.retain(|(other, _)| !is_guest(other));
                return None;
            }
            drop(state);
            park(patience);
        }
    }

    /// True while others wait for one.
    pub fn are_wanted(&self) -> bool {
        !self.state.lock().waiting.is_empty()
    }

    /// Lets all that wait ask for their patience again.
    pub fn wake_all(&self) {
        self.state.lock().waiting.iter().for_each(|(guest, _)| guest.wake());
    }
}

impl State {
    /// Gives the next one its turn, if there is one for it.
    fn call(&mut self) {
        let first = |is_long| self.waiting.iter().position(|(_, other)| *other == is_long);
        let (long, short) = (first(true).filter(|_| self.long_left > 0), first(false));
        let next = if self.long_left == self.most_long { long.or(short) } else { short.or(long) };
        let Some(left) = self.left.checked_sub(1) else { return };
        let Some((guest, is_long)) = next.and_then(|place| self.waiting.remove(place)) else { return };
        self.left = left;
        self.long_left = self.long_left.saturating_sub(usize::from(is_long));
        guest.wake();
        self.called.push(guest);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.turns.state.lock();
        state.left = state.left.saturating_add(1);
        state.long_left = state.long_left.saturating_add(usize::from(self.is_long));
        state.call();
    }
}

/// Sleeps until this thread is woken, or for as long as the patience has it; perhaps for nothing.
pub fn park(patience: Patience) {
    match patience {
        Some(time) => thread::park_timeout(time),
        None => thread::park(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receive::guest::Dismissal;
    use crate::receive::guest::tests::guest;
    use std::sync::mpsc;

    #[test]
    fn gives_so_many_and_then_one_for_each_that_comes_back() {
        for (count, asked, given) in [(2, 1, 1), (2, 2, 2), (2, 3, 2)] {
            let (turns, guest) = (Turns::new(count), guest());
            let turn = || turns.wait(&guest, false, || Some(Duration::ZERO));
            let mut held: Vec<_> = (0..asked).filter_map(|_| turn()).collect();
            assert_eq!(held.len(), given);
            held.pop();
            assert!(turn().is_some());
            assert_eq!(turns.state.lock().waiting.len(), 0);
        }
    }

    #[test]
    fn serves_those_that_wait_in_their_order() {
        let turns = Turns::new(1);
        let turn = turns.wait(&guest(), false, || Some(Duration::ZERO));
        let (served, order) = mpsc::channel();
        thread::scope(|scope| {
            for number in 0..5 {
                let (turns, served) = (&turns, served.clone());
                scope.spawn(move || {
                    let _turn = turns.wait(&guest(), false, || None).unwrap();
                    served.send(number).unwrap();
                });
                while turns.state.lock().waiting.len() <= number {
                    thread::yield_now();
                }
            }
            drop(turn);
        });
        assert!(order.try_iter().eq(0..5));
        assert_eq!(turns.state.lock().left, 1);
    }

    #[test]
    fn long_ones_have_half_of_the_turns_and_wait_for_others_but_for_one() {
        for (count, long) in [(1, 1), (2, 1), (3, 2), (16, 8)] {
            let (turns, guest) = (Turns::new(count), guest());
            let turn = |is_long| turns.wait(&guest, is_long, || Some(Duration::ZERO));
            let held: Vec<_> = (0..count).filter_map(|_| turn(true)).collect();
            assert_eq!(held.len(), long);
            let short: Vec<_> = (0..count).filter_map(|_| turn(false)).collect();
            assert_eq!(short.len(), count - long);
        }
        let (turns, waiting) = (Turns::new(3), [(); 4].map(|()| guest()));
        let turn = |is_long| turns.wait(&waiting[0], is_long, || Some(Duration::ZERO)).unwrap();
        let held = [turn(true), turn(true), turn(false)];
        turns.state.lock().waiting.extend([
            (waiting[1].clone(), true),
            (waiting[2].clone(), false),
            (waiting[3].clone(), false),
        ]);
        let called = |place| Arc::ptr_eq(turns.state.lock().called.last().unwrap(), &waiting[place]);
        for (turn, next) in held.into_iter().zip([2, 1, 3]) {
            drop(turn);
            assert!(called(next), "{next}");
        }
    }

    #[test]
    fn whoever_is_dismissed_waits_no_more() {
        let turns = Turns::new(0);
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let turns = &turns;
            let waiting = scope.spawn(move || {
                let guest = guest();
                sender.send(guest.clone()).unwrap();
                let patience = || guest.dismissal().map(|_| Duration::ZERO);
                turns.wait(&guest, false, patience).is_none()
            });
            let guest = receiver.recv().unwrap();
            assert!(guest.dismiss(Dismissal::Place) && !guest.dismiss(Dismissal::Memory));
            assert!(waiting.join().unwrap());
            assert_eq!(guest.dismissal(), Some(Dismissal::Place));
        });
    }
}
