//! What a pickle decodes to: values in one flat arena, children by index.
//!
//! A [`Value`] is a [`Node`] of the [`Arena`] together with where to look things up; [`Value::kind`] is what to match on. Sharing and
//! cycles cost nothing and nothing recurses: neither decoding, nor printing, nor dropping. Python objects other than the builtins
//! are shown, never made: an [`Object`] keeps what the pickle says of it.

use super::arena::{Arena, NOTHING, Node, ObjectParts, Run, Span, widen};
use crate::base::meter::Meter;
use crate::base::text::Text;

/// One decoded value. Cheap to copy; borrows from the frame and the arena.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    pub(super) arena: &'a Arena,
    pub(super) frame: &'a [u8],
    node: Node,
}

/// The forms that a value can take.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An `int` of up to 64 bits.
    Int(i64),
    /// A wider `int`: two's complement, least significant byte first, any length.
    BigInt(&'a [u8]),
    /// A `float`
    Float(f64),
    /// A `str`; Python 2's byte strings too, read as UTF-8 if they are that, else as Latin-1.
    Str(Text<'a>),
    /// A `bytes`
    Bytes(&'a [u8]),
    /// A `bytearray`
    ByteArray(&'a [u8]),
    /// A `tuple`
    Tuple(Items<'a>),
    /// A `list`
    List(Items<'a>),
    /// A `dict`, in the order of its pickle.
    Dict(Pairs<'a>),
    /// A `set`, in the order of its pickle.
    Set(Items<'a>),
    /// A `frozenset`, in the order of its pickle.
    FrozenSet(Items<'a>),
    /// A class or function, by name.
    Global(Global<'a>),
    /// Anything that Python would make by a call.
    Object(Object<'a>),
}

impl Kind<'_> {
    /// The name of the Python type, for messages; `object` for an object.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Kind::None => "NoneType",
            Kind::Bool(_) => "bool",
            Kind::Int(_) | Kind::BigInt(_) => "int",
            Kind::Float(_) => "float",
            Kind::Str(_) => "str",
            Kind::Bytes(_) => "bytes",
            Kind::ByteArray(_) => "bytearray",
            Kind::Tuple(_) => "tuple",
            Kind::List(_) => "list",
            Kind::Dict(_) => "dict",
            Kind::Set(_) => "set",
            Kind::FrozenSet(_) => "frozenset",
            Kind::Global(_) => "type",
            Kind::Object(_) => "object",
        }
    }
}

impl<'a> Value<'a> {
    pub(crate) const fn new(arena: &'a Arena, frame: &'a [u8], node: Node) -> Value<'a> {
        Value { arena, frame, node }
    }

    /// `None`, of no pickle.
    #[inline(never)]
    pub const fn none() -> Value<'a> {
        Value { arena: &NOTHING, frame: &[], node: Node::None }
    }

    /// A `bool`, of no pickle.
    pub const fn bool(value: bool) -> Value<'a> {
        Value { node: if value { Node::True } else { Node::False }, ..Value::none() }
    }

    /// An `int`, of no pickle.
    #[inline(never)]
    pub const fn int(value: i64) -> Value<'a> {
        Value { node: Node::Int(value), ..Value::none() }
    }

    /// A `float`, of no pickle.
    #[inline(never)]
    pub const fn float(value: f64) -> Value<'a> {
        Value { node: Node::float(value), ..Value::none() }
    }

    /// A `str`, of no pickle; longer than 4 GiB it would be empty.
    #[inline(never)]
    pub fn text(text: Text<'a>) -> Value<'a> {
        let length = u32::try_from(text.as_bytes().len()).unwrap_or(0);
        Value { frame: text.as_bytes(), node: Node::Str(Span::new(0, length)), ..Value::none() }
    }

    /// `()`, of no pickle.
    pub fn empty_tuple() -> Value<'a> {
        Value { node: Node::Tuple(Span::new(0, 0)), ..Value::none() }
    }

    pub(crate) const fn node(self) -> Node {
        self.node
    }

    /// What counts the work that is done for the record of whose pickle this is.
    #[inline]
    pub fn meter(self) -> &'a Meter {
        &self.arena.meter
    }

    /// The bytes of the pickle that this is of.
    #[inline]
    pub(crate) const fn frame_bytes(self) -> usize {
        self.frame.len()
    }

    /// The node that stands at a place in the arena, whatever that belongs to; unset beyond its end.
    #[inline(always)]
    pub(crate) fn node_at(self, place: u32) -> Node {
        self.arena.nodes.get(widen(place)).copied().unwrap_or_default()
    }

    /// Another node of the same pickle.
    pub(crate) const fn with(self, node: Node) -> Value<'a> {
        Value { arena: self.arena, frame: self.frame, node }
    }

    /// The form of this value, to match on.
    #[inline(never)]
    pub fn kind(self) -> Kind<'a> {
        match self.node {
            Node::Unset | Node::None => Kind::None,
            Node::False => Kind::Bool(false),
            Node::True => Kind::Bool(true),
            Node::Int(value) => Kind::Int(value),
            Node::BigInt(span) => Kind::BigInt(self.bytes_at(span)),
            Node::Float(bits) => Kind::Float(bits.value()),
            Node::Str(span) => Kind::Str(Text::known_valid(self.bytes_at(span))),
            Node::Bytes(span) => Kind::Bytes(self.bytes_at(span)),
            Node::ByteArray(span) => Kind::ByteArray(self.bytes_at(span)),
            Node::Tuple(span) => Kind::Tuple(self.tuple_items(span)),
            Node::List(list) => Kind::List(self.items_of(list.get())),
            Node::Dict(dict) => Kind::Dict(Pairs(self.items_of(dict.get()))),
            Node::Set(set) => Kind::Set(self.items_of(set.get())),
            Node::FrozenSet(set) => Kind::FrozenSet(self.items_of(set.get())),
            Node::Global(index) => Kind::Global(self.global_at(index.get())),
            Node::Object(index) => Kind::Object(Object { value: self, index: index.get() }),
        }
    }

    /// The text, if this is a `str`.
    #[inline(never)]
    pub fn as_text(self) -> Option<Text<'a>> {
        match self.node {
            Node::Str(span) => Some(Text::known_valid(self.bytes_at(span))),
            _ => None,
        }
    }

    /// The integer, if this is an `int` or `bool` of up to 64 bits.
    #[inline(never)]
    pub fn as_i64(self) -> Option<i64> {
        match self.node {
            Node::Int(value) => Some(value),
            Node::False => Some(0),
            Node::True => Some(1),
            _ => None,
        }
    }

    /// The number, if this is an `int` of up to 64 bits, or a `float` that is one once what is after its point is left out.
    #[inline(always)]
    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "checked to be in range; truncating is meant"
    )]
    pub(crate) fn as_small_number(self) -> Option<i64> {
        match self.node {
            Node::Int(value) => Some(value),
            Node::Float(bits) => {
                let value = bits.value();
                (value.abs() < TWO_TO_THE_63).then_some(value as i64)
            }
            _ => None,
        }
    }

    /// The number, if this is a `float`, or an `int` or `bool` of up to 64 bits (rounded as Python's `float()` does).
    #[allow(clippy::as_conversions, clippy::cast_precision_loss, reason = "rounding to nearest is what float() does")]
    #[inline(never)]
    pub fn as_f64(self) -> Option<f64> {
        match self.node {
            Node::Float(bits) => Some(bits.value()),
            _ => self.as_i64().map(|value| value as f64),
        }
    }

    /// True for `None`.
    pub const fn is_none(self) -> bool {
        matches!(self.node, Node::None | Node::Unset)
    }

    /// Python's `bool(value)`; an object counts as true.
    pub fn is_truthy(self) -> bool {
        match self.kind() {
            Kind::None => false,
            Kind::Bool(value) => value,
            Kind::Int(value) => value != 0,
            Kind::Float(value) => value != 0.0,
            Kind::Str(text) => !text.is_empty(),
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => !bytes.is_empty(),
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) | Kind::FrozenSet(items) => !items.is_empty(),
            Kind::Dict(pairs) => !pairs.is_empty(),
            Kind::BigInt(_) | Kind::Global(_) | Kind::Object(_) => true,
        }
    }

    /// Distinguishes containers: two values with the same identity are the same object in Python. `None` for scalars.
    pub const fn identity(self) -> Option<Identity> {
        match self.node {
            Node::Tuple(span) if span.length() > 0 => Some(Identity::Tuple(span.start())),
            Node::List(index) | Node::Dict(index) | Node::Set(index) | Node::FrozenSet(index) => {
                Some(Identity::Run(index.get()))
            }
            Node::Object(index) => Some(Identity::Object(index.get())),
            _ => None,
        }
    }

    /// The bytes of a node that has some.
    #[inline(always)]
    pub(crate) fn bytes_at(self, span: Span) -> &'a [u8] {
        self.arena.bytes(self.frame, span)
    }

    fn global_at(self, index: u32) -> Global<'a> {
        let (module, name) = self.arena.globals.get(widen(index)).copied().unwrap_or_default();
        let [module, name] = [module, name].map(|span| Text::known_valid(self.bytes_at(span)));
        Global { module, name }
    }

    fn tuple_items(self, span: Span) -> Items<'a> {
        Items { arena: self.arena, frame: self.frame, nodes: self.arena.nodes(span), next_run: Run::NO_NEXT }
    }

    fn items_of(self, first_run: u32) -> Items<'a> {
        Items { arena: self.arena, frame: self.frame, nodes: &[], next_run: first_run }.onto_next_run()
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.node.fmt(f)
    }
}

