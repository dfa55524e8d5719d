//! What the program needs besides the library: options, signals, diagnostics.

#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"), not(debug_assertions)))]
mod backtrace;

#[cfg(not(test))]
mod start;

pub mod options;

mod far_end;

mod misspelt;

mod arguments;

pub mod announcement;

pub mod metrics;

pub mod port_file;

pub mod ending;

pub mod signals;

pub mod diagnostics;

#[cfg(feature = "config")]
pub mod config_file;

pub mod outputs;
