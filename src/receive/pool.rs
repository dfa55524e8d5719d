//! What all connections of one receiver share: limits, memory, buffers and totals.
//!
//! A connection that waits holds no buffers: it takes a set from the pool when bytes have arrived, and returns it before it
//! waits again. The two locks here are taken once for each wake-up, never for each record.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::base::abort::Abort;
use crate::base::budget::Budget;
use crate::base::limits::{LARGE_READ_BUFFER_BYTES, MAX_LARGE_READ_BUFFERS, MAX_POOLED_BUFFERS, READ_BUFFER_BYTES};
use crate::base::meter::Stop;
use crate::decode::expect::RecordUnpickler;
use crate::receive::totals::{Tally, Totals};
use crate::record::Defaults;

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
    /// Tells when to leave off working for a record.
    stop: Stop,
    pool: Mutex<Pool>,
    /// How many large read buffers there are.
    large: Arc<AtomicUsize>,
    /// What was counted so far.
    pub tally: Tally,
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
        tally: Tally,
    ) -> Shared {
        let (pool, large) = (Mutex::default(), Arc::default());
        let stop = Stop::when({
            let abort = abort.clone();
            move || {
                let deadline = drain_deadline(&abort, drain_timeout);
                abort.is_stop_now() || deadline.is_some_and(|deadline| deadline <= Instant::now())
            }
        });
        Shared { abort, budget, defaults, max_frame, frame_timeout, drain_timeout, stop, pool, large, tally }
    }

    /// When to have read everything; `None` while nobody asked to stop.
    pub fn drain_deadline(&self) -> Option<Instant> {
        drain_deadline(&self.abort, self.drain_timeout)
    }

    /// True once the receiver was asked to stop that long ago.
    pub fn has_drained_for(&self, time: Duration) -> bool {
        self.abort.since().is_some_and(|since| since.elapsed() >= time)
    }

    /// Buffers to read a stream and decode with: one of the few that have a large read buffer, if there is one left.
    pub fn take_buffers(&self) -> Buffers {
        if let Some(buffers) = self.lock_pool().large.pop() {
            return buffers;
        }
        match Large::one_of_few(&self.large) {
            Some(large) => self.new_buffers(LARGE_READ_BUFFER_BYTES, Some(large)),
            None => self.take_small_buffers(),
        }
    }

    /// Buffers with [`READ_BUFFER_BYTES`].
    pub fn take_small_buffers(&self) -> Buffers {
        let pooled = self.lock_pool().small.pop();
        pooled.unwrap_or_else(|| self.new_buffers(READ_BUFFER_BYTES, None))
    }

    fn new_buffers(&self, size: usize, large: Option<Large>) -> Buffers {
        let mut unpickler = Box::new(RecordUnpickler::new(self.budget.clone()));
        unpickler.stop_when(self.stop.clone());
        Buffers { bytes: vec![0; size], unpickler, large }
    }

    /// Takes buffers back; few are kept.
    pub fn return_buffers(&self, mut buffers: Buffers) {
        buffers.unpickler.shrink();
        let mut pool = self.lock_pool();
        if buffers.large.is_some() {
            pool.large.push(buffers);
        } else if pool.small.len() < MAX_POOLED_BUFFERS {
            pool.small.push(buffers);
        }
    }

    fn lock_pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves `counted` into the totals.
    pub fn count(&self, counted: &mut Totals) {
        self.tally.count(counted);
    }

    /// What was counted so far.
    pub fn totals(&self) -> Totals {
        self.tally.totals()
    }
}

fn drain_deadline(abort: &Abort, timeout: Duration) -> Option<Instant> {
    let since = abort.since()?;
    Some(since.checked_add(timeout).unwrap_or(since))
}

/// What a connection needs only while it has something to read.
#[derive(Debug)]
pub struct Buffers {
    /// [`READ_BUFFER_BYTES`] initialized bytes, or [`LARGE_READ_BUFFER_BYTES`].
    pub bytes: Vec<u8>,
    /// The right to the latter.
    pub large: Option<Large>,
    /// Decodes. Boxed, since whatever is moved across a thread's stack stays with the thread as memory.
    pub unpickler: Box<RecordUnpickler>,
}

/// Buffers that wait for the next connection with something to say.
#[derive(Debug, Default)]
struct Pool {
    large: Vec<Buffers>,
    small: Vec<Buffers>,
}

/// Stands for one of the few large read buffers that there may be, until it is dropped.
#[derive(Debug)]
pub struct Large {
    count: Arc<AtomicUsize>,
}

impl Large {
    fn one_of_few(count: &Arc<AtomicUsize>) -> Option<Large> {
        let large = Large { count: Arc::clone(count) };
        (count.fetch_add(1, Ordering::Relaxed) < MAX_LARGE_READ_BUFFERS).then_some(large)
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn a_few_read_buffers_are_large() {
        let abort = Abort::new().unwrap();
        let second = Duration::from_secs(1);
        let shared = Shared::new(
            abort,
            Budget::new(1 << 20),
            Defaults::of_this_process(),
            1 << 20,
            second,
            second,
            Tally::default(),
        );
        let take = |count: usize| -> Vec<Buffers> { (0..count).map(|_| shared.take_buffers()).collect() };
        let sizes = |taken: &[Buffers]| -> Vec<usize> { taken.iter().map(|buffers| buffers.bytes.len()).collect() };
        let mut few = take(MAX_LARGE_READ_BUFFERS);
        assert_eq!(sizes(&few), [LARGE_READ_BUFFER_BYTES; MAX_LARGE_READ_BUFFERS]);
        let others = take(2);
        assert_eq!(sizes(&others), [READ_BUFFER_BYTES; 2]);
        // Whether it is returned or lost, another one takes its place.
        few.truncate(MAX_LARGE_READ_BUFFERS.saturating_sub(1));
        shared.return_buffers(few.remove(0));
        assert_eq!(sizes(&take(3)), [LARGE_READ_BUFFER_BYTES, LARGE_READ_BUFFER_BYTES, READ_BUFFER_BYTES]);
    }
}
