//! Looks names up in the tables of the standard library: `names.txt`, `aliases.txt` and `templates.txt`.
//!
//! In: a module and a name. Out: the entry, if there is one: its letter and its data. In each table a line `[module]` begins what is
//! known of a module, and modules are in order. `names.txt` and `aliases.txt` are made by `tests/data/stdlib_tables.py` from CPython itself;
//! `templates.txt` is written by hand, and explained in [`super::templates`]. A look-up is a binary search for the module, and goes through
//! its lines then.
//!
//! `aliases.txt` has a module's new name, then names that went elsewhere: `name=module:name`. A line of `names.txt` is a letter and words:
//! - names, where they alone would tell otherwise: `c` classes, `f` functions, `b` built-in ones, `x` exceptions, `n` none; `k` `o` `y`
//!   exceptions with the `__str__` of KeyError, OSError, SyntaxError, `q` with its `__repr__`; `B` `C`: all in small letters are `b`, are `c`; `~` `+` `-` variables of `typing`, by their variance;
//! - a name, then the fields of a tuple (`t`), or the members of an enum (one of [`ENUMS`]), the next number where no value follows.

use std::cmp::Ordering;

use crate::base::text::Text;
use crate::decode::Global;

/// What a table has of a module: lines, with a letter each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Module(&'static str);

