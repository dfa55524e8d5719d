//! A lock that a panic does not poison: [`Lock`].

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A mutex. What it holds is whole at every moment, so that a thread that panics while it has the lock has broken nothing.
#[derive(Debug, Default)]
pub struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    /// Holds a value.
    pub const fn new(value: T) -> Lock<T> {
        Lock(Mutex::new(value))
    }

    /// The value, once no other thread has it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a thread has it.
    #[cfg(test)]
    pub fn is_held(&self) -> bool {
        self.0.try_lock().is_err()
    }
}

/// Gives the lock back, and has it again once `woken` is notified, or the time is over if there is one; perhaps earlier.
pub fn wait<'l, T>(woken: &Condvar, locked: MutexGuard<'l, T>, time: Option<Duration>) -> MutexGuard<'l, T> {
    match time {
        Some(time) => woken.wait_timeout(locked, time).unwrap_or_else(PoisonError::into_inner).0,
        None => woken.wait(locked).unwrap_or_else(PoisonError::into_inner),
    }
}

/// The same as long as `waits` is true of the value.
pub fn wait_while<'l, T>(
    woken: &Condvar,
    locked: MutexGuard<'l, T>,
    time: Duration,
    waits: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'l, T> {
    woken.wait_timeout_while(locked, time, waits).unwrap_or_else(PoisonError::into_inner).0
}
