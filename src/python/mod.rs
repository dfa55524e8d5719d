//! `str()`, `repr()` and `ascii()` of a value, as CPython 3.13 prints them.
//!
//! In: a [`Value`]. Out: text, to a [`TextWriter`]. Nothing is refused: builtins and the standard library's common classes
//! print as in Python; an object of any other class prints as far as its pickle tells, `<module.Name object>` at the
//! least; what CPython refuses to print (integers of more than 4,300 digits) has a placeholder. Nothing recurses, cycles
//! print as `[...]`, and all work is charged to the record's [`Meter`](crate::base::meter::Meter), which stops it.

pub(crate) mod percent;

pub(crate) mod conversion;

pub(crate) mod spec;

mod padding;

pub(crate) mod number;

mod repr;

mod open_containers;

mod sets;

pub(crate) mod string;

mod letters;

mod isprintable;

pub(crate) mod float;

pub(crate) mod integer;

pub(crate) mod stdlib;

use crate::base::text::TextWriter;
use crate::decode::{Items, Kind, Value};
use repr::{Function, Printer};

/// Writes what Python's `str(value)` gives.
pub fn str(value: Value<'_>, out: &mut TextWriter<'_>) {
    match value.kind() {
        Kind::Str(text) => out.push(text),
        _ => print(value, Function::Str, out),
    }
}

/// Writes what Python's `repr(value)` gives.
pub fn repr(value: Value<'_>, out: &mut TextWriter<'_>) {
    print(value, Function::Repr, out);
}

/// Writes what Python's `repr()` of a tuple of these gives.
pub(crate) fn repr_of_tuple(items: Items<'_>, out: &mut TextWriter<'_>) {
    Printer::new(out, false).print_tuple(items);
}

/// Writes what Python's `ascii(value)` gives: `repr(value)`, with all that is not ASCII escaped.
pub fn ascii(value: Value<'_>, out: &mut TextWriter<'_>) {
    print(value, Function::Ascii, out);
}

/// Writes `str()` of what is an exception, whatever its class looks like.
pub(crate) fn str_of_exception(value: Value<'_>, out: &mut TextWriter<'_>) {
    print(value, Function::StrOfException, out);
}

#[inline(never)]
fn print(value: Value<'_>, function: Function, out: &mut TextWriter<'_>) {
    out.metered(value.meter(), |out| Printer::new(out, function == Function::Ascii).print(value, function));
}

/// Python's `bool(value)`; an object whose class is not known counts as true.
pub fn is_truthy(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object(object) => stdlib::classes::classify(&object).is_truthy(),
        _ => value.is_truthy(),
    }
}

#[cfg(test)]
mod tests;
