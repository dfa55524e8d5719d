//! The keys of records, as they were spelled for the one before, and plain members behind them: most of most records.

use super::pending::Pending;
use super::strings::append_string;
use crate::base::text::Text;
use crate::base::words;
use crate::decode::{Node, Value};
use crate::record::{Attributes, PEER};

/// How the keys of a record are spelled.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// Whose they are: see [`LogRecord::keys`].
    keys: usize,
    pub known: Vec<Label>,
    pub tail: Tail,
}

/// The last members of a record, as they were spelled for one before with the same.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// See [`Ending`](crate::record::Ending); 0 if there is none.
    number: usize,
    text: Vec<u8>,
    units: usize,
}

impl Tail {
    /// Takes note of what was put since there were so many bytes and units.
    #[cold]
    pub fn learn(&mut self, number: usize, (start, units): (usize, usize), plain: &Plain, out: &Pending<'_, '_>) {
        let text = out.bytes.get(start..out.length).unwrap_or_default();
        *self = Tail { number, text: text.to_vec(), units: plain.units.saturating_sub(units) };
    }
}

/// A comma, a key and a colon.
#[derive(Clone, Debug)]
pub struct Label {
    bytes: [u8; LABEL_BYTES],
    /// How many of the bytes; more than there are if it is longer, or its key is not plain or means more than itself.
    length: usize,
    units: usize,
}

impl Labels {
    /// Makes them what is needed for a record of these keys and attributes.
    #[inline]
    pub fn take(&mut self, keys: usize, attributes: Attributes<'_>) {
        // Records of the same keys may have more of them.
        if keys == 0 || keys != self.keys || self.known.len() < attributes.in_first_run().min(MAX_LABELS) {
            self.keys = keys;
            self.learn(attributes);
        }
    }

    /// Makes them those of these attributes; most may be so already.
    #[inline(never)]
    fn learn(&mut self, attributes: Attributes<'_>) {
        let mut number = 0_usize;
        attributes.after(|key, _| {
            match self.known.get_mut(number) {
                Some(known) if known.is_of(key) => {}
                Some(known) => *known = Label::of(key),
                None => self.known.push(Label::of(key)),
            }
            number = number.saturating_add(1);
            number < MAX_LABELS
        });
        self.known.truncate(number);
    }
}

/// What a text costs that stands for itself, with its quotation marks.
const fn units_of_plain(bytes: usize) -> usize {
    bytes.wrapping_add(2) / PLAIN_BYTES_A_UNIT
}

impl Label {
    const NONE: Label = Label { bytes: [0; LABEL_BYTES], length: usize::MAX, units: 0 };

    #[inline(never)]
    fn of(key: Value<'_>) -> Label {
        let Node::Str(name) = key.node() else { return Label::NONE };
        let key = key.bytes_at(name);
        let means_more = matches!(key.first(), Some(b'c' | b'j' | b'm'))
            && ["message", "client_address", PEER].iter().any(|name| name.as_bytes() == key);
        if means_more || !words::stand_for_themselves_in_json(key) {
            return Label::NONE;
        }
        let length = key.len().saturating_add(LABEL_PUNCTUATION_BYTES);
        let mut bytes = [0; LABEL_BYTES];
        if let Some([comma, opening, place @ .., closing, colon]) = bytes.get_mut(..length) {
            (*comma, *opening, *closing, *colon) = (b',', b'"', b'"', b':');
            place.copy_from_slice(key);
        }
        Label { bytes, length, units: UNITS_A_MEMBER.saturating_add(units_of_plain(key.len())) }
    }

    fn is_of(&self, key: Value<'_>) -> bool {
        let Node::Str(name) = key.node() else { return false };
        let end = self.length.saturating_sub(2);
        self.bytes.get(2..end) == Some(key.bytes_at(name))
    }
}

pub const CLIENT_ADDRESS: Label =
    Label { bytes: *b",\"client_address\":\0\0\0\0\0\0\0\0\0\0\0\0\0\0", length: 18, units: UNITS_A_MEMBER };

/// What may be written of plain members, and how much work was done for them.
pub struct Plain {
    /// Where the line must end.
    pub end: usize,
    pub units: usize,
    pub most_units: usize,
    /// Room for a float.
    pub decimal: [u8; MAX_NUMBER_BYTES],
}

impl Plain {
    /// Puts the last members, if this is how they are spelled, and there is room and leave for all.
    pub fn put_tail(&mut self, tail: &Tail, number: usize, out: &mut Pending<'_, '_>) -> bool {
        let (end, units) = (out.length.saturating_add(tail.text.len()), self.units.saturating_add(tail.units));
        // Where a member begins there is room for a whole label.
        let has_room = end.saturating_add(LABEL_BYTES) <= self.end && units <= self.most_units;
        if number == 0 || number != tail.number || !has_room {
            return false;
        }
        out.put(&tail.text);
        self.units = units;
        true
    }

