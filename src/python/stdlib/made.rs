//! How an object was made: by a call of what, with what.
//!
//! In: an [`Object`]. Out: its class and the arguments, the detours taken away on which older protocols and some packages go. Refused,
//! with `None`: what is not made by a call of something that has a name.

use super::names;
use crate::base::digits;
use crate::decode::{Global, Items, Kind, Object, Pairs, Value};

/// How an object was made, once the detours of older protocols are taken away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    pub object: Object<'a>,
    pub class: Global<'a>,
    pub args: Items<'a>,
    /// What BUILD would set, or what the function takes in its place that makes the object.
    pub state: Value<'a>,
    /// A class that would be instantiated, rather than called with whatever result.
    pub is_instance: bool,
    /// The value of the builtin that the class is derived from, if `copyreg._reconstructor` has one.
    pub base: Option<Value<'a>>,
}

impl<'a> Made<'a> {
    pub fn of(object: &Object<'a>) -> Option<Made<'a>> {
        let Kind::Tuple(args) = object.args().kind() else { return None };
        let (class, is_instance) = match object.class().kind() {
            Kind::Global(global) => (names::canonical(global), object.is_instance()),
            Kind::Object(function) => (class_with_method(&function)?, false),
            _ => return None,
        };
        let mut made = Made { object: *object, class, args, state: object.state(), is_instance, base: None };
        let name = names::text_of(class.name);
        match names::text_of(class.module) {
            "copyreg" => made.by_copyreg(name)?,
            "botocore.exceptions" if name == "_exception_from_packed_args" => _ = made.by_botocore(),
            "tblib.pickling_support" => _ = made.by_tblib(),
            "django.db.models.base" => _ = made.by_django(),
            _ => {}
        }
        Some(made)
    }

    /// `copyreg._reconstructor(class, base, value)`, `copyreg.__newobj__(class, *args)`.
    fn by_copyreg(&mut self, function: &str) -> Option<()> {
        self.class = class_of(self.args.next()?)?;
        self.is_instance = true;
        match function {
            "__newobj__" => {}
            "__newobj_ex__" => self.args = tuple_of(self.args.next()?)?,
            "_reconstructor" => {
                self.base = self.args.nth(1).filter(|value| !value.is_none());
                self.args = Items::none();
            }
            _ => return None,
        }
        Some(())
    }

    /// `functools.partial(function, …)()`, and `functools.partial(class.__new__, class, …)()`, as protocols 2 and 3 instantiate with
    /// keywords, which are the state where there is no other.
    #[inline(never)]
    pub fn by_partial(object: &Object<'a>) -> Option<Made<'a>> {
        let Kind::Object(partial) = object.class().kind() else { return None };
        if !class_of(partial.class())?.is("functools", "partial") || item(object.args(), 0).is_some() {
            return None;
        }
        let parts = partial.state();
        let (function, mut args) = (item(parts, 0)?, tuple_of(item(parts, 1)?)?);
        let (class, is_instance) = match function.kind() {
            Kind::Object(method) if item(method.args(), 1)?.as_text()? == *"__new__" => (args.next()?, true),
            _ => (function, false),
        };
        let state = if object.state().is_none() { item(parts, 2)? } else { object.state() };
        Some(Made { object: *object, class: class_of(class)?, args, state, is_instance, base: None })
    }

    /// `unpickle_exception(class, args, …)`, `unpickle_exception_with_attrs(class, attributes, …)`
    fn by_tblib(&mut self) -> Option<()> {
        let (class, attributes) = (class_of(self.first()?)?, self.nth(1)?);
        self.args = tuple_of(attribute(attributes, "args").unwrap_or(attributes))?;
        self.class = class;
        Some(())
    }

    /// `_exception_from_packed_args(class, args, keywords)`, of which the keywords are what the message shows.
    fn by_botocore(&mut self) -> Option<()> {
        self.class = class_of(self.first()?)?;
        self.state = self.nth(2).unwrap_or(self.state);
        self.args = self.nth(1).and_then(tuple_of).unwrap_or(Items::none());
        Some(())
    }

    /// `model_unpickle(('app', 'Model'))`, and `unpickle_inner_exception(Model, 'DoesNotExist')` of Django 1, of which the arguments
    /// are the state.
    fn by_django(&mut self) -> Option<()> {
        let model = self.first()?;
        if let Kind::Global(model) = model.kind() {
            self.class = Global { module: model.module, name: self.nth(1)?.as_text()? };
            self.args = tuple_of(self.state)?;
        } else {
            let model = Made { args: tuple_of(model)?, ..*self };
            self.class = Global { module: model.first()?.as_text()?, name: model.nth(1)?.as_text()? };
            self.args = Items::none();
        }
        Some(())
    }

    /// The first argument.
    pub fn first(&self) -> Option<Value<'a>> {
        self.nth(0)
    }

    /// The argument at a place.
    #[inline(never)]
    pub fn nth(&self, place: usize) -> Option<Value<'a>> {
        self.args.clone().nth(place)
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

    /// The elements of a subclass of `tuple`, or else the arguments.
    pub fn shown_args(&self) -> Items<'a> {
        self.tuple().unwrap_or(self.args)
    }

