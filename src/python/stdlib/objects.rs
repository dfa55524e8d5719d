//! `str()` and `repr()` of objects, class by class.
//!
//! In: a [`Class`]. Out: what the class's `__str__` or `__repr__` prints in CPython 3.13, as text and as tasks of the
//! printer. An object of an unknown class prints as `object.__repr__` has it, but for the address; what looks like an
//! enum member or a named tuple, as `module.Name(1)`, `Name(1, 2)`.

use crate::python::float;
use crate::python::integer;
use crate::python::repr::{EntryStyle, Printer, Task};
use crate::python::stdlib::catalogue;
use crate::python::stdlib::classes::{Class, NAME_BYTES_A_UNIT, classify, custom, fraction};
use crate::python::stdlib::counter::most_common;
use crate::python::stdlib::datetime::{Date, Time, Timedelta};
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::enums::{self, Member, units_of_constant};
use crate::python::stdlib::ipaddress;
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names;
use crate::python::stdlib::packages;
use crate::python::stdlib::pathlib::{self, Flavour};
use crate::python::stdlib::templates::{MAX_SHOWN, MAX_SHOWN_BYTES};
use crate::python::stdlib::zones;
use crate::python::string::{self, Sink};

use crate::base::text::Text;
use crate::decode::bigint::BigInt;
use crate::decode::{Global, Items, Kind, Pairs, Value};
use std::fmt::Write;

impl Class<'_> {
    /// What stands for an object inside of itself.
    pub(in crate::python) fn repr_when_open(&self) -> &'static str {
        match self {
            Class::Deque { .. } | Class::List(_) => "[...]",
            Class::Dict(_) => "{...}",
            Class::DefaultDict { .. } => "",
            Class::Namespace("Namespace(", _) => "Namespace(...)",
            Class::Namespace(..) => "namespace(...)",
            _ => "...",
        }
    }
}

impl<'a> Printer<'a, '_, '_> {
    /// Prints, or plans, an object that has been entered.
    pub(in crate::python) fn object(&mut self, class: Class<'a>, is_str: bool) {
        match class {
            Class::Builtin(value) => self.detour(value, is_str),
            Class::Call { class, args, keywords } => {
                self.out.push(names::last_part(class.name));
                self.call(args, keywords);
            }
            Class::CallOf { function, args } => {
                let args = Task::Items { items: args, names: None, is_rest: false };
                self.plan([Task::Repr(function), Task::Literal("("), args, Task::Literal(")")]);
            }
            Class::Complex(real, imag) => self.complex(real, imag),
            Class::DefaultDict { class, factory, entries } => {
                let entries = Task::Entries { entries, style: EntryStyle::Dict, is_rest: false };
                self.out.push(names::last_part(class.name));
                self.out.push_str("(");
                self.plan([Task::Repr(factory), Task::Literal(", {"), entries, Task::Literal("})")]);
            }
            Class::Dict(entries) => self.dict(entries, "}"),
            Class::Exception(made) if is_str => self.str_exception(&made),
            Class::Exception(made) => self.repr_exception(&made),
            Class::Iterator(of) => _ = write!(self.out, "<{of}_iterator object>"),
            Class::List(items) => self.sequence("[", items, "]"),
            Class::Method { of, name } => self.method(of, name),
            Class::Object(None) => self.out.push_str("<object>"),
            Class::Object(Some(class)) => {
                self.out.push_str("<");
                names::push_qualified(class, &mut self.out);
                self.out.push_str(" object>");
            }
            Class::OrderedDict(class, entries) => self.named_dict(names::last_part(class.name), entries),
            Class::Plain(text) => self.out.push_str(text),
            Class::Range([start, stop, step]) => self.range(start, stop, step),
            Class::State { class, args, attributes, is_model } => {
                self.state(class, args, attributes, is_model && is_str)
            }
            Class::StateOf { class, args, state } => {
                self.out.push(names::last_part(class.name));
                self.out.push_str("(");
                self.plan_format(if args.is_empty() { "%R)" } else { ", %R)" }, &[state]);
                self.plan([Task::Items { items: args, names: None, is_rest: false }]);
            }
            class if cfg!(feature = "stdlib") => self.standard(class, is_str),
            _ => {}
        }
    }

