//! Text that is composed of arguments and attributes: named tuples, and the templates of other classes in [`super::tables`].
//!
//! In: a template such as `HTTP Error {code}: {msg}`, and an object's arguments and state. Out: tasks of
//! the printer. Refused, before anything is printed: a template of which the pickle does not have all. What stands in braces is
//! explained where the templates are written, in `tests/data/stdlib_tables.py`.

use super::datetime::Timedelta;
use super::entries::Entries;
use super::made::{MAX_ATTRIBUTES, Made, attribute};
use super::names;
use crate::base::digits;
use crate::decode::{Items, Kind, Pairs, Value};
use crate::python::repr::{EntryStyle, Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a template; `None`, and nothing, if something that it shows is not there.
    pub(super) fn template(&mut self, template: &'static str, args: Items<'a>, state: Value<'a>) -> Option<()> {
        self.out.writer.charge(UNITS_A_TEMPLATE);
        let mut tasks = Vec::new();
        let mut rest = template;
        while let Some((literal, from_field)) = rest.split_once('{') {
            let (field, after) = from_field.split_once('}')?;
            add(&mut tasks, [Task::Literal(literal)]);
            let literal = ["~\n", "<{", ">}"].iter().find_map(|literal| literal.strip_prefix(field));
            match (literal.filter(|_| field.len() == 1), field.split_once('|')) {
                (Some(literal), _) => add(&mut tasks, [Task::Literal(literal)]),
                (None, None) => add(&mut tasks, [part(field, args, state)?]),
                (None, Some((before, field))) => {
                    let (field, after) = field.split_once('|').unwrap_or((field, ""));
                    let (after, instead) = after.split_once('|').unwrap_or((after, ""));
                    match part(field, args, state).filter(is_something) {
                        Some(part) => {
                            let (line_end, before) =
                                before.strip_prefix('~').map_or(("", before), |before| ("\n", before));
                            add(&mut tasks, [Task::Literal(line_end)]);
                            add(&mut tasks, [Task::Literal(before), part, Task::Literal(after)]);
                        }
                        None => add(&mut tasks, [Task::Literal(instead)]),
                    }
                }
            }
            rest = after;
        }
        add(&mut tasks, [Task::Literal(rest)]);
        self.plan_all(tasks);
        Some(())
    }

    /// Plans text with values in it: each `%R` is the `repr()` of the next one, each `%S` its `str()`, as in CPython's
    /// `PyUnicode_FromFormat`.
    pub(in crate::python) fn plan_format(&mut self, format: &'static str, values: &[Value<'a>]) {
        let mut before = format;
        for &value in values.iter().rev() {
            let (rest, conversion) = before.rsplit_once('%').unwrap_or((before, ""));
            let (letter, after) = conversion.split_at_checked(1).unwrap_or_default();
            self.plan([if letter == "R" { Task::Repr(value) } else { Task::Str(value) }, Task::Literal(after)]);
            before = rest;
        }
        self.plan([Task::Literal(before)]);
    }

    /// What a template prints, unless too many stand within one another.
    pub(super) fn aside(&mut self, template: &'static str, args: Items<'a>, state: Value<'a>) -> Option<Vec<u8>> {
        let depth = self.depth.checked_add(1).filter(|depth| *depth < MAX_ASIDE)?;
        let mut printed = None;
        let text = self.out.writer.aside(|out| {
            let mut printer = Printer::new(out, false);
            printer.depth = depth;
            printed = printer.template(template, args, state);
            printer.run();
        });
        printed.map(|()| text)
    }

    /// `Match(a=1, b=2, size=3)`, `os.terminal_size(columns=80, lines=24)`
    pub(super) fn fields(&mut self, names: &'static str, items: Items<'a>) {
        self.out.push_str("(");
        self.plan([Task::Items { items, names: Some(names), is_rest: false }, Task::Literal(")")]);
    }
}

/// Adds these to what is to be planned.
#[inline(never)]
fn add<'a, const N: usize>(tasks: &mut Vec<Task<'a>>, more: [Task<'a>; N]) {
    tasks.extend(more);
}

