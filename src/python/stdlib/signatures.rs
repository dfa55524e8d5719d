//! `inspect.Signature` and `inspect.Parameter`: `(a, /, b=1, *c, d: int) -> str`.
//!
//! In: how they were made, and their states. Out: tasks of the printer. Facts: `__str__` of both in CPython's `Lib/inspect.py`.

use super::made::{Made, attribute};
use super::names;
use crate::base::text::Text;
use crate::decode::{Items, Kind, Object, Value};
use crate::python::number::plain;
use crate::python::repr::{Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a parameter, or a signature, which has its parameters in a tuple.
    pub(super) fn signature(&mut self, object: &Object<'a>, made: &Made<'a>, is_str: bool) {
        let mut tasks = Vec::new();
        let mut args = made.args;
        let (open, close) = match args.next().map(Value::kind) {
            Some(Kind::Tuple(parameters)) => {
                Printer::add_parameters(parameters, &mut tasks);
                Printer::add_annotation(") -> ", ")", object.state(), "_return_annotation", &mut tasks);
                ("<Signature ", ">")
            }
            _ => {
                let stars = match args.next().and_then(|kind| plain(kind).as_i64()) {
                    Some(VAR_POSITIONAL) => "*",
                    Some(VAR_KEYWORD) => "**",
                    _ => "",
                };
                let name = made.first().unwrap_or(Value::none());
                Printer::add(&mut tasks, [Task::Literal(stars), Task::Str(name)]);
                let is_annotated = Printer::add_annotation(": ", "", object.state(), "_annotation", &mut tasks);
                if let Some(default) = given(object.state(), "_default") {
                    let equals = if is_annotated { " = " } else { "=" };
                    Printer::add(&mut tasks, [Task::Literal(equals), Task::Repr(default)]);
                }
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

    fn add_parameters(parameters: Items<'a>, tasks: &mut Vec<Task<'a>>) {
        // The separator is due before what comes next.
        let (mut separator, mut is_after_slash, mut has_star) = ("(", true, false);
        for parameter in parameters.take(MAX_PARAMETERS) {
            let kind = kind_of(parameter);
            if kind != Some(POSITIONAL_ONLY) && !std::mem::replace(&mut is_after_slash, true) {
                Printer::add(tasks, [Task::Literal(", /")]);
            }
            if kind == Some(KEYWORD_ONLY) && !std::mem::replace(&mut has_star, true) {
                Printer::add(tasks, [Task::Literal(separator), Task::Literal("*")]);
                separator = ", ";
            }
            is_after_slash = kind != Some(POSITIONAL_ONLY);
            has_star |= kind == Some(VAR_POSITIONAL);
            Printer::add(tasks, [Task::Literal(separator), Task::Str(parameter)]);
            separator = ", ";
        }
        let end = if !is_after_slash {
            ", /"
        } else if separator == "(" {
            "("
        } else {
            ""
        };
        Printer::add(tasks, [Task::Literal(end)]);
    }

    /// An annotation as `inspect.formatannotation` shows it, after what stands before it; else what stands instead.
    fn add_annotation(
        before: &'static str,
        instead: &'static str,
        state: Value<'a>,
        name: &str,
        tasks: &mut Vec<Task<'a>>,
    ) -> bool {
        let Some(annotation) = given(state, name) else {
            Printer::add(tasks, [Task::Literal(instead)]);
            return false;
        };
        Printer::add(tasks, [Task::Literal(before)]);
        match annotation.kind() {
            Kind::Global(class) => {
                let class = names::canonical(class);
                let is_bare = class.module == *"builtins" || class.module == *"typing";
                let module = if is_bare { Text::from("") } else { class.module };
                let dot = if is_bare { "" } else { "." };
                let [module, name] = [module, class.name].map(|part| Task::Str(Value::text(part)));
                Printer::add(tasks, [module, Task::Literal(dot), name]);
            }
            _ => Printer::add(tasks, [Task::Repr(annotation)]),
        }
        true
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
