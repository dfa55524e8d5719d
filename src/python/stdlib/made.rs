//! How an object was made: by a call of what, with what.
//!
//! In: an [`Object`]. Out: its class and the arguments, the detours taken away on which older protocols and some packages go. Refused,
//! with `None`: what is not made by a call of something that has a name.

use super::names;
use crate::decode::{Global, Items, Kind, Object, Value};

/// How an object was made, once the detours of older protocols are taken away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub class: Global<'a>,
    pub args: Items<'a>,
    /// A class that would be instantiated, rather than called with whatever result.
    pub is_instance: bool,
    /// The value of the builtin that the class is derived from, if `copyreg._reconstructor` has one.
    pub base: Option<Value<'a>>,
}

impl<'a> Made<'a> {
    pub fn of(object: &Object<'a>) -> Option<Made<'a>> {
        let Kind::Tuple(args) = object.args().kind() else { return None };
        let class = match object.class().kind() {
            Kind::Global(global) => names::canonical(global),
            Kind::Object(function) => return Made::by_class_method(&function, args),
            _ => return None,
        };
        let made = Made { class, args, is_instance: object.is_instance(), base: None };
        match (names::text_of(class.module), names::text_of(class.name)) {
            ("copyreg", name) => made.by_copyreg(name),
            ("tblib.pickling_support", _) => Some(made.by_tblib().unwrap_or(made)),
            ("django.db.models.base", "unpickle_inner_exception") => Some(made.by_django(object).unwrap_or(made)),
            _ => Some(made),
        }
    }

    /// `copyreg._reconstructor(class, base, value)`, `copyreg.__newobj__(class, *args)`.
    fn by_copyreg(self, function: &str) -> Option<Made<'a>> {
        let mut args = self.args;
        let Kind::Global(class) = args.next()?.kind() else { return None };
        let class = names::canonical(class);
        let made = Made { class, args, is_instance: true, base: None };
        match function {
            "__newobj__" => Some(made),
            "__newobj_ex__" => match args.next()?.kind() {
                Kind::Tuple(args) => Some(Made { args, ..made }),
                _ => None,
            },
            "_reconstructor" => {
                let base = args.nth(1).filter(|value| !value.is_none());
                Some(Made { args: Items::none(), base, ..made })
            }
            _ => None,
        }
    }

    /// `unpickle_exception(class, args, …)`, `unpickle_exception_with_attrs(class, attributes, …)`
    fn by_tblib(self) -> Option<Made<'a>> {
        let mut args = self.args;
        let (Kind::Global(class), attributes) = (args.next()?.kind(), args.next()?) else { return None };
        let Kind::Tuple(args) = attribute(attributes, "args").unwrap_or(attributes).kind() else { return None };
        Some(Made { class: names::canonical(class), args, is_instance: false, base: None })
    }

    /// `unpickle_inner_exception(Model, 'DoesNotExist')` of Django 1, of which the arguments are the state.
    fn by_django(self, object: &Object<'a>) -> Option<Made<'a>> {
        let [model, name] = self.exactly()?;
        let (Kind::Global(model), Kind::Tuple(args)) = (model.kind(), object.state().kind()) else { return None };
        let class = Global { module: model.module, name: name.as_text()? };
        Some(Made { class, args, is_instance: false, base: None })
    }

    /// `getattr(class, '_unpickle')(*args)`, as zones of `zoneinfo` and classes below them are made.
    fn by_class_method(function: &Object<'a>, args: Items<'a>) -> Option<Made<'a>> {
        let (Kind::Global(global), Kind::Tuple(mut of)) = (function.class().kind(), function.args().kind()) else {
            return None;
        };
        let (Kind::Global(class), Some(method)) = (of.next()?.kind(), of.next()?.as_text()) else { return None };
        let is_known =
            names::canonical(global).is("builtins", "getattr") && (method == *"_unpickle" || method == *"no_cache");
        is_known.then_some(Made { class, args, is_instance: true, base: None })
    }

    /// The first argument.
    #[inline(never)]
    pub fn first(&self) -> Option<Value<'a>> {
        self.args.clone().next()
    }

    /// The arguments, if there are just as many.
    pub fn exactly<const N: usize>(&self) -> Option<[Value<'a>; N]> {
        let mut exactly = [Value::none(); N];
        self.fill(&mut exactly).then_some(exactly)
    }

    #[inline(never)]
    fn fill(&self, places: &mut [Value<'a>]) -> bool {
        let mut args = self.args;
        for place in places {
            let Some(arg) = args.next() else { return false };
            *place = arg;
        }
        args.is_empty()
    }

    /// The elements of a subclass of `tuple`.
    pub fn tuple(&self) -> Option<Items<'a>> {
        match self.base.map(Value::kind) {
            Some(Kind::Tuple(items)) => Some(items),
            Some(_) => None,
            None => Some(self.args),
        }
    }
}

/// An attribute of a state that has only a few: a `__dict__`, or that and the slots.
pub(super) fn attribute<'a>(state: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut parts = [state; 2];
    if let Kind::Tuple(mut both) = state.kind() {
        parts = [both.next()?, both.next()?];
    }
    parts.into_iter().find_map(|part| {
        let Kind::Dict(pairs) = part.kind() else { return None };
        part.meter().charge(UNITS_AN_ATTRIBUTE).then_some(())?;
        let mut nearby = pairs.take(MAX_ATTRIBUTES);
        nearby.find(|(key, _)| key.as_text().is_some_and(|key| key == *name)).map(|(_, value)| value)
    })
}

/// How many attributes are looked at to find one. The classes that are looked up so have about a dozen; a peer could
/// refer to one object with half a million of them half a million times.
pub(super) const MAX_ATTRIBUTES: usize = 16;

/// What it costs to look for one, in units of a meter.
const UNITS_AN_ATTRIBUTE: usize = 4;
