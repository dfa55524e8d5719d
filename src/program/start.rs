//! The start of the program, in place of the one in Rust's library: that one watches for stacks that overflow, with 14 kB of code and
//! a stack for signals in each thread. Nothing here recurses. In: what the C library calls `main` with. Out: an exit status.

use std::ffi::c_int;
use std::panic::catch_unwind;

use jackdaws::base::sys;

// `no_mangle` is unsafe because another function of that name would be replaced: there is none besides in a crate that is `no_main`.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the C library's, and so are the arguments")]
extern "C" fn main(_count: c_int, arguments: sys::Arguments) -> c_int {
    sys::prepare_process();
    catch_unwind(|| crate::main(arguments.to_vec())).map_or(PANICKED, c_int::from)
}

/// As Rust's library has it.
const PANICKED: c_int = 101;
