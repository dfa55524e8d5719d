//! The last step before a line is written: from Python text to bytes that are safe to look at.
//!
//! In: a formatted line, perhaps with surrogates and control characters, and where its level names stand. Out: UTF-8, in place,
//! with what [`Escape`] names written as `\x1b` or `\u202e`, lone surrogates always as `\udcff`, and level names in colour.
//! Because colours are put in here, after escaping, a peer cannot forge one. Backslashes stay as they are.

use crate::base::meter::Meter;
use crate::base::text::{Text, TextWriter};
use crate::base::words::{self, below_space, equal, is_ascii, word_at_most};
use crate::record::level::range_of;

/// Which characters are escaped; `--escape`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Escape {
    /// What [`Escape::Control`] names, and newline, tab and the separators U+2028 and U+2029 too: each record is one line.
    All,
    /// Control characters (C0, DEL, C1) other than newline and tab, and the characters that turn the direction of text.
    #[default]
    Control,
    /// Nothing but lone surrogates, which UTF-8 cannot hold.
    None,
}

/// Part of a line to be coloured: `start..end` in bytes of the buffer that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Its colour.
    pub color: Color,
}

/// A colour for a level's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// `DEBUG` and below
    Blue,
    /// `CRITICAL` and above
    BoldRed,
    /// `INFO`
    Green,
    /// `ERROR`
    Red,
    /// `WARNING`
    Yellow,
}

impl Escape {
    /// Escapes and colours what `buffer` holds from `start` on. If that makes more than `limit` bytes of it, it is cut there
    /// and ends in `...`, and this gives false.
    pub fn finish(self, buffer: &mut Vec<u8>, start: usize, highlights: &[Highlight], limit: usize) -> bool {
        self.finish_for(None, buffer, start, highlights, limit)
    }

    /// The same for the line of a record, whose meter is charged for it, and which is cut where no more work may be done for it.
    #[inline(always)]
    pub(crate) fn finish_for(
        self,
        toll: Toll<'_>,
        out: &mut Vec<u8>,
        start: usize,
        highlights: &[Highlight],
        limit: usize,
    ) -> bool {
        let line = out.get(start..).unwrap_or_default();
        let is_printable = words::are_printable(line);
        if let (false, Some(meter)) = (is_printable, toll) {
            meter.charge(line.len() / SEARCHED_BYTES_A_UNIT);
        }
        if highlights.is_empty() && (is_printable || self.next_special(line).is_none()) {
            return line.len() <= limit;
        }
        self.rewrite(out, start, highlights, limit, toll)
    }

    #[inline(never)]
    fn rewrite(
        self,
        buffer: &mut Vec<u8>,
        start: usize,
        highlights: &[Highlight],
        limit: usize,
        toll: Toll<'_>,
    ) -> bool {
        // To split all of it off would allocate as much again.
        let raw = if start == 0 { std::mem::take(buffer) } else { buffer.split_off(start.min(buffer.len())) };
        let mut end = start.saturating_add(limit);
        let mut done = 0;
        for highlight in highlights {
            let part_start = highlight.start.saturating_sub(start);
            let part_end = highlight.end.saturating_sub(start);
            if !self.append(raw.get(done..part_start).unwrap_or_default(), buffer, end, toll) {
                return false;
            }
            let colored = [highlight.color.sequence(), NO_COLOR];
            end = colored.iter().fold(end, |end, sequence| end.saturating_add(sequence.len()));
            buffer.extend_from_slice(colored[0]);
            let whole = self.append(raw.get(part_start..part_end).unwrap_or_default(), buffer, end, toll);
            buffer.extend_from_slice(colored[1]);
            if !whole {
                return false;
            }
            done = part_end;
        }
        self.append(raw.get(done..).unwrap_or_default(), buffer, end, toll)
    }

    /// Appends `text`, escaped, as far as the buffer may grow and the meter allows; `...` tells of what is left out.
    fn append(self, mut text: &[u8], line: &mut Vec<u8>, end: usize, toll: Toll<'_>) -> bool {
        let limit = end.saturating_sub(line.len());
        let mut out = TextWriter::new(line, limit);
        while let Some((plain, code_point, after)) = self.next_special(text).filter(|_| !out.is_cut()) {
            if !plain.is_empty() {
                out.push(Text::known_valid(plain));
            }
            match code_point {
                0x09 => out.push_str("\\t"),
                0x0a => out.push_str("\\n"),
                0..0x100 => out.push_escape(b'x', code_point, 2),
                _ => out.push_escape(b'u', code_point, 4),
            }
            text = after;
            if toll.is_some_and(|meter| !meter.charge(UNITS_AN_ESCAPE)) {
                out.cut();
            }
        }
        out.push(Text::known_valid(text));
        out.show_cut();
        !out.is_cut()
    }

