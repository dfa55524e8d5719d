//! The entries of a dict, or of an object that is like one.
//!
//! In: pairs of a pickle, perhaps after those that the object was made of. Out: [`Entries`], in the order in which Python has them, each
//! key once.

use super::made;
use crate::base::text::Text;
use crate::decode::{Items, Kind, Object, Pairs, Value};
use crate::python::sets::are_equal;

/// Iterates over the keys and values of a dict-like object: those it was made of, then those that were set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entries<'a> {
    /// From pairs of a pickle.
    Pairs { made_of: Pairs<'a>, set: Pairs<'a> },
    /// From sequences of two, as Python 2 makes an `OrderedDict`.
    Lists { made_of: Items<'a>, set: Pairs<'a> },
    /// From pairs whose values are the keys as they were set, and what was set, as packages keep what is the same in small letters.
    Values(Pairs<'a>),
    /// From pairs whose keys are texts: the first of them, in the order of the texts, of which this was the last one; and of each value
    /// that attribute, unless it is none.
    Sorted { all: Pairs<'a>, last: Option<Text<'a>>, attribute: &'static str },
    /// From pairs of which some have equal keys: what is left of all.
    Unique { left: Pairs<'a>, all: Pairs<'a> },
}

impl<'a> Entries<'a> {
    pub(in crate::python) fn of_pairs(set: Pairs<'a>) -> Entries<'a> {
        Entries::Pairs { made_of: Pairs::none(), set }
    }

    /// Those of a dict: of equal keys the first is followed by the last one's value, as Python keeps them. Large dicts are not looked
    /// through; no honest pickle has a key twice.
    pub(crate) fn of_dict(all: Pairs<'a>) -> Entries<'a> {
        let count = all.take(MAX_COMPARED_KEYS.saturating_add(1)).count();
        // Each key is compared with all others, and that twice if one is there twice.
        let units = count.saturating_mul(count);
        let is_allowed = { all }.next().is_none_or(|(key, _)| key.meter().charge(units));
        if count > MAX_COMPARED_KEYS || !is_allowed || Entries::all_keys_differ(all) {
            return Entries::of_pairs(all);
        }
        Entries::Unique { left: all, all }
    }

    fn all_keys_differ(mut pairs: Pairs<'a>) -> bool {
        while let Some((key, _)) = pairs.next() {
            if last_of(pairs, key).is_some() {
                return false;
            }
        }
        true
    }

    /// True if no entry is left.
    pub(in crate::python) fn is_empty(&self) -> bool {
        { *self }.next().is_none()
    }

    /// The value of the last of these keys.
    pub(super) fn find(&self, key: Text<'_>) -> Option<Value<'a>> {
        match self {
            Entries::Pairs { made_of, set } => set.find_text(key).or_else(|| made_of.find_text(key)),
            Entries::Lists { set, .. } => set.find_text(key).or_else(|| {
                let work = (key.as_bytes().len() / COMPARED_BYTES_A_UNIT).saturating_add(1);
                let is_it = |name: Value<'_>| name.meter().charge(work) && name.as_text() == Some(key);
                self.filter(|(name, _)| is_it(*name)).last().map(|(_, value)| value)
            }),
            Entries::Sorted { all, .. } | Entries::Unique { all, .. } | Entries::Values(all) => all.find_text(key),
        }
    }

    /// The pairs of a pickle that they are, if they are no others.
    pub(super) fn pairs(self) -> Option<Pairs<'a>> {
        match self {
            Entries::Pairs { made_of, set } if made_of.is_empty() => Some(set),
            _ => None,
        }
    }

    /// Those of an object that is made of `initial`: a dict, a list of pairs, or nothing.
    pub(super) fn of_object(initial: Option<Value<'a>>, object: &Object<'a>) -> Option<Entries<'a>> {
        let set = object.pairs();
        match initial.map(Value::kind) {
            None => Some(Entries::of_pairs(set)),
            Some(Kind::Dict(made_of)) => Some(Entries::Pairs { made_of, set }),
            Some(Kind::List(made_of)) => Some(Entries::Lists { made_of, set }),
            Some(_) => None,
        }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline(never)]
    fn next(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        match self {
            Entries::Pairs { made_of, set } => made_of.next().or_else(|| set.next()),
            Entries::Lists { made_of, set } => match made_of.next().map(Value::kind) {
                None => set.next(),
                Some(Kind::List(mut pair) | Kind::Tuple(mut pair)) => Some((pair.next()?, pair.next()?)),
                Some(_) => None,
            },
            Entries::Values(pairs) => {
                let Kind::Tuple(mut pair) = pairs.next()?.1.kind() else { return None };
                Some((pair.next()?, pair.next()?))
            }
            Entries::Sorted { all, last, attribute } => {
                let mut least: Option<(Text<'a>, _)> = None;
                for entry in { *all }.take(MAX_SORTED) {
                    let Some(name) = entry.0.as_text() else { continue };
                    let bytes = name.as_bytes();
                    entry.0.meter().charge((bytes.len() / COMPARED_BYTES_A_UNIT).saturating_add(1)).then_some(())?;
                    let is_after = last.is_none_or(|last| last.as_bytes() < bytes);
                    if is_after && least.is_none_or(|(least, _)| bytes < least.as_bytes()) {
                        least = Some((name, entry));
                    }
                }
                let (name, entry) = least?;
                *last = Some(name);
                match entry.1.kind() {
                    Kind::Object(object) if !attribute.is_empty() => {
                        Some((entry.0, made::attribute(object.state(), attribute)?))
                    }
                    _ => Some(entry),
                }
            }
            Entries::Unique { left, all } => loop {
                let (key, value) = left.next()?;
                let before = all.len().saturating_sub(left.len()).saturating_sub(1);
                if !{ *all }.take(before).any(|(other, _)| are_equal(other, key)) {
                    break Some((key, last_of(*left, key).unwrap_or(value)));
                }
            },
        }
    }
}

/// The value of the last pair that has an equal key.
fn last_of<'a>(pairs: Pairs<'a>, key: Value<'a>) -> Option<Value<'a>> {
    pairs.fold(None, |last, (other, value)| if are_equal(other, key) { Some(value) } else { last })
}

/// Dicts of more keys are printed as they are.
const MAX_COMPARED_KEYS: usize = 32;

/// More keys than these are not sorted, and not shown.
const MAX_SORTED: usize = 64;

/// So many bytes of a key are compared in the time of a unit.
const COMPARED_BYTES_A_UNIT: usize = 64;
