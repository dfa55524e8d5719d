//! Lines for files in ASCII: [`Ascii`].

use crate::base::text::{Text, TextWriter};
use crate::python;
use crate::python::integer::eight_digits;

/// How a file in ASCII shows other characters: `errors` of Python's text files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ascii {
    /// `backslashreplace`: `\xe9`, `\u20ac`, `\U0001f600`
    Backslash,
    /// `xmlcharrefreplace`: `&#233;`
    CharacterReference,
    /// `ignore`: not at all
    Ignore,
    /// `replace`: `?`
    Replace,
}

impl Ascii {
    /// Writes the line in ASCII.
    pub fn encode(self, line: &str, out: &mut TextWriter<'_>) {
        for character in line.chars() {
            let code_point = u32::from(character);
            match (self, code_point) {
                (_, 0..0x80) => out.push_code_point(code_point),
                (Ascii::Backslash, _) => python::string::escape(code_point, out),
                (Ascii::CharacterReference, _) => push_reference(code_point, out),
                (Ascii::Ignore, _) => {}
                (Ascii::Replace, _) => out.push_str("?"),
            }
        }
    }
}

fn push_reference(code_point: u32, out: &mut TextWriter<'_>) {
    let mut text = [0; 11];
    let [_, _, places @ .., last] = &mut text;
    let zeros;
    (*places, zeros) = eight_digits(code_point);
    *last = b';';
    let reference = text.get_mut(zeros..).unwrap_or_default();
    if let Some(opening) = reference.first_chunk_mut() {
        *opening = *b"&#";
    }
    out.push(Text::known_valid(reference));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_what_python_makes_of_it() {
        for (ascii, expected) in [
            (Ascii::Backslash, "a\\xe9\\u20ac\\U0001f600"),
            (Ascii::CharacterReference, "a&#233;&#8364;&#128512;"),
            (Ascii::Ignore, "a"),
            (Ascii::Replace, "a???"),
        ] {
            let mut encoded = Vec::new();
            ascii.encode("a\u{e9}\u{20ac}\u{1f600}", &mut TextWriter::new(&mut encoded, 100));
            assert_eq!(String::from_utf8(encoded).unwrap(), expected);
        }
    }
}
