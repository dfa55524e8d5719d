//! `pathlib` paths: the segments of a pickle to one path.
//!
//! In: the arguments of `PosixPath`, `PureWindowsPath` and the like: parts (up to Python 3.11), or whatever the sender
//! wrote (from 3.12). Out: the path as `str()` prints it, without `.` and doubled slashes. Facts: `PurePath._parse_path` in
//! CPython's `Lib/pathlib/_local.py`, `join` and `splitroot` in `Lib/posixpath.py` and `Lib/ntpath.py`.

use crate::decode::{Items, Kind};

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
    let mut texts = Vec::new();
    let mut length = 0_usize;
    for segment in segments {
        let Kind::Str(segment) = segment.kind() else { return None };
        length = length.saturating_add(segment.as_bytes().len()).saturating_add(1);
        if length > MAX_PATH_BYTES {
            return None;
        }
        texts.push(segment.as_bytes());
    }
    Some((join_bytes(flavour, &texts), length))
}

fn join_bytes(flavour: Flavour, segments: &[&[u8]]) -> Vec<u8> {
    match flavour {
        Flavour::Posix => {
            let mut joined = Vec::new();
            segments.iter().for_each(|segment| join_posix(&mut joined, segment));
            parse_posix(&joined)
        }
        Flavour::Windows => {
            let segments =
                segments.iter().map(|segment| segment.iter().map(|&byte| if byte == b'/' { b'\\' } else { byte }));
            let segments: Vec<Vec<u8>> = segments.map(Iterator::collect).collect();
            let mut joined = WindowsPath::default();
            segments.iter().for_each(|segment| joined.join(WindowsPath::split(segment)));
            parse_windows(&joined.into_bytes())
        }
    }
}

fn join_posix(path: &mut Vec<u8>, segment: &[u8]) {
    if segment.starts_with(b"/") {
        path.clear();
    } else if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(segment);
}

fn parse_posix(path: &[u8]) -> Vec<u8> {
    let slashes = path.iter().take_while(|&&byte| byte == b'/').count();
    let root: &[u8] = match slashes {
        0 => b"",
        // POSIX leaves the meaning of exactly two to the system.
        2 => b"//",
        _ => b"/",
    };
    with_parts(root.to_vec(), path, b'/')
}

fn parse_windows(path: &[u8]) -> Vec<u8> {
    let WindowsPath { drive, mut root, rest } = WindowsPath::split(path);
    if root.is_empty() && drive.starts_with(b"\\") && !drive.ends_with(b"\\") {
        let mut names = drive.split(|&byte| byte == b'\\');
        let count = names.clone().count();
        if count == 6 || count == 4 && !matches!(names.nth(2), None | Some(b"" | b"?" | b".")) {
            root = b"\\";
        }
    }
    let mut before = drive.to_vec();
    before.extend_from_slice(root);
    // What looks like a drive there is none.
    if before.is_empty() && parts(&rest, b'\\').next().is_some_and(|first| WindowsPath::drive_length(first) > 0) {
        before.extend_from_slice(b".\\");
    }
    with_parts(before, &rest, b'\\')
}

/// The parts of a relative path, without empty ones and `.`.
fn parts(path: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    path.split(move |&byte| byte == separator).filter(|part| !matches!(*part, b"" | b"."))
}

/// What is before the parts, then the parts; `.` if there is neither.
fn with_parts(mut path: Vec<u8>, rest: &[u8], separator: u8) -> Vec<u8> {
    let mut is_rest = false;
    for part in parts(rest, separator) {
        if is_rest {
            path.push(separator);
        }
        path.extend_from_slice(part);
        is_rest = true;
    }
    if path.is_empty() {
        path.push(b'.');
    }
    path
}

/// The parts of a Windows path whose slashes are backslashes, as `ntpath.splitroot` splits it and `ntpath.join` joins.
#[derive(Default)]
struct WindowsPath<'p> {
    drive: &'p [u8],
    root: &'p [u8],
    rest: Vec<u8>,
}

impl<'p> WindowsPath<'p> {
    fn split(path: &'p [u8]) -> WindowsPath<'p> {
        let (drive, after) = path.split_at_checked(WindowsPath::drive_length(path)).unwrap_or((path, &[]));
        let root = usize::from(after.starts_with(b"\\"));
        let (root, rest) = after.split_at_checked(root).unwrap_or((&[], after));
        WindowsPath { drive, root, rest: rest.to_vec() }
    }

    /// The length of `c:` or `\\server\share`.
    fn drive_length(path: &[u8]) -> usize {
        if !path.starts_with(b"\\\\") {
            return if path.get(1) == Some(&b':') { 2 } else { 0 };
        }
        let is_unc = path.get(..UNC.len()).is_some_and(|start| start.eq_ignore_ascii_case(UNC));
        let start = if is_unc { UNC.len() } else { 2 };
        let mut separators = path.iter().zip(0_usize..).skip(start).filter(|&(&byte, _)| byte == b'\\');
        separators.nth(1).map_or(path.len(), |(_, index)| index)
    }

    fn join(&mut self, other: WindowsPath<'p>) {
        if !other.root.is_empty() {
            let drive = if other.drive.is_empty() { self.drive } else { other.drive };
            *self = WindowsPath { drive, ..other };
        } else if !other.drive.is_empty() && !other.drive.eq_ignore_ascii_case(self.drive) {
            *self = other;
        } else {
            if !other.drive.is_empty() {
                self.drive = other.drive;
            }
            if !self.rest.is_empty() && !self.rest.ends_with(b"\\") {
                self.rest.push(b'\\');
            }
            self.rest.extend(other.rest);
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        let is_share = !matches!(self.drive.last(), None | Some(b':' | b'\\'));
        let separator: &[u8] = if is_share && self.root.is_empty() && !self.rest.is_empty() { b"\\" } else { b"" };
        let mut path = self.drive.to_vec();
        for part in [self.root, separator, &self.rest] {
            path.extend_from_slice(part);
        }
        path
    }
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
    use crate::decode::Unpickler;

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
        let segments: Vec<_> = segments.iter().map(|segment| segment.as_bytes()).collect();
        String::from_utf8(join_bytes(flavour, &segments)).unwrap()
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
