//! What all connections of one receiver share: limits, memory, buffers and totals.
//!
//! A connection that waits holds no buffers: it takes a turn and a set of buffers when bytes have arrived, and returns both
//! before it waits again. The locks here are taken once for each wake-up, never for each record.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use log::Level;

use crate::base::abort::Abort;
use crate::base::budget::Budget;
use crate::base::limits::DRAIN_SILENCE;
use crate::base::lock::Lock;
use crate::base::memory::zeroed;
use crate::base::meter::Stop;
use crate::decode::expect::RecordUnpickler;
use crate::receive::diagnostics::say;
use crate::receive::guest::{Dismissal, Guest};
use crate::receive::guests::Guests;
use crate::receive::memory::Memory;
use crate::receive::options::Options;
use crate::receive::peer::Peer;
use crate::receive::rate_limits::RateLimits;
use crate::receive::shares::Shares;
use crate::receive::totals::Tally;
use crate::receive::turns::{Patience, Turns};

/// What all connections of one receiver share.
#[derive(Debug)]
pub struct Shared {
    /// Set to stop.
    pub abort: Abort,
    pub options: Options,
    /// For diagnostics about peers.
    pub rate_limits: RateLimits,
    /// All connections.
    pub guests: Guests,
    /// For unfinished frames.
    pub memory: Memory,
    /// To read, decode and lay out.
    pub turns: Turns,
    /// For the one frame at a time that has more values than others may have.
    pub large: Lock<Budget>,
    /// See [`Shared::drain_silence`]; in microseconds.
    drain_silence: AtomicU32,
    /// Tells when to leave off working for a record.
    stop: Stop,
    shares: Shares,
    pool: Lock<Vec<Buffers>>,
    /// What was counted so far.
    pub tally: Tally,
}

impl Shared {
    /// Nothing was received yet.
    pub fn new(abort: Abort, options: Options, shares: Shares, tally: Tally) -> Shared {
        let Options { max_frame, drain_timeout, .. } = options;
        let stop = Stop::when({
            let abort = abort.clone();
            move || {
                let deadline = drain_deadline(&abort, drain_timeout);
                abort.is_stop_now() || deadline.is_some_and(|deadline| deadline <= Instant::now())
            }
        });
        let shared = Shared {
            abort,
            options,
            rate_limits: RateLimits::default(),
            guests: Guests::default(),
            memory: Memory::new(shares.frames, max_frame, shares.reserve),
            turns: Turns::new(shares.working_sets),
            large: Lock::new(Budget::new(shares.large_arena)),
            drain_silence: AtomicU32::new(micros(DRAIN_SILENCE)),
            stop,
            shares,
            pool: Lock::new(Vec::with_capacity(shares.working_sets)),
            tally,
        };
        // What is locked for a moment must not grow meanwhile: that may wait for memory, and those who have it for the lock.
        shared.guests.reserve(shares.connections);
        shared.memory.reserve(shares.connections);
        shared.turns.reserve(shares.connections);
        shared
    }

    /// When to have read everything; `None` while nobody asked to stop.
    pub fn drain_deadline(&self) -> Option<Instant> {
        drain_deadline(&self.abort, self.options.drain_timeout)
    }

    /// True once the receiver was asked to stop that long ago.
    pub fn has_drained_for(&self, time: Duration) -> bool {
        self.abort.since().is_some_and(|since| since.elapsed() >= time)
    }

    /// How long a connection is waited for that is silent between records, once the receiver was asked to stop.
    pub fn drain_silence(&self) -> Duration {
        Duration::from_micros(self.drain_silence.load(Ordering::Relaxed).into())
    }

    /// Others wait for the place of each, so many one after the other: all of them must have had it before the time that is `left` is
    /// half over.
    pub fn share_drain_time(&self, left: Duration, others: usize) {
        let others = u32::try_from(others).unwrap_or(u32::MAX).saturating_add(1).saturating_mul(2);
        let silence = left.checked_div(others).unwrap_or_default().min(DRAIN_SILENCE);
        self.drain_silence.store(micros(silence), Ordering::Relaxed);
    }

    /// How long `guest` may wait for its turn, or for memory.
    pub fn patience(&self, guest: &Guest) -> Patience {
        // Whoever gives up a place is to have read what had come.
        if self.abort.is_stop_now() || guest.dismissal() == Some(Dismissal::Memory) {
            return Some(Duration::ZERO);
        }
        self.drain_deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Lets all that wait for a turn or for memory know that something has changed.
    pub fn wake_all(&self) {
        self.turns.wake_all();
        self.memory.wake_all();
    }

    /// Buffers to read a stream and decode with; `None` while others have all for which the system has memory.
    pub fn take_buffers(&self) -> Option<Buffers> {
        let pooled = self.pool.lock().pop();
        pooled.or_else(|| Some(self.new_buffers(zeroed(NonZeroUsize::new(self.shares.read_buffer)?)?)))
    }

    /// Waits until the system may have more memory, and says so at first; false if the patience of `guest` is over before.
    pub fn has_waited_for_memory(&self, guest: &Guest, is_first: &mut bool) -> bool {
        if self.patience(guest) == Some(Duration::ZERO) {
            return false;
        }
        if std::mem::take(is_first) {
            self.say(guest.peer(), format_args!("the system has no memory to read it: waiting"));
        }
        thread::sleep(MEMORY_PAUSE);
        true
    }

    /// Says something about a peer, unless too much was said about its address; whether it did.
    #[cold]
    pub fn say(&self, peer: &Peer, what: fmt::Arguments<'_>) -> bool {
        let may_speak = self.rate_limits.admits(peer.origin());
        if may_speak {
            say(Level::Warn, format_args!("{peer}: {what}"));
        }
        may_speak
    }

    /// Buffers for datagrams; room for one is asked for before each is received.
    pub fn new_datagram_buffers(&self) -> Buffers {
        self.new_buffers(Vec::new())
    }

    fn new_buffers(&self, bytes: Vec<u8>) -> Buffers {
        let mut unpickler = Box::new(RecordUnpickler::new(self.small_budget()));
        unpickler.stop_when(self.stop.clone());
        Buffers { bytes, unpickler }
    }

    /// For the values that one connection decodes while others do.
    pub fn small_budget(&self) -> Budget {
        Budget::new(self.shares.small_arena)
    }

    /// Takes buffers back. There are no more than turns.
    pub fn return_buffers(&self, mut buffers: Buffers) {
        buffers.unpickler.shrink();
        self.pool.lock().push(buffers);
    }
}

fn drain_deadline(abort: &Abort, timeout: Duration) -> Option<Instant> {
    let since = abort.since()?;
    Some(since.checked_add(timeout).unwrap_or(since))
}

/// What a connection needs only while it has something to read.
#[derive(Debug)]
pub struct Buffers {
    /// Initialized throughout.
    pub bytes: Vec<u8>,
    /// Decodes. Boxed, since whatever is moved across a thread's stack stays with the thread as memory.
    pub unpickler: Box<RecordUnpickler>,
}

/// Of times below an hour.
fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Until the system is asked again for memory.
const MEMORY_PAUSE: Duration = Duration::from_millis(20);