/// See [`Value::identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Identity {
    /// A tuple, by its place in the arena.
    Tuple(u32),
    /// A list, dict, set or frozenset.
    Run(u32),
    /// An object.
    Object(u32),
}

/// Iterates over the elements of a list, tuple or set.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a> {
    arena: &'a Arena,
    frame: &'a [u8],
    nodes: &'a [Node],
    next_run: u32,
}

impl<'a> Items<'a> {
    /// No elements, of no pickle.
    pub(crate) const fn none() -> Items<'a> {
        Items { arena: &NOTHING, frame: &[], nodes: &[], next_run: Run::NO_NEXT }
    }

    /// True if no element is left.
    pub const fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many elements are left; costs a step for each batch of elements in the pickle.
    pub fn len(&self) -> usize {
        let (mut total, mut runs) = (0_usize, 0_usize);
        let mut rest = *self;
        while !rest.nodes.is_empty() {
            total = total.saturating_add(rest.nodes.len());
            rest = rest.onto_next_run();
            runs = runs.saturating_add(1);
            if runs % RUNS_A_UNIT == 0 && !self.arena.meter.charge(1) {
                break;
            }
        }
        total
    }

    /// [`Iterator::next`] for the loop over a record's attributes; elsewhere it would only be copied into a hundred places.
    #[inline(always)]
    fn step(&mut self) -> Option<Value<'a>> {
        let (&first, rest) = self.nodes.split_first()?;
        self.nodes = rest;
        if rest.is_empty() && self.next_run != Run::NO_NEXT {
            *self = self.onto_next_run();
        }
        Some(self.value(first))
    }

    #[inline(always)]
    const fn value(&self, node: Node) -> Value<'a> {
        Value { arena: self.arena, frame: self.frame, node }
    }

    /// Moves on to the next run that is not empty.
    fn onto_next_run(mut self) -> Items<'a> {
        self.nodes = &[];
        while self.nodes.is_empty() {
            let Some(run) = self.arena.runs.get(widen(self.next_run)) else { break };
            self.nodes = self.arena.nodes(run.span());
            self.next_run = run.next;
        }
        self
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    #[inline(never)]
    fn next(&mut self) -> Option<Value<'a>> {
        self.step()
    }
}

