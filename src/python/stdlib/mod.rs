//! The standard library's classes, printed as Python prints them: a first reading may skip this room.
//!
//! [`classes`] tells which class an object is of and takes it apart; [`objects`] prints what it found. What can be a table is one, in
//! `tables`, made from CPython itself.
//!
//! What cannot be known, as it is not in the pickle: what the `__str__` and `__repr__` of other classes compose, and whether a class is
//! an exception, a subclass of KeyError or OSError, or an enum, other than by its name; names of the members and fields of other enums
//! and tuples; addresses; how a set of text is ordered; offsets of zones of the time zone database; what a function returned; the level of
//! a logger; of what an empty instance is a subclass; whether a name outside of the tables is that of a class or of a function, and which
//! class a method was inherited from.
//!
//! What could be known and takes more bytes than it tells, so that it prints by its class and its attributes: cookies, the `str()` of
//! `email.headerregistry` and of `xmlrpc.client.Binary`, `tokenize.TokenInfo`, `optparse.Option`, `zipfile.ZipInfo`, numbers of `ctypes`,
//! members of the enums that are not in the tables.

pub(crate) mod attributes;

pub(crate) mod traceback;

pub(crate) mod objects;

mod array;

mod counter;

mod signatures;

mod templates;

mod zones;

pub(crate) mod classes;

pub(crate) mod entries;

pub(crate) mod packages;

mod types;

pub(crate) mod exceptions;

pub(crate) mod enums;

pub(crate) mod datetime;

pub(crate) mod decimal;

pub(crate) mod ipaddress;

pub(crate) mod pathlib;

pub(crate) mod made;

pub(crate) mod names;

mod catalogue;

mod tables;
