//! Batches that wait for the writer, few and well filled, and spent ones, for readers to fill again: [`Backlog`].
//!
//! A connection hands over what it has whenever it has to wait: that may be a batch for each record, which holds a kilobyte at least.
//! Where the writer is behind, small ones are joined, and what they held is used again.

use std::collections::VecDeque;
use std::mem;

use super::batch::Batch;
use crate::base::memory::has_memory_for;

pub(super) struct Backlog {
    waiting: VecDeque<Batch>,
    spent: Vec<Batch>,
    /// How many of those that wait were sent before the file is to be opened anew, if it is.
    before_reopening: Option<usize>,
}

impl Default for Backlog {
    /// Its room is taken at once: when memory is short, nothing may wait for more of it here.
    fn default() -> Backlog {
        Backlog {
            waiting: VecDeque::with_capacity(MAX_BATCHES),
            spent: Vec::with_capacity(MAX_SPENT_BATCHES),
            before_reopening: None,
        }
    }
}

impl Backlog {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// True if the memory of another one would not be counted by what it weighs.
    pub fn is_full(&self) -> bool {
        self.waiting.len() >= MAX_BATCHES
    }

    pub fn push(&mut self, batch: Batch) {
        let is_first_after = self.before_reopening == Some(self.waiting.len());
        if self.waiting.back_mut().is_some_and(|last| !is_first_after && is_joined(last, &batch)) {
            self.recycle(batch);
        } else {
            self.waiting.push_back(batch);
        }
    }

    /// What is written before all others.
    pub fn push_first(&mut self, batch: Batch) {
        self.waiting.push_front(batch);
        if let Some(before) = &mut self.before_reopening {
            *before = before.saturating_add(1);
        }
    }

    /// Moves those that wait to `taken`, which is empty, and best has room for as many; only those that were sent before the file is to
    /// be opened anew, if it is.
    pub fn take(&mut self, taken: &mut VecDeque<Batch>) {
        match &mut self.before_reopening {
            Some(before) => {
                for _ in 0..mem::take(before) {
                    let Some(batch) = self.waiting.pop_front() else { break };
                    taken.push_back(batch);
                }
            }
            None => mem::swap(&mut self.waiting, taken),
        }
    }

    /// Lets the file be opened anew when all that waits now is taken.
    pub fn reopen_after_these(&mut self) {
        self.before_reopening = Some(self.waiting.len());
    }

    pub fn is_to_reopen(&self) -> bool {
        self.before_reopening.is_some()
    }

    /// Whether it is time to open the file anew; true once.
    pub fn reopens(&mut self) -> bool {
        self.before_reopening.take_if(|before| *before == 0).is_some()
    }

    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Gives up what has some of the room that queues share, here and of what was taken; how many records that was.
    pub fn give_up_other_room(&mut self, taken: &mut VecDeque<Batch>) -> u64 {
        if let Some(before) = &mut self.before_reopening {
            let gone = self.waiting.iter().take(*before).filter(|batch| has_room_of_others(batch)).count();
            *before = before.saturating_sub(gone);
        }
        give_up_other_room(&mut self.waiting).saturating_add(give_up_other_room(taken))
    }

    /// Keeps a spent batch, unless it is large or there are enough of them.
    pub fn recycle(&mut self, mut batch: Batch) {
        if self.spent.len() < MAX_SPENT_BATCHES && !batch.is_large() {
            batch.clear();
            self.spent.push(batch);
        }
    }

    /// An empty batch, with the memory of a spent one if there is one.
    pub fn spare(&mut self) -> Batch {
        self.spent.pop().unwrap_or_default()
    }
}

fn give_up_other_room(batches: &mut VecDeque<Batch>) -> u64 {
    let gone = batches.iter().filter(|batch| has_room_of_others(batch));
    let records: usize = gone.map(|batch| batch.unwritten_records().count()).sum();
    batches.retain(|batch| !has_room_of_others(batch));
    u64::try_from(records).unwrap_or(u64::MAX)
}

/// One that is written in part stays.
fn has_room_of_others(batch: &Batch) -> bool {
    batch.weight_here() == 0 && !batch.is_torn()
}

