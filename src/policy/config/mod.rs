//! A policy from a file: what `logging.config.dictConfig` takes, as JSON.
//!
//! [`Config`] is a file that was read and checked, and opens what it names. Every mistake of a file is told at once, each with
//! its place; what Python ignores is a warning.

mod build;

mod check;

mod handler;

mod place;

mod formatter;

mod classes;

mod remote;

mod scalar;

mod node;

pub use build::Config;
pub use place::Places;
