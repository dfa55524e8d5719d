//! Members of the standard library's enums, by name or by value.
//!
//! In: what a pickle has of a member: the class and a value, or, for constants that have become members (`socket.AF_INET`), the module
//! and the name. Out: a [`Member`], which prints as in CPython 3.13. Facts: `names.txt`, and `Lib/enum.py` for how combined flags
//! are composed.

use super::catalogue::{self, ENUMS, Module};
use super::names;
use crate::base::digits;
use crate::base::text::Text;
use crate::decode::{Global, Value};
use crate::python::string::{self, Sink};
use std::fmt::Write;

/// A member, or a combination of flags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    class: Global<'a>,
    /// What the class derives from, and how its members print.
    kind: u8,
    /// The names and values of all members.
    members: &'static str,
    value: Value<'a>,
}

impl<'a> Member<'a> {
    /// The member with this value.
    pub(super) fn of(class: Global<'a>, value: Value<'a>) -> Option<Member<'a>> {
        Member::within(Module::named(class.module)?, class, value)
    }

    /// The same of a class of a module that was looked up.
    pub(super) fn within(module: Module, class: Global<'a>, value: Value<'a>) -> Option<Member<'a>> {
        let (kind, members) = module.entry(ENUMS, class.name).filter(|(_, members)| !members.is_empty())?;
        let value = value.as_i64().filter(|_| is_flag(kind)).map_or(value, |bits| kept(value, bits, members));
        Some(Member { class, kind, members, value })
    }

    /// The member that a module's constant is.
    pub fn named(global: Global<'a>) -> Option<Member<'a>> {
        let wanted = names::text_of(global.name);
        let has_some = matches!(names::text_of(global.module), "re" | "signal" | "socket" | "ssl");
        if !cfg!(feature = "stdlib") || !has_some {
            return None;
        }
        Module::named(global.module)?.entries().filter(|(letter, _)| ENUMS.contains(letter)).find_map(
            |(kind, entry)| {
                let (class, members) = entry.split_once(' ')?;
                let (.., value) = each(members).find(|(prefix, name, _)| wanted.strip_prefix(prefix) == Some(name))?;
                let class = Global { module: global.module, name: Text::from(class) };
                Some(Member { class, kind, members, value })
            },
        )
    }

    /// Its value.
    pub fn value(&self) -> Value<'a> {
        self.value
    }

    /// The number that it is under `%d` and in JSON, or the text; none of a member that is neither.
    pub fn plain(&self) -> Option<Value<'a>> {
        Some(self.value).filter(|_| self.kind != b'e')
    }

    /// Writes `str()`.
    pub(super) fn str(&self, out: &mut Sink<'_, '_>) {
        match self.kind {
            b'r' => self.repr(out),
            b'd' => {
                out.writer.charge(UNITS_OF_MEMBERS);
                self.push_name("", out);
            }
            b'e' if self.is_named() => {
                out.writer.charge(UNITS_OF_MEMBERS);
                out.push(self.class.name);
                self.push_name(".", out);
            }
            _ => self.push_value(false, out),
        }
    }

    /// Writes `repr()`.
    pub(super) fn repr(&self, out: &mut Sink<'_, '_>) {
        out.writer.charge(UNITS_OF_MEMBERS);
        if matches!(self.kind, b'g' | b'r') {
            return self.push_name(if self.kind == b'r' { "re." } else { "calendar." }, out);
        }
        out.push_str("<");
        out.push(self.class.name);
        if self.is_named() {
            out.push_str(".");
            self.push_name("", out);
        }
        out.push_str(": ");
        self.push_value(true, out);
        out.push_str(">");
    }

    fn push_value(&self, is_repr: bool, out: &mut Sink<'_, '_>) {
        match (self.value.as_i64(), self.value.as_text()) {
            (Some(number), _) => _ = write!(out, "{number}"),
            (_, Some(text)) if is_repr => string::repr(text, out),
            (_, Some(text)) => out.push(text),
            _ => out.push_str("None"),
        }
    }

    /// True unless no bit of a combination has a name.
    fn is_named(&self) -> bool {
        self.exact().is_some() || self.flags().next().is_some()
    }

    /// Prefix and name of the member that has the very value.
    pub(super) fn exact(&self) -> Option<(&'static str, &'static str)> {
        let key = |value: Value<'static>| (value.as_i64(), value.as_text().map(Text::as_bytes));
        let wanted = (self.value.as_i64(), self.value.as_text().map(Text::as_bytes));
        let found = each(self.members).find(|&(.., value)| key(value) == wanted);
        found.map(|(prefix, name, _)| (prefix, name))
    }

    /// The flags of a single bit that a combination has, in the order of their definition.
    fn flags(&self) -> impl Iterator<Item = (&'static str, &'static str, i64)> {
        let number = self.value.as_i64().filter(|_| is_flag(self.kind)).unwrap_or(0);
        let mut rest = number;
        each(self.members).filter_map(move |(prefix, name, value)| {
            let bit = value.as_i64().filter(|bit| bit.count_ones() == 1 && rest & bit != 0)?;
            // A second name of the same bit is an alias.
            rest &= !bit;
            Some((prefix, name, bit))
        })
    }

    /// Writes the name, or those of the flags with `|` between them, each after `before`; of what has no name, the value.
    fn push_name(&self, before: &str, out: &mut Sink<'_, '_>) {
        if let Some((prefix, name)) = self.exact() {
            let _ = write!(out, "{before}{prefix}{name}");
            return;
        }
        let mut rest = self.value.as_i64().unwrap_or(0);
        let mut separator = "";
        for (prefix, name, bit) in self.flags() {
            let _ = write!(out, "{separator}{before}{prefix}{name}");
            separator = "|";
            rest &= !bit;
        }
        // Bits that have no name of their own may be in one of several bits.
        let all = self.value.as_i64().filter(|_| rest != 0 && is_flag(self.kind)).unwrap_or(0);
        for (prefix, name, value) in each(self.members) {
            let bits = value.as_i64().filter(|bits| bits.count_ones() > 1 && all & bits == *bits);
            if let Some(bits) = bits {
                let _ = write!(out, "{separator}{before}{prefix}{name}");
                separator = "|";
                rest &= !bits;
            }
        }
        match self.kind {
            _ if rest == 0 && !separator.is_empty() => {}
            b'r' if separator.is_empty() => _ = write!(out, "re.RegexFlag({rest})"),
            b'r' => _ = write!(out, "{separator}{rest:#x}"),
            b'l' => _ = write!(out, "{separator}{rest}"),
            _ => self.push_value(true, out),
        }
    }
}

