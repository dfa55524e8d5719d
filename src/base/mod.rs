//! What stands on nothing else here: Python's text, the limits with their reasons, work, memory, the abort flag, waiting, and
//! the C library.

pub mod text;

pub(crate) mod words;

pub mod thread;

pub mod lock;

pub(crate) mod order;

pub(crate) mod memory;

pub mod meter;

pub mod budget;

pub mod own_file;

pub mod abort;

pub(crate) mod wait;

pub mod limits;

pub mod sys;

pub mod digits;

pub mod misspelt;
