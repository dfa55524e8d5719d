//! The start of the program: the function `main` that the C library calls.
//!
//! In most Rust programs that one is Rust's own, made by the compiler: it prepares the process, and calls `fn main`. It also watches
//! for stacks that overflow, by 14 kB of code and a stack for signals that it maps for each thread. Nothing here recurses as deep as a
//! peer likes, so `main.rs` says `no_main`, which leaves that function to us. What Rust's prepares is prepared here as well: standard
//! streams that are closed, SIGPIPE, and that a panic ends in status 101. What is lost: a stack that overflows nevertheless ends the
//! program by SIGSEGV without a word; the main thread has no name; and with musl `std::env::args` is empty.
//!
//! In: the arguments as C has them, since some C libraries give them to nobody else. Out: an exit status.

use std::ffi::c_int;
use std::panic::catch_unwind;

use jackdaws::base::sys;

// Its name in the object file is `main`, as the C library wants it. That is unsafe, because another function of that name would be
// replaced: there is none besides in a crate that is `no_main`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the C library's, and so are the arguments")]
extern "C" fn main(_count: c_int, arguments: sys::Arguments) -> c_int {
    sys::prepare_process();
    catch_unwind(|| crate::main(arguments.to_vec())).map_or(PANICKED, c_int::from)
}

/// As Rust's library has it.
const PANICKED: c_int = 101;
