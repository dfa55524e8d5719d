//! Text that is composed of arguments and attributes: by the templates of `templates.txt`, and of named tuples.
//!
//! In: a template such as `HTTP Error {code}: {msg}`, and an object's arguments and state. Out: tasks of the printer. Refused, before
//! anything is printed: a template of which the pickle does not have all. Then what follows `{}` is taken, as long as something does.
//!
//! A module prints as another: `= yaml.constructor`. Else a line has a letter, a class (`*` for the others of its module) and its template:
//! `s` and `r` of `str()` and `repr()`, `S` and `R` those of an exception, `M` of the message that is an exception's only argument; or
//! after `a`, what its arguments are called, `stdout=output` by which path. In braces stands a path and maybe a conversion ([`converted`]):
//! `{0}` is the first argument (or item of the state), `{msg}` an attribute or an entry, `{msg/0}` that or this, `{0.Code}` what is within,
//! `{a\b}` an `a` where `b` is false, `{*}` all arguments, `{**}` all attributes as `a=1`, `{!r}` the state, `{@}` the class, `{!code}` and
//! `{!phrase}` its status of HTTP, `{s}` its template of that letter, `{0#no,yes}` the word of that number. `{~}` ends a line, `{-}` is one
//! across, `{<}` and `{>}` braces. `{: |a|;|none}` is `: `, `a` and `;` (a new line for `~:`), or `none` if `a` is None, empty, -1 or missing.