/// Iterates over the keys and values of a dict.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a>(Items<'a>);

impl<'a> Pairs<'a> {
    /// No pairs, of no pickle.
    pub(crate) const fn none() -> Pairs<'a> {
        Pairs(Items::none())
    }

    /// True if no pair is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many of them stand together, before others.
    pub(crate) const fn in_first_run(&self) -> usize {
        self.0.nodes.len() / 2
    }

    /// What is left after those that `take` takes.
    #[inline(always)]
    pub(crate) fn after(self, mut take: impl FnMut(Value<'a>, Value<'a>) -> bool) -> Pairs<'a> {
        let Pairs(mut items) = self;
        while let [key, value, rest @ ..] = items.nodes {
            if !take(items.value(*key), items.value(*value)) {
                break;
            }
            items.nodes = rest;
            if rest.is_empty() {
                items = items.onto_next_run();
            }
        }
        Pairs(items)
    }

    /// How many pairs are left.
    pub fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// [`Iterator::next`] for the loop over a record's attributes, as [`Items::step`] is.
    #[inline(always)]
    pub(crate) fn step(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        Some((self.0.step()?, self.0.step()?))
    }

    /// The value of the last pair whose key is the text `key`, as in Python a later pair replaces an earlier one; `None` too if
    /// the record's [`Meter`] does not allow that all are looked at.
    pub fn find(self, key: &str) -> Option<Value<'a>> {
        self.find_text(Text::from(key))
    }

    /// The same of any text.
    pub(crate) fn find_text(mut self, key: Text<'_>) -> Option<Value<'a>> {
        let (meter, key) = (&self.0.arena.meter, key.as_bytes());
        if !meter.charge((self.len() / PAIRS_A_UNIT).saturating_add(1)) {
            return None;
        }
        let mut found = None;
        while let Some((name, value)) = self.step() {
            let Node::Str(span) = name.node else { continue };
            let name = name.bytes_at(span);
            // Long keys that are almost alike cost more than to be passed over.
            if name.len() == key.len() && meter.charge(key.len() / COMPARED_BYTES_A_UNIT) && name == key {
                found = Some(value);
            }
        }
        found
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline(never)]
    fn next(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        self.step()
    }

    /// Run by run, without asking at each pair whether its run ends there. Every run holds whole pairs.
    #[inline]
    fn fold<B, F: FnMut(B, (Value<'a>, Value<'a>)) -> B>(self, init: B, mut f: F) -> B {
        let Pairs(mut items) = self;
        let mut folded = init;
        while !items.is_empty() {
            for pair in items.nodes.chunks_exact(2) {
                if let &[key, value] = pair {
                    folded = f(folded, (items.value(key), items.value(value)));
                }
            }
            items = items.onto_next_run();
        }
        folded
    }
}