    /// An attribute that BUILD would set.
    pub fn attribute(&self, name: &str) -> Option<Value<'a>> {
        attribute(self.state, name)
    }

    /// The entries of a subclass of `dict`.
    #[inline(never)]
    pub fn pairs(&self) -> Pairs<'a> {
        match self.base.map(Value::kind) {
            Some(Kind::Dict(pairs)) => pairs,
            _ => self.object.pairs(),
        }
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

/// The class of `getattr(class, '_unpickle')`, as zones of `zoneinfo` and classes below them are made.
fn class_with_method<'a>(function: &Object<'a>) -> Option<Global<'a>> {
    let Kind::Global(global) = function.class().kind() else { return None };
    let mut of = tuple_of(function.args())?;
    let (class, method) = (class_of(of.next()?)?, of.next()?.as_text()?);
    let is_known = names::canonical(global).is("builtins", "getattr")
        && names::is_among("_unpickle from_exception_data no_cache", names::text_of(method));
    is_known.then_some(class)
}

#[inline(never)]
pub(super) fn class_of(class: Value<'_>) -> Option<Global<'_>> {
    match class.kind() {
        Kind::Global(class) => Some(names::canonical(class)),
        _ => None,
    }
}

#[inline(never)]
fn tuple_of(value: Value<'_>) -> Option<Items<'_>> {
    match value.kind() {
        Kind::Tuple(items) => Some(items),
        _ => None,
    }
}

#[inline(never)]
fn item(tuple: Value<'_>, place: usize) -> Option<Value<'_>> {
    tuple_of(tuple)?.nth(place)
}

/// An argument or an attribute, or what is within it, after dots.
pub(super) fn at_path<'a>(path: &str, made: &Made<'a>) -> Option<Value<'a>> {
    let mut names = path.split('.');
    let first = argument(names.next()?, made);
    names.fold(first, |value, name| match value?.kind() {
        Kind::Dict(pairs) => pairs.find(name),
        Kind::Object(object) => argument(name, &Made::of(&object)?),
        Kind::List(mut items) | Kind::Tuple(mut items) => items.nth(digits::parse(name)?),
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

/// An attribute of a state that has only a few: a `__dict__`, or that and the slots.
pub(super) fn attribute<'a>(state: Value<'a>, name: &str) -> Option<Value<'a>> {
    let mut parts = [state; 2];
    if let Kind::Tuple(mut both) = state.kind() {
        parts = [both.next()?, both.next()?];
    }
    parts.into_iter().find_map(|part| if let Kind::Dict(pairs) = part.kind() { nearby(pairs, name) } else { None })
}

/// The value of a key of a dict that has only a few.
#[inline(never)]
pub(super) fn nearby<'a>(pairs: Pairs<'a>, name: &str) -> Option<Value<'a>> {
    { pairs }.next().filter(|(key, _)| key.meter().charge(UNITS_AN_ATTRIBUTE))?;
    let mut nearby = pairs.take(MAX_ATTRIBUTES);
    nearby.find(|(key, _)| key.as_text().is_some_and(|key| key == *name)).map(|(_, value)| value)
}

/// How many attributes are looked at to find one. The classes that are looked up so have about a dozen; a peer could
/// refer to one object with half a million of them half a million times.
pub(super) const MAX_ATTRIBUTES: usize = 20;

/// What it costs to look for one, in units of a meter.
const UNITS_AN_ATTRIBUTE: usize = 5;
