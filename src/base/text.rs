//! Text as Python has it: a sequence of code points, lone surrogates included.
//!
//! In: bytes in the encoding that pickles use, UTF-8 with `surrogatepass` (CPython's `Lib/pickle.py`, `save_str`), also
//! known as generalized UTF-8. Out: [`Text`], checked once and then only borrowed, and [`TextWriter`], which appends such
//! text to a buffer and stops at a limit. Refused: bytes that are no such encoding.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use crate::base::memory::has_memory_for;
use crate::base::meter::Meter;
use crate::base::words::{hexadecimal, is_ascii};

/// Borrowed Python text: well-formed UTF-8, except that surrogates stand as three bytes of their own.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Checks `bytes`; `None` if they are not UTF-8 with `surrogatepass`.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Text<'a>> {
        (is_ascii(bytes) || is_well_formed(bytes)).then_some(Text(bytes))
    }

    /// Takes bytes that were checked before.
    pub(crate) const fn known_valid(bytes: &'a [u8]) -> Text<'a> {
        Text(bytes)
    }

    /// The encoded bytes.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text as `str`, unless it holds a surrogate.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// The text as `str`, surrogates written as `\udcff` (Python's `backslashreplace`).
    pub fn to_str(self) -> Cow<'a, str> {
        match std::str::from_utf8(self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(self.to_string()),
        }
    }

    /// True if there is no code point.
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The number of code points, Python's `len`.
    #[inline]
    pub fn code_point_count(self) -> usize {
        if is_ascii(self.0) { self.0.len() } else { self.0.iter().filter(|&&byte| !is_continuation(byte)).count() }
    }

    /// The code points, surrogates included.
    pub fn code_points(self) -> CodePoints<'a> {
        CodePoints(self.0)
    }

    /// The first `count` code points.
    pub fn prefix(self, count: usize) -> Text<'a> {
        let starts = self.0.iter().enumerate().filter(|&(_, &byte)| !is_continuation(byte));
        let end = starts.map(|(index, _)| index).nth(count).unwrap_or(self.0.len());
        Text(self.0.get(..end).unwrap_or_default())
    }

    /// As many whole code points as fit into so many bytes.
    pub fn within(self, bytes: usize) -> Text<'a> {
        let mut end = bytes.min(self.0.len());
        while self.0.get(end).is_some_and(|&byte| is_continuation(byte)) {
            end = end.saturating_sub(1);
        }
        Text(self.0.get(..end).unwrap_or_default())
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Text<'a> {
        Text(text.as_bytes())
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

/// Surrogates appear as `\udcff`.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return f.write_str(text),
                Err(error) => {
                    let (valid, from_surrogate) = rest.split_at_checked(error.valid_up_to()).unwrap_or((rest, &[]));
                    f.write_str(std::str::from_utf8(valid).unwrap_or_default())?;
                    let mut code_points = CodePoints(from_surrogate);
                    let Some(surrogate) = code_points.next() else { return Ok(()) };
                    let [.., a, b, c, d] = hexadecimal(surrogate);
                    f.write_str(std::str::from_utf8(&[b'\\', b'u', a, b, c, d]).unwrap_or_default())?;
                    rest = code_points.0;
                }
            }
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

/// Iterates over the code points of a [`Text`].
#[derive(Clone, Debug)]
pub struct CodePoints<'a>(&'a [u8]);

impl<'a> CodePoints<'a> {
    /// What is still to come.
    pub const fn rest(&self) -> Text<'a> {
        Text(self.0)
    }
}

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.0.split_first()?;
        let (length, bits) = match first {
            0x00..0x80 => (0, u32::from(first)),
            0x80..0xe0 => (1, u32::from(first & 0x1f)),
            0xe0..0xf0 => (2, u32::from(first & 0x0f)),
            0xf0..=0xff => (3, u32::from(first & 0x07)),
        };
        let (tail, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.0 = rest;
        Some(tail.iter().fold(bits, |bits, &byte| bits << 6 | u32::from(byte & 0x3f)))
    }
}

/// Appends Python text to a buffer, up to a limit; past it, once the record's [`Meter`] is spent, and when the system has no more
/// memory, everything is left out and [`TextWriter::is_cut`] tells so.
#[derive(Debug)]
pub struct TextWriter<'b> {
    buffer: &'b mut Vec<u8>,
    /// The length that the buffer must not exceed.
    end: usize,
    cut: bool,
    /// True once the system had no memory for more.
    starved: bool,
    /// What is charged for work, once [`TextWriter::metered`] knows for which record it is done.
    meter: Option<&'b Meter>,
}

