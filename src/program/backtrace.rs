//! No backtraces in the released program: it is stripped, and one of it would be a list of numbers.
//!
//! In: what the standard library asks when it prints a panic with `RUST_BACKTRACE` set. Out: a stack without frames. So nothing
//! reads the symbols, line tables and compressed sections of an executable that has none, and the linker leaves out the
//! 210 kB that would: a quarter of what the program would be. A panic's message and place are printed all the same, and
//! panics unwind as ever. Debug builds, the library and static executables keep the system's function.

use std::ffi::{c_int, c_void};

/// `_Unwind_Backtrace` of libgcc, which calls `_trace` for each frame: of the Itanium C++ ABI's exception handling.
// `no_mangle` is unsafe because another function of that name would be replaced. That is what is wanted here, and this one keeps
// its contract: it may end anywhere, it only must not call `_trace` with anything else than a frame.
#[unsafe(no_mangle)]
#[allow(unsafe_code, reason = "the name is the system's, and the function does what that one's contract allows")]
extern "C" fn _Unwind_Backtrace(_trace: extern "C" fn(*mut c_void, *mut c_void) -> c_int, _data: *mut c_void) -> c_int {
    END_OF_STACK
}

/// `_URC_END_OF_STACK` of `<unwind.h>`.
const END_OF_STACK: c_int = 5;
