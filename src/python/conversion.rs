//! The parts of a `%` format: text, and conversions such as `%-5d` or `%(total)s`.

use crate::base::text::Text;

/// The parts of a `%` format, in their order.
pub(crate) struct Pieces<'f> {
    rest: &'f [u8],
}

/// One part of a `%` format.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece<'f> {
    Conversion(Conversion<'f>),
    /// Text to be printed as it is; `%` for `%%`.
    Literal(Text<'f>),
    /// What begins as a conversion and is none.
    Malformed(Text<'f>),
}

/// `%`, perhaps a key, flags, width, precision and a letter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conversion<'f> {
    /// All of it.
    pub source: Text<'f>,
    /// What stands in parentheses.
    pub key: Option<Text<'f>>,
    pub width: Count,
    pub precision: Count,
    /// The rest, with [`Count::Given`] numbers filled in.
    pub form: Form,
}

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Absent,
    Given(usize),
    /// `*`: taken from the arguments.
    Star,
}

/// How one value is converted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// `-`
    pub left: bool,
    /// `+`
    pub plus: bool,
    /// A space.
    pub space: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    pub width: usize,
    pub precision: Option<usize>,
    /// One of `diouxXeEfFgGcrsa`.
    pub letter: u8,
}

impl<'f> Pieces<'f> {
    pub fn of(format: Text<'f>) -> Pieces<'f> {
        Pieces { rest: format.as_bytes() }
    }
}

impl<'f> Iterator for Pieces<'f> {
    type Item = Piece<'f>;

    fn next(&mut self) -> Option<Piece<'f>> {
        let literal_length = self.rest.iter().position(|&byte| byte == b'%').unwrap_or(self.rest.len());
        let (literal, from_percent) = self.rest.split_at_checked(literal_length)?;
        if !literal.is_empty() {
            self.rest = from_percent;
            return Some(Piece::Literal(Text::known_valid(literal)));
        }
        let after_percent = self.rest.strip_prefix(b"%")?;
        if let Some(after) = after_percent.strip_prefix(b"%") {
            self.rest = after;
            return Some(Piece::Literal(Text::from("%")));
        }
        let mut parser = Parser { rest: after_percent };
        let parsed = parser.conversion();
        let source = self.rest.get(..self.rest.len().saturating_sub(parser.rest.len())).unwrap_or(self.rest);
        let source = Text::known_valid(source);
        self.rest = parser.rest;
        Some(match parsed {
            Some((key, width, precision, form)) => {
                Piece::Conversion(Conversion { source, key, width, precision, form })
            }
            None => Piece::Malformed(source),
        })
    }
}

impl Form {
    /// `%s`
    pub const STR: Form = Form {
        left: false,
        plus: false,
        space: false,
        alternate: false,
        zero: false,
        width: 0,
        precision: None,
        letter: b's',
    };
}

/// Parses what follows a `%`.
struct Parser<'f> {
    rest: &'f [u8],
}

impl<'f> Parser<'f> {
    #[allow(clippy::type_complexity, reason = "the fields of Conversion, once")]
    fn conversion(&mut self) -> Option<(Option<Text<'f>>, Count, Count, Form)> {
        let key = if self.take(b'(') { Some(self.key()?) } else { None };
        let mut form = Form::default();
        self.flags(&mut form);
        let width = if self.take(b'*') { Count::Star } else { self.number()?.map_or(Count::Absent, Count::Given) };
        let precision = match (self.take(b'.'), self.take(b'*')) {
            (false, false) => Count::Absent,
            (true, true) => Count::Star,
            (true, false) => Count::Given(self.number()?.unwrap_or(0)),
            (false, true) => return None,
        };
        if let Some(b'h' | b'l' | b'L') = self.rest.first() {
            self.skip(1);
        }
        form.letter = self.letter()?;
        if let Count::Given(width) = width {
            form.width = width;
        }
        if let Count::Given(precision) = precision {
            form.precision = Some(precision);
        }
        Some((key, width, precision, form))
    }

    /// Up to the parenthesis that closes the first; without one, all of the rest is malformed.
    fn key(&mut self) -> Option<Text<'f>> {
        let mut open = 1_usize;
        for (index, &byte) in self.rest.iter().enumerate() {
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                let key = self.rest.get(..index).map(Text::known_valid);
                self.skip(index.saturating_add(1));
                return key;
            }
        }
        self.rest = &[];
        None
    }

    fn flags(&mut self, form: &mut Form) {
        while let Some(flag) = self.rest.first() {
            match flag {
                b'-' => form.left = true,
                b'+' => form.plus = true,
                b' ' => form.space = true,
                b'#' => form.alternate = true,
                b'0' => form.zero = true,
                _ => break,
            }
            self.skip(1);
        }
    }

    /// Decimal digits, perhaps none; the outer `None` if the number is too large.
    fn number(&mut self) -> Option<Option<usize>> {
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        if digits.is_empty() {
            return Some(None);
        }
        // What a machine of 64 bits takes is taken everywhere; nothing so wide is ever written.
        let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some(Some(usize::try_from(number).unwrap_or(usize::MAX)))
    }

    /// The conversion's letter, passing over whatever code point stands in its place.
    fn letter(&mut self) -> Option<u8> {
        let letter = self.rest.first().copied()?;
        let length = Text::known_valid(self.rest).prefix(1).as_bytes().len();
        self.skip(length);
        b"diouxXeEfFgGcrsa".contains(&letter).then_some(letter)
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.rest.first() == Some(&byte);
        if taken {
            self.skip(1);
        }
        taken
    }

    fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}
