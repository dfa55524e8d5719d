//! Looks names of the standard library up in the tables that [`super::tables`] holds.
//!
//! In: a module and a name. Out: the entry, if there is one: its letter and its data. What the letters mean is said there. A look-up
//! is a binary search for the module's line, and one for the name in it.

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
        Module::any(module).filter(|module| !module.0.starts_with(OTHERS))
    }

    /// The module of this (canonical) name, be it one of another package.
    pub fn any(module: Text<'_>) -> Option<Module> {
        line_of(NAMES, &STARTS_OF_NAMES, known(module)?).map(Module)
    }

    /// The first entry for a name that begins with one of these letters.
    pub fn entry(self, letters: &[u8], name: Text<'_>) -> Option<Entry> {
        let name = known(name)?;
        let entries = from_name(self.0, name).split('\t').take_while(|entry| name_of(entry) == name);
        entries.filter_map(|entry| Some((*entry.as_bytes().first()?, entry))).find_map(|(letter, entry)| {
            let (_, data) = entry.split_once(' ').unwrap_or((entry, ""));
            letters.contains(&letter).then_some((letter, data))
        })
    }

    /// The letter and the rest of each entry.
    pub fn entries(self) -> impl Iterator<Item = Entry> {
        self.0.split('\t').filter_map(|entry| Some((*entry.as_bytes().first()?, entry.get(1..)?)))
    }

    /// The template for a name that begins with the first of these letters for which there is one, or else for whatever is of this module.
    pub fn template(self, letters: &[u8], name: Text<'_>) -> Option<&'static str> {
        let find = |name| letters.iter().find_map(|letter| self.entry(&[*letter], name));
        find(name).or_else(|| find(Text::from(""))).map(|(_, template)| template)
    }
}

