//! Panics in a thread, deep enough for several frames to be unwound, and says whether that thread alone ended, its values dropped.

use std::sync::atomic::{AtomicUsize, Ordering};

static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

#[inline(never)]
fn descend(levels: usize, digits: &str) -> u32 {
    let _here = Dropped;
    match levels {
        0 => digits.parse().unwrap(),
        _ => std::hint::black_box(descend(levels - 1, digits)) + 1,
    }
}

fn main() {
    let ended = std::thread::spawn(|| descend(10, "no digits")).join();
    let caught = std::panic::catch_unwind(|| descend(5, ""));
    if ended.is_err() && caught.is_err() && DROPPED.load(Ordering::SeqCst) == 17 {
        println!("contained");
    }
}