    /// Puts a member; false, and nothing put, if it is not plain, might not fit, or there might be no leave for it.
    #[inline(always)]
    pub fn put(&mut self, label: &Label, value: Value<'_>, out: &mut Pending<'_, '_>) -> bool {
        let mut digits = itoa::Buffer::new();
        let (value, is_text) = match value.node() {
            Node::None => ("null".as_bytes(), false),
            Node::True => ("true".as_bytes(), false),
            Node::False => ("false".as_bytes(), false),
            Node::Int(number) => (digits.format(number).as_bytes(), false),
            Node::Float(bits) if bits.value().is_finite() => (float(bits.value(), &mut self.decimal), false),
            Node::Str(span) if words::stand_for_themselves_in_json(value.bytes_at(span)) => {
                (value.bytes_at(span), true)
            }
            Node::Str(span) => return self.put_escaped(label, Text::known_valid(value.bytes_at(span)), out),
            _ => return false,
        };
        let text_units = if is_text { units_of_plain(value.len()) } else { 0 };
        // None of these is more than a gigabyte.
        let units = self.units.wrapping_add(label.units).wrapping_add(text_units);
        let end = out.length.wrapping_add(LABEL_BYTES).wrapping_add(value.len()).wrapping_add(2);
        let (true, Some(place)) = (
            label.length <= LABEL_BYTES && end <= self.end && units <= self.most_units,
            out.bytes.get_mut(out.length..).and_then(<[u8]>::first_chunk_mut),
        ) else {
            return false;
        };
        *place = label.bytes;
        out.length = out.length.wrapping_add(label.length);
        if is_text {
            out.put(b"\"");
            out.put(value);
            out.put(b"\"");
        } else {
            out.put(value);
        }
        self.units = units;
        true
    }

    /// The same with a text that has other letters or takes escapes; not if there might not be room for an escape of each byte.
    #[inline(never)]
    fn put_escaped(&mut self, label: &Label, text: Text<'_>, out: &mut Pending<'_, '_>) -> bool {
        let length = text.as_bytes().len();
        let most = length.saturating_mul(MAX_ESCAPED_BYTES).saturating_add(2);
        let end = out.length.saturating_add(LABEL_BYTES).saturating_add(most);
        if label.length > LABEL_BYTES || end > self.end {
            return false;
        }
        let mut escaped = Vec::with_capacity(most);
        append_string(text, false, usize::MAX, &mut escaped);
        let units = self.units.saturating_add(label.units).saturating_add(units_of_escaped(escaped.len(), length));
        let is_allowed = units <= self.most_units;
        if is_allowed {
            out.put(label.bytes.get(..label.length).unwrap_or_default());
            out.put(&escaped);
            self.units = units;
        }
        is_allowed
    }
}

/// What a string costs that is not plain, of so many bytes with its quotation marks, from a text of so many.
pub fn units_of_escaped(bytes: usize, of: usize) -> usize {
    (bytes / SEARCHED_BYTES_A_UNIT).saturating_add(bytes.saturating_sub(of) / ADDED_BYTES_A_UNIT)
}

/// A finite float, as serde_json writes it.
pub fn float(number: f64, buffer: &mut [u8; MAX_NUMBER_BYTES]) -> &[u8] {
    let mut rest = buffer.as_mut_slice();
    // There is room for each.
    let _ = serde_json::to_writer(&mut rest, &number);
    let length = MAX_NUMBER_BYTES.saturating_sub(rest.len());
    buffer.get(..length).unwrap_or_default()
}

/// What it costs to write a member, in units of a meter; so many bytes of a text are found to stand for themselves in the time of one.
pub const UNITS_A_MEMBER: usize = 8;
pub const PLAIN_BYTES_A_UNIT: usize = 16;

/// So many bytes of a text are searched in that time for what is escaped, and so many added by escapes; and what a byte takes at most:
/// `\u001f`.
const SEARCHED_BYTES_A_UNIT: usize = 8;
const ADDED_BYTES_A_UNIT: usize = 2;
pub const MAX_ESCAPED_BYTES: usize = 6;

/// More than any number of 64 bits takes.
pub const MAX_NUMBER_BYTES: usize = 32;

/// A comma, two quotation marks and a colon.
const LABEL_PUNCTUATION_BYTES: usize = 4;

/// Labels that are remembered at most, and the room for each.
const MAX_LABELS: usize = 64;
const LABEL_BYTES: usize = 32;
