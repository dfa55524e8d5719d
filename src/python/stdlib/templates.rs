//! Text that is composed of arguments and attributes: by the templates of `templates.txt`, and of named tuples.
//!
//! In: a template such as `HTTP Error {code}: {msg}`, and an object's arguments and state. Out: tasks of the printer. Refused, before
//! anything is printed: a template of which the pickle does not have all. Then what follows `{}` is taken, as long as something does.
//!
//! A module prints as another: `= yaml.constructor`. Else a line has a letter, a class (`*` for the others of its module) and its template:
//! `s` and `r` of `str()` and `repr()`, `S` and `R` those of an exception, `M` of the message that is an exception's only argument; or
//! after `a`, what its arguments are called, `stdout=output` by which path. In braces stands a path and maybe a conversion ([`converted`]):
//! `{0}` is the first argument (or item of the state), `{msg}` an attribute or an entry, `{msg/0}` that or else this, `{0.Code}` what is
//! within, `{a\b}` an `a` where `b` is false, `{*}` all arguments, `{**}` all attributes as `a=1`, `{!r}` the state itself, `{!class}` the
//! class, `{!code}` and `{!phrase}` its status of HTTP. `{~}` ends a line, `{-}` is one across, `{<}` and `{>}` are braces.
//! `{: |msg|;|none}` is `: `, `msg` and `;`, of which a `~` in front is a new line, or `none` if `msg` is missing, None, empty or -1.

use super::classes::{Class, classify, pairs_of};
use super::datetime::{Timedelta, isoformat};
use super::entries::Entries;
use super::enums::{UNITS_OF_MEMBERS, http_status};
use super::made::{MAX_ATTRIBUTES, Made, attribute, nearby};
use super::names;
use crate::base::digits;
use crate::base::text::Text;
use crate::decode::{Items, Kind, Pairs, Value};
use crate::python::repr::{EntryStyle, Printer, Task};

impl<'a> Printer<'a, '_, '_> {
    /// Plans a template, or what follows it after `{}` if something that it shows is not there; `None`, and nothing, if nothing is left.
    pub(super) fn template(&mut self, template: &'static str, made: &Made<'a>) -> Option<()> {
        template.split("{}").find_map(|template| self.one_template(template, made))
    }

