//! The printer: an explicit stack of what is still to be printed, so that no peer can make it recurse.
//!
//! In: a value. Out: its `str()` or `repr()`. Builtins print here, objects in [`crate::python::stdlib::objects`]. Containers that are
//! being printed are remembered by identity, as CPython's `Py_ReprEnter` does, so that a cycle prints as `[...]`. Each step
//! prints something or is charged to the writer, and the writer stops the work at its limit.

use crate::python::float;
use crate::python::integer;
use crate::python::open_containers::OpenContainers;
use crate::python::sets;
use crate::python::stdlib::classes::{Class, classify};
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::names;
use crate::python::string::{self, Sink};

use crate::base::limits::MAX_PRINTED_DEPTH;
use crate::base::memory::has_memory_for;
use crate::base::text::{Text, TextWriter};
use crate::decode::{Identity, Items, Kind, Object, Value};
use std::fmt::Write;

/// Prints one value.
#[derive(Debug)]
pub(super) struct Printer<'a, 'o, 'b> {
    pub out: Sink<'o, 'b>,
    /// What is still to be printed, the next one last.
    tasks: Vec<Task<'a>>,
    /// The containers that are being printed.
    open: OpenContainers,
    /// Elements in an order of our own, of those containers that have one; of a set each is a key.
    ordered: Vec<(Value<'a>, Value<'a>)>,
    /// How many printers this one is within.
    pub depth: u8,
}