/// Appends the records of `batch` to `last`, if they are few.
fn is_joined(last: &mut Batch, batch: &Batch) -> bool {
    let is_small = last.weight().saturating_add(batch.weight()) <= JOINED_BYTES;
    let are_here = last.weight_here() > 0 && batch.weight_here() > 0;
    let is_joined = is_small && are_here && has_memory_for(last.buffer(), batch.len());
    if is_joined {
        for record in batch.unwritten_records() {
            last.buffer().extend_from_slice(record);
            last.end_record();
        }
    }
    is_joined
}

/// With [`JOINED_BYTES`], of which two neighbours have more together, so many have the whole of the largest queue.
pub(super) const MAX_BATCHES: usize = 512;

/// No more than what small requests for memory may be.
const JOINED_BYTES: usize = 32 << 10;

/// Spent batches kept: what a few busy readers fill at a time, 2 MiB altogether.
const MAX_SPENT_BATCHES: usize = 8;

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
    use super::*;
    use crate::write::FULL_BATCH_BYTES;

    /// One record, in a buffer with room for `room` bytes.
    fn weighing(weight: usize, room: usize) -> Batch {
        let mut batch = Batch::new();
        batch.buffer().reserve_exact(room);
        batch.buffer().resize(weight - MARK, b'x');
        batch.end_record();
        batch
    }

    const MARK: usize = size_of::<usize>();

    #[test]
    fn small_batches_hold_little_more_than_they_weigh() {
        for (count, weight) in [(50_000, MARK + 1), (50_000, 100), (5000, 3000), (500, JOINED_BYTES / 2 + 1)] {
            let mut backlog = Backlog::default();
            let mut sent = 0;
            while sent < count && !backlog.is_full() {
                backlog.push(weighing(weight, 1 << 10));
                sent += 1;
            }
            let held: usize = backlog.waiting.iter().map(|batch| batch.capacity() + size_of::<Batch>()).sum();
            let most = 2 * sent * weight + backlog.waiting.len() * (2 << 10);
            assert!(held <= most, "{sent} of {weight}: {held} bytes");
            let (mut taken, waiting) = (VecDeque::new(), backlog.waiting.len());
            backlog.take(&mut taken);
            assert!(backlog.is_empty() && taken.len() == waiting);
            assert_eq!(taken.iter().map(Batch::records).sum::<usize>(), sent);
            assert!(taken.iter().flat_map(Batch::unwritten_records).all(|record| record.len() == weight - MARK));
        }
    }

    #[test]
    fn joins_what_is_small_enough() {
        for (more, batches) in [(-1, 1), (0, 1), (1, 2)] {
            let mut backlog = Backlog::default();
            backlog.push(weighing(1000, 0));
            backlog.push(weighing((JOINED_BYTES - 1000).wrapping_add_signed(more), 0));
            assert_eq!(backlog.waiting.len(), batches, "{more}");
        }
    }

    #[test]
    fn what_is_first_is_written_before_the_file_is_opened_anew() {
        let mut backlog = Backlog::default();
        backlog.reopen_after_these();
        backlog.push_first(weighing(1000, 0));
        backlog.push(weighing(2000, 0));
        let mut taken = VecDeque::new();
        assert!(!backlog.reopens());
        backlog.take(&mut taken);
        assert_eq!(taken.iter().map(Batch::weight).collect::<Vec<_>>(), [1000]);
        assert!(backlog.reopens());
    }

    #[test]
    fn what_is_spent_is_used_again_unless_it_is_large() {
        let most = 2 * FULL_BATCH_BYTES;
        for (size, kept) in [(most - 1, true), (most, true), (most + 1, false)] {
            let mut backlog = Backlog::default();
            let batch = weighing(MARK + 1, size - 4 * MARK);
            assert_eq!(batch.capacity(), size, "the first mark allocates four");
            backlog.recycle(batch);
            assert_eq!(backlog.spare().capacity() == size, kept, "{size}");
        }
        let mut backlog = Backlog::default();
        (0..=MAX_SPENT_BATCHES).for_each(|_| backlog.recycle(weighing(100, 0)));
        assert_eq!(backlog.spent.len(), MAX_SPENT_BATCHES);
    }
}