/// A class or function that a pickle names; it is never looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Global<'a> {
    /// Such as `datetime`.
    pub module: Text<'a>,
    /// Such as `timezone` or `Outer.Inner`.
    pub name: Text<'a>,
}

impl Global<'_> {
    /// True for this module and name.
    #[inline(never)]
    pub fn is(&self, module: &str, name: &str) -> bool {
        self.module == *module && self.name == *name
    }
}

/// What a pickle says of an object: which class or function would be called with what, and what would then be put into it.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    value: Value<'a>,
    index: u32,
}

impl<'a> Object<'a> {
    /// The class or function, mostly a [`Kind::Global`].
    #[inline(never)]
    pub fn class(&self) -> Value<'a> {
        self.part(|parts| parts.class)
    }

    /// True if `class` names a class that would be instantiated (NEWOBJ, NEWOBJ_EX, INST, OBJ), false if it would be called
    /// (REDUCE) with whatever result.
    pub fn is_instance(&self) -> bool {
        self.parts().is_some_and(|parts| parts.instance)
    }

    /// The arguments of the call, mostly a tuple; `None` if there are none.
    #[inline(never)]
    pub fn args(&self) -> Value<'a> {
        self.part(|parts| parts.args)
    }

    /// The keyword arguments of the call (NEWOBJ_EX), a dict; `None` if there are none.
    pub fn kwargs(&self) -> Value<'a> {
        self.part(|parts| parts.kwargs)
    }

    /// What BUILD would set: the `__dict__`, a tuple of it and the slots, or whatever `__setstate__` takes; `None` without.
    #[inline(never)]
    pub fn state(&self) -> Value<'a> {
        self.part(|parts| parts.state)
    }

    /// What counts the work that is done for the record of whose pickle this is.
    #[inline]
    pub fn meter(&self) -> &'a Meter {
        self.value.meter()
    }

    /// What APPENDS would append (or ADDITEMS add).
    pub fn items(&self) -> Items<'a> {
        self.value.items_of(self.parts().map_or(Run::NO_NEXT, |parts| parts.items))
    }

    /// What SETITEMS would set.
    pub fn pairs(&self) -> Pairs<'a> {
        Pairs(self.value.items_of(self.parts().map_or(Run::NO_NEXT, |parts| parts.pairs)))
    }

    fn parts(&self) -> Option<&'a ObjectParts> {
        self.value.arena.objects.get(widen(self.index))
    }

    fn part(&self, part: impl Fn(&ObjectParts) -> Node) -> Value<'a> {
        self.value.with(self.parts().map_or(Node::None, part))
    }
}

/// So many runs, or pairs, are passed over in the time of a unit, …
const RUNS_A_UNIT: usize = 4;
const PAIRS_A_UNIT: usize = 2;
/// … and so many bytes compared.
const COMPARED_BYTES_A_UNIT: usize = 128;

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;