use super::catalogue;
use super::classes::{Class, classify, pairs_of};
use super::datetime::{Timedelta, isoformat};
use super::entries::Entries;
use super::enums::{UNITS_OF_MEMBERS, http_status};
use super::made::{MAX_ATTRIBUTES, Made, at_path, attribute};
use super::names;
use crate::base::text::Text;
use crate::decode::{Items, Kind, Pairs, Value};
use crate::python::repr::{EntryStyle, Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a template, or what follows it after `{}` if something that it shows is not there; `None`, and nothing, if nothing is left.
    pub(super) fn template(&mut self, template: &'static str, made: &Made<'a>) -> Option<()> {
        let mut tasks = Vec::new();
        self.add_template(template, made, &mut tasks)?;
        self.plan_all(&tasks);
        Some(())
    }

    fn add_template(&mut self, template: &'static str, made: &Made<'a>, tasks: &mut Vec<Task<'a>>) -> Option<()> {
        let before = tasks.len();
        let (mut rest, mut shown) = (template, Some(()));
        self.out.writer.charge(UNITS_A_TEMPLATE);
        while let Some((literal, from_field)) = rest.split_once('{') {
            let (field, after) = from_field.split_once('}')?;
            rest = after;
            add_text(tasks, literal);
            if field.is_empty() {
                if shown.is_some() {
                    return shown;
                }
                self.out.writer.charge(UNITS_A_TEMPLATE);
                tasks.truncate(before);
                shown = Some(());
            } else if shown.is_some() {
                shown = self.add_field(field, made, tasks);
            }
        }
        add_text(tasks, rest);
        shown
    }

    /// Adds what stands for what is in braces.
    fn add_field(&mut self, field: &'static str, made: &Made<'a>, tasks: &mut Vec<Task<'a>>) -> Option<()> {
        let literal = ["~\n", "<{", ">}", DASHES].iter().find_map(|literal| literal.strip_prefix(field));
        match (field.as_bytes(), literal, field.split_once('|')) {
            ([_], Some(literal), _) => add_text(tasks, literal),
            (_, _, Some((before, field))) => add_if_something(before, field, made, tasks),
            _ if !HAS_TABLE => add(tasks, part(field, made))?,
            ([letter], ..) if letter.is_ascii_alphabetic() => {
                self.add_template(catalogue::template(made.class, &[*letter])?, made, tasks)?;
            }
            (b"@", ..) => add(tasks, Some(Task::Str(Value::text(names::last_part(made.class.name)))))?,
            (b"!parameters", ..) => parameters(made, tasks)?,
            _ => add(tasks, part(field, made))?,
        }
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

    /// What is printed aside, unless too many stand within one another.
    pub(in crate::python) fn aside(
        &mut self,
        plan: &dyn Fn(&mut Printer<'a, '_, '_>) -> Option<()>,
    ) -> Option<Vec<u8>> {
        let depth = self.depth.checked_add(1).filter(|depth| *depth < MAX_ASIDE)?;
        let mut printed = None;
        let text = self.out.writer.aside(&mut |out| {
            let mut printer = Printer::new(out, false);
            printer.depth = depth;
            printed = plan(&mut printer);
            printer.run();
        });
        printed.map(|()| text)
    }

    pub(in crate::python) fn iso_format(&mut self, datetime: Value<'a>) {
        let text = self.out.writer.aside(&mut |out| isoformat(datetime, out));
        self.out.push(Text::known_valid(&text));
    }

    pub(in crate::python) fn short(&mut self, value: Value<'a>) {
        let plan = |printer: &mut Printer<'a, '_, '_>| {
            printer.plan([Task::Repr(value)]);
            Some(())
        };
        let shown = self.aside(&plan).unwrap_or_default();
        let (length, shown) = (shown.len(), Text::known_valid(&shown));
        if length <= MAX_SHORT_BYTES {
            return self.out.push(shown);
        }
        let half = MAX_SHORT_BYTES / 2;
        self.out.push(shown.within(half));
        self.out.push_str("...");
        let end = shown.as_bytes().get(length.saturating_sub(half.saturating_sub(1))..).unwrap_or_default();
        let first = end.iter().position(|byte| byte & 0xc0 != 0x80).unwrap_or_default();
        // Cut before a code point, so still well formed.
        self.out.push(Text::known_valid(end.get(first..).unwrap_or_default()));
    }

    /// A text in words, as the name of a class has them: `NotFound` is `Not Found`, and the constant `NOT_FOUND`.
    pub(in crate::python) fn words(&mut self, text: Text<'_>, is_constant: bool) {
        self.out.writer.charge(text.as_bytes().len());
        let mut is_small = false;
        for code_point in text.code_points() {
            if self.out.writer.is_cut() {
                return;
            }
            let letter = u8::try_from(code_point).unwrap_or_default();
            if is_small && letter.is_ascii_uppercase() {
                self.out.push_str(if is_constant { "_" } else { " " });
            }
            is_small = letter.is_ascii_lowercase();
            self.out.writer.push_code_point(match letter {
                b' ' if is_constant => b'_'.into(),
                b'a'..=b'z' if is_constant => letter.to_ascii_uppercase().into(),
                _ => code_point,
            });
        }
    }

    /// `Match(a=1, b=2, size=3)`, `os.terminal_size(columns=80, lines=24)`
    pub(super) fn fields(&mut self, names: &'static str, items: Items<'a>) {
        self.out.push_str("(");
        self.plan([Task::Items { items, names: Some(names), is_rest: false }, Task::Literal(")")]);
    }
}

/// Adds text to what is to be planned.
#[inline(never)]
fn add_text<'a>(tasks: &mut Vec<Task<'a>>, text: &'static str) {
    tasks.push(Task::Literal(text));
}

/// Adds one more, if there is one.
#[inline(never)]
fn add<'a>(tasks: &mut Vec<Task<'a>>, task: Option<Task<'a>>) -> Option<()> {
    tasks.push(task?);
    Some(())
}

/// Adds `before|field|after|instead`: the last of them if the field is nothing.
fn add_if_something<'a>(before: &'static str, field: &'static str, made: &Made<'a>, tasks: &mut Vec<Task<'a>>) {
    let (field, after) = field.split_once('|').unwrap_or((field, ""));
    let (after, instead) = after.split_once('|').unwrap_or((after, ""));
    let part = part(field, made).filter(is_something);
    if part.is_none() {
        return add_text(tasks, instead);
    }
    let after_line_end = before.strip_prefix('~');
    add_text(tasks, if after_line_end.is_some() { "\n" } else { "" });
    add_text(tasks, after_line_end.unwrap_or(before));
    add(tasks, part);
    add_text(tasks, after);
}

