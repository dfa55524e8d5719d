//! Who is served: [`Slots`], as many as there may be connections at once, and a wake-up when one becomes free.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::base::text::explained;

/// A number of places, some in use.
#[derive(Debug)]
pub struct Slots {
    state: Arc<State>,
    hearing: UnixStream,
    most: usize,
    extra: usize,
}

/// One place; dropping it frees it.
#[derive(Debug)]
pub struct Slot {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    in_use: AtomicUsize,
    /// True while somebody waits to hear of a free place.
    is_awaited: AtomicBool,
    telling: UnixStream,
}

impl Slots {
    /// As many as `most` places, all free.
    ///
    /// # Errors
    /// When there is no file descriptor left.
    pub fn new(most: usize) -> io::Result<Slots> {
        let pair = UnixStream::pair();
        let (hearing, telling) = pair.map_err(|error| explained(error, format_args!("cannot start")))?;
        hearing.set_nonblocking(true)?;
        telling.set_nonblocking(true)?;
        let state = State { in_use: AtomicUsize::new(0), is_awaited: AtomicBool::new(false), telling };
        Ok(Slots { state: Arc::new(state), hearing, most, extra: 0 })
    }

    /// A place, if one is free; else it asks for a wake-up. Only one thread may take places.
    pub fn take(&self) -> Option<Slot> {
        if self.is_full() {
            self.ask_for_wake_up();
        }
        (!self.is_full()).then(|| self.occupy())
    }

    /// A place beyond their number.
    pub fn take_extra(&mut self) -> Slot {
        self.extra = self.extra.saturating_add(1);
        self.occupy()
    }

    /// True if no place is free.
    pub fn is_full(&self) -> bool {
        self.in_use() >= self.most.saturating_add(self.extra)
    }

    /// The number of places, those beyond it not counted.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Places in use, those beyond their number too.
    pub fn in_use(&self) -> usize {
        self.state.in_use.load(Ordering::SeqCst)
    }

    /// Asks for a wake-up: [`Slots::as_fd`] becomes readable when a place becomes free from now on. Call it before looking at
    /// what is free now, so that nothing can happen unnoticed in between.
    pub fn ask_for_wake_up(&self) {
        self.state.is_awaited.store(true, Ordering::SeqCst);
    }

    /// Takes note of the wake-up.
    pub fn take_wake_up(&self) {
        // Nothing to read means nothing to note.
        let _ = (&self.hearing).read(&mut [0; 64]);
    }

    fn occupy(&self) -> Slot {
        self.state.in_use.fetch_add(1, Ordering::SeqCst);
        Slot { state: self.state.clone() }
    }
}

/// Readable after a wake-up that was asked for.
impl AsFd for Slots {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.hearing.as_fd()
    }
}

impl Slot {
    /// Wakes who asked for it: the place is free, or has gone to another one.
    pub fn wake(&self) {
        if self.state.is_awaited.swap(false, Ordering::SeqCst) {
            // Full or closed, nobody needs another byte.
            let _ = (&self.state.telling).write(&[0]);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.state.in_use.fetch_sub(1, Ordering::SeqCst);
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::wait::poll_any;
    use nix::poll::{PollFd, PollFlags};
    use std::time::Duration;

    fn is_woken(slots: &Slots) -> bool {
        poll_any(&mut [PollFd::new(slots.as_fd(), PollFlags::POLLIN)], Some(Duration::ZERO)).unwrap() > 0
    }

    #[test]
    fn gives_as_many_places_as_there_are() {
        let mut slots = Slots::new(2).unwrap();
        let _extra = slots.take_extra();
        let [first, second] = [(); 2].map(|()| slots.take());
        assert!(first.is_some() && second.is_some() && slots.take().is_none());
        assert_eq!((slots.is_full(), slots.in_use(), slots.most()), (true, 3, 2));
        drop(first);
        assert!(!slots.is_full() && slots.take().is_some());
    }

    #[test]
    fn wakes_once_and_only_when_asked() {
        let slots = Slots::new(9).unwrap();
        let [first, second, third, fourth] = [(); 4].map(|()| slots.take());
        drop(first);
        assert!(!is_woken(&slots));
        slots.ask_for_wake_up();
        drop((second, third));
        assert!(is_woken(&slots));
        slots.take_wake_up();
        assert!(!is_woken(&slots));
        drop(fourth);
        assert!(!is_woken(&slots));
    }
}