    /// Prints, or plans, an object of the standard library or of a package, which no shape tells.
    fn standard(&mut self, class: Class<'a>, is_str: bool) {
        match class {
            Class::Alias(alias) => self.alias(alias),
            Class::Array { typecode, elements } => self.array(typecode, elements),
            Class::ChainMap(maps) => self.sequence("ChainMap(", maps, ")"),
            Class::Counter(entries) => match most_common(entries) {
                Some(sorted) => {
                    self.out.push_str("Counter({");
                    self.plan_ordered(sorted, false, "})");
                }
                None => self.named_dict(Text::from("Counter"), entries),
            },
            Class::Date(date, _) if is_str => date.push(&mut self.out),
            Class::Date(Date(fields), class) => {
                self.call_of_fields(class, &fields);
                self.out.push_str(")");
            }
            Class::Datetime(date, time, made) => self.datetime(date, time, &made, is_str),
            Class::Decimal(text) => self.named_text(Text::from("Decimal"), text, is_str),
            Class::Deque { items, maxlen: None } => self.sequence("deque([", items, "])"),
            Class::Deque { items, maxlen: Some(maxlen) } => {
                let items = Task::Items { items, names: None, is_rest: false };
                self.out.push_str("deque([");
                self.plan([items, Task::Literal("], maxlen="), Task::Repr(maxlen), Task::Literal(")")]);
            }
            Class::Enum(member) if is_str => member.str(&mut self.out),
            Class::Enum(member) => member.repr(&mut self.out),
            Class::Fields { class, is_struct, names, items } => {
                match is_struct {
                    true => names::push_qualified(class, &mut self.out),
                    false => self.out.push(names::last_part(class.name)),
                }
                self.fields(names, items);
            }
            Class::Fraction(made) => {
                if let Some((numerator, denominator)) = fraction(&made) {
                    self.fraction(&numerator, &denominator, is_str);
                }
            }
            Class::IpAddress(made) => {
                let text = ipaddress::str_of(&made).unwrap_or_default();
                self.named_text(made.class.name, Text::from(text.as_str()), is_str);
            }
            Class::Namespace(open, attributes) => self.keywords(open, attributes),
            Class::Path { class, flavour, segments } => self.path(class, flavour, segments, is_str),
            Class::Pattern { pattern, flags } => self.pattern(pattern, flags),
            Class::Templated { made, templates: [str, repr] } => {
                let mut templates = [if is_str { str } else { repr }, repr].into_iter().flatten();
                if templates.find_map(|template| self.template(template, &made)).is_none() {
                    self.object(custom(&made), is_str);
                }
            }
            Class::Time(time) => self.time(time, is_str),
            Class::Timedelta(timedelta) if is_str => timedelta.push(&mut self.out),
            Class::Timedelta(timedelta) => timedelta.repr(&mut self.out),
            Class::Timezone(timezone) if is_str => timezone.str(&mut self.out),
            Class::Timezone(timezone) => timezone.repr(&mut self.out),
            Class::Package(package) => self.package(package, is_str),
            Class::UserData(data) => self.detour(data, is_str),
            Class::Uuid(uuid) => self.named_text(Text::from("UUID"), Text::from(uuid_text(uuid).as_str()), is_str),
            _ => {}
        }
    }

    /// Plans another value in place of this one.
    fn detour(&mut self, value: Value<'a>, is_str: bool) {
        self.plan_format(if is_str { "%S" } else { "%R" }, &[value]);
    }

    fn complex(&mut self, real: f64, imag: f64) {
        if real == 0.0 && real.is_sign_positive() {
            float::repr_part_of_complex(imag, self.out.writer);
            return self.out.push_str("j");
        }
        self.out.push_str("(");
        float::repr_part_of_complex(real, self.out.writer);
        self.out.push_str(if imag.is_sign_negative() && !imag.is_nan() { "" } else { "+" });
        float::repr_part_of_complex(imag, self.out.writer);
        self.out.push_str("j)");
    }