impl<'b> TextWriter<'b> {
    /// Appends to `buffer` at most `limit` bytes.
    pub fn new(buffer: &'b mut Vec<u8>, limit: usize) -> TextWriter<'b> {
        let end = buffer.len().saturating_add(limit);
        TextWriter { buffer, end, cut: false, starved: false, meter: None }
    }

    /// Lets `write` write here, and leave off when `meter` is spent. A meter without a limit is that of a value that was made here: the
    /// record that it was made for is charged.
    #[inline]
    pub(crate) fn metered(&mut self, meter: &Meter, write: impl FnOnce(&mut TextWriter<'_>)) {
        let meter = self.meter.filter(|_| meter.is_unlimited()).unwrap_or(meter);
        let cut = self.cut || meter.is_spent();
        let mut metered =
            TextWriter { buffer: &mut *self.buffer, end: self.end, cut, starved: self.starved, meter: Some(meter) };
        write(&mut metered);
        (self.cut, self.starved) = (metered.cut || meter.is_spent(), metered.starved);
    }

    /// What `write` writes, apart from what is written here, to be looked at first. It has room for a little more than is left
    /// here: what is cut there, between code points of up to four bytes, is still too long for here, and so cut here too. It
    /// is charged to the same meter, and if that is spent, nothing more is written here.
    #[inline(never)]
    pub(crate) fn aside(&mut self, write: &mut dyn FnMut(&mut TextWriter<'_>)) -> Vec<u8> {
        let mut text = Vec::new();
        let end = self.remaining().saturating_add(4);
        let mut aside = TextWriter { buffer: &mut text, end, cut: self.cut, starved: false, meter: self.meter };
        write(&mut aside);
        if aside.starved {
            self.starve();
        }
        self.charge((text.len() / COPIED_BYTES_A_UNIT).saturating_add(UNITS_ASIDE));
        text
    }

    /// Appends `text`, or as many whole code points of it as fit.
    #[inline(always)]
    pub fn push(&mut self, text: Text<'_>) {
        let free = self.buffer.capacity().saturating_sub(self.buffer.len());
        if self.remaining().min(free) >= text.0.len() {
            self.buffer.extend_from_slice(text.0);
        } else {
            self.push_what_fits(text);
        }
    }

    /// Appends a `str`.
    pub fn push_str(&mut self, text: &str) {
        self.push(Text::from(text));
    }

    /// Appends one code point, a surrogate perhaps.
    pub fn push_code_point(&mut self, code_point: u32) {
        let mut bytes = [0; 4];
        self.push(encode_code_point(code_point, &mut bytes));
    }

    /// Appends a backslash, `letter`, and the last `digits` hexadecimal digits of a code point, at most eight: `\x1b`, `\u202e`.
    pub fn push_escape(&mut self, letter: u8, code_point: u32, digits: usize) {
        let [a, b, c, d, e, f, g, h] = hexadecimal(code_point);
        let mut escape = [0, 0, a, b, c, d, e, f, g, h];
        let escape = escape.get_mut(8_usize.saturating_sub(digits)..).unwrap_or_default();
        if let Some(opening) = escape.first_chunk_mut() {
            *opening = [b'\\', letter];
        }
        self.push(Text(escape));
    }

    /// Appends `code_point` `count` times.
    #[inline]
    pub fn pad(&mut self, code_point: u32, count: usize) {
        match u8::try_from(code_point) {
            Ok(b' ') if count <= SPACES.len() => self.push_str(SPACES.get(..count).unwrap_or_default()),
            Ok(byte) if byte.is_ascii() => {
                let fits = count.min(self.remaining());
                if self.has_memory_for(fits) {
                    self.buffer.resize(self.buffer.len().saturating_add(fits), byte);
                }
                self.cut |= fits < count;
            }
            _ => self.pad_slowly(code_point, count),
        }
    }

    fn pad_slowly(&mut self, code_point: u32, count: usize) {
        let mut bytes = [0; 4];
        let text = encode_code_point(code_point, &mut bytes);
        for _ in 0..count {
            if self.cut {
                break;
            }
            self.push(text);
        }
    }

    /// Once something did not fit: appends `...`, beyond the limit, so that a reader sees it too.
    pub fn show_cut(&mut self) {
        if self.cut && self.has_memory_for(3) {
            self.buffer.extend_from_slice(b"...");
        }
    }

    /// How many bytes may still be appended: none after the first that did not fit.
    #[inline]
    pub fn remaining(&self) -> usize {
        if self.cut { 0 } else { self.end.saturating_sub(self.buffer.len()) }
    }

    /// Charges work that is about to be done for the record, in units of its [`Meter`]; once that is spent, the writer is cut.
    #[inline(never)]
    pub fn charge(&mut self, units: usize) {
        self.cut |= self.meter.is_some_and(|meter| !meter.charge(units));
    }

    /// Leaves out everything from here on.
    pub(crate) fn cut(&mut self) {
        self.cut = true;
    }

    /// Writes no more than `limit` bytes from here on.
    #[inline]
    pub(crate) fn limit(&mut self, limit: usize) {
        self.end = self.end.min(self.buffer.len().saturating_add(limit));
    }

    /// True once something did not fit: whoever loops can stop.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// What the buffer holds so far, from byte `start` of it; for callers that look back at what they wrote.
    pub fn since(&self, start: usize) -> Text<'_> {
        Text(self.buffer.get(start..).unwrap_or_default())
    }

    /// Takes back what was appended after `position`.
    pub fn truncate(&mut self, position: usize) {
        self.buffer.truncate(position);
    }

    /// The buffer's length: a `start` for [`TextWriter::since`].
    pub fn position(&self) -> usize {
        self.buffer.len()
    }

    #[cold]
    fn push_what_fits(&mut self, text: Text<'_>) {
        let fits = text.within(self.remaining()).0;
        self.cut |= fits.len() < text.0.len();
        if self.has_memory_for(fits.len()) {
            self.buffer.extend_from_slice(fits);
        }
    }

    /// Makes the buffer large enough for so many bytes more.
    fn has_memory_for(&mut self, bytes: usize) -> bool {
        let is_had = has_memory_for(self.buffer, bytes);
        if !is_had {
            self.starve();
        }
        is_had
    }

    /// The system has no memory for what is to be written: nothing more is.
    pub(crate) fn starve(&mut self) {
        (self.cut, self.starved) = (true, true);
    }

    /// True once the system had no memory for what was to be written: the text is of no use.
    pub(crate) fn is_starved(&self) -> bool {
        self.starved
    }
}

impl fmt::Write for TextWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

/// Appends Latin-1 as UTF-8, which takes twice as many bytes at most.
pub(crate) fn append_latin1(bytes: &[u8], text: &mut Vec<u8>) {
    for &byte in bytes {
        match byte {
            0..0x80 => text.push(byte),
            _ => text.extend([byte >> 6 | 0xc0, byte & 0x3f | 0x80]),
        }
    }
}

/// Encodes a code point, a surrogate perhaps; what is beyond U+10FFFF becomes U+FFFD.
pub fn encode_code_point(code_point: u32, bytes: &mut [u8; 4]) -> Text<'_> {
    if let 0xd800..0xe000 = code_point {
        let low_six_bits_after = |shift: u32| (code_point >> shift).to_le_bytes()[0] & 0x3f | 0x80;
        *bytes = [0xed, low_six_bits_after(6), low_six_bits_after(0), 0];
        return Text(&bytes[..3]);
    }
    let character = char::from_u32(code_point).unwrap_or(char::REPLACEMENT_CHARACTER);
    Text(character.encode_utf8(bytes).as_bytes())
}

/// What it costs to write aside, and how many bytes are looked at and copied from there in the time of a unit.
const UNITS_ASIDE: usize = 4;
const COPIED_BYTES_A_UNIT: usize = 16;

/// The padding of most fields.
const SPACES: &str = "                                ";

/// True for UTF-8 in which surrogates may stand encoded as three bytes each.
#[cold]
fn is_well_formed(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        let Err(error) = std::str::from_utf8(rest) else { return true };
        let from_error = rest.get(error.valid_up_to()..).unwrap_or_default();
        let [0xed, 0xa0..=0xbf, 0x80..=0xbf, after @ ..] = from_error else { return false };
        rest = after;
    }
}

const fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// A time in seconds, with the digits after the point that it has.
pub fn seconds(time: Duration) -> String {
    let text = format!("{}.{:09}", time.as_secs(), time.subsec_nanos());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The same with milliseconds.
pub fn milliseconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

/// A number with as few digits as it takes.
pub fn shown(number: f64) -> String {
    let mut buffer = zmij::Buffer::new();
    let shown = buffer.format(number);
    shown.strip_suffix(".0").unwrap_or(shown).to_owned()
}

/// An error that says what could not be done.
pub(crate) fn explained(error: io::Error, what: fmt::Arguments<'_>) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// The ending of a plural.
pub fn plural(count: impl From<u8> + PartialEq) -> &'static str {
    if count == 1.into() { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use crate::base::limits::METER_UNITS;

    #[test]
    fn accepts_utf8_and_lone_surrogates_and_nothing_else() {
        for good in
            [&b""[..], b"a", "\u{10ffff}é".as_bytes(), b"\xed\xa0\x80", b"x\xed\xbf\xbfy", b"\xed\xa0\xbd\xed\xb8\x80"]
        {
            assert!(Text::new(good).is_some(), "{good:x?}");
        }
        for bad in [&b"\x80"[..], b"\xc0\x80", b"\xed\xa0", b"\xf4\x90\x80\x80", b"\xff", b"a\xed\xa0\x80\xc3"] {
            assert!(Text::new(bad).is_none(), "{bad:x?}");
        }
    }

    #[test]
    fn every_code_point_round_trips() {
        let mut bytes = Vec::new();
        let mut writer = TextWriter::new(&mut bytes, usize::MAX);
        (0..0x11_0000).for_each(|code_point| writer.push_code_point(code_point));
        let text = Text::new(&bytes).unwrap();
        assert!(text.code_points().eq(0..0x11_0000));
        assert_eq!(text.code_point_count(), 0x11_0000);
    }

    #[test]
    fn shows_surrogates_as_backslashreplace_does() {
        let text = Text::new(b"a\xed\xb3\xbfb\xed\xa0\x80").unwrap();
        assert_eq!(text.to_str(), "a\\udcffb\\ud800");
        assert_eq!(text.as_str(), None);
    }

    #[test]
    fn a_prefix_counts_code_points() {
        let text = Text::from("aé😀z");
        let prefixes: Vec<_> = (0..6).map(|count| text.prefix(count).to_str()).collect();
        assert_eq!(prefixes, ["", "a", "aé", "aé😀", "aé😀z", "aé😀z"]);
    }

    #[test]
    fn is_cut_once_its_meter_is_spent_also_by_what_was_written_aside() {
        // What is written aside ends where the meter does; writing aside costs a little besides.
        let most = METER_UNITS - UNITS_ASIDE;
        for (units, text, cut) in [
            (most - 1, "ab", false),
            (most, "ab", false),
            (most + 1, "ab", true),
            (METER_UNITS, "ab", true),
            (METER_UNITS + 1, "a", true),
        ] {
            let (mut buffer, meter) = (Vec::new(), Meter::default());
            let mut writer = TextWriter::new(&mut buffer, 100);
            writer.metered(&meter, |writer| {
                let aside = writer.aside(&mut |aside| {
                    aside.push_str("a");
                    aside.charge(units);
                    aside.push_str("b");
                });
                assert_eq!(aside, text.as_bytes(), "{units} units");
                writer.push(Text::known_valid(&aside));
            });
            assert_eq!(writer.is_cut(), cut, "{units} units");
            assert_eq!(buffer, if cut { "" } else { "ab" }.as_bytes(), "{units} units");
        }
    }

    #[test]
    fn what_is_written_aside_is_charged() {
        let (mut buffer, meter) = (Vec::new(), Meter::default());
        TextWriter::new(&mut buffer, METER_UNITS).metered(&meter, |writer| {
            let text = writer.aside(&mut |aside| aside.pad(u32::from('x'), 100 * COPIED_BYTES_A_UNIT));
            assert_eq!(text.len(), 100 * COPIED_BYTES_A_UNIT);
        });
        assert_eq!(meter.used(), 100 + UNITS_ASIDE);
    }

    #[test]
    fn a_meter_without_a_limit_does_not_stand_in_for_that_of_the_record() {
        let (mut buffer, meter) = (Vec::new(), Meter::default());
        TextWriter::new(&mut buffer, 100).metered(&meter, |writer| {
            writer.metered(&Meter::unlimited(), |writer| writer.charge(METER_UNITS));
            assert!(!writer.is_cut());
            writer.metered(&Meter::unlimited(), |writer| writer.charge(1));
            assert!(writer.is_cut());
        });
        assert!(meter.is_spent());
    }

    #[test]
    fn a_writer_cuts_at_its_limit_between_code_points() {
        for (limit, expected, cut) in [(5, "aé", true), (6, "aé", true), (7, "aé😀", false), (8, "aé😀", false)]
        {
            let mut buffer = Vec::new();
            let mut writer = TextWriter::new(&mut buffer, limit);
            writer.push_str("aé😀");
            assert_eq!(writer.is_cut(), cut, "limit {limit}");
            assert_eq!(String::from_utf8(buffer).unwrap(), expected, "limit {limit}");
        }
        let mut buffer = Vec::new();
        let mut writer = TextWriter::new(&mut buffer, 2);
        writer.push_str("éa");
        writer.push_str("");
        writer.push_str("b");
        assert_eq!(buffer, "é".as_bytes(), "nothing follows a cut");
    }

    #[test]
    fn latin1_loses_no_byte() {
        let mut text = b"b".to_vec();
        append_latin1(b"a\xe9\xff\x80", &mut text);
        assert_eq!(text, "baéÿ\u{80}".as_bytes());
    }
}