/// The template for a (canonical) name.
pub(super) fn template(class: Global<'_>, letters: &[u8]) -> Option<&'static str> {
    Module::any(class.module)?.template(letters, class.name)
}

/// The entry of a (canonical) name.
pub(super) fn entry(global: Global<'_>, letters: &[u8]) -> Option<Entry> {
    Module::any(global.module)?.entry(letters, global.name)
}

/// What CPython 3.13 calls what has had another name: a module and perhaps a name in it.
pub(super) fn alias(module: &str, name: &str) -> Option<(Option<&'static str>, Option<&'static str>)> {
    let mut words = line_of(ALIASES, &STARTS_OF_ALIASES, module)?.split('\t');
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

/// The first entry of a module that is not one of the standard library.
const OTHERS: &str = "-";

/// A name that is no longer than those in the tables.
fn known(name: Text<'_>) -> Option<&str> {
    if name.as_bytes().len() > MAX_KNOWN_BYTES { None } else { name.as_str() }
}

/// Longer names are of no class that is known here.
pub(super) const MAX_KNOWN_BYTES: usize = 64;

/// What it costs to look a class up, in units of a meter: a few entries of one line, of which some are long.
pub(super) const UNITS_OF_LOOK_UP: usize = 60;

/// What follows a key in its line of a table, whose lines are in the order of their keys and begin at these places.
fn line_of(table: &'static str, starts: &[u16], key: &str) -> Option<&'static str> {
    let line_at = |start: u16| table.get(usize::from(start)..).unwrap_or_default();
    let key_at = |start: u16| up_to(line_at(start), |byte| matches!(byte, b'\t' | b'\n'));
    let place = starts.partition_point(|&start| key_at(start) < key);
    let start = starts.get(place).copied().filter(|&start| key_at(start) == key)?;
    let next = starts.get(place.saturating_add(1));
    let end = next.map_or(table.len(), |&next| usize::from(next).saturating_sub(1));
    let entries = table.get(usize::from(start)..end)?.get(key.len()..)?;
    Some(entries.strip_prefix('\t').unwrap_or(entries))
}

/// Where the lines of a table begin.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "evaluated when it is compiled"
)]
const fn starts<const LINES: usize>(table: &str) -> [u16; LINES] {
    assert!(table.len() <= u16::MAX as usize, "a longer table takes longer numbers");
    let (mut starts, mut line, mut place) = ([0; LINES], 1, 0);
    while place < table.len() {
        if table.as_bytes()[place] == b'\n' {
            starts[line] = place as u16 + 1;
            line += 1;
        }
        place += 1;
    }
    starts
}

/// How many lines a table has.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "evaluated when it is compiled")]
const fn lines(table: &str) -> usize {
    let (mut lines, mut place) = (1, 0);
    while place < table.len() {
        if table.as_bytes()[place] == b'\n' {
            lines += 1;
        }
        place += 1;
    }
    lines
}

static STARTS_OF_ALIASES: [u16; lines(ALIASES)] = starts(ALIASES);
static STARTS_OF_NAMES: [u16; lines(NAMES)] = starts(NAMES);

/// The name of an entry.
fn name_of(entry: &str) -> &str {
    up_to(entry.get(1..).unwrap_or_default(), |byte| matches!(byte, b' ' | b'\t'))
}

/// What stands before the first such byte. Names are short: a search made for long texts takes longer.
fn up_to(text: &str, is_end: fn(u8) -> bool) -> &str {
    let length = text.bytes().position(is_end).unwrap_or(text.len());
    text.get(..length).unwrap_or_default()
}

/// What a line has from the first entry on whose name is not less than this one.
fn from_name(line: &'static str, name: &str) -> &'static str {
    let (mut start, mut end) = (0_usize, line.len());
    // What is before `start` is less, what is from `end` on is not.
    while start < end {
        let middle = start.midpoint(end);
        let before = line.as_bytes().get(start..middle).unwrap_or_default();
        let begin = match before.iter().rposition(|&byte| byte == b'\t') {
            Some(tab) => start.saturating_add(tab).saturating_add(1),
            None => start,
        };
        if name_of(line.get(begin..).unwrap_or_default()) < name {
            let after = line.as_bytes().get(middle..).unwrap_or_default();
            let rest = after.iter().position(|&byte| byte == b'\t').unwrap_or(after.len());
            start = middle.saturating_add(rest).saturating_add(1);
        } else {
            end = begin;
        }
    }
    line.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_line_and_no_other() {
        for (table, starts) in [(ALIASES, &STARTS_OF_ALIASES[..]), (NAMES, &STARTS_OF_NAMES[..])] {
            let lines: Vec<_> = table.lines().map(|line| line.split_once('\t').unwrap()).collect();
            assert!(lines.is_sorted_by(|one, other| one.0 < other.0));
            for (key, entries) in lines {
                assert_eq!(line_of(table, starts, key), Some(entries), "{key}");
                for other in [format!("{key}x"), format!("x{key}"), key[1..].to_owned()] {
                    let is_key = table.lines().any(|line| line.split('\t').next() == Some(&other));
                    assert_eq!(line_of(table, starts, &other).is_some(), is_key, "{other}");
                }
            }
            assert_eq!(line_of(table, starts, ""), None);
        }
    }

    #[test]
    fn finds_every_entry_by_its_name_and_letter() {
        for line in NAMES.lines() {
            let (module, entries) = line.split_once('\t').unwrap();
            let names: Vec<&str> = entries.split('\t').map(name_of).collect();
            assert!(names.is_sorted(), "{module}");
            for (entry, name) in entries.split('\t').zip(&names) {
                let (letter, data) = (entry.as_bytes()[0], entry.split_once(' ').map_or("", |(_, data)| data));
                let found = Module::any(module.into()).unwrap().entry(&[letter], (*name).into());
                assert_eq!(found, Some((letter, data)), "{module}.{name}");
            }
            assert_eq!(Module::any(module.into()).unwrap().entry(b"cxfbe", "no_such_name".into()), None);
        }
    }
}