/// A letter, and what follows the name.
pub(super) type Entry = (u8, &'static str);

impl Module {
    /// What the names of a (canonical) module of the standard library stand for.
    pub fn named(module: Text<'_>) -> Option<Module> {
        lines_of(NAMES, &STARTS_OF_NAMES, known(module)?).map(Module)
    }

    /// How objects of a (canonical) module print, be it one of another package.
    pub fn printed(module: Text<'_>) -> Option<Module> {
        let find = |module| lines_of(TEMPLATES, &STARTS_OF_TEMPLATES, module);
        let lines = find(known(module)?)?;
        lines.strip_prefix("= ").map_or(Some(lines), find).map(Module)
    }

    /// The first entry for a name that begins with one of these letters.
    pub fn entry(self, letters: &[u8], name: Text<'_>) -> Option<Entry> {
        let name = known(name)?;
        self.entries().filter(|(letter, _)| letters.contains(letter)).find_map(|(letter, words)| {
            let (first, data) = words.split_once(' ').unwrap_or((words, ""));
            let (is_it, data) = if LISTS.contains(&letter) {
                (words.split(' ').any(|word| word == name), "")
            } else {
                (first == name, data)
            };
            is_it.then_some((letter, data))
        })
    }

    /// The letter and the words of each line.
    pub fn entries(self) -> impl Iterator<Item = Entry> {
        self.0.split('\n').filter_map(|line| Some((*line.as_bytes().first()?, line.get(2..).unwrap_or_default())))
    }

    /// The template for a name that begins with the first of these letters for which there is one, or else for whatever is of this module.
    pub fn template(self, letters: &[u8], name: Text<'_>) -> Option<&'static str> {
        let find = |name| letters.iter().find_map(|letter| self.entry(&[*letter], name));
        find(name).or_else(|| find(Text::from("*"))).map(|(_, template)| template)
    }
}

/// The template for a (canonical) name.
pub(super) fn template(class: Global<'_>, letters: &[u8]) -> Option<&'static str> {
    Module::printed(class.module)?.template(letters, class.name)
}

/// The entry of a (canonical) name of the standard library.
pub(super) fn entry(global: Global<'_>, letters: &[u8]) -> Option<Entry> {
    Module::named(global.module)?.entry(letters, global.name)
}

/// What CPython 3.13 calls what has had another name: a module and perhaps a name in it.
pub(super) fn alias(module: &str, name: &str) -> Option<(Option<&'static str>, Option<&'static str>)> {
    let mut words = lines_of(ALIASES, &STARTS_OF_ALIASES, module)?.split(' ');
    let new_module = words.next().filter(|module| !module.is_empty());
    for word in words {
        let Some(after) = word.strip_prefix(name).and_then(|after| after.strip_prefix('=')) else { continue };
        let (module, name) = after.split_once(':').unwrap_or((after, ""));
        let [module, name] = [module, name].map(|part| Some(part).filter(|part| !part.is_empty()));
        return Some((module.or(new_module), name));
    }
    Some((new_module, None))
}

/// A name that is no longer than those in the tables.
fn known(name: Text<'_>) -> Option<&str> {
    if name.as_bytes().len() > MAX_KNOWN_BYTES { None } else { name.as_str() }
}

/// What a table has of a module; the modules begin at these places.
fn lines_of(table: &'static str, starts: &[u16], module: &str) -> Option<&'static str> {
    let order = |&start: &u16| {
        let mut name = table.as_bytes().get(usize::from(start)..).unwrap_or_default().iter();
        for byte in module.as_bytes() {
            match name.next() {
                Some(same) if same == byte => {}
                Some(b']') | None => return Ordering::Less,
                Some(other) => return other.cmp(byte),
            }
        }
        if name.next() == Some(&b']') { Ordering::Equal } else { Ordering::Greater }
    };
    let place = starts.binary_search_by(order).ok()?;
    let start = starts.get(place)?;
    let next = starts.get(place.saturating_add(1));
    // What stands between them: `]`, the lines, and `[` on the next one.
    let end = next.map_or(table.len(), |&next| usize::from(next).saturating_sub("\n[".len()));
    table.get(usize::from(*start)..end)?.get(module.len()..)?.strip_prefix("]\n")
}

/// Where the names of the modules begin in a table.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "evaluated when it is compiled"
)]
const fn starts<const MODULES: usize>(table: &str) -> [u16; MODULES] {
    assert!(table.len() <= u16::MAX as usize, "a longer table takes longer numbers");
    let (mut starts, mut module, mut place) = ([0; MODULES], 0, 0);
    while place < table.len() {
        if begins(table, place) {
            starts[module] = place as u16 + 1;
            module += 1;
        }
        place += 1;
    }
    starts
}

/// How many modules a table has.
#[allow(clippy::arithmetic_side_effects, reason = "evaluated when it is compiled")]
const fn modules(table: &str) -> usize {
    let (mut modules, mut place) = (0, 0);
    while place < table.len() {
        if begins(table, place) {
            modules += 1;
        }
        place += 1;
    }
    modules
}

/// Whether the line of a module begins at a place.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, reason = "evaluated when it is compiled")]
const fn begins(table: &str, place: usize) -> bool {
    table.as_bytes()[place] == b'[' && (place == 0 || table.as_bytes()[place - 1] == b'\n')
}

const ALIASES: &str = include_str!("aliases.txt").trim_ascii_end();
const NAMES: &str = include_str!("names.txt").trim_ascii_end();
const TEMPLATES: &str = if cfg!(feature = "stdlib") { include_str!("templates.txt").trim_ascii_end() } else { "" };
static STARTS_OF_ALIASES: [u16; modules(ALIASES)] = starts(ALIASES);
static STARTS_OF_NAMES: [u16; modules(NAMES)] = starts(NAMES);
static STARTS_OF_TEMPLATES: [u16; modules(TEMPLATES)] = starts(TEMPLATES);

/// The letters of lines that list names.
const LISTS: &[u8] = b"+-bcfknoqxy~";

/// Those of entries that tell what a name is: a class but for `b`, `f` and signs.
pub(super) const FORMS: &[u8] = b"+-bcdefgiklnoqrtxy~";

/// Those of enums, by what they derive from and how members print: `e` `Enum`, `i` its number or text as `str()`, `l` `Flag`; `d` by their
/// names alone; `g` `r` by module and name, of which `r` is the flags of `re`.
pub(super) const ENUMS: &[u8] = b"degilr";

/// Longer names are of no class that is known here.
pub(super) const MAX_KNOWN_BYTES: usize = 64;

/// What it costs to look a class up, in units of a meter: a few entries of one module, of which some are long.
pub(super) const UNITS_OF_LOOK_UP: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_module_and_no_other() {
        let tables = [(ALIASES, &STARTS_OF_ALIASES[..]), (NAMES, &STARTS_OF_NAMES), (TEMPLATES, &STARTS_OF_TEMPLATES)];
        for (table, starts) in tables {
            let modules: Vec<_> = format!("\n{table}")
                .split("\n[")
                .skip(1)
                .map(|module| module.split_once("]\n").unwrap())
                .map(own)
                .collect();
            assert!(modules.is_sorted_by(|one, other| one.0 < other.0));
            for (module, lines) in &modules {
                assert_eq!(lines_of(table, starts, module), Some(lines.as_str()), "{module}");
                for other in [format!("{module}x"), format!("x{module}"), module[1..].to_owned()] {
                    let is_module = modules.iter().any(|(module, _)| *module == other);
                    assert_eq!(lines_of(table, starts, &other).is_some(), is_module, "{other}");
                }
            }
            assert_eq!(lines_of(table, starts, ""), None);
        }
    }

    fn own((module, lines): (&str, &str)) -> (String, String) {
        (module.to_owned(), lines.to_owned())
    }

    #[test]
    fn finds_every_entry_by_its_name_and_letter() {
        type Find = fn(Text<'_>) -> Option<Module>;
        let tables: [(&str, Find); 2] = [(NAMES, Module::named), (TEMPLATES, Module::printed)];
        for (table, find) in tables {
            let mut module = None;
            for line in table.lines() {
                if let Some(name) = line.strip_prefix('[') {
                    module = find(name.trim_end_matches(']').into());
                    continue;
                }
                let (letter, words) = (line.as_bytes()[0], line.get(2..).unwrap_or_default());
                if letter == b'=' {
                    assert!(module.is_some(), "{line}");
                    continue;
                }
                let is_list = LISTS.contains(&letter);
                let (name, data) = words.split_once(' ').filter(|_| !is_list).unwrap_or((words, ""));
                for name in if is_list { name.split(' ').collect() } else { vec![name] } {
                    assert_eq!(module.unwrap().entry(&[letter], name.into()), Some((letter, data)), "{name}");
                }
            }
            assert_eq!(module.unwrap().entry(b"cxfbeS", "no_such_name".into()), None);
        }
    }
}
