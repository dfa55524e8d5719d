//! The standard library's classes, printed as Python prints them: a first reading may skip this room.
//!
//! [`classes`] tells which class an object is of and takes it apart; [`objects`] prints what it found.

pub(crate) mod objects;

pub(crate) mod classes;

pub(crate) mod exceptions;

pub(crate) mod datetime;

pub(crate) mod decimal;

pub(crate) mod ipaddress;

pub(crate) mod pathlib;

pub(crate) mod names;
