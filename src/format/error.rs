//! Why a format was refused, and where.

use std::fmt;

/// Why a format was refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where in the format, in bytes from its start.
    pub offset: usize,
    /// What is wrong there.
    pub reason: Reason,
}

/// What can be wrong with a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// `$` that begins no field.
    BareDollar,
    /// In `{`, something other than `!r`, `!s` or `!a`.
    InvalidConversion,
    /// In `%`, a field that does not end in a conversion type; in `{`, what does not end in `}`.
    InvalidField,
    /// In `{`, a name that is none.
    InvalidName,
    /// In `{`, what follows the colon.
    InvalidSpec,
    /// There is no field at all.
    NoField,
    /// This library was built without the feature `styles`.
    NoStyles,
    /// `{` that begins no field, `}` that ends none.
    SingleBrace,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            Reason::BareDollar => "bare '$' (a literal one is '$$')",
            Reason::InvalidConversion => "invalid conversion (it is !r, !s or !a)",
            Reason::InvalidField => "invalid field",
            Reason::InvalidName => "invalid field name",
            Reason::InvalidSpec => "invalid format spec",
            Reason::NoField => return f.write_str("no field in the format"),
            Reason::NoStyles => return f.write_str("this build, without the feature styles, has no style but %"),
            Reason::SingleBrace => "single brace (literal ones are doubled)",
        };
        write!(f, "{what} at byte {} of the format", self.offset)
    }
}

impl std::error::Error for Error {}