    /// The next character to be escaped, between what is before and what follows it.
    pub(super) fn next_special(self, text: &[u8]) -> Option<(&[u8], u32, &[u8])> {
        // They often follow one another.
        if let Some((code_point, after)) = self.first_special(text) {
            return Some((&[], code_point, after));
        }
        let mut rest = words::after_printable(text);
        while !rest.is_empty() {
            let (word, after) = match rest.split_first_chunk() {
                Some((word, after)) => (u64::from_le_bytes(*word), after),
                None => (word_at_most(rest), &[][..]),
            };
            let mut found = self.may_start_special(word, after);
            while found != 0 {
                let place = usize::try_from(found.trailing_zeros() / 8).unwrap_or_default();
                found &= found.wrapping_sub(1);
                let place = text.len().saturating_sub(rest.len()).saturating_add(place);
                let (plain, from_it) = text.split_at_checked(place)?;
                if let Some((code_point, after)) = self.first_special(from_it) {
                    return Some((plain, code_point, after));
                }
            }
            rest = words::after_printable(after);
        }
        None
    }

    /// Tells of each byte of a word with which a character can begin that this [escapes](Escape::escapes); it is followed by `after`.
    #[inline(always)]
    fn may_start_special(self, word: u64, after: &[u8]) -> u64 {
        let breaks = if self == Escape::All { 0 } else { equal(b'\t', word) | equal(b'\n', word) };
        let controls = (below_space(word) & !breaks) | equal(0x7f, word);
        if is_ascii(&word.to_le_bytes()) {
            return controls;
        }
        // 0xc2 or 0xe2, which a bit tells apart, 0xd8, and 0xed.
        let begun = equal(0xe2, word | u64::from_le_bytes([0x20; 8])) | equal(0xd8, word) | equal(0xed, word);
        // Most characters that begin alike, the euro among them, go on otherwise: what follows 0xe2 is 0x80 or 0x81.
        let next = word >> 8 | u64::from(after.first().copied().unwrap_or_default()) << 56;
        let is_plain = equal(0xe2, word) & !equal(0x80, next & u64::from_le_bytes([0xfe; 8]));
        controls | begun & !is_plain
    }

    /// The character with which the text begins, and what follows it, if that is to be escaped.
    fn first_special(self, text: &[u8]) -> Option<(u32, &[u8])> {
        let (code_point, after) = match text.split_first()? {
            (&byte, after) if byte.is_ascii() => (u32::from(byte), after),
            _ => {
                let mut code_points = Text::known_valid(text).code_points();
                (code_points.next()?, code_points.rest().as_bytes())
            }
        };
        self.escapes(code_point).then_some((code_point, after))
    }

    fn escapes(self, code_point: u32) -> bool {
        match code_point {
            0xd800..0xe000 => true,
            0x09 | 0x0a | 0x2028 | 0x2029 => self == Escape::All,
            _ => self != Escape::None && is_control(code_point),
        }
    }
}

impl Color {
    /// The colour for a level, by the range in which it lies.
    pub fn of_level(level: f64) -> Color {
        let colors = [Color::Blue, Color::Green, Color::Yellow, Color::Red, Color::BoldRed];
        colors.get(range_of(Some(level))).copied().unwrap_or(Color::Blue)
    }

    const fn sequence(self) -> &'static [u8] {
        match self {
            Color::Blue => b"\x1b[34m",
            Color::BoldRed => b"\x1b[1;31m",
            Color::Green => b"\x1b[32m",
            Color::Red => b"\x1b[31m",
            Color::Yellow => b"\x1b[33m",
        }
    }
}

/// Control characters, and those that turn the direction of text: marks, embeddings, overrides and isolates.
pub(super) const fn is_control(code_point: u32) -> bool {
    matches!(code_point, 0..0x20 | 0x7f..0xa0 | 0x061c | 0x200e | 0x200f | 0x202a..=0x202e | 0x2066..=0x2069)
}

