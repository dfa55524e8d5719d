//! What happens to a record: the trait between receiving and handling, and its two ready-made kinds.
//!
//! [`PolicyHandler`] is what the program does: find the handlers in the [`Tree`] of loggers, and for each of them filter,
//! format, and hand the line to where it is written.
//! [`relog`] passes records to the `log` facade of a Rust program instead.

#[cfg(feature = "policy")]
mod policy_handler;

#[cfg(feature = "policy")]
mod routes;

#[cfg(feature = "policy")]
mod passages;

#[cfg(feature = "policy")]
mod messages;

#[cfg(feature = "policy")]
mod lines;

#[cfg(feature = "config")]
pub mod config;

#[cfg(feature = "policy")]
pub mod tree;

#[cfg(feature = "policy")]
mod handling;

#[cfg(feature = "policy")]
mod memory_handler;

#[cfg(feature = "policy")]
mod filter;

pub mod relog;

pub mod handler;

#[cfg(feature = "policy")]
pub use filter::Filter;
#[cfg(feature = "policy")]
pub use handling::Layout;
#[cfg(feature = "policy")]
pub use lines::line_logger;
#[cfg(feature = "policy")]
pub use memory_handler::MemoryHandler;
#[cfg(feature = "policy")]
pub use policy_handler::{Policy, PolicyHandler};
#[cfg(feature = "policy")]
pub use tree::Tree;