/// Adds the parameters of an `inspect.Signature`: those before `/` have no names to call them by, those after `*` need theirs.
fn parameters<'a>(made: &Made<'a>, tasks: &mut Vec<Task<'a>>) -> Option<()> {
    let Kind::Tuple(parameters) = made.first()?.kind() else { return None };
    let mut before = None;
    for parameter in parameters.take(MAX_SHOWN) {
        let Kind::Object(object) = parameter.kind() else { return None };
        let kind = at_path("1.0", &Made::of(&object)?)?.as_i64();
        let separator = match before {
            None => "",
            Some(POSITIONAL_ONLY) if kind != before => ", /, ",
            Some(_) => ", ",
        };
        add_text(tasks, separator);
        add_text(tasks, if kind == Some(KEYWORD_ONLY) && before < Some(VAR_POSITIONAL) { "*, " } else { "" });
        add(tasks, Some(Task::Str(parameter)));
        before = kind;
    }
    add_text(tasks, if before == Some(POSITIONAL_ONLY) { ", /" } else { "" });
    Some(())
}

/// The first of several paths at which something is.
fn found<'a>(paths: &str, made: &Made<'a>) -> Option<Value<'a>> {
    paths.split('/').find_map(|path| at_path(path, made))
}

/// What a field shows; `None` if it is missing, or of another type.
fn part<'a>(field: &'static str, made: &Made<'a>) -> Option<Task<'a>> {
    if let Some((path, words)) = field.split_once('#').filter(|_| HAS_TABLE) {
        let number = found(path, made)?.as_i64()?.try_into().ok()?;
        return words.split(',').nth(number).map(Task::Literal);
    }
    let (path, conversion) = field.split_once('!').unwrap_or((field, ""));
    match (path, conversion) {
        ("", "r") if made.state.is_none() => return Some(Task::Literal("{}")),
        _ if !HAS_TABLE => {}
        ("*", _) => return Some(items(made.shown_args())),
        ("**", _) if made.state.is_none() => return Some(Task::Literal("")),
        ("**", _) => return keywords(made.state),
        ("", "cookies") => return Some(cookies(made, EntryStyle::Word, "value")),
        ("", "headers") => return Some(cookies(made, EntryStyle::Header, "")),
        ("", "code") => {
            made.object.meter().charge(UNITS_OF_MEMBERS).then_some(())?;
            return http_status(made.class.name).map(|code| Task::Repr(Value::int(code)));
        }
        ("", "phrase") => return Some(Task::Phrase(made.class.name)),
        ("", "level") => return level(made.state).map(Task::Literal),
        _ => {}
    }
    let (path, unless) = path.split_once('\\').unwrap_or((path, ""));
    if !unless.is_empty() && at_path(unless, made)?.is_truthy() {
        return None;
    }
    converted(found(path, made)?, conversion)
}

