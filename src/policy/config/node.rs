//! JSON to a small tree of its own: [`Node`].
//!
//! In: the text of a configuration. Out: its values, an object's members in the order of their names; of equal names the last, and
//! `NaN` and `Infinity` as numbers, as Python's `json` takes them. Refused, with line and column: what is no JSON, halves of
//! surrogate pairs, and what is nested so deep that whatever recurses here would. Of serde_json's reader, 13 kB, this is a fifth.

use crate::base::digits;
use std::fmt;
use std::mem;

use crate::base::order::order;
use crate::decode::float_digits::read_float;

/// A JSON value.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) enum Node {
    Bool(bool),
    Float(f64),
    Int(i64),
    List(Vec<Node>),
    /// A whole number of more than 64 bits.
    Long(String),
    #[default]
    Null,
    Object(Members),
    Text(String),
}

/// The members of an object, in the order of their names.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Members(Vec<Member>);

#[derive(Debug, Default)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) node: Node,
    /// Where it stands in the file, among the others.
    pub(super) place: usize,
}

impl Members {
    /// None.
    pub(super) const NONE: &Members = &Members(Vec::new());

    #[inline(never)]
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.member(name).map(|member| &member.node)
    }

    /// The members of the object of this name; none where there is no such object.
    #[inline(never)]
    pub(super) fn object(&self, name: &str) -> &Members {
        self.get(name).map_or(Members::NONE, Node::members)
    }

    #[inline(never)]
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        self.0.get(self.number(name)?)
    }

    /// Which of the members is of this name, by the order of their names.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.0.binary_search_by(|member| member.name.as_str().cmp(name)).ok()
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Member> {
        self.0.iter()
    }

    /// In the order in which they stand in the file.
    pub(super) fn as_read(&self) -> Vec<&Member> {
        let place = |number: usize| self.0.get(number).map(|member| member.place);
        let numbers = order(self.0.len(), &mut |one, other| place(one) < place(other));
        numbers.into_iter().filter_map(|number| self.0.get(number)).collect()
    }

    /// Members as they were read.
    fn of(mut read: Vec<Member>) -> Members {
        let name = |place: usize| read.get(place).map(|member| member.name.as_str());
        let places = order(read.len(), &mut |one, other| (name(one), one) < (name(other), other));
        let mut members: Vec<Member> = Vec::new();
        for member in places.into_iter().filter_map(|place| read.get_mut(place).map(mem::take)) {
            match members.last_mut() {
                Some(before) if before.name == member.name => before.node = member.node,
                _ => members.push(member),
            }
        }
        Members(members)
    }
}

impl Node {
    /// The value of a text.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub(super) fn parse(bytes: &[u8]) -> Result<Node, String> {
        let (text, is_whole) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, true),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                (std::str::from_utf8(valid).unwrap_or_default(), false)
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = Reader { rest: text };
        let read = if is_whole { reader.value(MAX_DEPTH) } else { reader.not_utf_8() };
        read.and_then(|node| reader.end().map(|()| node)).map_err(|wrong| {
            let read = text.get(..text.len().saturating_sub(reader.rest.len())).unwrap_or_default();
            let line = read.matches('\n').count().saturating_add(1);
            let column = read.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
            format!("no JSON: {wrong} at line {line} column {column}")
        })
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Node::Null)
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whole numbers, and true and false, which Python counts among them.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Node::Int(number) => Some(*number),
            Node::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    /// The members of an object; none of anything else.
    pub(super) fn members(&self) -> &Members {
        if let Node::Object(members) = self { members } else { Members::NONE }
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> &[Node] {
        if let Node::List(items) = self { items } else { &[] }
    }

    /// The texts among the items of a list.
    pub(super) fn texts(&self) -> Vec<&str> {
        self.items().iter().filter_map(Node::as_text).collect()
    }

    /// Whether it is neither a list nor an object.
    pub(super) fn is_single(&self) -> bool {
        !matches!(self, Node::List(_) | Node::Object(_))
    }

    /// What Python takes for false.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Node::Bool(flag) => !flag,
            Node::Float(number) => *number == 0.0,
            Node::Int(number) => *number == 0,
            Node::List(items) => items.is_empty(),
            Node::Long(_) => false,
            Node::Null => true,
            Node::Object(members) => members.0.is_empty(),
            Node::Text(text) => text.is_empty(),
        }
    }
}

