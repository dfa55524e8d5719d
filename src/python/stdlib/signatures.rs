//! `inspect.Signature` and `inspect.Parameter`: `(a, /, b=1, *c, d: int) -> str`.
//!
//! In: how they were made, and their states. Out: tasks of the printer. Facts: `__str__` of both in CPython's `Lib/inspect.py`.

use super::made::{Made, attribute};
use crate::decode::{Items, Kind, Object, Value};
use crate::python::number::plain;
use crate::python::repr::{Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a parameter, or a signature, which has its parameters in a tuple.
    pub(super) fn signature(&mut self, object: &Object<'a>, made: &Made<'a>, is_str: bool) {
        let mut tasks = Vec::new();
        let (open, close) = match made.first().map(Value::kind) {
            Some(Kind::Tuple(parameters)) => {
                push_signature(parameters, object.state(), &mut tasks);
                ("<Signature ", ">")
            }
            _ => {
                push_parameter(made.args, object.state(), &mut tasks);
                ("<Parameter \"", "\">")
            }
        };
        if !is_str {
            self.out.push_str(open);
            Printer::add(&mut tasks, [Task::Literal(close)]);
        }
        self.out.writer.charge(tasks.len());
        self.plan_all(tasks);
    }
}

fn push_signature<'a>(parameters: Items<'a>, state: Value<'a>, tasks: &mut Vec<Task<'a>>) {
    let (mut separator, mut last_kind, mut has_star) = ("(", None, false);
    for parameter in parameters.take(MAX_PARAMETERS) {
        let kind = kind_of(parameter);
        if last_kind == Some(POSITIONAL_ONLY) && kind != last_kind {
            Printer::add(tasks, [Task::Literal(separator), Task::Literal("/")]);
            separator = ", ";
        }
        if kind == Some(KEYWORD_ONLY) && !has_star {
            Printer::add(tasks, [Task::Literal(separator), Task::Literal("*")]);
            separator = ", ";
        }
        has_star |= matches!(kind, Some(KEYWORD_ONLY | VAR_POSITIONAL));
        Printer::add(tasks, [Task::Literal(separator), Task::Str(parameter)]);
        (separator, last_kind) = (", ", kind);
    }
    if last_kind == Some(POSITIONAL_ONLY) {
        Printer::add(tasks, [Task::Literal(", /")]);
    }
    Printer::add(tasks, [Task::Literal(if separator == "(" { "()" } else { ")" })]);
    if let Some(annotation) = given(state, "_return_annotation") {
        Printer::add(tasks, [Task::Literal(" -> "), Task::Type(annotation)]);
    }
}

/// Of a name and a kind.
fn push_parameter<'a>(mut args: Items<'a>, state: Value<'a>, tasks: &mut Vec<Task<'a>>) {
    let (name, kind) = (args.next().unwrap_or(Value::none()), args.next().and_then(|kind| plain(kind).as_i64()));
    let stars = match kind {
        Some(VAR_POSITIONAL) => "*",
        Some(VAR_KEYWORD) => "**",
        _ => "",
    };
    Printer::add(tasks, [Task::Literal(stars), Task::Str(name)]);
    let annotation = given(state, "_annotation");
    if let Some(annotation) = annotation {
        Printer::add(tasks, [Task::Literal(": "), Task::Type(annotation)]);
    }
    if let Some(default) = given(state, "_default") {
        let equals = if annotation.is_some() { " = " } else { "=" };
        Printer::add(tasks, [Task::Literal(equals), Task::Repr(default)]);
    }
}

/// An attribute, unless it is the class that stands for nothing.
fn given<'a>(state: Value<'a>, name: &str) -> Option<Value<'a>> {
    let is_empty = |value: Value<'_>| matches!(value.kind(), Kind::Global(global) if global.is("inspect", "_empty"));
    attribute(state, name).filter(|value| !is_empty(*value))
}

/// The kind of a parameter: `_ParameterKind(1)`.
fn kind_of(parameter: Value<'_>) -> Option<i64> {
    let Kind::Object(object) = parameter.kind() else { return None };
    plain({ Made::of(&object)?.args }.nth(1)?).as_i64()
}

const POSITIONAL_ONLY: i64 = 0;
const VAR_POSITIONAL: i64 = 2;
const KEYWORD_ONLY: i64 = 3;
const VAR_KEYWORD: i64 = 4;

/// More are not shown: each is planned before it prints.
const MAX_PARAMETERS: usize = 255;
