//! `pathlib` paths: the segments of a pickle to one path.
//!
//! In: the arguments of `PosixPath`, `PureWindowsPath` and the like: parts (up to Python 3.11), or whatever the sender
//! wrote (from 3.12). Out: the path as `str()` prints it, without `.` and doubled slashes. Facts: `PurePath._parse_path` in
//! CPython's `Lib/pathlib/_local.py`, `join` and `splitroot` in `Lib/posixpath.py` and `Lib/ntpath.py`.

use crate::decode::Items;

/// A path's flavour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// `/`
    Posix,
    /// `\`, with drives
    Windows,
}

/// The path as text, and the bytes of its segments; `None` if a segment is not text, or if they are too long.
pub(in crate::python) fn join(flavour: Flavour, segments: Items<'_>) -> Option<(Vec<u8>, usize)> {
    let (mut path, mut length) = (Path { flavour, drive: 0, text: Vec::new() }, 0_usize);
    for segment in segments {
        let segment = segment.as_text()?.as_bytes();
        length = length.saturating_add(segment.len()).saturating_add(1);
        if length > MAX_PATH_BYTES {
            return None;
        }
        path.join(segment);
    }
    Some((path.parsed(), length))
}

/// A path as it is joined, of Windows with backslashes for slashes.
struct Path {
    flavour: Flavour,
    /// The bytes of `c:` or `\\server\share`.
    drive: usize,
    text: Vec<u8>,
}

impl Path {
    const fn separator(&self) -> u8 {
        match self.flavour {
            Flavour::Posix => b'/',
            Flavour::Windows => b'\\',
        }
    }

    fn drive_length(&self, path: &[u8]) -> usize {
        match self.flavour {
            Flavour::Posix => 0,
            Flavour::Windows if path.starts_with(b"\\\\") => {
                let is_unc = path.get(..UNC.len()).is_some_and(|start| start.eq_ignore_ascii_case(UNC));
                let start = if is_unc { UNC.len() } else { 2 };
                let mut separators = path.iter().zip(0_usize..).skip(start).filter(|&(&byte, _)| byte == b'\\');
                separators.nth(1).map_or(path.len(), |(_, index)| index)
            }
            Flavour::Windows if path.get(1) == Some(&b':') => 2,
            Flavour::Windows => 0,
        }
    }

    fn join(&mut self, segment: &[u8]) {
        let separator = self.separator();
        let is_windows = self.flavour == Flavour::Windows;
        let segment: Vec<u8> =
            segment.iter().map(|&byte| if is_windows && byte == b'/' { separator } else { byte }).collect();
        let (drive, rest) = segment.split_at_checked(self.drive_length(&segment)).unwrap_or((&segment, &[]));
        let here = self.text.get_mut(..self.drive).unwrap_or_default();
        if drive.is_empty() && rest.first() == Some(&separator) {
            self.text.truncate(self.drive);
        } else if !drive.is_empty() && (rest.first() == Some(&separator) || !drive.eq_ignore_ascii_case(here)) {
            self.drive = drive.len();
            self.text.clear();
            self.text.extend_from_slice(drive);
        } else {
            if !drive.is_empty() {
                here.copy_from_slice(drive);
            }
            let is_drive = self.text.len() == self.drive;
            let is_open = matches!(self.text.last(), Some(last) if *last != separator && !(is_drive && *last == b':'));
            if is_open && !rest.is_empty() {
                self.text.push(separator);
            }
        }
        self.text.extend_from_slice(rest);
    }

