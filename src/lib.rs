//! Jackdaws receives the logging events that Python programs send with `logging.handlers.SocketHandler`, and logs each of
//! them by the policy configured where it runs.
//!
//! It is the receiving end of "Sending and receiving logging events across a network" in Python's logging documentation, as
//! a program and as this library. [`receive::LogRecordSocketReceiver`] serves until it is stopped; a closure is handler
//! enough:
//!
//! ```
//! use jackdaws::receive::listen::Address;
//! use jackdaws::receive::{LogRecordSocketReceiver, Options};
//! use jackdaws::record::{Field, LogRecord};
//!
//! let address = Address::parse("127.0.0.1:0".as_ref())?;
//! let receiver = LogRecordSocketReceiver::bind(&[address], Options::default())?;
//! let abort = receiver.abort();
//! abort.set(); // From any thread, when it is time to stop.
//! let totals = receiver.serve_until_stopped(|peer| {
//!     let peer = peer.to_string();
//!     move |record: &LogRecord<'_>| println!("{peer}: {:?}", record.field(Field::Name))
//! })?;
//! assert_eq!(totals.to_string(), "0 records (0 bytes) from 0 connections, 0 rejected, 0 lost");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `tests/examples/document.rs` is that document's receiver on this library's parts, class for class, without what makes it last: budget,
//! meter, batches, queue.
//!
//! # Features
//! All are on by default. A Rust test that collects records needs none of them: `default-features = false` spares it ten crates.
//! `policy` is what the program does with a record, the rooms [`mod@write`] and most of [`policy`]; `program` the program; `config`,
//! `json`, `relay`, `styles` and `syslog` are what its options of these names do, and `stdlib` prints the standard library's classes as
//! Python does, each left out where bytes are dear:
//! `cargo build --release --no-default-features --features program`.
//!
//! # The tour
//! A room is a folder, and its `mod.rs` says what it is for and declares its files in reading order. The rooms are declared
//! below from the outside in, and a file uses only what is declared after it.
//!
//! 1. [`collector`] is the receiver as a Rust test wants it: started in a line, it keeps every record.
//! 2. [`receive`], from sockets to records: `server.rs` accepts connections in one `poll` loop and serves each in a thread of
//!    its own; `stream_handler.rs` is the document's `handle`, `frame.rs` finds the frames in a stream of bytes, and
//!    `frame_handler.rs` makes records of them and counts the others. [`receive::listen`] turns `udp:[::1]:9021` into bound
//!    sockets, [`receive::network`] says who may send.
//! 3. [`policy`] is what happens to a record: filtered, formatted, handed on, or passed to the `log` facade by
//!    [`policy::relog`]. [`policy::handler`] is the trait between receiving and handling.
//! 4. [`mod@format`], from record to line: a record is laid out as `logging.Formatter` does, in three styles, or as JSON.
//! 5. [`record`] is `makeLogRecord`: a decoded dict becomes a record, with Python's defaults.
//! 6. [`python`] prints builtin values as Python prints them: `str()`, `repr()`, `%` and format specs. Its inner room
//!    `stdlib` does the same for the standard library's classes; a first reading may skip it.
//! 7. [`decode`], from frame to value: a bounded opcode machine that makes data of a pickle, and nothing else. Its inner room
//!    `expect` knows how the last record was laid out, and spares the machine most of the next one: for speed only, and a first
//!    reading may skip it.
//! 8. [`mod@write`], from lines to where they stay: a bounded queue and the one thread that empties it, which reopens and rotates
//!    files and loses nothing that can be saved.
//! 9. [`send`] is the sending end, for Rust programs; a first reading may skip it.
//! 10. [`base`] is what stands on nothing: Python's text, the limits with the reason of each, memory, the abort flag, waiting,
//!     and the C library in `base/sys.rs`, the only file with `unsafe`.
//!
//! # A first reading
//! The way of one record, from a TCP connection to a line on standard output, file by file. What these files call beyond them may be
//! taken by its name.
//!
//! - It comes: `receive/receiver.rs` listens, `receive/server.rs` accepts it and starts the thread in which
//!   `receive/stream_handler.rs` reads, `receive/frame.rs` cuts frames, and `receive/frame_handler.rs` has records made of them. `base/abort.rs` is how all of them
//!   are told to stop.
//! - It is decoded: `decode/opcode.rs` lists what a pickle may hold, `decode/machine.rs` runs it, with `decode/scalar.rs` and
//!   `decode/containers.rs`, into the values of `decode/value.rs`; `record/mod.rs` makes a record of them.
//! - It is handled: `policy/handler.rs` is the trait, `policy/policy_handler.rs` finds the handlers of its logger in
//!   `policy/tree.rs`, and `policy/lines.rs` has each line laid out and logged.
//! - It is printed: `format/formatter.rs` lays it out by the pieces of `format/piece.rs`, which `format/percent.rs` compiled;
//!   `python/percent.rs` merges message and arguments, `python/repr.rs`, `python/string.rs` and `python/integer.rs` print values, and
//!   `format/escape.rs` makes the line safe to look at.
//! - It stays: `write/batch.rs` gathers lines, `write/queue.rs` holds them, `write/writer.rs` writes them.

#![cfg_attr(
    not(feature = "default"),
    allow(
        clippy::ptr_arg,
        dead_code,
        irrefutable_let_patterns,
        unreachable_patterns,
        unused_imports,
        unused_variables,
        reason = "what only a feature uses stays, so that features are told at the doors of rooms only"
    )
)]

pub mod collector;

pub mod receive;

pub mod policy;

pub mod format;

pub mod record;

pub mod python;

pub mod decode;

#[cfg(feature = "policy")]
pub mod write;

pub mod send;

pub mod base;

#[cfg(all(test, not(feature = "default")))]
compile_error!("the tests need every feature: run them without --no-default-features");

/// The README's Rust examples, run by `cargo test`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
