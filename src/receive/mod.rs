//! From sockets to records: who may connect, how many are served at once, and how bytes become frames and frames records.
//!
//! [`LogRecordSocketReceiver`] accepts connections in one `poll` loop and serves each in a thread of its own;
//! `stream_handler.rs` is the document's `handle`: read a length, read exactly that much, unpickle, make a record, handle it.
//! What is no record is reported and counted, and costs nobody else anything.

mod receiver;

mod stopping;

mod server;

mod listener;

mod datagrams;

mod retries;
mod room;
mod waiting;

mod slots;

mod observer;

pub mod notify;

pub mod listen;

mod stream_handler;

mod ending;

mod datagram_handler;

mod frame_handler;

mod panics;

mod pool;

mod options;

pub mod capacity;

pub mod shares;

mod memory;

mod turns;

mod guests;

mod guest;

mod frame;

pub mod network;

pub mod totals;

mod rate_limits;

mod diagnostics;

pub mod peer;

pub mod origin;

pub use observer::Observer;
pub use options::Options;
pub use receiver::LogRecordSocketReceiver;