/// The number of the status of HTTP after which a class is named, such as `NotFound`.
pub(super) fn http_status(class: Text<'_>) -> Option<i64> {
    let (_, members) = Module::named(Text::from("http"))?.entry(ENUMS, Text::from("HTTPStatus"))?;
    let letters = |name: &'static str| name.bytes().filter(|&byte| byte != b'_');
    let is_it = |name| letters(name).eq(names::text_of(class).bytes().map(|byte| byte.to_ascii_uppercase()));
    each(members).find(|(_, name, _)| is_it(name))?.2.as_i64()
}

/// `enum` or `flag`, as the metaclass of these enums calls it, for a class that is one of them.
pub(super) fn noun(class: Global<'_>) -> Option<&'static str> {
    let (kind, _) = catalogue::entry(class, ENUMS)?;
    Some(if is_flag(kind) { "flag" } else { "enum" })
}

const fn is_flag(kind: u8) -> bool {
    matches!(kind, b'l' | b'r')
}

/// What `enum.KEEP` makes of flags: of a number below zero, the complement of some, the bits that are left of all.
fn kept<'a>(value: Value<'a>, bits: i64, members: &'static str) -> Value<'a> {
    if bits >= 0 || !value.meter().charge(UNITS_OF_MEMBERS) {
        return value;
    }
    let most = |most: i64, (.., value): (_, _, Value<'_>)| most.max(value.as_i64().unwrap_or(0));
    let most = each(members).fold(bits.saturating_neg(), most);
    Value::int(bits & i64::MAX.wrapping_shr(most.leading_zeros().saturating_sub(1)))
}

/// Prefix, name and value of each member. One without a value has the next number.
#[inline(never)]
fn each(members: &'static str) -> Members {
    Members { prefix: "", last: 0, words: members.split(' ') }
}

#[derive(Clone)]
struct Members {
    prefix: &'static str,
    last: i64,
    words: std::str::Split<'static, char>,
}

impl Iterator for Members {
    type Item = (&'static str, &'static str, Value<'static>);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        let mut word = self.words.next()?;
        if word.ends_with('_') {
            self.prefix = word;
            word = self.words.next()?;
        }
        let (name, value) = match word.split_once('=') {
            None => (word, Value::int(self.last.saturating_add(1))),
            Some((name, "None")) => (name, Value::none()),
            Some((name, text)) => (name, digits::parse(text).map_or(Value::text(Text::from(text)), Value::int)),
        };
        self.last = value.as_i64().unwrap_or(self.last);
        Some((self.prefix, name, value))
    }
}

/// What it costs to look through the members of an enum, or of a module's, in units of a meter: a few times where they are printed.
pub(in crate::python) const UNITS_OF_MEMBERS: usize = 360;

/// What it costs to look for a constant in the enums of its module, in the same units: two modules have long ones.
pub(in crate::python) fn units_of_constant(constant: Global<'_>) -> usize {
    let is_long = matches!(names::text_of(constant.module), "socket" | "ssl");
    if is_long { UNITS_OF_MEMBERS * 3 } else { UNITS_OF_MEMBERS }
}
