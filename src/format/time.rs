//! `asctime`: `logging.Formatter.formatTime`.
//!
//! In: a record's `created` and `msecs`. Out: the time as text. The text of a second is made once; a record of the same
//! second costs its milliseconds only. A `created` that is no time (nan, a string, a year beyond a C `int`) prints as its
//! `str()`: the record is not lost. Facts: `formatTime`.

use crate::base::sys::{self, BrokenDownTime};
use crate::base::text::{Text, TextWriter};
use crate::decode::{Kind, Value};
use crate::format::strftime::strftime;
use crate::python::conversion::Form;
use crate::record::{Field, LogRecord};
use std::ffi::CString;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// Turns `created` into text, and remembers the last second.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    format: CString,
    /// Without `datefmt`, milliseconds follow.
    milliseconds: bool,
    utc: bool,
    /// The second whose text is in `text`.
    second: Option<i64>,
    text: Vec<u8>,
    /// How much of `text` is the second's.
    second_length: usize,
}

impl Clock {
    /// `datefmt` as in `logging.Formatter`: absent and empty are the same.
    pub fn new(datefmt: Option<&str>, utc: bool) -> Clock {
        sys::read_time_zone();
        let datefmt = datefmt.filter(|datefmt| !datefmt.is_empty());
        let format = datefmt.unwrap_or("%Y-%m-%d %H:%M:%S").split('\0').next().unwrap_or_default();
        Clock {
            format: CString::new(format).unwrap_or_default(),
            milliseconds: datefmt.is_none(),
            utc,
            second: None,
            text: Vec::new(),
            second_length: 0,
        }
    }

    /// Times in UTC, or local ones.
    pub fn set_utc(&mut self, utc: bool) {
        (self.utc, self.second) = (utc, None);
    }

    /// The record's `asctime`.
    pub fn asctime(&mut self, record: &LogRecord<'_>) -> Text<'_> {
        let created = record.field(Field::Created);
        let second = floor(created);
        if second.is_none() || second != self.second {
            self.second = second.filter(|&second| self.print_second(second));
        }
        if self.second.is_none() {
            self.text.clear();
            crate::python::str(created, &mut TextWriter::new(&mut self.text, MAX_CREATED_BYTES));
        } else if self.milliseconds {
            self.text.truncate(self.second_length);
            let mut out = TextWriter::new(&mut self.text, MAX_CREATED_BYTES);
            out.push_str(",");
            MILLISECONDS.write_or_str(record.field(Field::Msecs), &mut out);
        }
        Text::known_valid(&self.text)
    }

    /// The text of the second in which the record was created, and true; or, if its `created` is no time, of the present second.
    pub fn second_of(&mut self, record: &LogRecord<'_>) -> (Text<'_>, bool) {
        let second = floor(record.field(Field::Created));
        if second.is_none() || second != self.second {
            self.second = second.filter(|&second| self.print_second(second));
        }
        let is_of_record = self.second.is_some();
        if !is_of_record {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.print_second(i64::try_from(now.as_secs()).unwrap_or(0));
        }
        (Text::known_valid(self.text.get(..self.second_length).unwrap_or_default()), is_of_record)
    }

    /// Puts the text of a second into `text`; false if it is beyond the calendar.
    fn print_second(&mut self, second: i64) -> bool {
        let time = if self.utc { BrokenDownTime::utc(second) } else { BrokenDownTime::local(second) };
        let Some(time) = time else { return false };
        strftime(&time, &self.format, &mut self.text);
        if Text::new(&self.text).is_none() {
            self.text = String::from_utf8_lossy(&self.text).into_owned().into_bytes();
        }
        self.text.shrink_to(1024);
        self.second_length = self.text.len();
        true
    }
}

/// A time in seconds as `datetime.fromtimestamp(created, tz=timezone.utc).isoformat()` has it.
#[allow(clippy::as_conversions, reason = "in the range of i64, `as` does what Python's conversion to time_t does")]
pub fn utc_timestamp(created: f64) -> String {
    let mut second = created.floor();
    let mut microsecond = ((created - second) * 1e6).round_ties_even();
    if microsecond >= 1e6 {
        (second, microsecond) = (second + 1.0, 0.0);
    }
    let mut text = vec![0; MAX_CREATED_BYTES];
    let time = BrokenDownTime::utc(second as i64);
    let length = time.map_or(0, |time| time.strftime(c"%Y-%m-%dT%H:%M:%S", &mut text));
    text.truncate(length);
    let mut text = String::from_utf8(text).unwrap_or_default();
    if microsecond > 0.0 {
        // Writing to a String cannot fail.
        let _ = fmt::Write::write_fmt(&mut text, format_args!(".{:06}", microsecond as u32));
    }
    text + "+00:00"
}

/// The second in which a time in seconds lies; `None` for what is no such time.
#[allow(clippy::as_conversions, reason = "in the range of i64, `as` does what Python's conversion to time_t does")]
fn floor(created: Value<'_>) -> Option<i64> {
    match created.kind() {
        Kind::Float(seconds) => {
            let seconds = seconds.floor();
            (-TWO_TO_THE_63..TWO_TO_THE_63).contains(&seconds).then_some(seconds as i64)
        }
        _ => created.as_i64(),
    }
}

const MILLISECONDS: Form = Form { zero: true, width: 3, letter: b'd', ..Form::STR };

/// Room for a `created` or `msecs` that is no number and prints as its `str()`.
const MAX_CREATED_BYTES: usize = 1000;

const TWO_TO_THE_63: f64 = 9_223_372_036_854_775_808.0;
