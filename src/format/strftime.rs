//! A second as text, by a format of C's `strftime`, which is what Python's `time.strftime` calls.
//!
//! In: a broken-down time and a format. Out: the text as glibc makes it, whichever C library is there. musl's gives nothing for a
//! format with a conversion that it does not know, `%f` for one, of which many believe that it prints microseconds, and a year above
//! 9999 has a sign. So such text is made anew, conversion by conversion: one that is not known stands as it is. Facts:
//! `time_strftime` in CPython's `Modules/timemodule.c`, strftime(3), and `src/time/strftime.c` of musl.

use std::ffi::{CStr, CString};

use crate::base::sys::BrokenDownTime;
use crate::base::words::position;

/// Puts the text of a time into `text`.
pub(super) fn strftime(time: &BrokenDownTime, format: &CStr, text: &mut Vec<u8>) {
    text.clear();
    if !append(time, format, text) || time.year() > 9999 {
        text.clear();
        append_each(time, format.to_bytes(), text);
    }
}

/// Appends what the C library makes of a format; false if that is nothing.
fn append(time: &BrokenDownTime, format: &CStr, text: &mut Vec<u8>) -> bool {
    let (start, mut size) = (text.len(), FIRST_SIZE);
    loop {
        text.resize(start.saturating_add(size), 0);
        let length = time.strftime(format, text.get_mut(start..).unwrap_or_default());
        // As in CPython: nothing in 256 times the format's length is an empty text, such as `%p` of some locales.
        if length > 0 || size >= format.count_bytes().saturating_mul(256) {
            text.truncate(start.saturating_add(length));
            return length > 0;
        }
        size = size.saturating_mul(2);
    }
}

/// Appends what it makes of each conversion by itself.
fn append_each(time: &BrokenDownTime, format: &[u8], text: &mut Vec<u8>) {
    let mut rest = format;
    while let Some(start) = position(b'%', rest) {
        let (literal, from_conversion) = rest.split_at(start);
        text.extend_from_slice(literal);
        let flags = from_conversion.iter().skip(1).take_while(|byte| b"_-0^#+123456789EO".contains(byte)).count();
        let length = flags.saturating_add(2).min(from_conversion.len());
        let (conversion, after) = from_conversion.split_at(length);
        append_conversion(time, conversion, text);
        rest = after;
    }
    text.extend_from_slice(rest);
}

fn append_conversion(time: &BrokenDownTime, conversion: &[u8], text: &mut Vec<u8>) {
    // What musl does not know, said by what it knows.
    let known: &[u8] = match conversion {
        b"%k" => b"%_H",
        b"%l" => b"%_I",
        b"%P" => b"%p",
        other => other,
    };
    let start = text.len();
    // Behind it stands a byte, so that no text of its own is told from one that is not known.
    let is_known = CString::new([known, b"."].concat()).is_ok_and(|format| append(time, &format, text));
    if !is_known {
        text.extend_from_slice(conversion);
        return;
    }
    text.pop();
    let mut made = text.split_off(start);
    match conversion {
        b"%P" => made.make_ascii_lowercase(),
        [.., b'z'] => {}
        // The sign of a year.
        _ => made.retain(|byte| *byte != b'+'),
    }
    text.append(&mut made);
}

/// Bytes for which there is room at first.
const FIRST_SIZE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn in_one(format: &CStr) -> Vec<u8> {
        let (time, mut text) = (BrokenDownTime::utc(1_700_000_000).unwrap(), Vec::new());
        strftime(&time, format, &mut text);
        text
    }

    #[test]
    fn conversion_by_conversion_it_is_the_same() {
        for format in [
            c"",
            c"now",
            c"%Y-%m-%d %H:%M:%S",
            c"%d.%m.%y %f%",
            c"%a %A%%%b, %e.%p|%j %-d %_d %z %Z",
            c"%c %x %X %D %F %T %R %U %W %V %G %u %w",
        ] {
            let (time, mut text) = (BrokenDownTime::utc(1_700_000_000).unwrap(), b"before ".to_vec());
            append_each(&time, format.to_bytes(), &mut text);
            assert_eq!(text, [b"before ", &*in_one(format)].concat(), "{format:?}");
        }
    }

    /// Where times have 32 bits, there is none after 2038.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn a_year_above_9999_has_no_sign() {
        let (time, mut text) = (BrokenDownTime::utc(1_700_000_000_123).unwrap(), Vec::new());
        strftime(&time, c"+ %Y-%m-%d %z; %c", &mut text);
        assert_eq!(String::from_utf8(text).unwrap(), "+ 55840-11-08 +0000; Sun Nov  8 22:15:23 55840");
    }

    #[test]
    fn the_sign_of_an_offset_stays() {
        let far = if cfg!(target_pointer_width = "64") { Some(1_700_000_000_123) } else { None };
        for seconds in [1_700_000_000].into_iter().chain(far) {
            for format in [c"%z", c"%_z", c"%-z"] {
                let (time, mut text, mut made) = (BrokenDownTime::utc(seconds).unwrap(), Vec::new(), Vec::new());
                append(&time, format, &mut made);
                strftime(&time, format, &mut text);
                assert_eq!(String::from_utf8(text), String::from_utf8(made), "{format:?}");
            }
        }
    }

    #[test]
    fn a_conversion_that_is_not_known_stands_as_it_is() {
        for (format, expected) in
            [(c"%H:%M:%S.%f", "22:13:20.%f"), (c"%Q %Y", "%Q 2023"), (c"%d %", "14 %"), (c"%l%P, %k h", "10pm, 22 h")]
        {
            assert_eq!(String::from_utf8(in_one(format)).unwrap(), expected);
        }
    }
}
