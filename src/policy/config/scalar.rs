//! Values of arguments: levels, numbers, flags, times of the day, encodings.
//!
//! In: a [`Node`]. Out: what it means, if it means anything. Mistakes that files contain and Python takes are taken: numbers as
//! text, `"True"`.

use std::path::PathBuf;

use super::node::Node;
use crate::base::digits;
use crate::decode::float_digits::rounded;
use crate::record::level::level_named;

/// A level, by its name or number.
pub(super) fn level_of(node: &Node) -> Option<f64> {
    match node {
        Node::Text(name) => level_named(name),
        node => node.as_int().map(|level| {
            let nearest = if level < 0 { i32::MIN } else { i32::MAX };
            f64::from(i32::try_from(level).unwrap_or(nearest))
        }),
    }
}

/// A whole number; one below 0 means the same as 0.
pub(super) fn whole_of(node: &Node) -> Option<u64> {
    let number = match node {
        Node::Text(text) => digits::parse(text.trim_ascii()),
        // More than there can be of anything.
        Node::Float(1e18..) => Some(i64::MAX),
        Node::Long(digits) => Some(if digits.starts_with('-') { 0 } else { i64::MAX }),
        // As 1e6 is read.
        Node::Float(number) if number.fract() == 0.0 => digits::parse(&rounded(number.max(0.0), 0)),
        node => node.as_int(),
    };
    number.map(|number: i64| u64::try_from(number).unwrap_or(0))
}

/// Texts as Python would take them for true: any but the one that says no.
pub(super) fn is_flag(node: &Node) -> bool {
    match node {
        Node::Bool(_) | Node::Int(0 | 1) => true,
        Node::Text(text) => ["True", "true", "yes", "on", "1"].contains(&text.as_str()),
        _ => false,
    }
}

pub(super) fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.contains('\0')
}

/// Of one file there is one output, however its name leads there: as `os.path.normpath` writes it, whatever is a link.
pub(super) fn path(name: &str) -> PathBuf {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match (part, parts.last().copied()) {
            // The root.
            ("", None) if name.starts_with('/') => parts.push(""),
            ("" | ".", _) | ("..", Some("")) => {}
            ("..", Some(before)) if before != ".." => parts.truncate(parts.len().saturating_sub(1)),
            _ => parts.push(part),
        }
    }
    match parts.last() {
        None => parts.push("."),
        // Of a slash on both sides.
        Some(&"") => parts.push(""),
        Some(_) => {}
    }
    PathBuf::from(parts.join("/"))
}

/// Of `HH:MM` or `HH:MM:SS`, as `time.isoformat` writes it.
pub(super) fn second_of_day(time: &str) -> Option<u32> {
    let mut parts = time.split(':');
    let mut seconds = 0_u32;
    for (default, most) in [(None, 23), (None, 59), (Some("00"), 59)] {
        let part = parts.next().or(default)?;
        let number = digits::unsigned::<u32>(part).filter(|number| part.len() == 2 && *number <= most)?;
        seconds = seconds.checked_mul(60)?.checked_add(number)?;
    }
    parts.next().is_none().then_some(seconds)
}

/// Whether an encoding is ASCII, if it is that or UTF-8. Python compares the names of encodings by their letters and digits.
pub(super) fn is_ascii(encoding: &str) -> Option<bool> {
    let mut name = encoding.to_ascii_lowercase();
    name.retain(|letter| letter.is_ascii_alphanumeric());
    let is_ascii = ASCII.contains(&name.as_str());
    (is_ascii || UTF_8.contains(&name.as_str())).then_some(is_ascii)
}

const UTF_8: &[&str] = &["utf8", "u8", "utf", "utf8ucs2", "utf8ucs4", "cp65001"];

const ASCII: &[&str] = &[
    "ascii",
    "646",
    "ansix341968",
    "ansix341986",
    "cp367",
    "csascii",
    "ibm367",
    "iso646us",
    "iso646irv1991",
    "isoir6",
    "us",
    "usascii",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_are_spelt_as_python_spells_them() {
        for (time, second) in [
            ("00:00", Some(0)),
            ("03:30", Some(12_600)),
            ("23:59:59", Some(86_399)),
            ("24:00", None),
            ("00:60", None),
            ("00:00:60", None),
            ("3:30", None),
            ("+3:30", None),
            ("03", None),
            ("03:30:", None),
            ("03:30:00:00", None),
            ("03:30:0", None),
        ] {
            assert_eq!(second_of_day(time), second, "{time}");
        }
    }

    #[test]
    fn files_have_one_name_however_it_is_written() {
        for (name, path) in [
            ("a.log", "a.log"),
            ("././a.log", "a.log"),
            ("a//b/./c/", "a/b/c"),
            ("a/../b.log", "b.log"),
            ("../../a/..", "../.."),
            ("/../a/../../b", "/b"),
            ("a/..", "."),
            ("./", "."),
            ("/..", "/"),
        ] {
            assert_eq!(super::path(name).to_str(), Some(path), "{name}");
        }
    }

    #[test]
    fn encodings_are_utf_8_or_ascii_under_any_of_their_names() {
        for (name, found) in [
            ("UTF-8", Some(false)),
            ("utf8", Some(false)),
            ("U8", Some(false)),
            ("ascii", Some(true)),
            ("ANSI_X3.4-1968", Some(true)),
            ("us-ascii", Some(true)),
            ("latin-1", None),
            ("utf-8-sig", None),
            ("", None),
        ] {
            assert_eq!(is_ascii(name), found, "{name}");
        }
    }
}
