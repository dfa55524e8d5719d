//! What `typing` and `types` make of classes: `list[int]`, `typing.Optional[str]`, `int | None`.
//!
//! In: what `operator.getitem(typing.List, int)`, `types.GenericAlias(list, (int,))` or `functools.reduce(operator.or_, (int, str))` is
//! called with, as which they are pickled. Out: an [`Alias`], which prints as in Python. Facts: CPython's `Lib/typing.py`, `_type_repr`.

use super::made::Made;
use super::names::{self, text_of};
use crate::decode::{Items, Kind, Value};
use crate::python::repr::{Printer, Task};

/// A class with others, or a union of some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alias<'a> {
    /// What stands before the brackets; `None` of a union.
    origin: Option<Value<'a>>,
    args: Items<'a>,
}

impl<'a> Alias<'a> {
    /// Reads what REDUCE would call.
    pub(super) fn of(made: &Made<'a>) -> Option<Alias<'a>> {
        let [first, second] = made.exactly()?;
        let module = match first.kind() {
            Kind::Global(global) => text_of(global.module),
            _ => "",
        };
        let (origin, args) = match (text_of(made.class.name), module, second.kind()) {
            ("getitem", "typing", Kind::Tuple(args))
            | ("GenericAlias" | "_CallableGenericAlias", _, Kind::Tuple(args)) => (Some(first), args),
            ("getitem", "typing", _) => {
                let mut args = made.args;
                args.next();
                (Some(first), args)
            }
            ("reduce", "_operator" | "operator", Kind::Tuple(args)) => (None, args),
            _ => return None,
        };
        Some(Alias { origin, args })
    }
}

impl<'a> Printer<'a, '_, '_> {
    pub(super) fn alias(&mut self, Alias { origin, args }: Alias<'a>) {
        let Some(origin) = origin else { return self.next_type(args, " | ", false) };
        self.plan([Task::Literal(if args.is_empty() { "()]" } else { "]" })]);
        let mut two = args;
        let (first, second) = (two.next(), two.next());
        match (origin.kind(), first, second.filter(|_| two.is_empty())) {
            (Kind::Global(global), Some(first), Some(second)) if global.is("typing", "Union") && is_none(second) => {
                self.out.push_str("typing.Optional[");
                self.push_type(first);
            }
            _ => {
                self.plan([Task::Literal("["), Task::Types { items: args, separator: ", ", is_rest: false }]);
                self.push_type(origin);
            }
        }
    }

    pub(in crate::python) fn next_type(&mut self, mut items: Items<'a>, separator: &'static str, is_rest: bool) {
        let Some(item) = items.next() else { return };
        let between = if matches!(separator, "" | ",") { ", " } else { separator };
        self.out.push_str(if is_rest { between } else { "" });
        self.plan([Task::Types { items, separator, is_rest: true }]);
        match (separator, item.kind()) {
            ("." | "/" | ",", _) => self.plan([Task::Str(item)]),
            ("", Kind::Global(class)) => self.out.push(names::last_part(class.name)),
            (" | ", _) if is_none(item) => self.out.push_str("None"),
            _ => self.push_type(item),
        }
    }

    /// Prints, or plans, what `typing` shows for a class.
    pub(in crate::python) fn push_type(&mut self, value: Value<'a>) {
        match value.kind() {
            Kind::Global(global) => match names::canonical(global) {
                global if global.is("builtins", "Ellipsis") => self.out.push_str("..."),
                global => names::push_qualified(global, &mut self.out),
            },
            Kind::List(items) => {
                self.out.push_str("[");
                self.plan([Task::Types { items, separator: ", ", is_rest: false }, Task::Literal("]")]);
            }
            _ if is_none(value) => self.out.push_str("NoneType"),
            _ => self.plan([Task::Repr(value)]),
        }
    }
}

/// True for `type(None)`.
fn is_none(value: Value<'_>) -> bool {
    let Kind::Object(object) = value.kind() else { return false };
    let is_of_none = |made: &Made<'_>| made.class.is("builtins", "type") && made.first().is_some_and(Value::is_none);
    Made::of(&object).is_some_and(|made| is_of_none(&made))
}
