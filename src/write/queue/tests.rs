//! Readers at a queue that is full, failing, or closed.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
use super::*;
use crate::base::abort::Abort;
use crate::write::backlog::MAX_BATCHES;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
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

/// What there is to do, given a destination that takes nothing at once.
fn take(queue: &Queue, taken: &mut VecDeque<Batch>, sync_at: Option<Instant>) -> Next {
    queue.take(Box::new(Destination::Writer(Box::new(io::sink()))), taken, sync_at).0
}

/// What the writer does, without writing.
fn write(queue: &Queue) -> usize {
    let mut taken = VecDeque::new();
    take(queue, &mut taken, None);
    let records = taken.iter().map(Batch::records).sum();
    let bytes = taken.iter().map(Batch::len).sum();
    queue.settle(bytes, records, &mut taken.into_iter().collect());
    records
}

fn wait_until(queue: &Queue, condition: impl Fn(&State) -> bool) {
    while !condition(&queue.state.lock()) {
        thread::yield_now();
    }
}

fn fault(queue: &Queue, stands: bool) {
    let full = io::Error::from_raw_os_error(nix::libc::ENOSPC);
    assert!(queue.pause(&full, Duration::ZERO, stands, &mut VecDeque::new()));
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
    let held = |queue: &Queue| queue.held_back(&queue.state.lock()).is_some();
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
    assert_eq!(take(&queue, &mut VecDeque::new(), Some(soon)), Next::Sync);
    queue.hurry();
    assert_eq!(take(&queue, &mut VecDeque::new(), Some(soon)), Next::Write);
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
    assert_eq!(take(&queue, &mut VecDeque::new(), None), Next::End);
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
        // It counts as waiting a moment before it has the turn.
        wait_until(&queue, |_| queue.turn.is_held());
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
        assert_eq!((batch.len(), batch.capacity()), (0, 0));
    }
    assert_eq!(queue.totals().lost, 3);
    assert_eq!(write(&queue), 1);
    queue.send(&mut weighing(100));
    assert_eq!(write(&queue), 1);
    queue.close();
    assert_eq!(take(&queue, &mut VecDeque::new(), None), Next::End);
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
fn trouble_that_comes_back_before_it_is_calm_is_said_once() {
    let queue = queue();
    let soon = || Some(Instant::now() + Duration::from_millis(1));
    for lost in 0..3 {
        queue.send(&mut weighing(limits::MAX_QUEUE_BYTES));
        fault(&queue, true);
        queue.send(&mut weighing(100));
        assert_eq!((write(&queue), queue.totals().lost), (1, lost + 1));
        assert_eq!(take(&queue, &mut VecDeque::new(), soon()), Next::Sync);
    }
    assert_eq!(queue.report.said().len(), 2, "{:?}", queue.report.said());
    // As long ago as it takes.
    queue.state.lock().complaints.calm_since = Instant::now().checked_sub(complaints::CALM);
    assert_eq!(take(&queue, &mut VecDeque::new(), soon()), Next::Sync);
    assert_eq!(queue.report.said()[2..], ["writing the output again: 3 records were lost"]);
    fault(&queue, false);
    assert_eq!(queue.report.said().len(), 4);
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
    assert_eq!(take(&queue, &mut VecDeque::new(), None), Next::End);
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
        (matches!(take(&queue, &mut taken, None), Next::Reopen), taken.iter().map(Batch::records).sum::<usize>())
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

/// A queue whose writer sleeps, and has left this behind.
fn with_destination(file: File) -> Queue {
    let queue = queue();
    queue.state.lock().destination = Some(Box::new(Destination::descriptor(file)));
    queue
}

#[test]
fn a_little_that_comes_alone_is_written_by_who_brings_it() {
    for (bytes, at_once) in [(MAX_BYTES_AT_ONCE - 1, 1), (MAX_BYTES_AT_ONCE, 1), (MAX_BYTES_AT_ONCE + 1, 0)] {
        let file = tempfile::tempfile().unwrap();
        let queue = with_destination(file.try_clone().unwrap());
        queue.send(&mut weighing(bytes + MARK));
        let written = usize::try_from(file.metadata().unwrap().len()).unwrap();
        assert_eq!((queue.totals().records, written), (at_once, if at_once == 1 { bytes } else { 0 }), "{bytes}");
        assert_eq!(queue.state.lock().held == 0, at_once == 1, "{bytes}");
        assert_eq!(queue.spare_batch().capacity() > 0, at_once == 1, "its memory is used again");
    }
}

#[test]
fn nothing_is_written_at_once_past_what_waits_or_is_to_come_first() {
    let hour = Some(Duration::from_secs(3600));
    let obstacles: [fn(&Queue); 3] = [
        |queue| queue.send(&mut weighing(MAX_BYTES_AT_ONCE + MARK + 1)),
        Queue::reopen,
        // Somebody writes.
        |queue| queue.state.lock().destination = None,
    ];
    for (number, obstacle) in obstacles.iter().enumerate() {
        let queue = with_destination(tempfile::tempfile().unwrap());
        obstacle(&queue);
        queue.send(&mut weighing(100));
        assert_eq!((queue.totals().records, queue.state.lock().queued.is_empty()), (0, false), "{number}");
    }
    let gathering = with_destination(tempfile::tempfile().unwrap()).with_flush_interval(hour);
    gathering.send(&mut weighing(100));
    assert_eq!(gathering.totals().records, 0);
}

#[test]
fn a_pipe_or_socket_is_written_to_at_once_if_it_has_room() {
    let (reader, writer) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).unwrap();
    fills_up(File::from(reader), File::from(writer));
    let (reader, writer) = UnixStream::pair().unwrap();
    fills_up(File::from(OwnedFd::from(reader)), File::from(OwnedFd::from(writer)));
}