/// A value as a field shows it that has this conversion.
fn converted<'a>(value: Value<'a>, conversion: &'static str) -> Option<Task<'a>> {
    Some(match (conversion, value.kind()) {
        // `{0}`
        ("", _) => Task::Str(value),
        // `{_annotation!annotation} = {_default!given}`: unless it is `inspect._empty`.
        ("annotation" | "given", Kind::Global(class)) if class.name == *"_empty" => return None,
        // `{0!r}`
        ("r" | "given", _) => Task::Repr(value),
        // `{1!text}`, `[{0!quoted}]`, `line {1.1!int}`: what is of that type.
        ("text", Kind::Str(_)) => Task::Str(value),
        ("quoted", Kind::Str(_)) | ("int", Kind::Int(_)) => Task::Repr(value),
        // `{0!len} bytes`
        ("len", _) => Task::Repr(Value::int(i64::try_from(length(value)?).ok()?)),
        // `({1!file}, line 1)`: what follows the last slash.
        ("file", Kind::Str(path)) => Task::Str(Value::text(names::after_last(b'/', path))),
        ("class", Kind::Object(object)) => Task::Str(Value::text(names::last_part(Made::of(&object)?.class.name))),
        ("class", kind) => Task::Str(Value::text(Text::from(kind.type_name()))),
        // `input_value={input!short}`, as pydantic has it: `'aaa...aaa'`
        ("short", _) => Task::Short(value),
        // `{loc!.}`, `{_short_opts!/}`, `{_addresses!,}`: `a.0.b`, `-a/-b`, `a@b, c@d`
        ("." | "/" | ",", Kind::List(items) | Kind::Tuple(items)) => {
            Task::Types { items, separator: conversion, is_rest: false }
        }
        // The others are of the table.
        _ if !HAS_TABLE => return None,
        // `{|_locked!?|locked|unlocked}`: nothing itself, but what stands around it, if it is true.
        ("?", _) if value.is_truthy() => Task::Literal(""),
        ("?", _) => return None,
        // `{, |microsecond!r?|}`: as `repr()`, if it is true.
        ("r?", _) => value.is_truthy().then_some(Task::Repr(value))?,
        // `count({0!r}{, |1!step})`: as `repr()`, unless it is 1.
        ("step", Kind::Int(1)) => return None,
        ("step", _) => Task::Repr(value),
        // `{_display_name!phrase} <{_username!local}@{_domain}>`: what needs no quotes in an address of mail; `{data!ascii}`
        ("phrase", Kind::None) => Task::Str(value),
        ("phrase", Kind::Str(text)) if is_without(value, text, r#"()<>@,:;.\"[]"#) => Task::Str(value),
        ("local", Kind::Str(text)) if is_without(value, text, "()<>@,:;\"[]\\ \t") => Task::Str(value),
        ("ascii", Kind::Bytes(bytes)) if is_paid_for(value, bytes) && bytes.is_ascii() => {
            Task::Str(Value::text(Text::known_valid(bytes)))
        }
        // `{0!before}{1}`: of `Unknown string format: %s`, what precedes `%s`.
        ("before", Kind::Str(text)) => Task::Str(Value::text(Text::new(text.as_bytes().strip_suffix(b"%s")?)?)),
        // `{line!next}`: counted from one instead of from zero.
        ("next", Kind::Int(number)) => Task::Repr(Value::int(number.saturating_add(1))),
        // `tzoffset({_offset!seconds})`: a timedelta.
        ("seconds", _) => {
            let delta = Timedelta::of(value)?;
            Task::Repr(Value::int(delta.days.checked_mul(86_400)?.checked_add(delta.clock.seconds())?))
        }
        // `{_datetime!iso}`: `2024-07-01T12:00:00+00:00`
        ("iso", Kind::Object(object)) if matches!(classify(&object), Class::Datetime(..)) => Task::IsoFormat(value),
        // `ObjectId('{!hex}')`: `ObjectId('64f0c0ffee')`
        ("hex", Kind::Bytes(bytes)) if bytes.len() <= MAX_HEX_BYTES => Task::Hex(bytes),
        // `StatusCode.{1!constant}`: of `not found`, `StatusCode.NOT_FOUND`
        ("constant", Kind::Str(text)) => Task::Constant(text),
        // `{2!module}.{2!class}`
        ("module", Kind::Object(object)) => Task::Str(Value::text(Made::of(&object)?.class.module)),
        // `flags=[{6!classes}]`: their names.
        ("classes", Kind::List(items)) => Task::Types { items, separator: "", is_rest: false },
        // `{, |1!items}`: `, 1, 'a'`
        ("items", Kind::List(list) | Kind::Tuple(list)) => items(list),
        // `{, |2!keywords}`: `, a=1, b='c'`
        ("keywords", _) => keywords(value)?,
        // `{|_headers!lines|}`: of pairs, `Subject: a`, `To: b`, each on a line.
        ("lines", Kind::List(made_of)) => {
            let entries = Entries::Lists { made_of, set: Pairs::none() };
            Task::Entries { entries, style: EntryStyle::Line, is_rest: false }
        }
        // `{<}{_store!values}{>}`: of a dict whose values are pairs of a key and a value, those.
        ("values", _) => {
            let entries = Entries::Values(pairs_of(value)?.pairs()?);
            Task::Entries { entries, style: EntryStyle::Dict, is_rest: false }
        }
        // `{_chunks!only}`: the text of one tuple in a list, or nothing of an empty one, or of None.
        ("only", Kind::None) => Task::Literal(""),
        ("only", Kind::List(list) | Kind::Tuple(list)) if list.is_empty() => Task::Literal(""),
        ("only", Kind::List(mut list)) if list.len() == 1 => match list.next()?.kind() {
            Kind::Tuple(mut pair) => Task::Str(pair.next().filter(|text| text.as_text().is_some())?),
            _ => return None,
        },
        // `{_addresses!lone}`: the only one.
        ("lone", Kind::Tuple(mut items)) if items.len() == 1 => Task::Str(items.next()?),
        ("annotation", _) => Task::Type(value),
        _ => return None,
    })
}

/// Whether a value's text has none of these bytes; false where the record may cost no more.
#[inline(never)]
fn is_without(value: Value<'_>, text: Text<'_>, bytes: &str) -> bool {
    value.meter().charge(text.as_bytes().len()) && !text.as_bytes().iter().any(|byte| bytes.as_bytes().contains(byte))
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

fn cookies<'a>(made: &Made<'a>, style: EntryStyle, attribute: &'static str) -> Task<'a> {
    Task::Entries { entries: Entries::Sorted { all: made.pairs(), last: None, attribute }, style, is_rest: false }
}

fn items(items: Items<'_>) -> Task<'_> {
    Task::Items { items, names: None, is_rest: false }
}

fn keywords(value: Value<'_>) -> Option<Task<'_>> {
    Some(Task::Entries { entries: pairs_of(value)?, style: EntryStyle::Keyword, is_rest: false })
}

/// False for what a template leaves out together with what stands around it.
fn is_something(task: &Task<'_>) -> bool {
    match task {
        Task::Entries { entries, .. } => !entries.is_empty(),
        Task::Items { items, .. } | Task::Types { items, .. } => !items.is_empty(),
        Task::Str(value) if value.as_text().is_some_and(|text| text.as_bytes().is_empty()) => false,
        Task::Repr(value) | Task::Str(value) => !value.is_none() && value.as_i64() != Some(-1),
        _ => true,
    }
}

fn length(value: Value<'_>) -> Option<usize> {
    match value.kind() {
        Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Some(bytes.len()),
        Kind::List(items) | Kind::Tuple(items) => Some(items.len()),
        Kind::Str(text) => is_paid_for(value, text.as_bytes()).then(|| text.code_point_count()),
        _ => None,
    }
}

/// Charges for bytes that are counted, or looked at once; false where the record may cost no more.
fn is_paid_for(value: Value<'_>, bytes: &[u8]) -> bool {
    value.meter().charge(bytes.len() / COUNTED_BYTES_A_UNIT)
}

/// Whether there are templates beside those of this program's own text, which take only a few of the conversions.
const HAS_TABLE: bool = cfg!(feature = "stdlib");

/// Numbers of `inspect._ParameterKind`.
const POSITIONAL_ONLY: i64 = 0;
const VAR_POSITIONAL: i64 = 2;
const KEYWORD_ONLY: i64 = 3;

/// So many attributes of an object, or parameters of a signature, are shown, …
pub(in crate::python) const MAX_SHOWN: usize = 32;
/// … unless they take more than so many bytes before that.
pub(in crate::python) const MAX_SHOWN_BYTES: usize = 2000;

/// A value that is in pydantic's errors is cut to so many bytes.
const MAX_SHORT_BYTES: usize = 50;

/// `{-}` is a line of these.
const DASHES: &str = "----------------------------------------------------------------------------";

/// So many texts are composed within one another.
const MAX_ASIDE: u8 = 4;

/// More bytes are no number.
const MAX_HEX_BYTES: usize = 64;

/// What it costs to plan a template, in units of a meter, and how many bytes of a text are counted in the time of one.
const UNITS_A_TEMPLATE: usize = 20;
const COUNTED_BYTES_A_UNIT: usize = 8;