/// What is charged for escapes, if they are a record's.
type Toll<'m> = Option<&'m Meter>;

/// So many bytes are searched in the time of a unit, and so many units it takes to escape what is found.
const SEARCHED_BYTES_A_UNIT: usize = 28;
const UNITS_AN_ESCAPE: usize = 2;

/// Ends a colour.
const NO_COLOR: &[u8] = b"\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    fn finish(escape: Escape, line: &[u8], highlights: &[Highlight]) -> String {
        let mut buffer = b"before\x1b".to_vec();
        buffer.extend_from_slice(line);
        assert!(escape.finish(&mut buffer, 7, highlights, usize::MAX));
        String::from_utf8(buffer).unwrap().strip_prefix("before\x1b").unwrap().into()
    }

    #[test]
    fn escapes_what_could_attack_a_terminal() {
        let line = "a\x1b[31m\r\x7f\u{85}\u{9b}é\u{202e}\u{2066}\u{200f}\u{61c}\t\n\\x\u{2028}한";
        let control = "a\\x1b[31m\\x0d\\x7f\\x85\\x9bé\\u202e\\u2066\\u200f\\u061c\t\n\\x\u{2028}한";
        let all = "a\\x1b[31m\\x0d\\x7f\\x85\\x9bé\\u202e\\u2066\\u200f\\u061c\\t\\n\\x\\u2028한";
        assert_eq!(finish(Escape::Control, line.as_bytes(), &[]), control);
        assert_eq!(finish(Escape::All, line.as_bytes(), &[]), all);
        assert_eq!(finish(Escape::None, line.as_bytes(), &[]), line);
    }

    #[test]
    fn lone_surrogates_are_always_escaped() {
        for escape in [Escape::All, Escape::Control, Escape::None] {
            assert_eq!(finish(escape, b"\xed\xb3\xbf\xed\x95\x9c\xed\xa0\x80", &[]), "\\udcff한\\ud800", "{escape:?}");
        }
    }

    #[test]
    fn decides_about_every_character_alike_by_its_first_byte_and_by_itself() {
        for escape in [Escape::All, Escape::Control, Escape::None] {
            for code_point in 0..0x11_0000 {
                let mut bytes = [0; 4];
                let text = crate::base::text::encode_code_point(code_point, &mut bytes);
                assert_eq!(
                    escape.next_special(text.as_bytes()).is_some(),
                    escape.escapes(code_point),
                    "{code_point:x}"
                );
            }
        }
    }

    #[test]
    fn colours_stand_around_escaped_text() {
        let line = b"  IN\x1bFO |";
        let highlight = Highlight { start: 9, end: 14, color: Color::of_level(20.0) };
        assert_eq!(finish(Escape::Control, line, &[highlight]), "  \x1b[32mIN\\x1bFO\x1b[0m |");
        assert_eq!(finish(Escape::Control, b"", &[]), "");
    }

    #[test]
    fn levels_between_the_named_ones_have_the_colour_of_the_one_below() {
        for (level, color) in [
            (f64::NAN, Color::Blue),
            (-5.0, Color::Blue),
            (19.0, Color::Blue),
            (20.0, Color::Green),
            (29.9, Color::Green),
            (30.0, Color::Yellow),
            (40.0, Color::Red),
            (49.0, Color::Red),
            (50.0, Color::BoldRed),
            (1e9, Color::BoldRed),
        ] {
            assert_eq!(Color::of_level(level), color, "{level}");
        }
    }

    #[test]
    fn cuts_what_escapes_make_too_long() {
        for (limit, expected, whole) in
            [(9, "a\\x01\\x02...", false), (10, "a\\x01\\x02b", true), (11, "a\\x01\\x02b", true)]
        {
            let mut buffer = b"a\x01\x02b".to_vec();
            assert_eq!(Escape::Control.finish(&mut buffer, 0, &[], limit), whole, "{limit}");
            assert_eq!(String::from_utf8(buffer).unwrap(), expected, "{limit}");
        }
        let mut buffer = b"a\x01b".to_vec();
        let highlights = [Highlight { start: 1, end: 2, color: Color::Red }];
        assert!(!Escape::Control.finish(&mut buffer, 0, &highlights, 3));
        assert_eq!(String::from_utf8(buffer).unwrap(), "a\x1b[31m\\x01\x1b[0m...");
    }
}
