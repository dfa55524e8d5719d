//! The memory for unfinished frames, all connections together: [`Memory`].
//!
//! A frame of which a connection holds as much as it may privately claims the whole rest at once: then it never waits in the
//! middle, so that half frames cannot lock one another out. Where the claim does not fit it waits, and TCP with it; the
//! shortest claim is served first. When one has waited for [`MEMORY_PATIENCE`], those that hold memory and whose frames would take
//! longest, and more than a second, are ended, until enough of it is to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::base::limits::MEMORY_PATIENCE;
use crate::base::lock::Lock;
use crate::receive::guest::{Dismissal, Guest};
use crate::receive::turns::{Patience, park};

/// So many bytes for the unfinished frames of all connections.
#[derive(Debug)]
pub struct Memory {
    /// Kept for those that read now: each may have to keep the beginning of a frame that it has read already.
    reserve: usize,
    /// Unless so many are left, connections read no more than they may keep privately.
    ample: usize,
    left: AtomicUsize,
    claims: Lock<Vec<Claim>>,
}

/// What one connection holds or waits for.
#[derive(Debug)]
struct Claim {
    guest: Arc<Guest>,
    held: usize,
    /// What it waits for; 0 if for nothing.
    wanted: usize,
    progress: Progress,
}

/// How a frame goes forward.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    received: usize,
    rest: usize,
    waited: Duration,
    /// What had been received, and how long it had been waited for, some time before: half a second of waiting, or more.
    before: (usize, Duration),
}

impl Memory {
    /// `bytes` for frames of up to `max_frame` bytes, where those that read at the same time may have to keep `reserve` of what
    /// they have read.
    pub fn new(bytes: usize, max_frame: usize, reserve: usize) -> Memory {
        // What is kept without a claim leaves room for any claim and for the reserve.
        let ample = reserve.saturating_mul(2).saturating_add(max_frame);
        Memory { reserve, ample, left: AtomicUsize::new(bytes), claims: Lock::default() }
    }

    /// Room for so many claims: nobody is kept waiting here for want of memory by one who waits for memory.
    pub fn reserve(&self, guests: usize) {
        self.claims.lock().reserve(guests);
    }

    /// True if a connection may read more than it may keep privately.
    pub fn is_ample(&self) -> bool {
        self.left.load(Ordering::Relaxed) >= self.ample
    }

    /// Claims `bytes` more for `guest`; false if it has to wait for them.
    pub fn try_claim(&self, guest: &Arc<Guest>, bytes: usize) -> bool {
        let mut claims = self.claims.lock();
        let fits = self.claimable() >= bytes;
        let is_next = !claims.iter().any(|claim| claim.wanted > 0 && claim.wanted <= bytes);
        if fits && is_next {
            self.take(&mut claims, guest, bytes);
        }
        fits && is_next
    }

    /// Takes `bytes` for what `guest` has read already: that was only read since [`Memory::is_ample`].
    pub fn keep(&self, guest: &Arc<Guest>, bytes: usize) {
        self.take(&mut self.claims.lock(), guest, bytes);
    }

    /// Waits until `guest`, which the present thread serves, has `bytes` more; false if its patience is over before.
    pub fn wait(&self, guest: &Arc<Guest>, bytes: usize, patience: impl Fn() -> Patience) -> bool {
        claim_of(&mut self.claims.lock(), guest).wanted = bytes;
        self.serve(&mut self.claims.lock());
        let mut since = Instant::now();
        loop {
            let patience = patience();
            let mut claims = self.claims.lock();
            let claim = claim_of(&mut claims, guest);
            if claim.wanted == 0 {
                return true;
            }
            if patience == Some(Duration::ZERO) {
                claim.wanted = 0;
                forget_idle(&mut claims);
                return false;
            }
            if since.elapsed() >= MEMORY_PATIENCE {
                end_slowest(&claims, ahead(&claims, bytes).saturating_sub(self.claimable()));
                since = Instant::now();
            }
            drop(claims);
            let left = MEMORY_PATIENCE.saturating_sub(since.elapsed());
            park(Some(patience.map_or(left, |time| time.min(left))));
        }
    }

    /// Takes note of how the frame of `guest` goes forward.
    pub fn note(&self, guest: &Arc<Guest>, progress: Progress) {
        claim_of(&mut self.claims.lock(), guest).progress.go_on(progress);
    }

    /// Takes back all that `guest` has.
    pub fn give_back(&self, guest: &Arc<Guest>) {
        let mut claims = self.claims.lock();
        let place = claims.iter().position(|claim| Arc::ptr_eq(&claim.guest, guest));
        if let Some(claim) = place.map(|place| claims.swap_remove(place)) {
            self.left.fetch_add(claim.held, Ordering::Relaxed);
        }
        self.serve(&mut claims);
    }