/// What a field shows; `None` if it is missing, or of another type.
fn part<'a>(field: &'static str, args: Items<'a>, state: Value<'a>) -> Option<Task<'a>> {
    let is_mark = |first: &&str| !first.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    let (mark, name) = match field.split_at_checked(1).filter(|(first, _)| is_mark(first)) {
        Some(parts) => parts,
        None => ("", field),
    };
    if mark == "*" && name.is_empty() {
        return Some(items(args));
    }
    if mark == "^" {
        return level(state).map(Task::Literal);
    }
    // Without attributes there is none.
    if name.is_empty() && state.is_none() {
        return Some(Task::Literal(if mark == "!" { "{}" } else { "" }));
    }
    let (name, unless) = name.split_once('\\').unwrap_or((name, ""));
    if !unless.is_empty() && argument(unless, args, state)?.is_truthy() {
        return None;
    }
    let value = name.split('/').find_map(|path| {
        let mut names = path.split('.');
        let first = argument(names.next()?, args, state);
        names.fold(first, |value, name| match value?.kind() {
            Kind::Dict(pairs) => pairs.find(name),
            Kind::Object(object) => argument(name, Made::of(&object)?.tuple()?, object.state()),
            Kind::Tuple(mut items) => items.nth(digits::parse(name)?),
            _ => None,
        })
    });
    let Some(value) = value else { return (mark == "?").then_some(Task::Repr(Value::none())) };
    Some(match (mark, value.kind()) {
        ("$", _) => {
            let delta = Timedelta::of(value)?;
            let seconds = delta.days.checked_mul(86_400)?.checked_add(delta.clock.seconds())?;
            Task::Repr(Value::int(seconds))
        }
        ("&", Kind::Bytes(bytes)) if bytes.len() <= MAX_HEX_BYTES => Task::Hex(bytes),
        ("~", Kind::None) => Task::Literal("undefined"),
        ("*", Kind::List(list) | Kind::Tuple(list)) => items(list),
        ("@", Kind::List(items)) => Task::Types { items, separator: "", is_rest: false },
        ("%", Kind::Dict(pairs)) => {
            Task::Entries { entries: Entries::of_pairs(pairs), style: EntryStyle::Keyword, is_rest: false }
        }
        ("=", Kind::List(made_of)) => {
            let entries = Entries::Lists { made_of, set: Pairs::none() };
            Task::Entries { entries, style: EntryStyle::Line, is_rest: false }
        }
        (".", Kind::List(list) | Kind::Tuple(list)) if list.is_empty() => Task::Literal(""),
        (".", Kind::List(mut list)) if list.len() == 1 => match list.next()?.kind() {
            Kind::Tuple(mut pair) => Task::Str(pair.next().filter(|text| text.as_text().is_some())?),
            _ => return None,
        },
        (".", Kind::None) => Task::Literal(""),
        ("\"", Kind::Str(text)) => {
            value.meter().charge(text.as_bytes().len()).then_some(())?;
            let special = if name == "_display_name" { b'.' } else { b' ' };
            let is_special = |byte: &u8| *byte == special || SPECIALS.contains(byte);
            // Without anything it prints as `<>`.
            let is_empty = text.as_bytes().is_empty()
                && name == "_username"
                && !attribute(state, "_display_name").is_some_and(Value::is_truthy);
            let is_quoted = is_empty || text.as_bytes().iter().any(is_special);
            (!is_quoted).then_some(Task::Str(value))?
        }
        (":", Kind::Object(object)) => Task::Str(Value::text(Made::of(&object)?.class.module)),
        (";", Kind::Object(object)) => Task::Str(Value::text(names::last_part(Made::of(&object)?.class.name))),
        ("'", Kind::Str(_)) | ("(", Kind::Int(_)) => Task::Repr(value),
        ("/", Kind::Str(path)) => Task::Str(Value::text(names::after_last(b'/', path))),
        ("-", _) if value.is_truthy() => Task::Literal(""),
        ("-" | ",", _) if mark == "-" || !value.is_truthy() => Task::Repr(Value::none()),
        ("#", _) => Task::Repr(Value::int(i64::try_from(length(value)?).ok()?)),
        ("%" | "&" | "(" | "*" | "/" | "=" | "@" | "." | ":" | ";" | "'", _) | ("+", Kind::Int(1)) => return None,
        ("!" | "+" | "," | "?" | "~", _) => Task::Repr(value),
        _ => Task::Str(value),
    })
}

/// An argument by its number, or an attribute by its name; without a name, all of them.
fn argument<'a>(name: &str, args: Items<'a>, state: Value<'a>) -> Option<Value<'a>> {
    match digits::parse::<usize>(name) {
        Some(index) => match state.kind() {
            Kind::Tuple(mut state) if args.len() < 2 => state.nth(index),
            _ => args.clone().nth(index),
        },
        None if name.is_empty() => Some(state),
        // Python 2's configparser hides it behind a property.
        None if name == "message" => attribute(state, name).or_else(|| attribute(state, "_Error__message")),
        None => attribute(state, name),
    }
}

/// The name of the level of a handler, or of a logger: that of the next above it that has one.
fn level(mut state: Value<'_>) -> Option<&'static str> {
    for _ in 0..MAX_ATTRIBUTES {
        match (attribute(state, "level")?.as_i64()?, attribute(state, "parent").map(Value::kind)) {
            (0, Some(Kind::Object(parent))) => state = parent.state(),
            (level, _) => {
                let place = usize::try_from(level / 10).ok().filter(|_| level % 10 == 0)?;
                return "NOTSET DEBUG INFO WARNING ERROR CRITICAL".split(' ').nth(place);
            }
        }
    }
    None
}

fn items(items: Items<'_>) -> Task<'_> {
    Task::Items { items, names: None, is_rest: false }
}

/// False for what a template leaves out together with what stands around it.
fn is_something(task: &Task<'_>) -> bool {
    match task {
        Task::Entries { entries, .. } => !entries.is_empty(),
        Task::Items { items, .. } => !items.is_empty(),
        Task::Str(value) if value.as_text().is_some_and(|text| text.as_bytes().is_empty()) => false,
        Task::Repr(value) | Task::Str(value) => !value.is_none() && value.as_i64() != Some(-1),
        _ => true,
    }
}

fn length(value: Value<'_>) -> Option<usize> {
    match value.kind() {
        Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Some(bytes.len()),
        Kind::List(items) | Kind::Tuple(items) => Some(items.len()),
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

/// So many texts are composed within one another.
const MAX_ASIDE: u8 = 4;

/// What makes a part of a mail address one in quotes.
const SPECIALS: &[u8] = b"()<>@,:;\"[]\\";

/// More bytes are no number.
const MAX_HEX_BYTES: usize = 64;

/// What it costs to plan a template, in units of a meter, and how many bytes of a text are counted in the time of one.
const UNITS_A_TEMPLATE: usize = 20;
const COUNTED_BYTES_A_UNIT: usize = 8;
