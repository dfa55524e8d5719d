//! One integration binary: a file per behaviour, and what they share.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod addresses;
mod bloat;
mod bombs;
mod boxes;
#[cfg(all(feature = "relay", feature = "syslog"))]
mod chains;
mod collecting;
mod command_line;
mod corpus;
mod counting;
mod cpython_cases;
mod crowds;
mod destinations;
mod differential;
mod document;
mod fidelity;
mod formatting;
mod frames;
#[path = "../fuzz/bodies.rs"]
mod fuzz;
mod hostile;
mod layouts;
mod library;
mod losses;
mod onslaught;
mod opcodes;
mod packages;
mod packaging;
#[cfg(all(feature = "relay", feature = "syslog"))]
mod policies;
mod policy;
mod pressure;
mod printing;
mod program;
mod properties;
mod pythons;
mod readme;
mod receiving;
mod records;
#[cfg(feature = "relay")]
mod relaying;
mod relogging;
mod remote;
mod rotating;
mod sending;
mod sockets;
mod starvation;
mod stopping;
mod terminals;
mod tidy;
