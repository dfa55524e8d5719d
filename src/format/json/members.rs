//! What is still to be written of a line: the attributes of a record, the members of objects, and the elements of arrays, one by one.

use super::labels::{CLIENT_ADDRESS, Labels, MAX_NUMBER_BYTES, Plain};
use super::pending::{GATHERED_BYTES, Pending};
use super::{Dialect, LEAST_VALUE_BYTES, room};
use crate::base::meter::Meter;
use crate::base::text::Text;
use crate::decode::{Items, Object, Pairs, Value};
use crate::python::stdlib::entries::Entries;
use crate::python::stdlib::made::Made;
use crate::record::{Attributes, Ending, PEER};

/// What is still to be written of an array or an object.
pub enum Rest<'a> {
    Items(Items<'a>),
    Object(Members<'a>),
    Pairs(Pairs<'a>),
    Entries(Entries<'a>),
    Fields(Fields<'a>),
    Record(RecordRest<'a>),
}

/// The attributes, then `message` if there were arguments to merge, and then `client_address`, which is called [`PEER`] where one is
/// called so.
pub struct RecordRest<'a> {
    pub labels: &'a mut Labels,
    pub ending: Option<Ending>,
    pub attributes: Attributes<'a>,
    /// How many of all were written or passed over.
    pub seen: usize,
    pub message: Option<Value<'a>>,
    pub client_address: Option<Value<'a>>,
    /// One of the attributes is called `client_address`.
    pub brings_address: bool,
}

/// Members as they are made up one by one: there may be many.
pub type Fields<'a> = Box<dyn FnMut() -> Option<(Key<'a>, Content<'a>)> + 'a>;

/// One element of an array, or member of an object.
pub struct Member<'a> {
    pub key: Option<Key<'a>>,
    pub value: Content<'a>,
}

pub enum Key<'a> {
    Name(&'static str),
    Text(Text<'a>),
    Value(Value<'a>),
}

pub enum Content<'a> {
    /// What an object's class is called.
    ClassOf(Object<'a>),
    Items(Items<'a>),
    Pairs(Pairs<'a>),
    /// JSON.
    Raw(&'a str),
    Value(Value<'a>),
}

impl Rest<'_> {
    pub fn is_array(&self) -> bool {
        matches!(self, Rest::Items(_))
    }
}

impl<'a> Iterator for Rest<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let (key, value) = match self {
            Rest::Items(items) => return Some(Member { key: None, value: Content::Value(items.next()?) }),
            Rest::Object(members) => return members.next(),
            Rest::Pairs(pairs) => pairs.next()?,
            Rest::Entries(entries) => entries.next()?,
            Rest::Fields(fields) => {
                let (key, value) = fields()?;
                return Some(Member { key: Some(key), value });
            }
            Rest::Record(record) => return record.next(),
        };
        Some(Member { key: Some(Key::Value(key)), value: Content::Value(value) })
    }
}

impl<'a> RecordRest<'a> {
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.message.is_none() && self.client_address.is_none()
    }

    /// Writes members as long as they are plain, which most are: the room, the work and the escapes of each are what the general
    /// way would find, in a tenth of the time.
    pub fn write_plain(&mut self, out: &mut Pending<'_, '_>, meter: &Meter) {
        let end =
            out.length.saturating_add(room(out, 1, Dialect::Own).saturating_sub(LEAST_VALUE_BYTES)).min(GATHERED_BYTES);
        let mut plain = Plain { end, units: 0, most_units: meter.left_at_once(), decimal: [0; MAX_NUMBER_BYTES] };
        let ending = self.ending.filter(|ending| self.seen <= ending.first_key);
        self.put_before(ending.map_or(usize::MAX, |ending| ending.first_key), &mut plain, out);
        if let Some(Ending { number, .. }) = ending.filter(|ending| self.seen == ending.first_key) {
            if plain.put_tail(&self.labels.tail, number, out) {
                (self.attributes, self.seen) = (Attributes::none(), self.labels.known.len());
            } else {
                let before = (out.length, plain.units);
                self.put_before(usize::MAX, &mut plain, out);
                if self.attributes.is_empty() {
                    self.labels.tail.learn(number, before, &plain, out);
                }
            }
        }
        let is_last = self.attributes.is_empty() && !self.brings_address;
        if let (true, None, Some(address)) = (is_last, self.message, self.client_address) {
            if plain.put(&CLIENT_ADDRESS, address, out) {
                self.seen = self.seen.wrapping_add(1);
                self.client_address = None;
            }
        }
        meter.charge(plain.units);
    }

    /// Puts members up to that number of one, or to the first that is not plain.
    #[inline(never)]
    fn put_before(&mut self, end: usize, plain: &mut Plain, out: &mut Pending<'_, '_>) {
        let known = &self.labels.known;
        let known = known.get(..end).unwrap_or(known);
        let mut seen = self.seen;
        self.attributes = self.attributes.after(|_, value| {
            let is_written = known.get(seen).is_some_and(|label| plain.put(label, value, out));
            seen = seen.wrapping_add(usize::from(is_written));
            is_written
        });
        self.seen = seen;
    }

    fn next(&mut self) -> Option<Member<'a>> {
        for (key, mut value) in self.attributes.by_ref() {
            self.seen = self.seen.saturating_add(1);
            match key.as_text().map(Text::as_bytes) {
                Some(b"client_address") => self.brings_address = true,
                // One that was sent may be of another time.
                Some(b"message") => value = self.message.take().unwrap_or(value),
                Some(name) if name == PEER.as_bytes() => continue,
                _ => {}
            }
            return Some(Member { key: Some(Key::Value(key)), value: Content::Value(value) });
        }
        let (name, value) = match self.message.take() {
            Some(message) => ("message", message),
            None => (if self.brings_address { PEER } else { "client_address" }, self.client_address.take()?),
        };
        Some(Member { key: Some(Key::Name(name)), value: Content::Value(value) })
    }
}

/// What the pickle says of an object, leaving out what is empty. `value` is that of the builtin class from which its own is
/// derived, in protocols 0 and 1; `items` and `pairs` are what a list or a dict of such a class holds.
pub struct Members<'a> {
    pub object: Object<'a>,
    /// How many were looked at.
    pub seen: usize,
}

impl<'a> Iterator for Members<'a> {
    type Item = Member<'a>;

    fn next(&mut self) -> Option<Member<'a>> {
        let object = self.object;
        loop {
            self.seen = self.seen.saturating_add(1);
            let (name, value) = match self.seen {
                1 => ("__class__", Some(Content::ClassOf(object))),
                2 => ("args", args_of(&object)),
                3 => ("kwargs", filled(object.kwargs())),
                4 => ("value", Made::of(&object).and_then(|made| made.base).and_then(filled)),
                5 => {
                    let state = Made::of(&object).map_or(object.state(), |made| made.state);
                    ("state", Some(Content::Value(state)).filter(|_| !state.is_none()))
                }
                6 => ("items", Some(Content::Items(object.items())).filter(|_| !object.items().is_empty())),
                7 => ("pairs", Some(Content::Pairs(object.pairs())).filter(|_| !object.pairs().is_empty())),
                _ => return None,
            };
            if let Some(value) = value {
                return Some(Member { key: Some(Key::Name(name)), value });
            }
        }
    }
}

fn filled(value: Value<'_>) -> Option<Content<'_>> {
    Some(Content::Value(value)).filter(|_| value.is_truthy())
}

fn args_of<'a>(object: &Object<'a>) -> Option<Content<'a>> {
    match Made::of(object) {
        Some(Made { args, .. }) => Some(Content::Items(args)).filter(|_| !args.is_empty()),
        None => filled(object.args()),
    }
}
