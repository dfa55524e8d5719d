//! From records to lines: Python's `logging.Formatter` in its three styles, and JSON.
//!
//! [`Formatter`] compiles a format once and lays out records; [`json`] writes them as objects instead; [`escape`] makes
//! either safe to look at.

#[cfg(feature = "syslog")]
pub mod syslog;

#[cfg(feature = "relay")]
pub mod relay;

#[cfg(feature = "relay")]
mod pickle;

#[cfg(feature = "relay")]
mod memo;

mod formatter;

#[cfg(feature = "config")]
mod json_fields;

#[cfg(feature = "json")]
pub mod json;

#[cfg(feature = "styles")]
mod brace;

#[cfg(feature = "styles")]
mod dollar;

mod percent;

mod short;

mod exception;

mod piece;

mod defaults;

mod time;

mod strftime;

mod ascii;

pub(crate) mod strings;

pub mod escape;

mod error;

pub use ascii::Ascii;
pub use error::{Error, Reason};
pub use formatter::{Formatter, Style};
#[cfg(feature = "json")]
pub use json::JsonFormatter;
#[cfg(feature = "config")]
pub(crate) use json_fields::append_json;
#[cfg(feature = "config")]
pub use json_fields::{JsonFields, fields_of};
