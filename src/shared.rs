//! What all connections of one receiver share: limits, memory, buffers and totals.
//!
//! A connection that waits holds no buffers: it takes a set from the pool when bytes have arrived, and returns it before it
//! waits again. The two locks here are taken once for each wake-up, never for each record.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::abort::Abort;
use crate::budget::Budget;
use crate::limits::{LARGE_READ_BUFFER_BYTES, MAX_LARGE_READ_BUFFERS, MAX_POOLED_BUFFERS, READ_BUFFER_BYTES};
use crate::pickle::Unpickler;
use crate::record::Defaults;
use crate::totals::Totals;

/// What all connections of one receiver share.
#[derive(Debug)]
pub struct Shared {
    /// Set to stop.
    pub abort: Abort,
    /// Memory for what peers send.
    pub budget: Budget,
    /// For what records lack.
    pub defaults: Defaults,
    /// Longest accepted frame, in bytes.
    pub max_frame: usize,
    /// How long a connection may be silent before its first record or inside one.
    pub frame_timeout: Duration,
    /// How long to go on reading when asked to stop.
    pub drain_timeout: Duration,
    pool: Mutex<Vec<Buffers>>,
    /// Connections that have buffers.
    busy: Arc<AtomicUsize>,
    totals: Mutex<Totals>,
}

impl Shared {
    /// Nothing was received yet.
    pub fn new(
        abort: Abort,
        budget: Budget,
        defaults: Defaults,
        max_frame: usize,
        frame_timeout: Duration,
        drain_timeout: Duration,
    ) -> Shared {
        let (pool, busy, totals) = (Mutex::default(), Arc::default(), Mutex::default());
        Shared { abort, budget, defaults, max_frame, frame_timeout, drain_timeout, pool, busy, totals }
    }

    /// When to have read everything; `None` while nobody asked to stop.
    pub fn drain_deadline(&self) -> Option<Instant> {
        let since = self.abort.since()?;
        Some(since.checked_add(self.drain_timeout).unwrap_or(since))
    }

    /// Buffers to read a stream and decode with, and the proof of having them.
    pub fn take_buffers(&self) -> (Buffers, Busy) {
        let busy = Busy::among(&self.busy);
        let size = if busy.is_one_of_few { LARGE_READ_BUFFER_BYTES } else { READ_BUFFER_BYTES };
        (self.take_buffers_of(size), busy)
    }

    /// Buffers with [`READ_BUFFER_BYTES`].
    pub fn take_small_buffers(&self) -> Buffers {
        self.take_buffers_of(READ_BUFFER_BYTES)
    }

    fn take_buffers_of(&self, size: usize) -> Buffers {
        let pooled = self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match pooled {
            Some(mut buffers) => {
                buffers.bytes.resize(size, 0);
                buffers.bytes.shrink_to(size);
                buffers
            }
            None => Buffers { bytes: vec![0; size], unpickler: Box::new(Unpickler::new(self.budget.clone())) },
        }
    }

    /// Takes buffers back; few are kept.
    pub fn return_buffers(&self, mut buffers: Buffers) {
        buffers.unpickler.shrink();
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if pool.len() < MAX_POOLED_BUFFERS {
            pool.push(buffers);
        }
    }

    /// Moves `counted` into the totals.
    pub fn count(&self, counted: &mut Totals) {
        if *counted != Totals::default() {
            self.totals.lock().unwrap_or_else(PoisonError::into_inner).absorb(counted);
        }
    }

    /// What was counted so far.
    pub fn totals(&self) -> Totals {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a connection needs only while it has something to read.
#[derive(Debug)]
pub struct Buffers {
    /// [`READ_BUFFER_BYTES`] initialized bytes, or [`LARGE_READ_BUFFER_BYTES`].
    pub bytes: Vec<u8>,
    /// Decodes. Boxed, since whatever is moved across a thread's stack stays with the thread as memory.
    pub unpickler: Box<Unpickler>,
}

/// Counts a connection as busy until it is dropped.
#[derive(Debug)]
pub struct Busy {
    count: Arc<AtomicUsize>,
    /// There were few others at first.
    is_one_of_few: bool,
}

impl Busy {
    fn among(count: &Arc<AtomicUsize>) -> Busy {
        let others = count.fetch_add(1, Ordering::Relaxed);
        Busy { count: Arc::clone(count), is_one_of_few: others < MAX_LARGE_READ_BUFFERS }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn few_busy_connections_have_large_buffers() {
        let abort = Abort::new().unwrap();
        let second = Duration::from_secs(1);
        let shared = Shared::new(abort, Budget::new(1 << 20), Defaults::of_this_process(), 1 << 20, second, second);
        let mut taken: Vec<_> = (0..=MAX_LARGE_READ_BUFFERS).map(|_| shared.take_buffers()).collect();
        let sizes: Vec<_> = taken.iter().map(|(buffers, _)| buffers.bytes.len()).collect();
        assert_eq!(sizes[..MAX_LARGE_READ_BUFFERS], [LARGE_READ_BUFFER_BYTES; MAX_LARGE_READ_BUFFERS]);
        assert_eq!(sizes[MAX_LARGE_READ_BUFFERS..], [READ_BUFFER_BYTES]);
        // One that ends with its buffers counts no more; a small one that is returned comes back as large as it may be.
        drop(taken.swap_remove(0));
        let (small, busy) = taken.swap_remove(0);
        assert_eq!(small.bytes.len(), READ_BUFFER_BYTES);
        shared.return_buffers(small);
        drop(busy);
        assert_eq!(shared.take_buffers().0.bytes.len(), LARGE_READ_BUFFER_BYTES);
    }
}