    /// Drive and root, then the parts, without empty ones and `.`; `.` if there is none of these.
    fn parsed(&self) -> Vec<u8> {
        let separator = self.separator();
        let (drive, rest) = self.text.split_at_checked(self.drive_length(&self.text)).unwrap_or((&self.text, &[]));
        let root = match rest.iter().take_while(|&&byte| byte == separator).count() {
            0 => usize::from(is_share(drive)),
            // POSIX leaves the meaning of exactly two to the system.
            2 if self.flavour == Flavour::Posix => 2,
            _ => 1,
        };
        let mut path = drive.to_vec();
        path.resize(path.len().saturating_add(root), separator);
        let parts = rest.split(|&byte| byte == separator).filter(|part| !matches!(*part, b"" | b"."));
        for (number, part) in parts.enumerate() {
            if number > 0 {
                path.push(separator);
            } else if path.is_empty() && self.drive_length(part) > 0 {
                // What looks like a drive there is none.
                path.extend_from_slice(b".\\");
            }
            path.extend_from_slice(part);
        }
        if path.is_empty() {
            path.push(b'.');
        }
        path
    }
}

/// True for a drive behind which there is always a root: `\\server\share`, `\\?\UNC\server\share`.
fn is_share(drive: &[u8]) -> bool {
    let mut names = drive.split(|&byte| byte == b'\\');
    let count = names.clone().count();
    drive.starts_with(b"\\")
        && !drive.ends_with(b"\\")
        && (count == 6 || count == 4 && !matches!(names.nth(2), None | Some(b"" | b"?" | b".")))
}

/// Longer paths print as their segments: joining copies them. Windows allows 32,767 characters, Linux 4,096 bytes.
const MAX_PATH_BYTES: usize = 1 << 17;
const UNC: &[u8] = b"\\\\?\\UNC\\";

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]
    use super::*;
    use crate::base::budget::Budget;
    use crate::base::limits::MAX_IN_FLIGHT_BYTES;
    use crate::decode::{Kind, Unpickler};

    #[test]
    fn joins_paths_as_long_as_the_limit_and_no_longer() {
        for (length, is_joined) in [(MAX_PATH_BYTES - 2, true), (MAX_PATH_BYTES - 1, true), (MAX_PATH_BYTES, false)] {
            let pickle = format!("(V{}\nt.", "a".repeat(length));
            let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
            let Kind::Tuple(segments) = unpickler.unpickle(pickle.as_bytes()).unwrap().kind() else {
                panic!("no tuple")
            };
            assert_eq!(join(Flavour::Posix, segments).is_some(), is_joined, "{length}");
        }
    }

    fn joined(flavour: Flavour, segments: &[&str]) -> String {
        let mut path = Path { flavour, drive: 0, text: Vec::new() };
        segments.iter().for_each(|segment| path.join(segment.as_bytes()));
        String::from_utf8(path.parsed()).unwrap()
    }

    #[test]
    fn joins_posix_paths_as_python_does() {
        for (segments, expected) in [
            (&[][..], "."),
            (&[""], "."),
            (&["a", "b"], "a/b"),
            (&["/", "a", "b"], "/a/b"),
            (&["a", "/b"], "/b"),
            (&["a//b/./c/"], "a/b/c"),
            (&["//a"], "//a"),
            (&["///a"], "/a"),
            (&["..", "a"], "../a"),
        ] {
            assert_eq!(joined(Flavour::Posix, segments), expected, "{segments:?}");
        }
    }

    #[test]
    fn joins_windows_paths_as_python_does() {
        for (segments, expected) in [
            (&[][..], "."),
            (&["c:\\", "a", "b"], "c:\\a\\b"),
            (&["c:/a//b/./c"], "c:\\a\\b\\c"),
            (&["c:", "a"], "c:a"),
            (&["c:a", "b"], "c:a\\b"),
            (&["a", "\\b"], "\\b"),
            (&["c:\\a", "\\b"], "c:\\b"),
            (&["c:\\a", "d:b"], "d:b"),
            (&["c:\\a", "C:b"], "C:\\a\\b"),
            (&["\\\\server\\share\\", "a"], "\\\\server\\share\\a"),
            (&["//server/share"], "\\\\server\\share\\"),
            (&["./c:a"], ".\\c:a"),
        ] {
            assert_eq!(joined(Flavour::Windows, segments), expected, "{segments:?}");
        }
    }
}