fn fills_up(mut reader: File, mut filler: File) {
    let queue = with_destination(filler.try_clone().unwrap());
    queue.send(&mut weighing(100));
    assert_eq!(queue.totals().records, 1);
    nix::fcntl::fcntl(&filler, nix::fcntl::FcntlArg::F_SETFL(nix::fcntl::OFlag::O_NONBLOCK)).unwrap();
    while filler.write(&[b'x'; 4096]).is_ok() {}
    queue.send(&mut weighing(100));
    assert_eq!((queue.totals().records, queue.state.lock().queued.is_empty()), (1, false));
    let mut text = [0; 100 - MARK];
    io::Read::read_exact(&mut reader, &mut text).unwrap();
    assert_eq!(text, [b'x'; 100 - MARK]);
}

#[test]
fn what_could_not_be_written_at_once_is_written_before_what_comes_then() {
    let queue = queue();
    let full = File::options().write(true).open("/dev/full").unwrap();
    queue.state.lock().destination = Some(Box::new(Destination::Descriptor { file: full, is_device: false }));
    for weight in [1000, 40_000, 100] {
        queue.send(&mut weighing(weight));
    }
    let mut taken = VecDeque::new();
    assert_eq!(take(&queue, &mut taken, None), Next::Write);
    assert_eq!(taken.iter().map(Batch::weight).collect::<Vec<_>>(), [1000, 40_000, 100]);
    assert_eq!((queue.totals().waiting, queue.totals().records), (3, 0));
}

#[test]
fn what_is_too_long_for_a_queue_leaves_its_room_to_others() {
    let sharing = Arc::new(Sharing::new(1000, &Abort::new().unwrap(), Duration::ZERO));
    let far = Queue::new("the far end".to_owned(), WhenFull::Lose, Report::default());
    far.limit_queue(100);
    far.share(&sharing);
    for (weight, left, lost) in
        [(60, 1000, 0), (600, 400, 0), (40, 400, 0), (10, 400, 1), (400, 0, 1), (101, 0, 2), (60, 0, 3)]
    {
        far.send(&mut weighing(weight));
        assert_eq!((sharing.left()[1], far.totals().lost), (left, lost), "{weight}");
    }
    assert_eq!((write(&far), sharing.left()[1]), (4, 1000));
    for weight in [90, 10] {
        far.send(&mut weighing(weight));
    }
    assert_eq!((write(&far), far.totals().lost), (2, 3));
}

