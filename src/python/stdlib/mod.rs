//! The standard library's classes, printed as Python prints them: a first reading may skip this room.
//!
//! [`classes`] tells which class an object is of and takes it apart; [`objects`] prints what it found. What can be a table is one: see
//! `catalogue`.
//!
//! What is not in the pickle and so cannot be known: what other classes' `__str__` and `__repr__` compose; other than by its name, whether a
//! class is an exception, of KeyError's or OSError's, an enum, or a function; names of other enums' members and tuples' fields; addresses;
//! how a set of text is ordered; offsets of the time zone database; what a function returned; a logger's level; of what an empty instance
//! is a subclass. What takes more bytes than it tells prints by its class and attributes or arguments: cookies of a jar, quoted addresses and
//! folded headers of `email`, `ZipInfo`, most handlers, private enums, NumPy's complex numbers; and of an `exc_info`,
//! groups and lines of SyntaxErrors.

pub(crate) mod attributes;

pub(crate) mod traceback;

pub(crate) mod objects;

mod array;

mod counter;

mod templates;

pub(crate) mod classes;

pub(crate) mod packages;

pub(crate) mod scalars;

pub(crate) mod entries;

mod types;

pub(crate) mod exceptions;

mod exception_names;

pub(super) mod enums;

mod zones;

pub(crate) mod datetime;

pub(crate) mod decimal;

pub(crate) mod ipaddress;

pub(crate) mod pathlib;

pub(crate) mod made;

pub(crate) mod names;

mod catalogue;
