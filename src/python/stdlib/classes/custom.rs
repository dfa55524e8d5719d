//! What an object of a class that is not known is, by its shape: an exception, a container, a builtin's subclass, attributes, a call.

use super::{Class, builtin, pairs_of};
use crate::base::text::Text;
use crate::decode::{Kind, Pairs, Value};
use crate::python::stdlib::catalogue::UNITS_OF_LOOK_UP;
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::exception_names::{is_exception, looks_like_one};
use crate::python::stdlib::made::Made;
use crate::python::stdlib::names;

/// Everything else, by its shape.
pub(in crate::python::stdlib) fn custom<'a>(made: &Made<'a>) -> Class<'a> {
    let Made { object, class, args, state, is_instance, base } = *made;
    let is_function = !is_instance && names::is_function(class);
    if let Some(entries) = kept_in_state(made) {
        return Class::Dict(entries);
    }
    if let Some(builtin) = base.filter(|value| is_builtin(*value)) {
        return Class::Builtin(builtin);
    }
    // Exceptions are pickled as calls of their classes.
    if !is_instance && (is_exception(class) || looks_like_one(class)) {
        return Class::Exception(*made);
    }
    if !object.pairs().is_empty() {
        let entries = Entries::of_pairs(object.pairs());
        // What is not instantiated but called, is so by the `__reduce__` of one of these.
        return match made.first() {
            _ if is_instance => Class::Dict(entries),
            None => Class::OrderedDict(class, entries),
            Some(factory) => Class::DefaultDict { class, factory, entries },
        };
    }
    if !object.items().is_empty() {
        return Class::List(object.items());
    }
    match made.exactly() {
        Some([value]) if is_instance && object.kwargs().is_none() && is_value(value) => return Class::Builtin(value),
        // `tuple(…)` of a tuple, as `isocalendar()` is pickled.
        Some([value]) if class.is("builtins", "tuple") && matches!(value.kind(), Kind::Tuple(_)) => {
            return Class::Builtin(value);
        }
        _ => {}
    }
    if !is_function && is_opaque(made) {
        return Class::Object(Some(class));
    }
    if let Some(attributes) = attributes_of(state) {
        let dict_at = |name| pairs_of(made.attribute(name)?)?.pairs();
        let model = dict_at("__dict__")
            .map(|made_of| Entries::Pairs { made_of, set: dict_at("__pydantic_extra__").unwrap_or(Pairs::none()) });
        return Class::State { class, args, attributes: model.unwrap_or(attributes), is_model: model.is_some() };
    }
    let keywords = match object.kwargs().kind() {
        Kind::Dict(keywords) => keywords,
        _ => Pairs::none(),
    };
    if state.is_truthy() {
        return Class::StateOf { class, args, state };
    }
    if args.is_empty() && keywords.is_empty() && !is_function {
        return Class::Object(Some(class));
    }
    Class::Call { class, args, keywords }
}

/// The entries of a subclass of `dict` whose state has others under the same keys: with all values of each, say, as werkzeug's `MultiDict`
/// has it, of which the items are the first.
fn kept_in_state<'a>(made: &Made<'a>) -> Option<Entries<'a>> {
    let Kind::Dict(state) = made.state.kind() else { return None };
    let (mut items, mut kept) = (made.pairs(), state);
    let is_same = |(key, _): (Value<'a>, Value<'a>), (other, _): (Value<'a>, Value<'a>)| {
        let name = key.as_text().filter(|name| key.meter().charge(UNITS_A_NAME.saturating_add(name.as_bytes().len())));
        name.is_some() && name == other.as_text()
    };
    loop {
        match (items.next(), kept.next()) {
            (Some(item), Some(kept)) if is_same(item, kept) => {}
            (None, None) if !state.is_empty() => return Some(Entries::of_pairs(state)),
            _ => return None,
        }
    }
}

/// The attributes of an object whose class is not known: what BUILD would put into its `__dict__` and its slots, if all their names are
/// identifiers, as far as they are looked at.
fn attributes_of(state: Value<'_>) -> Option<Entries<'_>> {
    let entries = match state.kind() {
        Kind::Dict(dict) => Entries::of_pairs(dict),
        Kind::Tuple(mut both) => {
            let (dict, slots) = (both.next()?, both.next()?);
            let Kind::Dict(set) = slots.kind() else { return None };
            match dict.kind() {
                _ if !both.is_empty() => return None,
                Kind::None => Entries::of_pairs(set),
                Kind::Dict(made_of) => Entries::Pairs { made_of, set },
                _ => return None,
            }
        }
        _ => return None,
    };
    let are_names = entries.take(MAX_NAMES).all(|(key, _)| is_name(key));
    (are_names && !entries.is_empty()).then_some(entries)
}

/// True for a key that is the name of an attribute, as far as it is looked at.
fn is_name(key: Value<'_>) -> bool {
    key.meter().charge(UNITS_A_NAME) && key.as_text().is_some_and(is_identifier)
}

/// True for what may follow the dot of an attribute; letters beyond ASCII are taken for such.
fn is_identifier(name: Text<'_>) -> bool {
    let bytes = name.as_bytes();
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    bytes.first().is_some_and(|first| !first.is_ascii_digit())
        && bytes.iter().take(MAX_NAME_BYTES).copied().all(is_letter)
}

/// True for an object of a class of the standard library that has no `__repr__` of its own, as far as can be told.
fn is_opaque(made: &Made<'_>) -> bool {
    let class = made.class;
    if !made.object.meter().charge(UNITS_OF_LOOK_UP) {
        return false;
    }
    if class.module != *"builtins" && !names::is_standard(class.module) {
        return false;
    }
    match names::text_of(class.module) {
        "builtins" | "itertools" => true,
        "collections" => class.name.as_bytes().ends_with(b"_iterator"),
        "unittest.case" | "unittest.result" | "zipfile" => false,
        "argparse" if class.name.as_bytes().starts_with(b"_") => false,
        _ => made.args.is_empty() || matches!(made.state.kind(), Kind::Dict(_)),
    }
}

/// True for a value of a builtin class.
fn is_builtin(value: Value<'_>) -> bool {
    let Kind::Object(object) = value.kind() else { return true };
    Made::of(&object).is_some_and(|made| matches!(builtin(&made), Some(Class::Complex(..))))
}

/// True for the builtins whose subclasses hand their value to `__new__`.
fn is_value(value: Value<'_>) -> bool {
    matches!(
        value.kind(),
        Kind::Bool(_)
            | Kind::Int(_)
            | Kind::BigInt(_)
            | Kind::Float(_)
            | Kind::Str(_)
            | Kind::Bytes(_)
            | Kind::Tuple(_)
            | Kind::FrozenSet(_)
    )
}

/// So many attributes are asked whether their names are identifiers, …
const MAX_NAMES: usize = 32;
/// … at so many units each, …
const UNITS_A_NAME: usize = 6;
/// … and so much of each name.
const MAX_NAME_BYTES: usize = 64;