#[test]
fn what_cannot_be_written_keeps_no_room_from_others() {
    let sharing = Arc::new(Sharing::new(1000, &Abort::new().unwrap(), Duration::ZERO));
    let [full, other] = [(); 2].map(|()| queue());
    for queue in [&full, &other] {
        queue.limit_queue(100);
        queue.share(&sharing);
    }
    full.send(&mut weighing(50));
    full.send(&mut weighing(1000));
    full.reopen();
    full.send(&mut weighing(50));
    thread::scope(|scope| {
        scope.spawn(|| other.send(&mut weighing(1000)));
        wait_until(&other, |state| state.readers_waiting == 1);
        fault(&full, false);
        assert_eq!((sharing.left()[0], full.totals().lost), (0, 0));
        fault(&full, true);
        wait_until(&other, |state| state.readers_waiting == 0);
    });
    assert_eq!((write(&other), other.totals().lost, full.totals().lost), (1, 0, 1));
    // What waits to be written is what was, before the file is opened anew and after.
    assert_eq!((write(&full), take(&full, &mut VecDeque::new(), None), write(&full)), (1, Next::Reopen, 1));
    assert_eq!(full.totals().waiting, 0);
}

#[test]
fn a_long_record_waits_for_a_far_end_that_is_away() {
    let sharing = Arc::new(Sharing::new(1000, &Abort::new().unwrap(), Duration::ZERO));
    let far = Queue::new("the far end".to_owned(), WhenFull::Lose, Report::default());
    far.limit_queue(100);
    far.share(&sharing);
    far.send(&mut weighing(600));
    fault(&far, true);
    assert_eq!((far.totals().lost, sharing.left()[1]), (0, 400));
    assert_eq!((write(&far), far.totals().lost), (1, 0));
}

#[test]
fn what_is_too_long_for_a_queue_takes_room_that_it_shares_with_others() {
    let abort = Abort::new().unwrap();
    let sharing = Arc::new(Sharing::new(1000, &abort, Duration::ZERO));
    let [one, other] = [(); 2].map(|()| queue());
    let far = Queue::new("the far end".to_owned(), WhenFull::Lose, Report::default());
    for queue in [&one, &other, &far] {
        queue.limit_queue(100);
        queue.share(&sharing);
    }
    for weight in [99, 100] {
        one.send(&mut weighing(weight));
        assert_eq!((sharing.left()[0], write(&one)), (1000, 1), "{weight}");
    }
    one.send(&mut weighing(600));
    other.send(&mut weighing(400));
    assert_eq!((sharing.left()[0], write(&other), sharing.left()[0]), (0, 1, 400));
    // One that is longer than all the room takes all.
    thread::scope(|scope| {
        scope.spawn(|| other.send(&mut weighing(5000)));
        wait_until(&other, |state| state.readers_waiting == 1);
        assert_eq!(write(&one), 1);
        wait_until(&other, |state| state.readers_waiting == 0);
        assert_eq!((sharing.left()[0], write(&other), sharing.left()[0]), (0, 1, 1000));
    });
    // A far end has other room, and is not waited for: nor is the one that has it.
    let other_far = Queue::new("another".to_owned(), WhenFull::Lose, Report::default());
    other_far.limit_queue(100);
    other_far.share(&sharing);
    other_far.send(&mut weighing(500));
    far.send(&mut weighing(501));
    assert_eq!((far.totals().lost, far.totals().waited, sharing.left()[1]), (1, Duration::ZERO, 500));
    assert_eq!(far.report.said(), ["a long record is lost to the far end: those that wait for others have the room"]);
    far.send(&mut weighing(500));
    write(&other_far);
    assert_eq!((far.totals().lost, sharing.left()[1], write(&far)), (1, 500, 1));
    assert_eq!(sharing.left()[1], 1000);
    // When it is time to stop, nobody waits.
    one.send(&mut weighing(600));
    abort.set();
    other.send(&mut weighing(401));
    one.send(&mut weighing(401));
    assert_eq!((one.totals().lost, other.totals().lost), (1, 1));
    let totals = one.finish(Instant::now() + Duration::from_secs(3600));
    assert_eq!((totals.lost, totals.failed), (2, true));
}