/// As it is named in a message: short, and safe to look at.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Bool(flag) => flag.fmt(f),
            Node::Float(number) => f.write_str(zmij::Buffer::new().format(*number)),
            Node::Long(digits) => f.write_str(digits),
            Node::Int(number) => number.fmt(f),
            Node::List(items) if matches!(items.len(), 1..=MAX_SHOWN_ITEMS) && items.iter().all(Node::is_single) => {
                let mut before = "[";
                for item in items {
                    write!(f, "{before}{item}")?;
                    before = ", ";
                }
                f.write_str("]")
            }
            Node::List(items) => f.write_str(if items.is_empty() { "an empty list" } else { "a list" }),
            Node::Null => f.write_str("null"),
            Node::Object(_) => f.write_str("an object"),
            Node::Text(text) => Shown(text).fmt(f),
        }
    }
}

/// A text of the file in a message.
pub(super) struct Shown<'a>(pub(super) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(MAX_SHOWN_CHARACTERS) {
            Some((end, _)) => write!(f, "{:?}...", self.0.get(..end).unwrap_or_default()),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// Reads from the front; when something is wrong, `rest` begins there.
struct Reader<'t> {
    rest: &'t str,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    /// A value in which others are nested at most so deep.
    fn value(&mut self, depth: usize) -> Read<Node> {
        self.skip_spaces();
        match self.rest.as_bytes().first() {
            Some(b'"') => self.text().map(Node::Text),
            Some(b'[') => {
                let mut items = Vec::new();
                self.items(']', depth, &mut |reader, depth| {
                    items.push(reader.value(depth)?);
                    Ok(())
                })?;
                Ok(Node::List(items))
            }
            Some(b'{') => {
                let mut members = Vec::new();
                self.items('}', depth, &mut |reader, depth| {
                    let name = reader.text()?;
                    if !reader.takes(":") {
                        return Err("a colon is missing");
                    }
                    members.push(Member { name, node: reader.value(depth)?, place: members.len() });
                    Ok(())
                })?;
                Ok(Node::Object(Members::of(members)))
            }
            _ => self.word(),
        }
    }

    /// What stands between brackets, with commas in between.
    fn items(&mut self, end: char, depth: usize, item: &mut dyn FnMut(&mut Self, usize) -> Read<()>) -> Read<()> {
        let depth = depth.checked_sub(1).ok_or("nested too deep")?;
        self.advance(1);
        self.skip_spaces();
        let mut is_first = true;
        while !self.rest.starts_with(end) {
            let comma = self.rest;
            if !is_first && !self.takes(",") {
                return Err("a comma or the end is missing");
            }
            self.skip_spaces();
            if !is_first && self.rest.starts_with(end) {
                self.rest = comma;
                return Err("trailing comma (JSON has none)");
            }
            item(self, depth)?;
            self.skip_spaces();
            is_first = false;
        }
        self.advance(1);
        Ok(())
    }

    fn word(&mut self) -> Read<Node> {
        let words = [("true", Node::Bool(true)), ("false", Node::Bool(false)), ("null", Node::Null)];
        let numbers = [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];
        let numbers = numbers.map(|(word, number)| (word, Node::Float(number)));
        for (word, node) in words.into_iter().chain(numbers) {
            if self.takes(word) {
                return Ok(node);
            }
        }
        let rest = after_number(self.rest).ok_or("no value")?;
        let text = self.rest.get(..self.rest.len().saturating_sub(rest.len())).unwrap_or_default();
        self.rest = rest;
        Ok(match digits::parse(text) {
            Some(number) => Node::Int(number),
            None if !text.contains(['.', 'e', 'E']) => Node::Long(text.to_owned()),
            None => Node::Float(read_float(text).unwrap_or(f64::NAN)),
        })
    }

    fn text(&mut self) -> Read<String> {
        if !self.rest.starts_with('"') {
            return Err("no name in double quotes");
        }
        self.advance(1);
        let mut text = String::new();
        loop {
            let plain = self.rest.bytes().take_while(|byte| !matches!(byte, ..b' ' | b'"' | b'\\')).count();
            text.push_str(self.rest.get(..plain).unwrap_or_default());
            self.advance(plain);
            match self.rest.as_bytes() {
                [b'"', ..] => {
                    self.advance(1);
                    return Ok(text);
                }
                [b'\\', b'u', ..] => text.push(self.code_point()?),
                [b'\\', letter, ..] => {
                    let (_, meant) = ESCAPES.iter().find(|(known, _)| known == letter).ok_or("invalid escape")?;
                    text.push(*meant);
                    self.advance(2);
                }
                [] | [b'\\'] => return Err("a text without an end"),
                _ => return Err("control character in a text"),
            }
        }
    }

    /// Of `\u20ac`, or of two such.
    fn code_point(&mut self) -> Read<char> {
        let high = code_unit(self.rest).ok_or("invalid escape")?;
        let low = self.rest.get(6..).and_then(code_unit);
        let units = [high, low.filter(|_| matches!(high, 0xd800..0xdc00)).unwrap_or(0)];
        let character = char::decode_utf16(units).next().and_then(Result::ok).ok_or("half of a surrogate pair")?;
        self.advance(character.len_utf16().saturating_mul(6));
        Ok(character)
    }

    /// Goes to the end, where something else stands than UTF-8.
    fn not_utf_8(&mut self) -> Read<Node> {
        self.advance(self.rest.len());
        Err("not UTF-8")
    }

    fn end(&mut self) -> Read<()> {
        self.skip_spaces();
        if self.rest.is_empty() { Ok(()) } else { Err("something follows") }
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Goes past a word, and the spaces before it, if it is there.
    fn takes(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// What follows a number, if there is one.
fn after_number(text: &str) -> Option<&str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let mut rest = unsigned.strip_prefix('0').or_else(|| after_digits(unsigned))?;
    rest = rest.strip_prefix('.').and_then(after_digits).unwrap_or(rest);
    let exponent = rest.strip_prefix(['e', 'E']);
    let exponent = exponent.and_then(|text| after_digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    Some(exponent.unwrap_or(rest))
}

fn after_digits(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    (rest.len() < text.len()).then_some(rest)
}

/// Of `\u20ac`.
fn code_unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits.strip_prefix('+').map_or(digits, |_| ""), 16).ok()
}