    fn one_template(&mut self, template: &'static str, made: &Made<'a>) -> Option<()> {
        self.out.writer.charge(UNITS_A_TEMPLATE);
        let mut tasks = Vec::new();
        let mut rest = template;
        while let Some((literal, from_field)) = rest.split_once('{') {
            let (field, after) = from_field.split_once('}')?;
            add(&mut tasks, &[Task::Literal(literal)]);
            let literal = ["~\n", "<{", ">}", DASHES].iter().find_map(|literal| literal.strip_prefix(field));
            match (literal.filter(|_| field.len() == 1), field.split_once('|')) {
                (Some(literal), _) => add(&mut tasks, &[Task::Literal(literal)]),
                (None, None) => add(&mut tasks, &[part(field, made)?]),
                (None, Some((before, field))) => {
                    let (field, after) = field.split_once('|').unwrap_or((field, ""));
                    let (after, instead) = after.split_once('|').unwrap_or((after, ""));
                    match part(field, made).filter(is_something) {
                        Some(part) => {
                            let (line_end, before) =
                                before.strip_prefix('~').map_or(("", before), |before| ("\n", before));
                            add(&mut tasks, &[Task::Literal(line_end)]);
                            add(&mut tasks, &[Task::Literal(before), part, Task::Literal(after)]);
                        }
                        None => add(&mut tasks, &[Task::Literal(instead)]),
                    }
                }
            }
            rest = after;
        }
        add(&mut tasks, &[Task::Literal(rest)]);
        self.plan_all(&tasks);
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

/// Adds these to what is to be planned.
#[inline(never)]
fn add<'a>(tasks: &mut Vec<Task<'a>>, more: &[Task<'a>]) {
    tasks.extend(more);
}

/// What a field shows; `None` if it is missing, or of another type.
fn part<'a>(field: &'static str, made: &Made<'a>) -> Option<Task<'a>> {
    let (path, conversion) = field.split_once('!').unwrap_or((field, ""));
    match (path, conversion) {
        ("*", _) => return Some(items(made.shown_args())),
        ("**", _) if made.state.is_none() => return Some(Task::Literal("")),
        ("**", _) => return keywords(made.state),
        ("", "cookies") => return Some(cookies(made, EntryStyle::Word, "value")),
        ("", "headers") => return Some(cookies(made, EntryStyle::Header, "")),
        ("", "class") => return Some(Task::Str(Value::text(names::last_part(made.class.name)))),
        ("", "code") => {
            made.object.meter().charge(UNITS_OF_MEMBERS).then_some(())?;
            return http_status(made.class.name).map(|code| Task::Repr(Value::int(code)));
        }
        ("", "phrase") => return Some(Task::Phrase(made.class.name)),
        ("", "level") => return level(made.state).map(Task::Literal),
        ("", "r") if made.state.is_none() => return Some(Task::Literal("{}")),
        _ => {}
    }
    let (path, unless) = path.split_once('\\').unwrap_or((path, ""));
    if !unless.is_empty() && at_path(unless, made)?.is_truthy() {
        return None;
    }
    converted(path.split('/').find_map(|path| at_path(path, made))?, conversion)
}

/// A value as a field shows it that has this conversion.
fn converted<'a>(value: Value<'a>, conversion: &str) -> Option<Task<'a>> {
    Some(match (conversion, value.kind()) {
        // `{0}`
        ("", _) => Task::Str(value),
        // `{0!r}`
        ("r", _) => Task::Repr(value),
        // `{|_locked!?|locked|unlocked}`: nothing itself, but what stands around it, if it is true.
        ("?", _) if value.is_truthy() => Task::Literal(""),
        ("?", _) => return None,
        // `{, |microsecond!r?|}`: as `repr()`, if it is true.
        ("r?", _) => value.is_truthy().then_some(Task::Repr(value))?,
        // `count({0!r}{, |1!step})`: as `repr()`, unless it is 1.
        ("step", Kind::Int(1)) => return None,
        ("step", _) => Task::Repr(value),
        // `{1!text}`, `[{0!quoted}]`, `line {1.1!int}`: what is of that type.
        ("text", Kind::Str(_)) => Task::Str(value),
        ("quoted", Kind::Str(_)) | ("int", Kind::Int(_)) => Task::Repr(value),
        // `{_display_name!phrase} <{_username}@{_domain}>`: what needs no quotes in an address of mail; `{data!ascii}`
        ("phrase", Kind::Str(text)) if !text.as_bytes().iter().any(|byte| SPECIALS.contains(byte)) => Task::Str(value),
        ("ascii", Kind::Bytes(bytes)) if bytes.is_ascii() => Task::Str(Value::text(Text::known_valid(bytes))),
        // `{0!before}{1}`: of `Unknown string format: %s`, what precedes `%s`.
        ("before", Kind::Str(text)) => Task::Str(Value::text(Text::new(text.as_bytes().strip_suffix(b"%s")?)?)),
        // `{line!next}`: counted from one instead of from zero.
        ("next", Kind::Int(number)) => Task::Repr(Value::int(number.saturating_add(1))),
        // `{0!len} bytes`
        ("len", _) => Task::Repr(Value::int(i64::try_from(length(value)?).ok()?)),
        // `tzoffset({_offset!seconds})`: a timedelta.
        ("seconds", _) => {
            let delta = Timedelta::of(value)?;
            Task::Repr(Value::int(delta.days.checked_mul(86_400)?.checked_add(delta.clock.seconds())?))
        }
        // `{_datetime!iso}`: `2024-07-01T12:00:00+00:00`
        ("iso", Kind::Object(object)) if matches!(classify(&object), Class::Datetime(..)) => Task::IsoFormat(value),
        // `ObjectId('{!hex}')`: `ObjectId('64f0c0ffee')`
        ("hex", Kind::Bytes(bytes)) if bytes.len() <= MAX_HEX_BYTES => Task::Hex(bytes),
        // `({1!file}, line 1)`: what follows the last slash.
        ("file", Kind::Str(path)) => Task::Str(Value::text(names::after_last(b'/', path))),
        // `StatusCode.{1!constant}`: of `not found`, `StatusCode.NOT_FOUND`
        ("constant", Kind::Str(text)) => Task::Constant(text),
        // `{2!module}.{2!class}`
        ("module", Kind::Object(object)) => Task::Str(Value::text(Made::of(&object)?.class.module)),
        ("class", Kind::Object(object)) => Task::Str(Value::text(names::last_part(Made::of(&object)?.class.name))),
        ("class", kind) => Task::Str(Value::text(Text::from(kind.type_name()))),
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
        // `input_value={input!short}`, `{loc!path}`: as pydantic has them, `'aaa...aaa'` and `a.0.b`.
        ("short", _) => Task::Short(value),
        ("path", Kind::Tuple(items)) => Task::Types { items, separator: ".", is_rest: false },
        _ => return None,
    })
}

/// An argument or an attribute, or what is within it, after dots.
pub(super) fn at_path<'a>(path: &str, made: &Made<'a>) -> Option<Value<'a>> {
    let mut names = path.split('.');
    let first = argument(names.next()?, made);
    names.fold(first, |value, name| match value?.kind() {
        Kind::Dict(pairs) => pairs.find(name),
        Kind::Object(object) => argument(name, &Made::of(&object)?),
        Kind::Tuple(mut items) => items.nth(digits::parse(name)?),
        _ => None,
    })
}

/// An argument by its number, or an attribute by its name; without a name, all of them.
fn argument<'a>(name: &str, made: &Made<'a>) -> Option<Value<'a>> {
    match digits::parse::<usize>(name) {
        Some(index) => nth(index, made),
        None if name.is_empty() => Some(made.state),
        // Python 2's configparser hides it behind a property.
        None if name == "message" => made.attribute(name).or_else(|| made.attribute("_Error__message")),
        None => made.attribute(name).or_else(|| nearby(made.pairs(), name)),
    }
}

/// An argument, or an element of a state that is a tuple.
pub(super) fn nth<'a>(place: usize, made: &Made<'a>) -> Option<Value<'a>> {
    match made.state.kind() {
        Kind::Tuple(mut state) if made.args.len() < 2 => state.nth(place),
        _ => made.shown_args().nth(place),
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
        Kind::Str(text) => {
            let is_allowed = value.meter().charge(text.as_bytes().len() / COUNTED_BYTES_A_UNIT);
            is_allowed.then(|| text.code_point_count())
        }
        _ => None,
    }
}

/// What a name in an address of mail is quoted for.
const SPECIALS: &[u8] = b"()<>@,:;.\"[]\\";

/// So many attributes of an object are shown, …
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
