//! Who gets memory, who waits, and who is ended for it.

use super::*;
use crate::receive::guest::tests::guest;
use std::thread;

fn left(memory: &Memory) -> usize {
    memory.left.load(Ordering::Relaxed)
}

#[test]
fn gives_all_but_the_reserve() {
    for (claimed, fits) in [(89, true), (90, true), (91, false)] {
        let (memory, guest) = (Memory::new(100, 50, 10), guest());
        assert_eq!(memory.try_claim(&guest, claimed), fits, "{claimed}");
        assert_eq!(left(&memory), if fits { 100_usize.saturating_sub(claimed) } else { 100 });
        memory.give_back(&guest);
        assert_eq!((left(&memory), memory.claims.lock().len()), (100, 0));
    }
}

#[test]
fn is_ample_while_what_is_kept_leaves_room_for_the_longest_frame() {
    for (kept, is_ample) in [(29, true), (30, true), (31, false)] {
        let (memory, guest) = (Memory::new(100, 50, 10), guest());
        memory.keep(&guest, kept);
        assert_eq!(memory.is_ample(), is_ample, "{kept}");
    }
}

#[test]
fn the_shortest_claim_that_waits_is_served_first() {
    let (memory, holder) = (Memory::new(100, 50, 0), guest());
    assert!(memory.try_claim(&holder, 100));
    let order = Lock::new(Vec::new());
    thread::scope(|scope| {
        for bytes in [70, 60, 80] {
            let (memory, order) = (&memory, &order);
            scope.spawn(move || {
                let guest = guest();
                assert!(memory.wait(&guest, bytes, || None));
                order.lock().push(bytes);
                memory.give_back(&guest);
            });
        }
        while memory.claims.lock().iter().filter(|claim| claim.wanted > 0).count() < 3 {
            thread::yield_now();
        }
        assert!(!memory.try_claim(&guest(), 60), "one that is no longer waits already");
        memory.give_back(&holder);
    });
    assert_eq!(*order.lock(), [60, 70, 80]);
    assert_eq!((left(&memory), memory.claims.lock().len()), (100, 0));
}

#[test]
fn whoever_waits_in_vain_leaves_nothing_behind() {
    let memory = Memory::new(100, 50, 0);
    assert!(!memory.wait(&guest(), 101, || Some(Duration::ZERO)));
    assert_eq!((left(&memory), memory.claims.lock().len()), (100, 0));
}

#[test]
fn the_slowest_is_ended_for_those_that_wait() {
    let memory = Memory::new(100, 50, 0);
    let [fast, slow, slower] = [(); 3].map(|()| guest());
    for (guest, received) in [(&fast, 1_000_000), (&slow, 1000), (&slower, 10)] {
        assert!(memory.try_claim(guest, 30));
        // A hundred thousand bytes are missing after two seconds.
        memory.note(guest, Progress::new(received, 100_000, Duration::from_secs(2)));
    }
    thread::scope(|scope| {
        let waiting = scope.spawn(|| memory.wait(&guest(), 40, || None));
        while slower.dismissal().is_none() {
            thread::yield_now();
        }
        memory.give_back(&slower);
        assert!(waiting.join().unwrap());
    });
    assert_eq!((fast.dismissal(), slower.dismissal()), (None, Some(Dismissal::Memory)));
}

#[test]
fn as_many_are_ended_at_once_as_hold_what_is_waited_for() {
    for (wanted, ended) in [(40, 1), (41, 2), (70, 2), (90, 2)] {
        let memory = Memory::new(100, 50, 0);
        let guests = [(); 3].map(|()| guest());
        for (guest, received) in guests.iter().zip([10, 1000, 1_000_000]) {
            assert!(memory.try_claim(guest, 30));
            memory.note(guest, Progress::new(received, 100_000, Duration::from_secs(2)));
        }
        end_slowest(&memory.claims.lock(), usize::saturating_sub(wanted, memory.claimable()));
        // And not for others what those that leave will give back.
        end_slowest(&memory.claims.lock(), usize::saturating_sub(wanted, memory.claimable()));
        let is_ended = guests.map(|guest| guest.dismissal().is_some());
        assert_eq!(is_ended, [true, ended == 2, false], "{wanted}");
    }
}

#[test]
fn for_one_that_waits_what_is_served_before_it_comes_back_too() {
    let memory = Memory::new(100, 50, 0);
    let [holders, shorter] = [5, 2].map(|count| (0..count).map(|_| guest()).collect::<Vec<_>>());
    for guest in &holders {
        assert!(memory.try_claim(guest, 20));
        memory.note(guest, Progress::new(10, 100_000, Duration::from_secs(2)));
    }
    shorter.iter().for_each(|guest| claim_of(&mut memory.claims.lock(), guest).wanted = 20);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| memory.wait(&guest(), 31, || None));
        // All of them are ended under one lock.
        let are_ended = || {
            let _claims = memory.claims.lock();
            holders.iter().filter(|guest| guest.dismissal().is_some()).collect::<Vec<_>>()
        };
        while are_ended().is_empty() {
            thread::yield_now();
        }
        are_ended().into_iter().for_each(|guest| memory.give_back(guest));
        assert!(waiting.join().unwrap());
        // 71 bytes of 20 each.
        assert_eq!(are_ended().len(), 4);
    });
}

#[test]
fn a_frame_is_as_fast_as_it_was_of_late() {
    let mut progress = Progress::default();
    let second = Duration::from_secs(1);
    assert_eq!(progress.seconds_left(MEMORY_PATIENCE.saturating_sub(Duration::from_millis(1))), None);
    progress.go_on(Progress::new(1000, 100, second));
    assert_eq!(progress.seconds_left(Duration::ZERO), Some(0.1));
    // From here on nothing comes.
    progress.go_on(Progress::new(1000, 100, second.saturating_mul(2)));
    assert!(progress.seconds_left(Duration::ZERO).is_some_and(|seconds| seconds > 1e6));
    progress.go_on(Progress::new(10, 100, Duration::ZERO));
    assert_eq!(progress.seconds_left(Duration::ZERO), None, "another frame");
}
