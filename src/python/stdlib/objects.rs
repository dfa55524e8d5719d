//! `str()` and `repr()` of objects, class by class.
//!
//! In: a [`Class`]. Out: what the class's `__str__` or `__repr__` prints in CPython 3.13, as text and as tasks of the
//! printer. An object of an unknown class prints as `object.__repr__` has it, but for the address; what looks like an
//! enum member or a named tuple, as `module.Name(1)`, `Name(1, 2)`.

use crate::python::float;
use crate::python::integer;
use crate::python::number::Integer;
use crate::python::repr::{EntryStyle, Printer, Task};
use crate::python::stdlib::catalogue::UNITS_OF_LOOK_UP;
use crate::python::stdlib::classes::{
    ArrayElements, Class, Entries, NAME_BYTES_A_UNIT, classify, custom, fraction, is_name,
};
use crate::python::stdlib::datetime::{Date, Time};
use crate::python::stdlib::enums::{self, Member};
use crate::python::stdlib::ipaddress;
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names;
use crate::python::stdlib::pathlib::{self, Flavour};
use crate::python::stdlib::templates::{MAX_SHOWN, MAX_SHOWN_BYTES};
use crate::python::stdlib::zones;
use crate::python::string;

use crate::base::order::order;
use crate::base::text::{Text, encode_code_point};
use crate::decode::bigint::BigInt;
use crate::decode::{Global, Items, Kind, Pairs, Value};
use std::cmp::Ordering;
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
            Class::Alias(alias) => self.alias(alias),
            Class::Array { typecode, elements } => self.array(typecode, elements),
            Class::Builtin(value) => self.detour(value, is_str),
            Class::Call { class, args, .. } if class.is("itertools", "count") && is_by_one(args) => {
                args.take(1).for_each(|start| self.plan_format("count(%R)", &[start]));
            }
            Class::Call { class, args, keywords } => {
                self.out.push(names::last_part(class.name));
                self.call(args, keywords);
            }
            Class::CallOf { function, args } => {
                let function = match function.kind() {
                    // `operator.methodcaller('a', 1, b=2)` is pickled as `partial(methodcaller, 'a', b=2)(1)`.
                    Kind::Object(of) => match classify(&of) {
                        Class::Partial { function, args: mut name, keywords } if is_methodcaller(function) => {
                            let name = Task::Repr(name.next().unwrap_or(Value::none()));
                            let args = Task::Items { items: args, names: None, is_rest: true };
                            let entries = Entries::of_pairs(keywords);
                            let keywords = Task::Entries { entries, style: EntryStyle::Keyword, is_rest: true };
                            self.out.push_str("operator.methodcaller(");
                            return self.plan([name, args, keywords, Task::Literal(")")]);
                        }
                        _ => function,
                    },
                    _ => function,
                };
                let args = Task::Items { items: args, names: None, is_rest: false };
                self.plan([Task::Repr(function), Task::Literal("("), args, Task::Literal(")")]);
            }
            Class::ChainMap(maps) => self.sequence("ChainMap(", maps, ")"),
            Class::Complex(real, imag) => self.complex(real, imag),
            Class::Counter(entries) => match most_common(entries) {
                Some(sorted) => {
                    self.out.push_str("Counter({");
                    self.plan_ordered(sorted, false, "})");
                }
                None => self.named_dict("Counter", entries),
            },
            Class::Date(date) => self.date(date, is_str),
            Class::Datetime(date, time) => self.datetime(date, time, is_str),
            Class::Decimal(text) => self.named_text(Text::from("Decimal"), text, is_str),
            Class::DefaultDict { factory, entries } => {
                let entries = Task::Entries { entries, style: EntryStyle::Dict, is_rest: false };
                self.out.push_str("defaultdict(");
                // `defdict_repr` has entered the factory when a factory that enters itself, as a partial does, prints.
                let is_entered_twice = matches!(factory.kind(), Kind::Object(object) if matches!(classify(&object), Class::Partial { .. }));
                let factory = if is_entered_twice { Task::Literal("...") } else { Task::Repr(factory) };
                self.plan([factory, Task::Literal(", {"), entries, Task::Literal("})")]);
            }
            Class::Deque { items, maxlen: None } => self.sequence("deque([", items, "])"),
            Class::Deque { items, maxlen: Some(maxlen) } => {
                let items = Task::Items { items, names: None, is_rest: false };
                self.out.push_str("deque([");
                self.plan([items, Task::Literal("], maxlen="), Task::Repr(maxlen), Task::Literal(")")]);
            }
            Class::Dict(entries) => self.dict(entries, "}"),
            Class::Enum(member) if is_str => member.str(&mut self.out),
            Class::Enum(member) => member.repr(&mut self.out),
            Class::Exception { class, args, state } if is_str => self.str_exception(class, args, state),
            Class::Exception { class, args, state } => self.repr_exception(class, args, state),
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
            Class::List(items) => self.sequence("[", items, "]"),
            Class::Method { of, name } => self.method(of, name),
            Class::Namespace(open, attributes) => self.keywords(open, attributes),
            Class::Object(None) => self.out.push_str("<object>"),
            Class::Object(Some(class)) => {
                self.out.push_str("<");
                names::push_qualified(class, &mut self.out);
                self.out.push_str(" object>");
            }
            Class::OrderedDict(entries) => self.named_dict("OrderedDict", entries),
            Class::Partial { function, args, keywords } => self.partial(function, args, keywords),
            Class::Path { class, flavour, segments } => self.path(class, flavour, segments, is_str),
            Class::Pattern { pattern, flags } => self.pattern(pattern, flags),
            Class::Plain(name) => _ = write!(self.out, "<{name} object>"),
            Class::Range([start, stop, step]) => self.range(start, stop, step),
            Class::Signature(object, made) => self.signature(&object, &made, is_str),
            Class::Slice([start, stop, step]) => self.slice(start, stop, step),
            Class::State { class, args, attributes, is_model } => {
                self.state(class, args, attributes, is_model && is_str)
            }
            Class::Templated { object, made, templates: [str, repr] } => {
                let args = made.tuple().unwrap_or(made.args);
                if self.template(if is_str { str } else { repr }, args, object.state()).is_none() {
                    self.object(custom(&object, &made), is_str);
                }
            }
            Class::Time(time) => self.time(time, is_str),
            Class::Timedelta(timedelta) if is_str => _ = write!(self.out, "{timedelta}"),
            Class::Timedelta(timedelta) => timedelta.repr(&mut self.out),
            Class::Timezone(timezone) if is_str => timezone.str(&mut self.out),
            Class::Timezone(timezone) => timezone.repr(&mut self.out),
            Class::Type(name) => _ = write!(self.out, "<class '{name}'>"),
            Class::Package(package) => self.package(package, is_str),
            Class::UserData(data) => self.detour(data, is_str),
            Class::Uuid(uuid) => self.named_text(Text::from("UUID"), Text::from(uuid_text(uuid).as_str()), is_str),
            Class::ZoneInfo(key) if is_str => self.out.push(key),
            Class::ZoneInfo(key) => {
                self.out.push_str("zoneinfo.ZoneInfo(key=");
                string::repr(key, &mut self.out);
                self.out.push_str(")");
            }
        }
    }

    /// Plans another value in place of this one.
    fn detour(&mut self, value: Value<'a>, is_str: bool) {
        self.plan_format(if is_str { "%S" } else { "%R" }, &[value]);
    }

    fn array(&mut self, typecode: Text<'a>, elements: ArrayElements<'a>) {
        self.out.push_str("array(");
        string::repr(typecode, &mut self.out);
        match elements {
            ArrayElements::Items(items) if items.is_empty() => self.out.push_str(")"),
            ArrayElements::Items(items) if is_text(typecode) => {
                self.out.push_str(", ");
                self.out.writer.charge(items.len());
                let text: Vec<u8> = items.filter_map(character).flat_map(Text::as_bytes).copied().collect();
                string::repr(Text::checked_before(&text), &mut self.out);
                self.out.push_str(")");
            }
            ArrayElements::Items(items) => self.sequence(", [", items, "])"),
            ArrayElements::Packed([], _) => self.out.push_str(")"),
            ArrayElements::Packed(bytes, format) => {
                self.out.push_str(", ");
                self.packed_array(bytes, format);
                self.out.push_str(")");
            }
        }
    }

    fn packed_array(&mut self, bytes: &[u8], format: u8) {
        self.out.writer.charge(bytes.len() / PACKED_BYTES_A_UNIT);
        if let Some(text) = packed_text(bytes, format) {
            return string::repr(Text::checked_before(&text), &mut self.out);
        }
        let size = 1_usize
            << match format {
                0 | 1 => 0,
                2..=5 => 1,
                6..=9 | 14 | 15 => 2,
                _ => 3,
            };
        self.out.push_str("[");
        let mut separator = "";
        for element in bytes.chunks_exact(size) {
            self.out.writer.charge(UNITS_A_PACKED_ELEMENT);
            if self.out.writer.is_cut() {
                break;
            }
            self.out.push_str(separator);
            self.packed_element(element, format);
            separator = ", ";
        }
        self.out.push_str("]");
    }

    /// One number, in a format of which the odd ones are big-endian.
    fn packed_element(&mut self, element: &[u8], format: u8) {
        let mut bytes = [0; 8];
        let is_big_endian = format > 1 && format % 2 == 1;
        for (index, byte) in bytes.iter_mut().take(element.len()).enumerate() {
            let from = if is_big_endian { element.iter().nth_back(index) } else { element.get(index) };
            *byte = from.copied().unwrap_or_default();
        }
        let number = u64::from_le_bytes(bytes);
        let shift = 64_u32.saturating_sub(8_u32.saturating_mul(u32::try_from(element.len()).unwrap_or(8)));
        let [b0, b1, b2, b3, ..] = bytes;
        let _ = match format {
            0 | 2 | 3 | 6 | 7 | 10 | 11 => write!(self.out, "{number}"),
            14 | 15 => return float::repr(f32::from_le_bytes([b0, b1, b2, b3]).into(), self.out.writer),
            16 | 17 => return float::repr(f64::from_bits(number), self.out.writer),
            _ => {
                let number = i64::from_le_bytes(number.wrapping_shl(shift).to_le_bytes());
                write!(self.out, "{}", number.wrapping_shr(shift))
            }
        };
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

    fn date(&mut self, date: Date, is_str: bool) {
        let Date { year, month, day } = date;
        let _ = match is_str {
            true => write!(self.out, "{date}"),
            false => write!(self.out, "datetime.date({year}, {month}, {day})"),
        };
    }

    fn datetime(&mut self, date: Date, time: Time<'a>, is_str: bool) {
        if is_str {
            let _ = write!(self.out, "{date} {time}");
            return zones::push_offset(time.tzinfo, true, &mut self.out);
        }
        let Date { year, month, day } = date;
        let _ = write!(self.out, "datetime.datetime({year}, {month}, {day}, ");
        self.clock_args(&time);
        self.out.push_str(if time.fold == 1 { ", fold=1" } else { "" });
        if time.tzinfo.is_none() {
            return self.out.push_str(")");
        }
        self.plan_format(", tzinfo=%R)", &[time.tzinfo]);
    }

    fn time(&mut self, time: Time<'a>, is_str: bool) {
        if is_str {
            let _ = write!(self.out, "{time}");
            return zones::push_offset(time.tzinfo, false, &mut self.out);
        }
        self.out.push_str("datetime.time(");
        self.clock_args(&time);
        let end = if time.fold == 1 { ", fold=1)" } else { ")" };
        if time.tzinfo.is_none() {
            return self.out.push_str(end);
        }
        self.plan([Task::Literal(", tzinfo="), Task::Repr(time.tzinfo), Task::Literal(end)]);
    }

    /// Hour and minute; second and microsecond only where they are not zero.
    fn clock_args(&mut self, time: &Time<'a>) {
        let Time { hour, minute, second, microsecond, .. } = time;
        let _ = match (second, microsecond) {
            (0, 0) => write!(self.out, "{hour}, {minute}"),
            (_, 0) => write!(self.out, "{hour}, {minute}, {second}"),
            _ => write!(self.out, "{hour}, {minute}, {second}, {microsecond}"),
        };
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

    /// `Namespace(c=1, **{'a b': 2})`: what is no name of argparse's follows in a dict.
    fn keywords(&mut self, open: &str, pairs: Pairs<'a>) {
        self.out.push_str(open);
        let entries = |style| Task::Entries { entries: Entries::of_pairs(pairs), style, is_rest: false };
        let is_mixed = open.starts_with('N') && { pairs }.any(|(key, _)| !is_name(key));
        if !is_mixed {
            return self.plan([entries(EntryStyle::Keyword), Task::Literal(")")]);
        }
        let before = if { pairs }.any(|(key, _)| is_name(key)) { ", **{" } else { "**{" };
        self.plan([entries(EntryStyle::Name), Task::Literal(before), entries(EntryStyle::NoName), Task::Literal("})")]);
    }

    /// `Counter({'a': 1})`, `Counter()`
    fn named_dict(&mut self, class: &str, entries: Entries<'a>) {
        self.out.push_str(class);
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

    fn partial(&mut self, function: Value<'a>, args: Items<'a>, keywords: Pairs<'a>) {
        let args = Task::Items { items: args, names: None, is_rest: true };
        let keywords =
            Task::Entries { entries: Entries::of_pairs(keywords), style: EntryStyle::Keyword, is_rest: true };
        self.out.push_str("functools.partial(");
        self.plan([Task::Repr(function), args, keywords, Task::Literal(")")]);
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
        self.named_text(class, Text::checked_before(&path), is_str);
    }

    /// `re.compile('a+', re.IGNORECASE)`; CPython cuts the pattern at 200 characters.
    fn pattern(&mut self, pattern: Value<'a>, flags: i64) {
        let mut buffer = Vec::new();
        crate::python::repr(pattern, &mut crate::base::text::TextWriter::new(&mut buffer, MAX_PATTERN_BYTES));
        self.out.push_str("re.compile(");
        self.out.push(Text::checked_before(&buffer).prefix(MAX_PATTERN_CODE_POINTS));
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

    fn slice(&mut self, start: Value<'a>, stop: Value<'a>, step: Value<'a>) {
        self.plan_format("slice(%R, %R, %R)", &[start, stop, step]);
    }

    /// Prints a class, a function, or a member of an enum (which most versions pickle by its name).
    pub(in crate::python) fn global(&mut self, global: Global<'a>, is_str: bool) {
        let name = global.name.as_bytes().len() / NAME_BYTES_A_UNIT;
        self.out.writer.charge(name.saturating_add(UNITS_OF_LOOK_UP));
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
        let qualified = match class.module == *"builtins" {
            true => class_name,
            false => return self.plan_format("<built-in method %S of type object>", &[method]),
        };
        if names::is_among(CLASS_METHODS, names::text_of(name)) {
            return self.plan_format("<built-in method %S of type object>", &[method]);
        }
        let format = match name.as_bytes().starts_with(b"__") {
            true => "<slot wrapper %R of %R objects>",
            false => "<method %R of %R objects>",
        };
        self.plan_format(format, &[method, qualified]);
    }
}

fn is_methodcaller(function: Value<'_>) -> bool {
    matches!(function.kind(), Kind::Global(global) if global.name == *"methodcaller")
}

/// True for the arguments of a count in steps of the integer 1, which it does not show.
fn is_by_one(args: Items<'_>) -> bool {
    args.clone().nth(1).is_some_and(|step| matches!(step.kind(), Kind::Int(1)))
}

/// True for the classes of which the methods are written in C.
fn is_built_in(class: Global<'_>) -> bool {
    match names::text_of(class.module) {
        "array" | "builtins" | "datetime" | "decimal" => true,
        "collections" => matches!(names::text_of(class.name), "OrderedDict" | "defaultdict" | "deque"),
        _ => false,
    }
}

/// The entries as `Counter.__repr__` orders them: the greatest count first, if all counts can be compared.
fn most_common(entries: Entries<'_>) -> Option<Vec<(Value<'_>, Value<'_>)>> {
    let unsorted: Vec<_> = entries.take(MAX_SORTED_ENTRIES.saturating_add(1)).collect();
    let work = unsorted.len().saturating_mul(UNITS_A_SORTED_ENTRY);
    if unsorted.len() > MAX_SORTED_ENTRIES || !unsorted.first()?.0.meter().charge(work) {
        return None;
    }
    let mut counts = Vec::new();
    for &(_, count) in &unsorted {
        counts.push(Count::of(count)?);
    }
    let places = order(unsorted.len(), &mut |one, other| match (counts.get(one), counts.get(other)) {
        (Some(this), Some(that)) => that.cmp(this).then(one.cmp(&other)).is_lt(),
        _ => false,
    });
    Some(places.into_iter().filter_map(|place| unsorted.get(place).copied()).collect())
}

/// A count, to be compared as Python compares numbers: exactly, whatever their types.
#[derive(Debug)]
enum Count {
    Big(BigInt),
    /// Never a NaN, which has no order.
    Float(f64),
    Small(i64),
}

impl Count {
    fn of(value: Value<'_>) -> Option<Count> {
        match value.kind() {
            Kind::Float(value) => (!value.is_nan()).then_some(Count::Float(value)),
            // It is copied for each comparison.
            Kind::BigInt(bytes) if bytes.len() > MAX_COUNT_BYTES || !value.meter().charge(UNITS_A_BIG_COUNT) => None,
            _ => value.as_i64().map(Count::Small).or_else(|| integer::of(value).map(Count::Big)),
        }
    }

    /// What is before the point, and what is after it; of an infinity, no number.
    fn parts(&self) -> Result<(BigInt, f64), f64> {
        match self {
            Count::Big(value) => Ok((value.clone(), 0.0)),
            Count::Small(value) => Ok((BigInt::from(*value), 0.0)),
            Count::Float(value) => match Integer::truncate(*value) {
                Some(Integer::Small(whole)) => Ok((BigInt::from(whole), value.fract())),
                Some(Integer::Big(whole)) => Ok((whole, 0.0)),
                None => Err(*value),
            },
        }
    }

    fn cmp(&self, other: &Count) -> Ordering {
        if let (Count::Small(this), Count::Small(other)) = (self, other) {
            return this.cmp(other);
        }
        let (this, other) = match (self.parts(), other.parts()) {
            (Ok(this), Ok(other)) => (this, other),
            (this, other) => {
                let infinity = |parts: Result<(BigInt, f64), f64>| parts.err().unwrap_or(0.0);
                return infinity(this).total_cmp(&infinity(other));
            }
        };
        let magnitudes = this.0.cmp_magnitude(&other.0);
        let wholes = match (this.0.is_negative(), other.0.is_negative()) {
            (false, false) => magnitudes,
            (true, true) => magnitudes.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        };
        // Adding zero makes -0.0 positive.
        wholes.then((this.1 + 0.0).total_cmp(&(other.1 + 0.0)))
    }
}

/// True for the typecodes of `array.array` whose elements are characters.
fn is_text(typecode: Text<'_>) -> bool {
    typecode == *"u" || typecode == *"w"
}

/// The element of an array of characters; a peer may have put longer text there.
fn character(value: Value<'_>) -> Option<Text<'_>> {
    value.as_text().filter(|text| text.as_bytes().len() <= 4)
}

/// The text of an array in one of the formats for characters.
fn packed_text(bytes: &[u8], format: u8) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let mut encoded = [0; 4];
    let mut push = |code_point| text.extend_from_slice(encode_code_point(code_point, &mut encoded).as_bytes());
    match format {
        18 | 19 => {
            let units = bytes.chunks_exact(2).filter_map(|unit| <[u8; 2]>::try_from(unit).ok());
            let units =
                units.map(|unit| if format == 18 { u16::from_le_bytes(unit) } else { u16::from_be_bytes(unit) });
            char::decode_utf16(units)
                .for_each(|unit| push(unit.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from)));
        }
        20 | 21 => {
            let units = bytes.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok());
            units.for_each(|unit| push(if format == 20 { u32::from_le_bytes(unit) } else { u32::from_be_bytes(unit) }));
        }
        _ => return None,
    }
    Some(text)
}

/// `12345678-1234-5678-1234-567812345678`
fn uuid_text(uuid: u128) -> String {
    let mut text = format!("{uuid:032x}");
    for hyphen in [20, 16, 12, 8] {
        text.insert(hyphen, '-');
    }
    text
}

/// The methods of builtin classes that are bound to the class, or to nothing.
const CLASS_METHODS: &str = "from_bytes fromhex fromkeys maketrans __new__ __init_subclass__ __subclasshook__";

/// The flags of a pattern, from 2 upwards: each is the next bit.
const RE_FLAGS: &str = "IGNORECASE LOCALE MULTILINE DOTALL UNICODE VERBOSE DEBUG ASCII";
const RE_LOCALE: i64 = 4;
const RE_UNICODE: i64 = 32;
const RE_ASCII: i64 = 256;

/// Larger counters keep the order of their pickle: sorting takes memory, 1.3 MB for so many.
const MAX_SORTED_ENTRIES: usize = 1 << 14;

/// What it costs to sort an entry, in units of a meter.
const UNITS_A_SORTED_ENTRY: usize = 40;
/// … and one with a count of more than 64 bits, of which those of more bytes than this have no order.
const UNITS_A_BIG_COUNT: usize = 400;
const MAX_COUNT_BYTES: usize = 64;

/// What it costs to print an element of an array; and so many bytes of one of characters are decoded in the time of a unit.
const UNITS_A_PACKED_ELEMENT: usize = 3;
const PACKED_BYTES_A_UNIT: usize = 4;

/// `%.200R` in CPython's `pattern_repr`.
const MAX_PATTERN_CODE_POINTS: usize = 200;
/// Enough for so many code points.
const MAX_PATTERN_BYTES: usize = 4 * MAX_PATTERN_CODE_POINTS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_counts_as_python_compares_numbers() {
        let big = |digits: &str| Count::Big(BigInt::from_decimal(digits.as_bytes()).unwrap());
        let ascending = [
            Count::Float(f64::NEG_INFINITY),
            big("-9223372036854775809"),
            Count::Float(-1.5),
            Count::Small(-1),
            Count::Float(-5e-324),
            Count::Float(-0.0),
            Count::Float(5e-324),
            Count::Float(0.5),
            Count::Small(1),
            Count::Float(1.5),
            Count::Float(9_007_199_254_740_992.0),
            Count::Small(9_007_199_254_740_993),
            Count::Small(i64::MAX),
            Count::Float(9_223_372_036_854_775_808.0),
            big("9223372036854775809"),
            Count::Float(f64::INFINITY),
        ];
        assert!(ascending.is_sorted_by(|one, other| one.cmp(other).is_lt()));
        assert!(Count::Float(-0.0).cmp(&Count::Small(0)).is_eq());
        assert!(Count::Float(1e18).cmp(&Count::Small(1_000_000_000_000_000_000)).is_eq());
        assert!(Count::of(Value::float(f64::NAN)).is_none());
    }
}