    /// Lets all that wait ask for their patience again.
    pub fn wake_all(&self) {
        self.claims.lock().iter().filter(|claim| claim.wanted > 0).for_each(|claim| claim.guest.wake());
    }

    /// Serves those that wait, the shortest claim first; no other is served before it.
    fn serve(&self, claims: &mut [Claim]) {
        while let Some(next) = claims.iter_mut().filter(|claim| claim.wanted > 0).min_by_key(|claim| claim.wanted) {
            if next.wanted > self.claimable() {
                break;
            }
            self.left.fetch_sub(next.wanted, Ordering::Relaxed);
            next.held = next.held.saturating_add(std::mem::take(&mut next.wanted));
            next.guest.wake();
        }
    }

    fn take(&self, claims: &mut Vec<Claim>, guest: &Arc<Guest>, bytes: usize) {
        let claim = claim_of(claims, guest);
        claim.held = claim.held.saturating_add(bytes);
        let taken = |left: usize| Some(left.saturating_sub(bytes));
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
    }

    fn claimable(&self) -> usize {
        self.left.load(Ordering::Relaxed).saturating_sub(self.reserve)
    }
}

impl Progress {
    /// So many bytes have arrived, so many are yet to come, and so long they were waited for.
    pub fn new(received: usize, rest: usize, waited: Duration) -> Progress {
        Progress { received, rest, waited, before: (0, Duration::ZERO) }
    }

    fn go_on(&mut self, now: Progress) {
        let is_new_frame = now.received < self.received;
        let before = if is_new_frame { (0, Duration::ZERO) } else { self.before };
        let is_due = self.waited.saturating_sub(before.1) >= MEMORY_PATIENCE && !is_new_frame;
        *self = Progress { before: if is_due { (self.received, self.waited) } else { before }, ..now };
    }

    /// Seconds until the frame is complete, as things go; `None` if that cannot be said yet. `silence` is how long nothing has
    /// come.
    fn seconds_left(&self, silence: Duration) -> Option<f64> {
        let time = self.waited.saturating_sub(self.before.1).saturating_add(silence);
        let bytes = u32::try_from(self.received.saturating_sub(self.before.0)).unwrap_or(u32::MAX);
        let rest = u32::try_from(self.rest).unwrap_or(u32::MAX);
        (time >= MEMORY_PATIENCE).then(|| f64::from(rest) * time.as_secs_f64() / f64::from(bytes))
    }
}

fn claim_of<'a>(claims: &'a mut Vec<Claim>, guest: &Arc<Guest>) -> &'a mut Claim {
    let place = claims.iter().position(|claim| Arc::ptr_eq(&claim.guest, guest)).unwrap_or(claims.len());
    if place == claims.len() {
        claims.push(Claim { guest: guest.clone(), held: 0, wanted: 0, progress: Progress::default() });
    }
    #[allow(clippy::indexing_slicing, reason = "it was found or made just now")]
    &mut claims[place]
}

/// What is to come back before a claim of so many bytes is served: what those take that are served before it, too.
fn ahead(claims: &[Claim], bytes: usize) -> usize {
    let wanted = claims.iter().map(|claim| claim.wanted).filter(|wanted| *wanted <= bytes);
    wanted.fold(0, usize::saturating_add)
}

fn forget_idle(claims: &mut Vec<Claim>) {
    claims.retain(|claim| claim.held > 0 || claim.wanted > 0);
}

/// Ends the connections whose frames would take longest, if that is long, until so many bytes are to come back. Those that wait for the
/// receiver are not slow.
fn end_slowest(claims: &[Claim], bytes: usize) {
    let is_leaving = |claim: &&Claim| claim.guest.dismissal().is_some();
    loop {
        let leaving = claims.iter().filter(is_leaving).fold(0_usize, |sum, claim| sum.saturating_add(claim.held));
        let holding = claims.iter().filter(|claim| claim.held > 0 && claim.wanted == 0 && !is_leaving(claim));
        let slow =
            holding.filter_map(|claim| Some((claim.progress.seconds_left(claim.guest.silence()?)?, &claim.guest)));
        let slowest = slow.filter(|(seconds, _)| *seconds > SLOW_SECONDS).max_by(|a, b| a.0.total_cmp(&b.0));
        match slowest.filter(|_| leaving < bytes) {
            Some((_, guest)) if guest.dismiss(Dismissal::Memory) => {}
            _ => break,
        }
    }
}

/// Python's `SocketHandler` gives up after a second: to wait for a frame that takes longer costs a record.
const SLOW_SECONDS: f64 = 1.0;

#[cfg(test)]
mod tests;