    #[inline(never)]
    fn datetime(&mut self, date: Date, time: Time<'a>, made: &Made<'a>, is_str: bool) {
        let is_timestamp = made.class.name == *"_unpickle_timestamp";
        if is_str || is_timestamp {
            self.out.push_str(if is_str { "" } else { "Timestamp('" });
            date.push(&mut self.out);
            self.out.push_str(" ");
            time.clock.push(2, &mut self.out);
            if is_timestamp {
                packages::push_nanoseconds(packages::nanoseconds(made), time.clock, &mut self.out);
            }
            let offset = zones::offset_of(time.tzinfo);
            if is_str {
                // It is UTC, as it was pickled, unless the zone has an offset.
                let is_utc = is_timestamp && !time.tzinfo.is_none() && offset.is_none();
                self.out.push_str(if is_utc { "+00:00" } else { "" });
                return zones::push_offset(time.tzinfo, Some(date), &mut self.out);
            }
            if time.tzinfo.is_none() {
                return self.out.push_str("')");
            }
            let offset = offset.unwrap_or(Timedelta::ZERO);
            let mut text = self.out.writer.aside(&mut |writer| offset.push_offset(&mut Sink { writer, ascii: false }));
            text.retain(|byte| *byte != b':');
            self.out.push(Text::known_valid(&text));
            return self.plan_format("', tz='%S')", &[time.tzinfo]);
        }
        if let Some(template) = catalogue::template(made.class, b"R") {
            if self.template(template, made).is_some() {
                return;
            }
        }
        let (Date([year, month, day]), [hour, minute, second, microsecond]) = (date, time.clock.fields());
        self.call_of_fields(made.class, &[year, month, day, hour, minute, second, microsecond]);
        self.out.push_str(if time.fold == 1 { ", fold=1" } else { "" });
        if time.tzinfo.is_none() {
            return self.out.push_str(")");
        }
        self.plan_format(", tzinfo=%R)", &[time.tzinfo]);
    }

    fn time(&mut self, time: Time<'a>, is_str: bool) {
        if is_str {
            time.clock.push(2, &mut self.out);
            return zones::push_offset(time.tzinfo, None, &mut self.out);
        }
        self.out.push_str("datetime.time(");
        self.numbers(&time.clock.fields());
        self.plan([Task::Literal(if time.fold == 1 { ", fold=1)" } else { ")" })]);
        if !time.tzinfo.is_none() {
            self.plan_format(", tzinfo=%R", &[time.tzinfo]);
        }
    }

    /// `datetime.date(2024, 7, 1`, `Date(2024, 7, 1`
    fn call_of_fields(&mut self, class: Global<'a>, fields: &[i64]) {
        self.out.push_str(if class.module == *"datetime" { "datetime." } else { "" });
        self.out.push(names::last_part(class.name));
        self.out.push_str("(");
        self.numbers(fields);
    }

    /// Fields of a date or a time, second and microsecond only where they are not zero.
    fn numbers(&mut self, fields: &[i64]) {
        let zeros = fields.iter().rev().take(2).take_while(|field| **field == 0).count();
        let mut separator = "";
        for field in fields.iter().take(fields.len().saturating_sub(zeros)) {
            self.out.push_number(separator, *field, 0);
            separator = ", ";
        }
    }

    fn fraction(&mut self, numerator: &BigInt, denominator: &BigInt, is_str: bool) {
        let one = BigInt::from(1);
        let (open, separator, close) = match is_str {
            true if *denominator == one => return integer::write(numerator, self.out.writer),
            true => ("", "/", ""),
            false => ("Fraction(", ", ", ")"),
        };
        self.out.push_str(open);
        integer::write(numerator, self.out.writer);
        self.out.push_str(separator);
        integer::write(denominator, self.out.writer);
        self.out.push_str(close);
    }

    /// `Namespace(c=1)`
    fn keywords(&mut self, open: &str, pairs: Pairs<'a>) {
        self.out.push_str(open);
        let style = EntryStyle::Keyword;
        self.plan([Task::Entries { entries: Entries::of_pairs(pairs), style, is_rest: false }, Task::Literal(")")]);
    }