/// Something that is still to be printed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task<'a> {
    /// Keys and values, after a comma if they are `rest`.
    Entries { entries: Entries<'a>, style: EntryStyle, is_rest: bool },
    /// The attributes of an object, after a comma if they are `rest`: so many at most, and none once the text is so long.
    Attributes { entries: Entries<'a>, style: EntryStyle, left: usize, end: usize, is_rest: bool },
    /// A text, as an enum's member is called after it: `not found` is `NOT_FOUND`, and `clientAuth` is `CLIENT_AUTH`.
    Constant(Text<'a>),
    /// Bytes, as hexadecimal digits.
    Hex(&'a [u8]),
    /// A datetime's `isoformat()`.
    IsoFormat(Value<'a>),
    /// Elements, after a comma if they are `rest`; each after its name, and as many as there are names, if they have some. Spaces
    /// separate names.
    Items { items: Items<'a>, names: Option<&'static str>, is_rest: bool },
    /// The end of a container.
    Leave(Identity),
    /// Text of our own.
    Literal(&'static str),
    /// The ordered elements from `first` on, of which the one at `next` comes first.
    Ordered { first: usize, next: usize, is_set: bool },
    /// The name of a class in words: `NotFound` is `Not Found`.
    Phrase(Text<'a>),
    /// `repr(value)`
    Repr(Value<'a>),
    /// `str(value)`
    Str(Value<'a>),
    /// `repr(value)`, without the middle of a long one, as pydantic has it.
    Short(Value<'a>),
    /// A class as `typing` shows it.
    Type(Value<'a>),
    /// Classes as `typing` shows them; without a separator, their names; with a dot, a slash or a comma, `str()` of each.
    Types { items: Items<'a>, separator: &'static str, is_rest: bool },
}

/// What is printed of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Ascii,
    Repr,
    Str,
    StrOfException,
}

/// How a key and its value print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryStyle {
    /// `'a': 1`
    Dict,
    /// `Set-Cookie: a=1`, each on a line, as what is sent by HTTP.
    Header,
    /// `a=1`
    Keyword,
    /// `a: 1`, each on a line of its own
    Line,
    /// `a=1`, without commas
    Word,
}

impl<'a, 'o, 'b> Printer<'a, 'o, 'b> {
    pub fn new(writer: &'o mut TextWriter<'b>, ascii: bool) -> Printer<'a, 'o, 'b> {
        let (tasks, open, ordered) = (Vec::new(), OpenContainers::default(), Vec::new());
        Printer { out: Sink { writer, ascii }, tasks, open, ordered, depth: 0 }
    }

    pub fn print(mut self, value: Value<'a>, function: Function) {
        match function {
            Function::Ascii | Function::Repr => self.repr(value),
            Function::Str => self.str(value),
            Function::StrOfException => self.str_of_exception(value),
        }
        self.run();
    }

    pub fn print_tuple(mut self, items: Items<'a>) {
        self.sequence("(", items, end_of_tuple(items));
        self.run();
    }

    pub fn run(&mut self) {
        while let Some(task) = self.tasks.pop() {
            self.out.writer.charge(UNITS_A_TASK);
            if self.out.writer.is_cut() {
                break;
            }
            self.step(task);
        }
    }

    fn step(&mut self, task: Task<'a>) {
        match task {
            Task::Attributes { entries, style, left, end, is_rest } => {
                self.next_attribute(entries, style, left, end, is_rest);
            }
            Task::Entries { entries, style, is_rest } => self.next_entry(entries, style, is_rest),
            Task::Items { items, names, is_rest } => self.next_item(items, names, is_rest),
            Task::Leave(identity) => self.open.leave(identity),
            Task::Constant(text) => self.words(text, true),
            Task::Phrase(text) => self.words(text, false),
            Task::IsoFormat(value) => self.iso_format(value),
            Task::Hex(bytes) => bytes.iter().for_each(|byte| _ = write!(self.out, "{byte:02x}")),
            Task::Literal(text) => self.out.push_str(text),
            Task::Ordered { first, next, is_set } => self.next_ordered(first, next, is_set),
            Task::Repr(value) => self.repr(value),
            Task::Short(value) => self.short(value),
            Task::Str(value) => self.str(value),
            Task::Type(value) => self.push_type(value),
            Task::Types { items, separator, is_rest } => self.next_type(items, separator, is_rest),
        }
    }

    /// Prints these, in this order, before everything else that is still to be printed.
    pub fn plan<const N: usize>(&mut self, tasks: [Task<'a>; N]) {
        self.plan_all(&tasks);
    }

    /// The same of as many as there are.
    #[inline(never)]
    pub fn plan_all(&mut self, tasks: &[Task<'a>]) {
        let before = self.tasks.capacity().max(FEW_PLACES);
        match has_memory_for(&mut self.tasks, tasks.len()) {
            true => self.tasks.extend(tasks.iter().rev()),
            false => self.out.writer.starve(),
        }
        self.out.writer.charge(self.tasks.capacity().saturating_sub(before).saturating_mul(UNITS_A_NEW_PLACE));
    }

    pub(super) fn str(&mut self, value: Value<'a>) {
        match value.kind() {
            Kind::Str(text) => self.out.push(text),
            Kind::Object(object) => self.enter_object(value, &object, true),
            Kind::Global(global) => self.global(names::canonical(global), true),
            _ => self.repr(value),
        }
    }

    fn repr(&mut self, value: Value<'a>) {
        match value.kind() {
            Kind::None => self.out.push_str("None"),
            Kind::Bool(value) => self.out.push_str(if value { "True" } else { "False" }),
            Kind::Int(value) => _ = write!(self.out, "{value}"),
            Kind::BigInt(_) => {
                if let Some(integer) = integer::of(value) {
                    integer::write(&integer, self.out.writer);
                }
            }
            Kind::Float(value) => float::repr(value, self.out.writer),
            Kind::Str(text) => string::repr(text, &mut self.out),
            Kind::Bytes(bytes) => string::repr_bytes(bytes, self.out.writer),
            Kind::ByteArray(bytes) => string::repr_byte_array(bytes, self.out.writer),
            Kind::Tuple(items) => self.tuple(value, items),
            Kind::List(items) => self.enter_sequence(value, "[...]", "[", items, "]"),
            Kind::Dict(pairs) => {
                if self.enter(value, "{...}") {
                    self.dict(Entries::of_dict(pairs), "}");
                }
            }
            Kind::Set(items) if items.is_empty() => self.out.push_str("set()"),
            Kind::Set(items) => self.set(value, "set(...)", "{", items, "}"),
            Kind::FrozenSet(items) if items.is_empty() => self.out.push_str("frozenset()"),
            Kind::FrozenSet(items) => self.set(value, "frozenset(...)", "frozenset({", items, "})"),
            Kind::Global(global) => self.global(names::canonical(global), false),
            Kind::Object(object) => self.enter_object(value, &object, false),
        }
    }

    fn tuple(&mut self, value: Value<'a>, items: Items<'a>) {
        self.enter_sequence(value, "(...)", "(", items, end_of_tuple(items));
    }

    fn enter_sequence(&mut self, value: Value<'a>, when_open: &str, open: &str, items: Items<'a>, close: &'static str) {
        if self.enter(value, when_open) {
            self.sequence(open, items, close);
        }
    }

    fn set(&mut self, value: Value<'a>, when_open: &str, open: &str, items: Items<'a>, close: &'static str) {
        let ordered = if items.clone().nth(1).is_some() { sets::in_order_of_cpython(items) } else { None };
        let Some(ordered) = ordered else { return self.enter_sequence(value, when_open, open, items, close) };
        self.out.push_str(open);
        self.plan_ordered(ordered, true, close);
    }

    /// Plans entries in the order of these, of a set their keys alone; then `close`.
    pub fn plan_ordered(&mut self, mut ordered: Vec<(Value<'a>, Value<'a>)>, is_set: bool, close: &'static str) {
        let first = self.ordered.len();
        if !has_memory_for(&mut self.ordered, ordered.len()) {
            return self.out.writer.starve();
        }
        self.ordered.append(&mut ordered);
        self.plan([Task::Ordered { first, next: first, is_set }, Task::Literal(close)]);
    }

    /// Prints `open`, the elements, `close`. Too many classes print so for each to have a copy.
    #[inline(never)]
    pub fn sequence(&mut self, open: &str, items: Items<'a>, close: &'static str) {
        self.out.push_str(open);
        self.plan([Task::Items { items, names: None, is_rest: false }, Task::Literal(close)]);
    }

    /// Prints `{`, the entries, `close`.
    pub fn dict(&mut self, entries: Entries<'a>, close: &'static str) {
        self.out.push_str("{");
        self.plan([Task::Entries { entries, style: EntryStyle::Dict, is_rest: false }, Task::Literal(close)]);
    }

    fn enter_object(&mut self, value: Value<'a>, object: &Object<'a>, is_str: bool) {
        let class = classify(object);
        if self.enter(value, class.repr_when_open()) {
            return self.object(class, is_str);
        }
        match class {
            // Its own cycle is found by the dict that it is.
            Class::DefaultDict { class, factory, .. } if self.open.len() < MAX_PRINTED_DEPTH => {
                self.plan_format("%S(%R, {...})", &[Value::text(names::last_part(class.name)), factory]);
            }
            _ => {}
        }
    }

    /// Begins a container, unless it is being printed already, or too deep; then it prints what stands for it.
    fn enter(&mut self, value: Value<'a>, when_open: &str) -> bool {
        let Some(identity) = value.identity() else { return true };
        if self.open.len() >= MAX_PRINTED_DEPTH {
            self.out.push_str("...");
            return false;
        }
        let Some(cleared) = self.open.enter(identity) else {
            self.out.push_str(when_open);
            return false;
        };
        self.out.writer.charge((cleared / CLEARED_BYTES_A_UNIT).saturating_add(UNITS_A_CONTAINER));
        self.plan([Task::Leave(identity)]);
        true
    }

    fn next_item(&mut self, mut items: Items<'a>, mut names: Option<&'static str>, mut is_rest: bool) {
        while let Some(item) = items.next().filter(|_| names != Some("") && !self.out.writer.is_cut()) {
            if is_rest {
                self.out.push_str(", ");
            }
            is_rest = true;
            names = names.map(|names| {
                let (name, names) = names.split_once(' ').unwrap_or((names, ""));
                let _ = write!(self.out, "{name}=");
                names
            });
            if !item.node().is_scalar() {
                return self.plan([Task::Repr(item), Task::Items { items, names, is_rest }]);
            }
            // At once: most are scalars.
            self.out.writer.charge(UNITS_A_TASK);
            self.repr(item);
        }
    }

    fn next_ordered(&mut self, first: usize, next: usize, is_set: bool) {
        // Those of containers within this one are gone when the next one's turn comes.
        let Some(&(key, value)) = self.ordered.get(next) else { return self.ordered.truncate(first) };
        self.out.push_str(if next > first { ", " } else { "" });
        self.plan([Task::Ordered { first, next: next.saturating_add(1), is_set }]);
        if !is_set {
            self.plan([Task::Literal(": "), Task::Repr(value)]);
        }
        self.plan([Task::Repr(key)]);
    }

    fn next_entry(&mut self, mut entries: Entries<'a>, style: EntryStyle, is_rest: bool) {
        let Some((key, value)) = entries.next() else { return };
        self.plan_entry(key, value, style, is_rest, Task::Entries { entries, style, is_rest: true });
    }

    fn next_attribute(&mut self, mut entries: Entries<'a>, style: EntryStyle, left: usize, end: usize, is_rest: bool) {
        let Some((key, value)) = entries.next() else { return };
        if left == 0 || is_rest && self.out.writer.position() > end {
            return self.out.push_str(if style == EntryStyle::Word { " ..." } else { ", ..." });
        }
        let rest = Task::Attributes { entries, style, left: left.saturating_sub(1), end, is_rest: true };
        self.plan_entry(key, value, style, is_rest, rest);
    }

    fn plan_entry(&mut self, key: Value<'a>, value: Value<'a>, style: EntryStyle, is_rest: bool, rest: Task<'a>) {
        let (separator, key, between, value) = match style {
            EntryStyle::Dict => (", ", Task::Repr(key), ": ", Task::Repr(value)),
            EntryStyle::Header => ("\r\n", Task::Str(value), "", Task::Literal("")),
            EntryStyle::Keyword => (", ", Task::Str(key), "=", Task::Repr(value)),
            EntryStyle::Line => ("\n", Task::Str(key), ": ", Task::Str(value)),
            EntryStyle::Word => (" ", Task::Str(key), "=", Task::Repr(value)),
        };
        self.out.push_str(if is_rest { separator } else { "" });
        self.plan([key, Task::Literal(between), value, rest]);
    }
}

/// What closes a tuple of these.
fn end_of_tuple(items: Items<'_>) -> &'static str {
    if { items }.nth(1).is_none() && !items.is_empty() { ",)" } else { ")" }
}

/// What it costs to print a value, beyond what is in it, and to enter a container.
const UNITS_A_TASK: usize = 3;
const UNITS_A_CONTAINER: usize = 4;

/// What it costs to have room for one more task than these: memory that is new to the process.
const FEW_PLACES: usize = 1024;
const UNITS_A_NEW_PLACE: usize = 4;

/// So many bytes are cleared in the time of a unit.
const CLEARED_BYTES_A_UNIT: usize = 512;
