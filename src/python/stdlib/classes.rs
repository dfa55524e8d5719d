//! What an object is, as far as its pickle tells.
//!
//! In: an [`Object`]: a class or function, its arguments, state, items. Out: a [`Class`], to print it, to look at its
//! fields, or to ask whether it is a value of the standard library. Nothing is refused: what does not look as CPython
//! writes it is [`Class::Object`]. Costs a bounded number of steps. Facts: the `__reduce__` of the classes in CPython, as
//! `pickletools` shows them.

mod custom;

pub(super) use custom::custom;

use super::catalogue::{Module, UNITS_OF_LOOK_UP};
use super::entries::Entries;
use super::enums::Member;
use super::made::{MAX_ATTRIBUTES, Made};
use super::packages::{self, Package};
use super::types::Alias;
use crate::python::integer;
use crate::python::stdlib::datetime::{self, Date, Time, Timedelta, Timezone};
use crate::python::stdlib::ipaddress;
use crate::python::stdlib::names;
use crate::python::stdlib::pathlib::Flavour;

use crate::base::text::Text;
use crate::decode::bigint::BigInt;
use crate::decode::{Global, Items, Kind, Object, Pairs, Value};

/// What an object is. The names are those of CPython 3.13.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Class<'a> {
    /// `typing.List[int]`, `int | None`
    Alias(Alias<'a>),
    /// `array.array`
    Array { typecode: Text<'a>, elements: ArrayElements<'a> },
    /// A subclass of a builtin that was pickled as that builtin's value.
    Builtin(Value<'a>),
    /// A call of an unknown function or class, an enum member or a named tuple perhaps; with keywords, if there are some.
    Call { class: Global<'a>, args: Items<'a>, keywords: Pairs<'a> },
    /// A call of what a call gives.
    CallOf { function: Value<'a>, args: Items<'a> },
    /// `collections.ChainMap`
    ChainMap(Items<'a>),
    /// `complex`, real and imaginary part
    Complex(f64, f64),
    /// `collections.Counter`
    Counter(Entries<'a>),
    /// `datetime.date`
    Date(Date, Global<'a>),
    /// `datetime.datetime`
    Datetime(Date, Time<'a>, Made<'a>),
    /// `decimal.Decimal`
    Decimal(Text<'a>),
    /// `collections.defaultdict`
    DefaultDict { class: Global<'a>, factory: Value<'a>, entries: Entries<'a> },
    /// `collections.deque`
    Deque { items: Items<'a>, maxlen: Option<Value<'a>> },
    /// A subclass of `dict`.
    Dict(Entries<'a>),
    /// A member of an enum of the standard library, such as `http.HTTPStatus`.
    Enum(Member<'a>),
    /// An exception, builtin or not.
    Exception(Made<'a>),
    /// A named tuple of the standard library, or a struct sequence, which has its module before its name.
    Fields { class: Global<'a>, is_struct: bool, names: &'static str, items: Items<'a> },
    /// `fractions.Fraction`, of which [`fraction`] gives the numbers.
    Fraction(Made<'a>),
    /// An address, network or interface, of which [`ipaddress`] gives the text.
    IpAddress(Made<'a>),
    /// What `iter` makes of an object of this builtin class.
    Iterator(&'static str),
    /// A subclass of `list`.
    List(Items<'a>),
    /// A method of a class or of an instance.
    Method { of: Value<'a>, name: Text<'a> },
    /// `types.SimpleNamespace` and `argparse.Namespace`: the name, and the attributes.
    Namespace(&'static str, Pairs<'a>),
    /// An instance of whatever class, if that has a name.
    Object(Option<Global<'a>>),
    /// `collections.OrderedDict`
    OrderedDict(Global<'a>, Entries<'a>),
    /// An object of a package outside the standard library that prints itself in a way of its own.
    Package(Package<'a>),
    /// A path of `pathlib`: the class's name, and the segments.
    Path { class: Text<'a>, flavour: Flavour, segments: Items<'a> },
    /// What `re.compile` gives.
    Pattern { pattern: Value<'a>, flags: i64 },
    /// What always prints this.
    Plain(&'static str),
    /// `range`: start, stop and step
    Range([Value<'a>; 3]),
    /// An instance of an unknown class: what that was called with, and the attributes. One of pydantic's models prints them without
    /// its name too.
    State { class: Global<'a>, args: Items<'a>, attributes: Entries<'a>, is_model: bool },
    /// An instance of an unknown class, or what a function made, of which the state is not its attributes.
    StateOf { class: Global<'a>, args: Items<'a>, state: Value<'a> },
    /// What prints by a template: that of `str()` and that of `repr()`.
    Templated { made: Made<'a>, templates: [Option<&'static str>; 2] },
    /// `datetime.time`
    Time(Time<'a>),
    /// `datetime.timedelta`
    Timedelta(Timedelta),
    /// `datetime.timezone`
    Timezone(Timezone<'a>),
    /// `collections.UserDict`, `UserList` and `UserString`, by what they hold.
    UserData(Value<'a>),
    /// `uuid.UUID`
    Uuid(u128),
}

impl<'a> Class<'a> {
    /// True for what prints as a whole: a class that this module knows.
    pub fn is_standard(&self) -> bool {
        match self {
            Class::DefaultDict { class, .. } | Class::OrderedDict(class, _) => class.module == *"collections",
            Class::Exception(made) => made.class.module == *"builtins",
            Class::Builtin(_)
            | Class::Call { .. }
            | Class::CallOf { .. }
            | Class::Dict(_)
            | Class::List(_)
            | Class::Object(_)
            | Class::State { .. }
            | Class::StateOf { .. } => false,
            _ => true,
        }
    }

    /// The builtin value, no object itself, that a number's conversions take in place of the object: that of a subclass, of an enum,
    /// of NumPy.
    pub fn plain(&self) -> Option<Value<'a>> {
        match self {
            Class::Builtin(value) => {
                Some(*value).filter(|value| !matches!(value.kind(), Kind::Global(_) | Kind::Object(_)))
            }
            Class::Call { class, args, .. } if !names::is_function(*class) => {
                // An enum of the sender's own, as far as its pickle tells.
                let mut args = *args;
                args.next().filter(|value| args.is_empty() && is_int(*value))
            }
            Class::Enum(member) => member.plain(),
            Class::Package(package) => package.plain(),
            _ => None,
        }
    }
}

impl<'a> Class<'a> {
    /// True for what a package outside the standard library formats as text.
    pub fn is_text_of_package(&self) -> bool {
        matches!(self, Class::Package(package) if package.is_text())
    }

    /// Python's `bool()` of it; true where the pickle does not tell.
    pub fn is_truthy(&self) -> bool {
        match self {
            Class::Array { elements: ArrayElements::Items(items), .. } | Class::Deque { items, .. } => {
                !items.is_empty()
            }
            Class::Array { elements: ArrayElements::Packed(bytes, _), .. } => !bytes.is_empty(),
            Class::Builtin(value) | Class::UserData(value) => value.is_truthy(),
            Class::ChainMap(maps) => maps.take(MAX_ATTRIBUTES).any(Value::is_truthy),
            Class::Complex(real, imag) => *real != 0.0 || *imag != 0.0,
            // Of a number all digits before the exponent are zeros.
            Class::Decimal(text) => {
                let coefficient =
                    text.as_bytes().split(|byte| byte.eq_ignore_ascii_case(&b'e')).next().unwrap_or_default();
                coefficient.iter().any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'1'..=b'9'))
            }
            Class::Enum(member) => member.plain().is_none_or(Value::is_truthy),
            Class::Fields { items, .. } => !items.is_empty(),
            Class::Fraction(made) => fraction(made).is_none_or(|(numerator, _)| numerator.bits() != 0),
            Class::Package(package) => package.plain().is_none_or(Value::is_truthy),
            Class::Range(numbers) => self.at(0).is_some() || numbers.iter().any(|number| number.as_i64().is_none()),
            Class::Timedelta(delta) => *delta != Timedelta::ZERO,
            _ => self.entries().is_none_or(|entries| !entries.is_empty()),
        }
    }

    /// The value of a key, if this is a mapping; the last of equal ones.
    pub fn item(&self, key: Text<'_>) -> Option<Value<'a>> {
        match self {
            Class::ChainMap(maps) => maps.take(MAX_ATTRIBUTES).find_map(|map| pairs_of(map)?.find(key)),
            Class::Builtin(data) | Class::UserData(data) => pairs_of(*data)?.find(key),
            _ => self.entries()?.find(key).or_else(|| self.missing()),
        }
    }

    /// The value of a key that is not there, by `__missing__`.
    fn missing(&self) -> Option<Value<'a>> {
        let is_zero = match self {
            Class::Counter(_) => true,
            Class::DefaultDict { factory, .. } => {
                matches!(factory.kind(), Kind::Global(class) if names::canonical(class).is("builtins", "int"))
            }
            _ => false,
        };
        is_zero.then_some(Value::int(0))
    }

    /// The entries of a dict of a class of the standard library, such as `http.cookies.SimpleCookie`.
    pub fn entries_of_standard(&self, object: &Object<'a>) -> Option<Entries<'a>> {
        let entries = match self {
            Class::Builtin(value) => pairs_of(*value).filter(|_| matches!(value.kind(), Kind::Dict(_))),
            _ => self.entries(),
        };
        entries.filter(|_| Made::of(object).is_some_and(|made| names::is_standard(made.class.module)))
    }

    /// The element at a place, if this is a sequence of such.
    pub fn at(&self, place: usize) -> Option<Value<'a>> {
        match self {
            Class::Deque { items, .. } | Class::Fields { items, .. } | Class::List(items) => { *items }.nth(place),
            Class::Range([start, stop, step]) => {
                let [start, stop, step] = [start.as_i64()?, stop.as_i64()?, step.as_i64()?];
                let element = start.checked_add(step.checked_mul(i64::try_from(place).ok()?)?)?;
                (if step < 0 { element > stop } else { element < stop }).then_some(Value::int(element))
            }
            _ => None,
        }
    }

    /// The entries, if this is a dict of some class.
    fn entries(&self) -> Option<Entries<'a>> {
        match self {
            Class::Counter(entries)
            | Class::DefaultDict { entries, .. }
            | Class::Dict(entries)
            | Class::OrderedDict(_, entries) => Some(*entries),
            // Such as `http.cookies.SimpleCookie`.
            Class::Templated { made, .. } => {
                Some(made.pairs()).filter(|pairs| !pairs.is_empty()).map(Entries::of_pairs)
            }
            _ => None,
        }
    }
}

/// The pairs of a dict, or of a subclass of it.
pub(super) fn pairs_of(map: Value<'_>) -> Option<Entries<'_>> {
    match map.kind() {
        Kind::Dict(pairs) => Some(Entries::of_pairs(pairs)),
        Kind::Object(object) => classify(&object).entries(),
        _ => None,
    }
}

fn is_int(value: Value<'_>) -> bool {
    matches!(value.kind(), Kind::Int(_) | Kind::BigInt(_))
}

/// Tells what an object is; nothing of one for which the record's meter does not allow it.
pub(crate) fn classify<'a>(object: &Object<'a>) -> Class<'a> {
    if !object.meter().charge(UNITS_OF_CLASSIFYING) {
        return Class::Object(None);
    }
    let Some(made) = Made::of(object) else { return by_callable(object) };
    object.meter().charge(made.class.name.as_bytes().len() / NAME_BYTES_A_UNIT);
    if !cfg!(feature = "stdlib") {
        let builtin = if made.class.module == *"builtins" { builtin(&made) } else { None };
        return builtin.unwrap_or_else(|| custom(&made));
    }
    let datetime = || packages::datetime(&made).map(|(date, time)| Class::Datetime(date, time, made));
    standard(&made)
        .or_else(|| catalogued(&made))
        .or_else(|| packages::package(&made).map(Class::Package))
        .or_else(datetime)
        .or_else(|| packages::date(&made).map(|date| Class::Date(date, made.class)))
        .unwrap_or_else(|| custom(&made))
}

/// What a call of something other than a class or a function gives.
fn by_callable<'a>(object: &Object<'a>) -> Class<'a> {
    if let Some(made) = Made::by_partial(object) {
        return custom(&made);
    }
    match (object.class().kind(), object.args().kind()) {
        (Kind::Object(_), Kind::Tuple(args)) => Class::CallOf { function: object.class(), args },
        _ => Class::Object(None),
    }
}

/// The elements of an `array.array`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ArrayElements<'a> {
    /// One by one, as protocols 0 to 2 have them.
    Items(Items<'a>),
    /// As bytes, in one of the formats of CPython's `enum machine_format_code`.
    Packed(&'a [u8], u8),
}

/// The classes of the standard library.
#[inline(never)]
fn standard<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let name = made.class.name;
    match names::text_of(made.class.module) {
        "builtins" => builtin(made),
        "array" => array(made),
        "collections" => collection(made),
        "datetime" => datetime::classify_made(made),
        "decimal" if name == *"Decimal" => made.first()?.as_text().map(Class::Decimal),
        "fractions" if name == *"Fraction" => fraction(made).map(|_| Class::Fraction(*made)),
        "_functools" | "_operator" | "collections.abc" | "functools" | "operator" | "types"
            if name != *"SimpleNamespace" && name != *"partial" =>
        {
            Alias::of(made).map(Class::Alias)
        }
        "ipaddress" if made.object.meter().charge(UNITS_OF_LOOK_UP) => {
            ipaddress::str_of(made).map(|_| Class::IpAddress(*made))
        }
        "importlib.metadata" | "pathlib._local" => path(made),
        "re" if name == *"_compile" => {
            let [pattern, flags] = made.exactly()?;
            let is_pattern = matches!(pattern.kind(), Kind::Str(_) | Kind::Bytes(_));
            is_pattern.then_some(Class::Pattern { pattern, flags: flags.as_i64()? })
        }
        "argparse" if name == *"Namespace" => namespace("Namespace(", made),
        "types" if name == *"SimpleNamespace" => namespace("namespace(", made),
        "uuid" if name == *"UUID" => {
            let number = integer::of(made.attribute("int")?)?;
            number.to_u128().map(Class::Uuid)
        }
        _ => None,
    }
}

/// The classes of which the tables tell how they print.
#[inline(never)]
fn catalogued<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let class = made.class;
    let templated = |templates| Some(Class::Templated { made: *made, templates });
    // Whatever kind of message, whose headers are not folded here.
    let is_message = class.is("http.client", "HTTPMessage")
        || class.module == *"mailbox" && class.name.as_bytes().ends_with(b"Message");
    if is_message || names::text_of(class.module).starts_with("email.m") {
        return templated([Some("{|_headers!lines|\n}\n{|_payload|}"), None]);
    }
    let (printed, named) = (Module::printed(class.module), Module::named(class.module));
    printed.or(named).filter(|_| made.object.meter().charge(UNITS_OF_LOOK_UP))?;
    let [str, repr] = [b"s", b"r"].map(|letter| printed?.template(letter, class.name));
    if str.or(repr).is_some() {
        return templated([str.or(repr), repr]);
    }
    let module = named?;
    if let Some((_, names)) = module.entry(b"t", class.name) {
        let first = made.first().map(Value::kind);
        return match first {
            // `os.stat_result((…), {…})`
            Some(Kind::Tuple(items)) if !made.is_instance => {
                Some(Class::Fields { class, is_struct: true, names, items })
            }
            _ => made.tuple().map(|items| Class::Fields { class, is_struct: false, names, items }),
        };
    }
    made.exactly().and_then(|[value]| Member::within(module, class, value)).map(Class::Enum)
}

fn namespace<'a>(open: &'static str, made: &Made<'a>) -> Option<Class<'a>> {
    match made.state.kind() {
        Kind::Dict(attributes) => Some(Class::Namespace(open, attributes)),
        Kind::None => Some(Class::Namespace(open, Pairs::none())),
        _ => None,
    }
}

fn builtin<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    match names::text_of(made.class.name) {
        "complex" => {
            let [real, imag] = made.exactly()?;
            Some(Class::Complex(real.as_f64()?, imag.as_f64()?))
        }
        "getattr" => {
            let [of, name] = made.exactly()?;
            name.as_text().map(|name| Class::Method { of, name })
        }
        "iter" => iterated(made).map(Class::Iterator),
        "range" => made.exactly().map(Class::Range),
        "reversed" => {
            let is_list = matches!(made.first().map(Value::kind), Some(Kind::List(_)));
            Some(Class::Plain(if is_list { "<list_reverseiterator object>" } else { "<reversed object>" }))
        }
        "type" => match made.first()?.kind() {
            Kind::None => Some(Class::Plain("<class 'NoneType'>")),
            Kind::Global(global) if global.name == *"Ellipsis" => Some(Class::Plain("<class 'ellipsis'>")),
            Kind::Global(global) if global.name == *"NotImplemented" => {
                Some(Class::Plain("<class 'NotImplementedType'>"))
            }
            _ => None,
        },
        _ => None,
    }
}

/// What an iterator goes over, as its class is named after it.
fn iterated(made: &Made<'_>) -> Option<&'static str> {
    let Some([of]) = made.exactly() else { return made.exactly::<2>().map(|_| "callable") };
    Some(match of.kind() {
        Kind::Str(text) if text.as_bytes().is_ascii() => "str_ascii",
        // Not classified: that may be an iterator, of an iterator, and so on.
        Kind::Object(object) => {
            let range = Made::of(&object).filter(|made| made.class.is("builtins", "range"))?.exactly::<3>()?;
            if range.iter().all(|number| number.as_i64().is_some()) { "range" } else { "longrange" }
        }
        kind => kind.type_name(),
    })
}

fn array<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let (typecode, elements) = match names::text_of(made.class.name) {
        "array" => {
            let [typecode, items] = made.exactly()?;
            let Kind::List(items) = items.kind() else { return None };
            (typecode.as_text()?, ArrayElements::Items(items))
        }
        "_array_reconstructor" => {
            let [_, typecode, format, bytes] = made.exactly()?;
            let Kind::Bytes(bytes) = bytes.kind() else { return None };
            (typecode.as_text()?, ArrayElements::Packed(bytes, format.as_i64()?.try_into().ok()?))
        }
        _ => return None,
    };
    Some(Class::Array { typecode, elements })
}

#[inline(never)]
fn collection<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let object = &made.object;
    let first = made.first();
    match names::text_of(made.class.name) {
        "ChainMap" => match made.attribute("maps")?.kind() {
            Kind::List(maps) => Some(Class::ChainMap(maps)),
            _ => None,
        },
        "Counter" => Entries::of_object(first, object).map(Class::Counter),
        "OrderedDict" => Entries::of_object(first, object).map(|entries| Class::OrderedDict(made.class, entries)),
        "defaultdict" => {
            let factory = first.unwrap_or(Value::none());
            Some(Class::DefaultDict { class: made.class, factory, entries: Entries::of_pairs(object.pairs()) })
        }
        "deque" => {
            let items = match first.map(Value::kind) {
                Some(Kind::List(items) | Kind::Tuple(items)) if !items.is_empty() => items,
                _ => object.items(),
            };
            Some(Class::Deque { items, maxlen: made.nth(1).filter(|maxlen| !maxlen.is_none()) })
        }
        "UserDict" | "UserList" | "UserString" => made.attribute("data").map(Class::UserData),
        _ => None,
    }
}

/// Numerator and denominator of a `fractions.Fraction`.
pub(in crate::python) fn fraction(made: &Made<'_>) -> Option<(BigInt, BigInt)> {
    match made.exactly::<2>() {
        Some([numerator, denominator]) => Some((integer::of(numerator)?, integer::of(denominator)?)),
        None => {
            let first = made.first()?;
            let text = first.as_text().filter(|text| text.as_bytes().len() <= MAX_FRACTION_BYTES)?.as_str()?;
            let work = (text.len() / FRACTION_BYTES_A_UNIT).saturating_add(BigInt::units_of_decimal(text.len()));
            first.meter().charge(work).then_some(())?;
            let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
            Some((BigInt::from_decimal(numerator.as_bytes())?, BigInt::from_decimal(denominator.as_bytes())?))
        }
    }
}

fn path<'a>(made: &Made<'a>) -> Option<Class<'a>> {
    let flavour = match names::text_of(made.class.name) {
        "PackagePath" | "PosixPath" | "PurePosixPath" => Flavour::Posix,
        "PureWindowsPath" | "WindowsPath" => Flavour::Windows,
        _ => return None,
    };
    Some(Class::Path { class: made.class.name, flavour, segments: made.args })
}

/// What it costs to tell what an object is, in units of a meter; what is long in it costs more.
const UNITS_OF_CLASSIFYING: usize = 120;
/// So many bytes of a class's name are looked at, more than once, in the time of one.
pub(super) const NAME_BYTES_A_UNIT: usize = 4;

/// So many bytes of a fraction's text are looked at in the time of a unit.
const FRACTION_BYTES_A_UNIT: usize = 8;

/// Numerator, denominator, a slash and a sign.
const MAX_FRACTION_BYTES: usize = 2 * crate::base::limits::MAX_INTEGER_DIGITS + 2;
