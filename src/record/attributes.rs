//! The attributes of a record: a dict, or what makes one.

use super::NotARecord;
use crate::decode::{Items, Kind, Pairs, Value};

/// Iterates over the names and values of a record's attributes.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a>(Form<'a>);

#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    Dict(Pairs<'a>),
    /// A list of pairs, each a tuple or list of two: `dict.update` takes it as well.
    List(Items<'a>),
}

impl<'a> Attributes<'a> {
    pub(crate) fn none() -> Attributes<'a> {
        Attributes(Form::Dict(Pairs::none()))
    }

    /// How many of them the pickle has put into the dict together, before others.
    pub(crate) fn in_first_run(&self) -> usize {
        match &self.0 {
            Form::Dict(pairs) => pairs.in_first_run(),
            Form::List(_) => 0,
        }
    }

    /// True if there are none left.
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            Form::Dict(pairs) => pairs.is_empty(),
            Form::List(items) => items.is_empty(),
        }
    }

    /// What is left after those that `take` takes; of a list, all.
    #[inline(always)]
    pub(crate) fn after(self, take: impl FnMut(Value<'a>, Value<'a>) -> bool) -> Attributes<'a> {
        match self.0 {
            Form::Dict(pairs) => Attributes(Form::Dict(pairs.after(take))),
            Form::List(_) => self,
        }
    }

    /// The last value of this name, as in Python a later pair replaces an earlier one; `None` too if the meter does not allow that all
    /// are looked at.
    pub(super) fn named(self, name: &str) -> Option<Value<'a>> {
        match self.0 {
            Form::Dict(pairs) => pairs.find(name),
            Form::List(_) => {
                let is_it = |key: Value<'_>| key.as_text().is_some_and(|key| key == *name);
                self.filter(|(key, _)| is_it(*key)).last().map(|(_, value)| value)
            }
        }
    }

    pub(super) fn of(value: Value<'a>) -> Result<Attributes<'a>, NotARecord> {
        match value.kind() {
            Kind::Dict(pairs) => Ok(Attributes(Form::Dict(pairs))),
            // They are looked at for each field again.
            Kind::List(items)
                if !items.is_empty()
                    && !value.meter().is_spent()
                    && value.meter().charge(items.len().saturating_mul(UNITS_A_PAIR))
                    && { items }.all(|item| pair(item).is_some()) =>
            {
                Ok(Attributes(Form::List(items)))
            }
            other => Err(NotARecord { found: other.type_name() }),
        }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        match &mut self.0 {
            Form::Dict(pairs) => pairs.step(),
            Form::List(items) => items.next().and_then(pair),
        }
    }

    /// By way of [`Pairs`], whose own is faster.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(self, init: B, f: F) -> B {
        match self.0 {
            Form::Dict(pairs) => pairs.fold(init, f),
            Form::List(items) => items.filter_map(pair).fold(init, f),
        }
    }
}

/// The two elements of a pair.
fn pair(value: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let (Kind::Tuple(mut items) | Kind::List(mut items)) = value.kind() else { return None };
    match (items.next(), items.next(), items.next()) {
        (Some(key), Some(value), None) => Some((key, value)),
        _ => None,
    }
}

/// What it costs to look at a pair twice, in units of a meter.
const UNITS_A_PAIR: usize = 4;
