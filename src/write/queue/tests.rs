//! Readers at a queue that is full, failing, or closed.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
use super::*;
use crate::write::backlog::MAX_BATCHES;
use std::thread;

const MARK: usize = mem::size_of::<usize>();

fn queue() -> Queue {
    Queue::new("the output".to_owned(), WhenFull::Wait, Report::default())
}

/// One record.
fn weighing(weight: usize) -> Batch {
    let mut batch = Batch::new();
    batch.buffer().resize(weight - MARK, b'x');
    batch.end_record();
    assert_eq!(batch.weight(), weight);
    batch
}

/// What the writer does, without writing.
fn write(queue: &Queue) -> usize {
    let mut taken = VecDeque::new();
    queue.take(&mut taken, None);
    let records = taken.iter().map(Batch::records).sum();
    let bytes = taken.iter().map(Batch::len).sum();
    queue.settle(bytes, records, &mut taken.into_iter().collect());
    records
}

fn wait_until(queue: &Queue, condition: impl Fn(&State) -> bool) {
    while !condition(&queue.lock()) {
        thread::yield_now();
    }
}

fn fault(queue: &Queue, stands: bool) {
    assert!(queue.pause(&io::Error::from_raw_os_error(nix::libc::ENOSPC), Duration::ZERO, stands));
}

#[test]
fn where_nobody_waits_what_is_lost_is_told_by_the_queues_own_limit() {
    for (limit, taken, is_lost) in [(4000, 3001, true), (4000, 3000, false), (4000, 2999, false)] {
        let queue = Queue::new("the far end".to_owned(), WhenFull::Lose, Report::default());
        queue.limit_queue(limit);
        queue.send(&mut weighing(taken));
        assert_eq!((queue.loses_next(), queue.totals().lost), (is_lost, u64::from(is_lost)), "{taken}");
        queue.send(&mut weighing(limit));
        let said = "the far end is slow or away: 4000 bytes wait for it, and the newest records are lost there";
        assert_eq!((queue.report.said(), queue.totals().lost), (vec![said.to_owned()], 1 + u64::from(is_lost)));
    }
}

#[test]
fn what_is_held_back_goes_when_it_presses() {
    let hour = Some(Duration::from_secs(3600));
    let held = |queue: &Queue| queue.held_back(&queue.lock()).is_some();
    let presses: [fn(&Queue); 4] =
        [Queue::hurry, Queue::close, Queue::reopen, |queue| queue.send(&mut weighing(MAX_HELD_BACK_BYTES))];
    for press in presses {
        let queue = queue().with_flush_interval(hour);
        assert!(!held(&queue));
        queue.send(&mut weighing(100));
        queue.send(&mut weighing(100));
        assert!(held(&queue));
        press(&queue);
        assert!(!held(&queue));
        assert!(write(&queue) >= 2);
    }
    let queue = queue().with_flush_interval(Some(Duration::ZERO));
    queue.send(&mut weighing(100));
    assert!(!held(&queue), "its time is over");
    // As much as may be held back, and a byte less.
    let queue = self::queue().with_flush_interval(hour);
    queue.send(&mut weighing(MAX_HELD_BACK_BYTES - 1));
    assert!(held(&queue));
}

#[test]
fn the_time_to_sync_comes_while_records_are_held_back() {
    let queue = queue().with_flush_interval(Some(Duration::from_secs(3600)));
    queue.send(&mut weighing(100));
    let soon = Instant::now() + Duration::from_millis(1);
    assert_eq!(queue.take(&mut VecDeque::new(), Some(soon)), Next::Sync);
    queue.hurry();
    assert_eq!(queue.take(&mut VecDeque::new(), Some(soon)), Next::Write);
}

#[test]
fn a_batch_that_fills_the_queue_to_its_limit_does_not_wait() {
    for weight in [limits::MAX_QUEUE_BYTES - 101, limits::MAX_QUEUE_BYTES - 100] {
        let queue = queue();
        queue.send(&mut weighing(100));
        queue.send(&mut weighing(weight));
        assert_eq!(write(&queue), 2);
        assert_eq!(queue.totals().waited, Duration::ZERO);
    }
}

#[test]
fn a_batch_that_would_pass_the_limit_waits_and_that_is_said_once() {
    let queue = queue();
    queue.send(&mut weighing(100));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| queue.send(&mut weighing(limits::MAX_QUEUE_BYTES - 99)));
        }
        wait_until(&queue, |state| state.readers_waiting == 3);
        let mut written = 0;
        while written < 4 {
            written += write(&queue);
        }
    });
    queue.close();
    assert_eq!(queue.take(&mut VecDeque::new(), None), Next::End);
    let said = queue.report.said();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], "the output is slow: 8388608 bytes wait to be written, so readers wait too");
    assert!(said[1].starts_with("the output keeps up again: readers waited "), "{said:?}");
    assert!(queue.totals().waited > Duration::ZERO);
    assert_eq!(queue.totals().records, 4);
}

#[test]
fn a_batch_larger_than_the_queue_is_taken_when_the_queue_is_empty() {
    let queue = queue();
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES + 1));
    assert_eq!(write(&queue), 1);
    assert_eq!(queue.totals().waited, Duration::ZERO);
}

