//! What all connections of one receiver share: limits, memory, buffers and totals.
//!
//! A connection that waits holds no buffers: it takes a set from the pool when bytes have arrived, and returns it before it
//! waits again. The two locks here are taken once for each wake-up, never for each record.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::abort::Abort;
use crate::budget::Budget;
use crate::limits::{MAX_POOLED_BUFFERS, READ_BUFFER_BYTES};
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
        let (pool, totals) = (Mutex::default(), Mutex::default());
        Shared { abort, budget, defaults, max_frame, frame_timeout, drain_timeout, pool, totals }
    }

    /// When to have read everything; `None` while nobody asked to stop.
    pub fn drain_deadline(&self) -> Option<Instant> {
        let since = self.abort.since()?;
        Some(since.checked_add(self.drain_timeout).unwrap_or(since))
    }

    /// Buffers to read and decode with.
    pub fn take_buffers(&self) -> Buffers {
        let pooled = self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        pooled.unwrap_or_else(|| Buffers {
            bytes: vec![0; READ_BUFFER_BYTES],
            unpickler: Box::new(Unpickler::new(self.budget.clone())),
        })
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
    /// [`READ_BUFFER_BYTES`] initialized bytes.
    pub bytes: Vec<u8>,
    /// Decodes. Boxed, since whatever is moved across a thread's stack stays with the thread as memory.
    pub unpickler: Box<Unpickler>,
}
