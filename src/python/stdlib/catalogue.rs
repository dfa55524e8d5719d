//! Looks names of the standard library up in the tables that [`super::tables`] holds.
//!
//! In: a module and a name. Out: the entry, if there is one: its letter and its data. What the letters mean is said there. A look-up
//! is a binary search for the module's line, and a walk along that line.

use super::tables::{ALIASES, NAMES};
use crate::base::text::Text;
use crate::decode::Global;

/// What is known of a module of the standard library: entries, with tabs between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Module(&'static str);

/// A letter, and what follows the name.
pub(super) type Entry = (u8, &'static str);

impl Module {
    /// The module of this (canonical) name, if it is one of the standard library.
    pub fn named(module: Text<'_>) -> Option<Module> {
        line_of(NAMES, known(module)?).map(Module)
    }

    /// The first entry for a name that begins with one of these letters.
    pub fn entry(self, letters: &[u8], name: Text<'_>) -> Option<Entry> {
        let name = known(name)?;
        self.entries().find_map(|(letter, rest)| {
            let after = rest.strip_prefix(name).filter(|_| letters.contains(&letter))?;
            let data = if after.is_empty() { Some("") } else { after.strip_prefix(' ') };
            data.map(|data| (letter, data))
        })
    }

    /// The letter and the rest of each entry.
    pub fn entries(self) -> impl Iterator<Item = Entry> {
        self.0.split('\t').filter_map(|entry| Some((*entry.as_bytes().first()?, entry.get(1..)?)))
    }
}

/// The entry of a (canonical) name.
pub(super) fn entry(global: Global<'_>, letters: &[u8]) -> Option<Entry> {
    Module::named(global.module)?.entry(letters, global.name)
}

/// What CPython 3.13 calls what has had another name: a module and perhaps a name in it.
pub(super) fn alias(module: &str, name: &str) -> Option<(Option<&'static str>, Option<&'static str>)> {
    let mut words = line_of(ALIASES, module)?.split('\t');
    let new_module = words.next().filter(|module| !module.is_empty());
    for word in words {
        let Some(after) = word.strip_prefix(name).and_then(|after| after.strip_prefix('=')) else { continue };
        let (module, name) = after.split_once(':').unwrap_or((after, ""));
        let [module, name] = [module, name].map(|part| Some(part).filter(|part| !part.is_empty()));
        return Some((module.or(new_module), name));
    }
    Some((new_module, None))
}

/// The letters of the entries that tell what a name is: a class but for `b` and `f`.
pub(super) const FORMS: &[u8] = b"cxkoyqtdegilrbf";

/// A name that is no longer than those in the tables.
fn known(name: Text<'_>) -> Option<&str> {
    if name.as_bytes().len() > MAX_KNOWN_BYTES { None } else { name.as_str() }
}

/// Longer names are of no class that is known here.
pub(super) const MAX_KNOWN_BYTES: usize = 64;

/// What a look-up costs, in units of a meter: a line has up to 1,600 bytes.
pub(super) const UNITS_OF_LOOK_UP: usize = 60;

/// What follows a key in its line of a table, in which lines are in the order of their keys.
fn line_of(table: &'static str, key: &str) -> Option<&'static str> {
    let mut rest = table;
    while !rest.is_empty() {
        let before = rest.get(..rest.len() / 2)?.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let (head, tail) = rest.split_at_checked(before)?;
        let (line, after) = tail.split_once('\n').unwrap_or((tail, ""));
        let (name, entries) = line.split_once('\t').unwrap_or((line, ""));
        rest = match key.cmp(name) {
            std::cmp::Ordering::Less => head.strip_suffix('\n').unwrap_or(head),
            std::cmp::Ordering::Equal => return Some(entries),
            std::cmp::Ordering::Greater => after,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_line_and_no_other() {
        for table in [ALIASES, NAMES] {
            let lines: Vec<_> = table.lines().map(|line| line.split_once('\t').unwrap()).collect();
            assert!(lines.is_sorted_by(|one, other| one.0 < other.0));
            for (key, entries) in lines {
                assert_eq!(line_of(table, key), Some(entries), "{key}");
                for other in [format!("{key}x"), format!("x{key}"), key[1..].to_owned()] {
                    let is_key = table.lines().any(|line| line.split('\t').next() == Some(&other));
                    assert_eq!(line_of(table, &other).is_some(), is_key, "{other}");
                }
            }
            assert_eq!(line_of(table, ""), None);
        }
    }
}
