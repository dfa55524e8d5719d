//! Where a text or a number stands within its width: padded, signed, grouped.
//!
//! In: text, or the parts of a number. Out: what is written of it, as `format()` and `%` do. Facts: `Python/formatter_unicode.c`.

use crate::base::text::{Text, TextWriter};
use crate::python::number::Number;

/// Where text stands within its width, and how a number is signed and grouped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Padding {
    pub width: usize,
    pub fill: u32,
    pub align: Align,
    pub sign: Sign,
    /// Separator and digits between two of them.
    pub grouping: Option<(char, usize)>,
}

/// Where the padding goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// `=`: between sign and digits.
    AfterSign,
    /// `^`
    Center,
    /// `<`
    Left,
    /// `>`
    Right,
}

/// What stands before a number that is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// Nothing.
    OnlyMinus,
    /// `+`
    Plus,
    /// A space.
    Space,
}

impl Padding {
    /// Writes text, padded; widths count code points.
    pub fn write_text(&self, text: Text<'_>, out: &mut TextWriter<'_>) {
        let padding = match self.width {
            0 => 0,
            width => width.saturating_sub(text.code_point_count()),
        };
        let before = match self.align {
            Align::Center => padding / 2,
            Align::Left => 0,
            Align::AfterSign | Align::Right => padding,
        };
        out.pad(self.fill, before);
        out.push(text);
        out.pad(self.fill, padding.saturating_sub(before));
    }

    /// Writes a number: signed, grouped, padded.
    pub fn write_number(&self, number: &Number, out: &mut TextWriter<'_>) {
        let sign = match self.sign {
            _ if number.negative => "-",
            Sign::OnlyMinus => "",
            Sign::Plus => "+",
            Sign::Space => " ",
        };
        let around =
            [sign.len(), number.prefix.len(), number.fraction.len(), number.trailing_zeros, number.suffix.len()]
                .into_iter()
                .fold(0, usize::saturating_add);
        let zeros_as_digits = self.align == Align::AfterSign && self.fill == u32::from('0');
        let (zeros, digits_width) = self.grouped(number, if zeros_as_digits { around } else { usize::MAX });
        let padding = self.width.saturating_sub(around.saturating_add(digits_width));
        let (before, after_sign) = match self.align {
            Align::AfterSign => (0, padding),
            Align::Center => (padding / 2, 0),
            Align::Left => (0, 0),
            Align::Right => (padding, 0),
        };
        out.pad(self.fill, before);
        out.push_str(sign);
        out.push_str(number.prefix);
        out.pad(self.fill, after_sign);
        self.write_digits(zeros, &number.digits, out);
        out.push_str(&number.fraction);
        out.pad(u32::from('0'), number.trailing_zeros);
        out.push_str(&number.suffix);
        out.pad(self.fill, padding.saturating_sub(before).saturating_sub(after_sign));
    }

    /// How many zeros precede the digits so that, grouped, they fill the width that `around` leaves, and how wide zeros, digits
    /// and separators then are. `_PyUnicode_InsertThousandsGrouping` in CPython.
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "a group has at least one digit; lengths are far below usize::MAX"
    )]
    fn grouped(&self, number: &Number, around: usize) -> (usize, usize) {
        let shown = number.digits.len().saturating_add(number.leading_zeros);
        let size = self.grouping.map_or(usize::MAX, |(_, size)| size);
        let grouped_width = |digits: usize| digits.saturating_add(digits.saturating_sub(1) / size);
        if number.digits.is_empty() {
            return (0, 0);
        }
        let wanted = self.width.saturating_sub(around);
        let mut total = shown.max(wanted - wanted / size.saturating_add(1));
        while grouped_width(total) < wanted {
            total = total.saturating_add(1);
        }
        (total.saturating_sub(number.digits.len()), grouped_width(total))
    }

    fn write_digits(&self, zeros: usize, digits: &str, out: &mut TextWriter<'_>) {
        let Some((separator, size)) = self.grouping else {
            out.pad(u32::from('0'), zeros);
            return out.push_str(digits);
        };
        let mut left = zeros.saturating_add(digits.len());
        for digit in std::iter::repeat_n('0', zeros).chain(digits.chars()) {
            if out.is_cut() {
                return;
            }
            out.push_code_point(u32::from(digit));
            left = left.saturating_sub(1);
            if left > 0 && left.checked_rem(size) == Some(0) {
                out.push_code_point(u32::from(separator));
            }
        }
    }
}

impl Align {
    pub fn of(code_point: u32) -> Option<Align> {
        match char::from_u32(code_point)? {
            '<' => Some(Align::Left),
            '=' => Some(Align::AfterSign),
            '>' => Some(Align::Right),
            '^' => Some(Align::Center),
            _ => None,
        }
    }
}

impl Sign {
    pub fn of(code_point: u32) -> Option<Sign> {
        match char::from_u32(code_point)? {
            ' ' => Some(Sign::Space),
            '+' => Some(Sign::Plus),
            '-' => Some(Sign::OnlyMinus),
            _ => None,
        }
    }
}