    /// `Counter({'a': 1})`, `Counter()`
    fn named_dict(&mut self, class: Text<'_>, entries: Entries<'a>) {
        self.out.push(class);
        if entries.is_empty() {
            return self.out.push_str("()");
        }
        self.out.push_str("(");
        self.dict(entries, "})");
    }

    /// `text`, or `Class('text')`
    fn named_text(&mut self, class: Text<'_>, text: Text<'_>, is_str: bool) {
        if is_str {
            return self.out.push(text);
        }
        self.out.push(class);
        self.out.push_str("(");
        string::repr(text, &mut self.out);
        self.out.push_str(")");
    }

    fn path(&mut self, class: Text<'a>, flavour: Flavour, segments: Items<'a>, is_str: bool) {
        let Some((mut path, read)) = pathlib::join(flavour, segments) else {
            self.out.push(class);
            return self.sequence("(", segments, ")");
        };
        self.out.writer.charge(read.saturating_mul(2));
        if !is_str && flavour == Flavour::Windows {
            path.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
        }
        self.named_text(class, Text::known_valid(&path), is_str);
    }

    /// `re.compile('a+', re.IGNORECASE)`; CPython cuts the pattern at 200 characters.
    fn pattern(&mut self, pattern: Value<'a>, flags: i64) {
        let mut buffer = Vec::new();
        crate::python::repr(pattern, &mut crate::base::text::TextWriter::new(&mut buffer, MAX_PATTERN_BYTES));
        self.out.push_str("re.compile(");
        self.out.push(Text::known_valid(&buffer).prefix(MAX_PATTERN_CODE_POINTS));
        let is_text = matches!(pattern.kind(), Kind::Str(_));
        let is_plain_unicode = is_text && flags & (RE_LOCALE | RE_UNICODE | RE_ASCII) == RE_UNICODE;
        let mut rest = if is_plain_unicode { flags & !RE_UNICODE } else { flags };
        let mut separator = ", ";
        for (flag, name) in (1..).map(|bit| 1 << bit).zip(RE_FLAGS.split(' ')) {
            if rest & flag != 0 {
                let _ = write!(self.out, "{separator}re.{name}");
                separator = "|";
            }
            rest &= !flag;
        }
        if rest != 0 {
            let _ = write!(self.out, "{separator}{rest:#x}");
        }
        self.out.push_str(")");
    }

    fn range(&mut self, start: Value<'a>, stop: Value<'a>, step: Value<'a>) {
        match step.as_i64() {
            Some(1) => self.plan_format("range(%R, %R)", &[start, stop]),
            _ => self.plan_format("range(%R, %R, %R)", &[start, stop, step]),
        }
    }

    /// Prints a class, a function, or a member of an enum (which most versions pickle by its name).
    pub(in crate::python) fn global(&mut self, global: Global<'a>, is_str: bool) {
        let name = global.name.as_bytes().len() / NAME_BYTES_A_UNIT;
        self.out.writer.charge(name.saturating_add(units_of_constant(global)));
        match Member::named(global) {
            Some(member) if is_str => member.str(&mut self.out),
            Some(member) => member.repr(&mut self.out),
            None => match enums::noun(global) {
                Some(noun) => {
                    let _ = write!(self.out, "<{noun} '");
                    self.out.push(global.name);
                    self.out.push_str("'>");
                }
                None => names::repr(global, &mut self.out),
            },
        }
    }

    /// `(1, a=2)`
    fn call(&mut self, args: Items<'a>, keywords: Pairs<'a>) {
        if keywords.is_empty() {
            return self.sequence("(", args, ")");
        }
        let is_rest = !args.is_empty();
        let args = Task::Items { items: args, names: None, is_rest: false };
        let keywords = Task::Entries { entries: Entries::of_pairs(keywords), style: EntryStyle::Keyword, is_rest };
        self.plan([Task::Literal("("), args, keywords, Task::Literal(")")]);
    }

