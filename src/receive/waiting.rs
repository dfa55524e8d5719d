//! Who was accepted and waits for a place: [`Waiting`].
//!
//! In: connections. Out: the one that is to have the next place. It is for the origin that has fewest; those that have equally many take
//! turns, and so do the listeners at which they connected: else those of one would make all others wait.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use crate::receive::guests::Guests;
use crate::receive::peer::Peer;

/// A connection that is not served yet.
#[derive(Debug)]
pub(super) struct Accepted {
    pub socket: OwnedFd,
    pub peer: Peer,
    /// The number of the listener that it was accepted from.
    pub listener: usize,
}

/// Those that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    all: VecDeque<Accepted>,
    /// How many were served since that was last asked.
    served: usize,
}

impl Waiting {
    pub fn len(&self) -> usize {
        self.all.len()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many were served since this was last asked.
    pub fn take_served(&mut self) -> usize {
        std::mem::take(&mut self.served)
    }

    /// One more waits.
    pub fn push(&mut self, accepted: Accepted) {
        self.all.push_back(accepted);
    }

    /// The next one to be served, where `guests` are. Not inlined: what it takes on the stack is gone while that one is served.
    #[inline(never)]
    pub fn next(&mut self, guests: &Guests) -> Option<Accepted> {
        let place = guests.whose_turn(self.all.iter().map(|waiting| waiting.peer.origin()));
        let next = self.all.remove(place)?;
        self.served = self.served.saturating_add(1);
        let is_alike = |other: &Accepted| other.listener == next.listener && other.peer.origin() == next.peer.origin();
        if !self.all.iter().all(is_alike) {
            let mut behind = VecDeque::new();
            for waiting in std::mem::take(&mut self.all) {
                let side = if is_alike(&waiting) { &mut behind } else { &mut self.all };
                side.push_back(waiting);
            }
            self.all.append(&mut behind);
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    /// Of connections, by user and listener: in which order they are served where nobody is.
    fn order(connections: &[(u32, usize)]) -> Vec<(u32, usize)> {
        let mut waiting = Waiting::default();
        for &(user, listener) in connections {
            let socket = UnixStream::pair().unwrap().0.into();
            let peer = Peer::from_path(&user.to_string()).of_user(Some(user));
            waiting.push(Accepted { socket, peer, listener });
        }
        let mut served = Vec::new();
        while let Some(next) = waiting.next(&Guests::default()) {
            served.push((next.peer.to_string().parse().unwrap(), next.listener));
        }
        served
    }

    #[test]
    fn users_and_listeners_take_turns_and_each_is_served_in_its_order() {
        assert_eq!(order(&[]), []);
        assert_eq!(order(&[(1, 0), (1, 0)]), [(1, 0), (1, 0)]);
        assert_eq!(order(&[(1, 0), (1, 0), (1, 0), (2, 0), (2, 0)]), [(1, 0), (2, 0), (1, 0), (2, 0), (1, 0)]);
        assert_eq!(order(&[(1, 0), (1, 0), (1, 1)]), [(1, 0), (1, 1), (1, 0)]);
        assert_eq!(order(&[(1, 0), (1, 0), (2, 1), (1, 1), (2, 1)]), [(1, 0), (2, 1), (1, 1), (1, 0), (2, 1)]);
    }
}
