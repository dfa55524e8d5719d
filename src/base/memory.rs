//! Memory as the system gives it: what is asked for on a peer's behalf may be refused, and costs a record then.
//!
//! What is small, and what starts a thread, is asked for by Rust's library, to which a refusal is the end of the process. Therefore
//! what is large leaves a cushion for it. Who looks whether it does has memory for a moment that he has to give back: so only one
//! looks at a time, and no thread starts meanwhile.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::thread;
use std::time::Duration;

use crate::base::sys;

/// Makes a buffer large enough for so many items more, on a peer's behalf: without this, lack of memory would end the process.
#[inline]
pub(crate) fn has_memory_for<T>(buffer: &mut Vec<T>, more: usize) -> bool {
    buffer.capacity().saturating_sub(buffer.len()) >= more || finds_memory_for(buffer, more)
}

/// At least doubles the buffer, if that is to be had.
#[cold]
#[inline(never)]
fn finds_memory_for<T>(buffer: &mut Vec<T>, more: usize) -> bool {
    let doubled = buffer.capacity().saturating_mul(2).saturating_sub(buffer.len());
    doubled > more && has_memory_for_exactly(buffer, doubled) || has_memory_for_exactly(buffer, more)
}

/// The same, without room for more than that.
pub(crate) fn has_memory_for_exactly<T>(buffer: &mut Vec<T>, more: usize) -> bool {
    let before = buffer.capacity();
    if buffer.len().saturating_add(more).saturating_mul(size_of::<T>()) < LARGE_BYTES {
        return buffer.try_reserve_exact(more).is_ok();
    }
    let Some(looker) = Looker::new() else { return false };
    let is_had = buffer.try_reserve_exact(more).is_ok() && (buffer.capacity() == before || looker.sees_memory());
    if !is_had {
        buffer.shrink_to(before);
    }
    is_had
}

/// An empty buffer with room for so many; `None` if the system has no memory for them.
pub(crate) fn with_room_for<T>(items: usize) -> Option<Vec<T>> {
    let mut buffer = Vec::new();
    has_memory_for_exactly(&mut buffer, items).then_some(buffer)
}

/// All of them; `None` if the system has no memory for them.
pub(crate) fn collected<T>(items: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let mut all = Vec::new();
    for item in items {
        has_memory_for(&mut all, 1).then_some(())?;
        all.push(item);
    }
    Some(all)
}

/// All of these in turn; `None` if the system has no memory for them.
#[inline(never)]
pub(crate) fn joined(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    parts.iter().all(|part| append(&mut all, part)).then_some(all)
}

/// So many zeros; `None` if the system has no memory for them. Their pages take none before they are written to.
pub(crate) fn zeroed(bytes: NonZeroUsize) -> Option<Vec<u8>> {
    let looker = Looker::new()?;
    sys::zeroed(bytes).filter(|_| looker.sees_memory())
}

/// Appends bytes; false, and nothing is appended, if the system has no memory for them.
pub(crate) fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> bool {
    let is_had = has_memory_for(buffer, bytes.len());
    if is_had {
        buffer.extend_from_slice(bytes);
    }
    is_had
}

/// The only one that may take memory which he gives back if it was too much.
pub(crate) struct Looker {
    _alone: MutexGuard<'static, ()>,
}

impl Looker {
    /// `None` while something small waits for memory: there is none for what is large. Whoever waits may be the other looker, so that
    /// those would wait for him who have what he waits for.
    pub fn new() -> Option<Looker> {
        static ALONE: Mutex<()> = Mutex::new(());
        while !sys::is_memory_awaited() {
            match ALONE.try_lock() {
                Ok(alone) => return Some(Looker { _alone: alone }),
                Err(TryLockError::Poisoned(alone)) => return Some(Looker { _alone: alone.into_inner() }),
                Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            }
        }
        None
    }

    /// Whether the system has memory for all the small things besides something large.
    fn sees_memory(&self) -> bool {
        Vec::<u8>::new().try_reserve_exact(CUSHION_BYTES).is_ok()
    }

    /// Whether it has memory for a thread: part of what is large leaves, so that no peer is kept out by records that are kept.
    pub fn sees_memory_for_a_thread(&self) -> bool {
        Vec::<u8>::new().try_reserve_exact(THREAD_BYTES).is_ok()
    }
}

/// A few times what one look takes.
const LOOK: Duration = Duration::from_micros(50);

/// Of that length a buffer is large.
const LARGE_BYTES: usize = 64 << 10;

/// What there must be for a thread: others take some of it until that runs, and glibc asks for a megabyte when the heap cannot grow where
/// it is. What is large leaves half as much again.
const THREAD_BYTES: usize = 2 << 20;
const CUSHION_BYTES: usize = THREAD_BYTES / 2 * 3;