    /// `Point(x=1, y=2)`, cut short; of a model of pydantic's, its `str()`: `x=1 y=2`.
    fn state(&mut self, class: Global<'a>, args: Items<'a>, entries: Entries<'a>, is_bare: bool) {
        let end = self.out.writer.position().saturating_add(MAX_SHOWN_BYTES);
        let style = if is_bare { EntryStyle::Word } else { EntryStyle::Keyword };
        let attributes = |is_rest| Task::Attributes { entries, style, left: MAX_SHOWN, end, is_rest };
        if is_bare {
            return self.plan([attributes(false)]);
        }
        self.out.push(names::last_part(class.name));
        self.out.push_str("(");
        let is_rest = !args.is_empty();
        let args = Task::Items { items: args, names: None, is_rest: false };
        self.plan([args, attributes(is_rest), Task::Literal(")")]);
    }

    /// `<built-in method upper of str object>`, `<bound method Class.method of <class 'module.Class'>>`
    fn method(&mut self, of: Value<'a>, name: Text<'a>) {
        let class = match of.kind() {
            Kind::Global(global) if global.is("unittest.mock", "sentinel") => {
                return self.plan_format("sentinel.%S", &[Value::text(name)]);
            }
            Kind::Global(global) => return self.method_of_class(names::canonical(global), of, name),
            Kind::Object(object) if matches!(classify(&object), Class::Pattern { .. }) => {
                return self.plan_format("<built-in method %S of re.Pattern object>", &[Value::text(name)]);
            }
            Kind::Object(object) => Made::of(&object).map(|made| made.class),
            kind => {
                let class = Text::from(kind.type_name());
                return self.plan_format("<built-in method %S of %S object>", &[Value::text(name), Value::text(class)]);
            }
        };
        match class {
            Some(class) if is_built_in(class) => {
                self.out.push_str("<built-in method ");
                self.out.push(name);
                self.out.push_str(" of ");
                names::push_qualified(class, &mut self.out);
                self.out.push_str(" object>");
            }
            class => {
                let class = class.map_or(Text::from("?"), |class| class.name);
                self.plan_format("<bound method %S.%S of %R>", &[Value::text(class), Value::text(name), of]);
            }
        }
    }

    fn method_of_class(&mut self, class: Global<'a>, of: Value<'a>, name: Text<'a>) {
        let [class_name, method] = [class.name, name].map(Value::text);
        if !is_built_in(class) {
            return self.plan_format("<bound method %S.%S of %R>", &[class_name, method, of]);
        }
        if names::is_among(CLASS_METHODS, names::text_of(name)) {
            return self.plan_format("<built-in method %S of type object>", &[method]);
        }
        self.out.push_str(if name.as_bytes().starts_with(b"__") { "<slot wrapper " } else { "<method " });
        string::repr(name, &mut self.out);
        self.out.push_str(" of '");
        names::push_qualified(class, &mut self.out);
        self.out.push_str("' objects>");
    }
}

/// True for the classes of which the methods are written in C.
fn is_built_in(class: Global<'_>) -> bool {
    match names::text_of(class.module) {
        "array" | "builtins" | "datetime" | "decimal" => true,
        "collections" => matches!(names::text_of(class.name), "OrderedDict" | "defaultdict" | "deque"),
        _ => false,
    }
}

/// `12345678-1234-5678-1234-567812345678`
pub(super) fn uuid_text(uuid: u128) -> String {
    let mut text = format!("{uuid:032x}");
    for hyphen in [20, 16, 12, 8] {
        text.insert(hyphen, '-');
    }
    text
}

/// The methods of builtin classes that are bound to the class, or to nothing.
const CLASS_METHODS: &str = "combine from_bytes from_float from_number fromhex fromisocalendar fromisoformat fromkeys fromordinal fromtimestamp maketrans now \
    strptime today utcfromtimestamp utcnow __new__ __init_subclass__ __subclasshook__";

/// The flags of a pattern, from 2 upwards: each is the next bit.
const RE_FLAGS: &str = "IGNORECASE LOCALE MULTILINE DOTALL UNICODE VERBOSE DEBUG ASCII";
const RE_LOCALE: i64 = 4;
const RE_UNICODE: i64 = 32;
const RE_ASCII: i64 = 256;

/// `%.200R` in CPython's `pattern_repr`.
const MAX_PATTERN_CODE_POINTS: usize = 200;
/// Enough for so many code points.
const MAX_PATTERN_BYTES: usize = 4 * MAX_PATTERN_CODE_POINTS;
