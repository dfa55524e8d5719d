//! Text that is composed of arguments and attributes: named tuples, and the templates of exceptions in [`super::tables`].
//!
//! In: a template such as `HTTP Error {code}: {msg}`, and an object's arguments and state. Out: tasks of
//! the printer. Refused, before anything is printed: a template of which the pickle does not have all. What stands in braces is
//! explained where the templates are written, in `tests/data/stdlib_tables.py`.

use super::made::attribute;
use crate::decode::{Items, Kind, Value};
use crate::python::repr::{Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a template; `None`, and nothing, if something that it shows is not there.
    pub(super) fn template(&mut self, template: &'static str, args: Items<'a>, state: Value<'a>) -> Option<()> {
        self.out.writer.charge(UNITS_A_TEMPLATE);
        let mut tasks = Vec::new();
        let mut rest = template;
        while let Some((literal, from_field)) = rest.split_once('{') {
            let (field, after) = from_field.split_once('}')?;
            tasks.push(Task::Literal(literal));
            let mut parts = field.split('|');
            match (parts.next(), parts.next(), parts.next()) {
                (Some(field), None, _) => tasks.push(part(field, args, state)?),
                (Some(before), Some(field), after) => {
                    let part = part(field, args, state);
                    if let Some(part) =
                        part.filter(|part| !matches!(part, Task::Repr(value) | Task::Str(value) if value.is_none()))
                    {
                        tasks.extend([Task::Literal(before), part, Task::Literal(after.unwrap_or_default())]);
                    }
                }
                _ => return None,
            }
            rest = after;
        }
        tasks.push(Task::Literal(rest));
        self.plan_all(tasks);
        Some(())
    }

    /// `Match(a=1, b=2, size=3)`, `os.terminal_size(columns=80, lines=24)`
    pub(super) fn fields(&mut self, names: &'static str, items: Items<'a>) {
        self.out.push_str("(");
        self.plan([Task::Items { items, names: Some(names), is_rest: false }, Task::Literal(")")]);
    }
}

/// What a field shows; `None` if it is missing.
fn part<'a>(field: &'static str, args: Items<'a>, state: Value<'a>) -> Option<Task<'a>> {
    let (is_repr, is_length, name) = match field.as_bytes().first() {
        Some(b'!') => (true, false, field.get(1..)?),
        Some(b'#') => (false, true, field.get(1..)?),
        _ => (false, false, field),
    };
    let value = match name.parse() {
        Ok(index) => match state.kind() {
            Kind::Tuple(mut state) if args.is_empty() => state.nth(index),
            _ => args.clone().nth(index),
        },
        // Python 2's configparser hides it behind a property.
        Err(_) if name == "message" => attribute(state, name).or_else(|| attribute(state, "_Error__message")),
        Err(_) => attribute(state, name),
    }?;
    if is_length {
        let length = i64::try_from(length(value)?).ok()?;
        return Some(Task::Repr(Value::int(length)));
    }
    Some(if is_repr { Task::Repr(value) } else { Task::Str(value) })
}

fn length(value: Value<'_>) -> Option<usize> {
    match value.kind() {
        Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Some(bytes.len()),
        Kind::Str(text) => {
            let is_allowed = value.meter().charge(text.as_bytes().len() / COUNTED_BYTES_A_UNIT);
            is_allowed.then(|| text.code_point_count())
        }
        _ => None,
    }
}

/// So many attributes of an object are shown, …
pub(in crate::python) const MAX_SHOWN: usize = 32;
/// … unless they take more than so many bytes before that.
pub(in crate::python) const MAX_SHOWN_BYTES: usize = 2000;

/// What it costs to plan a template, in units of a meter, and how many bytes of a text are counted in the time of one.
const UNITS_A_TEMPLATE: usize = 20;
const COUNTED_BYTES_A_UNIT: usize = 8;