const ESCAPES: &[(u8, char)] = &[
    (b'"', '"'),
    (b'/', '/'),
    (b'\\', '\\'),
    (b'b', '\u{8}'),
    (b'f', '\u{c}'),
    (b'n', '\n'),
    (b'r', '\r'),
    (b't', '\t'),
];

const MAX_SHOWN_CHARACTERS: usize = 80;
const MAX_SHOWN_ITEMS: usize = 3;

/// A configuration has five levels; what a person nests by mistake may be shown, what a program does need not be.
const MAX_DEPTH: usize = 127;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_pythons_json_reads() {
        for (text, shown) in [
            ("null", "Null"),
            (" [true,\tfalse]\r\n", "List([Bool(true), Bool(false)])"),
            ("[ ]", "List([])"),
            ("{}", "Object(Members([]))"),
            ("-0", "Int(0)"),
            ("[-12, 9223372036854775807]", "List([Int(-12), Int(9223372036854775807)])"),
            (
                "[1.5, -2e3, 1E+2, 0.0, 9223372036854775808]",
                "List([Float(1.5), Float(-2000.0), Float(100.0), Float(0.0), Long(\"9223372036854775808\")])",
            ),
            ("[NaN, Infinity, -Infinity]", "List([Float(NaN), Float(inf), Float(-inf)])"),
            (r#""\"\\\/\b\f\n\r\t""#, r#"Text("\"\\/\u{8}\u{c}\n\r\t")"#),
            (r#""é\u00e9\u20AC\ud83d\ude00x""#, "Text(\"éé€😀x\")"),
        ] {
            assert_eq!(format!("{:?}", Node::parse(text.as_bytes()).unwrap()), shown, "{text}");
        }
    }

    #[test]
    fn of_equal_names_the_last_counts_where_the_first_stands() {
        let node = Node::parse(br#"{"b": 1, "a": {"": []}, "b": 2, "aa": "x", "b": 3}"#).unwrap();
        let shown = node.members().iter().map(|member| format!("{} {} {}", member.name, member.node, member.place));
        assert_eq!(shown.collect::<Vec<_>>(), ["a an object 1", "aa \"x\" 3", "b 3 0"]);
        assert_eq!(
            ["a", "aa", "ab", "b", "c"].map(|name| node.members().number(name)),
            [Some(0), Some(1), None, Some(2), None]
        );
    }

    #[test]
    fn refuses_what_is_no_json_and_says_where() {
        for (text, wrong) in [
            ("", "no value at line 1 column 1"),
            ("{\n \"é\": x}", "no value at line 2 column 7"),
            ("[1,\n]", "trailing comma (JSON has none) at line 1 column 3"),
            ("{\"a\": 1,}", "trailing comma (JSON has none) at line 1 column 8"),
            ("[1 2]", "a comma or the end is missing at line 1 column 4"),
            ("[,1]", "no value at line 1 column 2"),
            ("[1", "a comma or the end is missing at line 1 column 3"),
            ("{a: 1}", "no name in double quotes at line 1 column 2"),
            ("{'a': 1}", "no name in double quotes at line 1 column 2"),
            ("{\"a\" 1}", "a colon is missing at line 1 column 6"),
            ("{} {}", "something follows at line 1 column 4"),
            ("01", "something follows at line 1 column 2"),
            ("1.", "something follows at line 1 column 2"),
            ("+1", "no value at line 1 column 1"),
            (".5", "no value at line 1 column 1"),
            ("-", "no value at line 1 column 1"),
            ("truth", "no value at line 1 column 1"),
            ("// x\n1", "no value at line 1 column 1"),
            ("\"abc", "a text without an end at line 1 column 5"),
            ("\"a\\", "a text without an end at line 1 column 3"),
            ("\"a\nb\"", "control character in a text at line 1 column 3"),
            (r#""\x41""#, "invalid escape at line 1 column 2"),
            (r#""\u12g4""#, "invalid escape at line 1 column 2"),
            (r#""\u+123""#, "invalid escape at line 1 column 2"),
            (r#""\ud83d""#, "half of a surrogate pair at line 1 column 2"),
            (r#""\ud83d\u0041""#, "half of a surrogate pair at line 1 column 2"),
            (r#""\ude00\ud83d""#, "half of a surrogate pair at line 1 column 2"),
        ] {
            assert_eq!(Node::parse(text.as_bytes()), Err(format!("no JSON: {wrong}")), "{text}");
        }
        let latin_1 = b"{\n \"\xc3\xa9\": \"caf\xe9\"}";
        assert_eq!(Node::parse(latin_1), Err("no JSON: not UTF-8 at line 2 column 11".to_owned()));
    }

    #[test]
    fn values_are_nested_at_most_so_deep() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Node::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        let deeper = Node::parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
        assert_eq!(deeper, "no JSON: nested too deep at line 1 column 128");
    }
}