#[test]
fn a_small_batch_does_not_overtake_a_large_one_that_waits() {
    let queue = queue();
    queue.send(&mut weighing(100));
    thread::scope(|scope| {
        scope.spawn(|| queue.send(&mut weighing(limits::MAX_QUEUE_BYTES)));
        wait_until(&queue, |state| state.readers_waiting == 1);
        scope.spawn(|| queue.send(&mut weighing(10)));
        wait_until(&queue, |state| state.readers_waiting == 2);
        assert_eq!(write(&queue), 1);
        assert_eq!(write(&queue), 1);
        assert_eq!(queue.totals().bytes, (100 + limits::MAX_QUEUE_BYTES - 2 * MARK) as u64);
        assert_eq!(write(&queue), 1);
    });
}

#[test]
fn a_full_queue_refuses_while_the_fault_stands_and_says_so_once() {
    let queue = queue();
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES));
    fault(&queue, true);
    for _ in 0..3 {
        let mut batch = weighing(100);
        queue.send(&mut batch);
        assert!(batch.is_empty());
    }
    assert_eq!(queue.totals().lost, 3);
    assert_eq!(write(&queue), 1);
    queue.send(&mut weighing(100));
    assert_eq!(write(&queue), 1);
    queue.close();
    assert_eq!(queue.take(&mut VecDeque::new(), None), Next::End);
    assert_eq!(
        queue.report.said(),
        [
            "cannot write the output: No space left on device (os error 28); trying again",
            "cannot write the output, and the queue is full: records are lost",
            "writing the output again: 3 records were lost",
        ]
    );
}

#[test]
fn a_remote_destination_makes_nobody_wait_and_loses_the_newest() {
    let queue = Queue::new("the log host".to_owned(), WhenFull::Lose, Report::default());
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES - 100));
    for (weight, lost) in [(100, 0), (9, 1), (9, 2)] {
        queue.send(&mut weighing(weight));
        assert_eq!(queue.totals().lost, lost);
    }
    assert_eq!(write(&queue), 2);
    queue.send(&mut weighing(100));
    assert_eq!(write(&queue), 1);
    queue.close();
    assert_eq!(queue.take(&mut VecDeque::new(), None), Next::End);
    assert_eq!(queue.totals().waited, Duration::ZERO);
    assert_eq!(
        queue.report.said(),
        [
            "the log host is slow or away: 8388608 bytes wait for it, and the newest records are lost there",
            "the log host keeps up again: 2 records were lost",
        ]
    );
}

#[test]
fn a_fault_that_stands_sends_the_waiting_readers_away() {
    let queue = queue();
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| queue.send(&mut weighing(100)));
        }
        wait_until(&queue, |state| state.readers_waiting == 3);
        fault(&queue, false);
        assert_eq!(queue.totals().lost, 0);
        fault(&queue, true);
    });
    assert_eq!(queue.totals().lost, 3);
}

#[test]
fn readers_that_wait_when_the_deadline_passes_lose_their_records() {
    let queue = queue();
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES));
    thread::scope(|scope| {
        scope.spawn(|| queue.send(&mut weighing(100)));
        wait_until(&queue, |state| state.readers_waiting == 1);
        let totals = queue.finish(Instant::now());
        assert_eq!((totals.records, totals.lost, totals.failed), (0, 2, true));
    });
    queue.send(&mut weighing(100));
    assert_eq!(queue.totals().lost, 3);
    assert_eq!(queue.report.said().last().unwrap(), "gave up writing the output: 2 records are lost");
}

#[test]
fn readers_that_wait_when_it_is_closed_are_still_served() {
    let queue = queue();
    queue.send(&mut weighing(limits::MAX_QUEUE_BYTES));
    thread::scope(|scope| {
        scope.spawn(|| queue.send(&mut weighing(100)));
        wait_until(&queue, |state| state.readers_waiting == 1);
        queue.close();
        assert_eq!(write(&queue), 1);
        assert_eq!(write(&queue), 1);
    });
    assert_eq!(queue.totals().lost, 0);
}

#[test]
fn so_many_batches_wait_and_no_more() {
    let queue = queue();
    queue.limit_queue(1 << 30);
    for _ in 0..MAX_BATCHES {
        queue.send(&mut weighing(20_000));
    }
    thread::scope(|scope| {
        scope.spawn(|| queue.send(&mut weighing(100)));
        wait_until(&queue, |state| state.readers_waiting == 1);
        assert_eq!(write(&queue), MAX_BATCHES);
    });
    assert_eq!(write(&queue), 1);
}

#[test]
fn readers_get_back_the_memory_of_spent_batches() {
    let queue = queue();
    let mut batch = weighing(1000);
    let capacity = batch.capacity();
    queue.send(&mut batch);
    assert_eq!(batch.capacity(), 0);
    write(&queue);
    assert_eq!(queue.spare_batch().capacity(), capacity);
}

#[test]
fn a_file_is_opened_anew_after_what_was_sent_before_and_before_what_is_sent_then() {
    let queue = queue();
    let next = || {
        let mut taken = VecDeque::new();
        (matches!(queue.take(&mut taken, None), Next::Reopen), taken.iter().map(Batch::records).sum::<usize>())
    };
    queue.reopen();
    queue.send(&mut weighing(100));
    assert_eq!([next(), next()], [(true, 0), (false, 1)]);
    queue.send(&mut weighing(100));
    queue.reopen();
    assert_eq!(next(), (false, 1));
    queue.send(&mut weighing(100));
    assert_eq!([next(), next()], [(true, 0), (false, 1)], "a stream that never ends");
    for _ in 0..2 {
        queue.send(&mut weighing(100));
    }
    queue.reopen();
    for _ in 0..3 {
        queue.send(&mut weighing(100));
    }
    assert_eq!([next(), next(), next()], [(false, 2), (true, 0), (false, 3)], "what is joined is not joined across");
}
