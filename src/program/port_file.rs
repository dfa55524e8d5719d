//! The port file: [`PortFile`] appears whole once connecting works, and goes when it no longer does.
//!
//! In: a path, and what to write there. Out: a file that nobody ever sees half written, or a message to whatever else is at the
//! path: a pipe, a device, a descriptor. An old port file is removed at once, so that nobody takes its ports for ours. Refused:
//! to replace a file that holds something else, and to follow a symbolic link.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jackdaws::base::own_file::{OwnFile, Successor};
use jackdaws::base::{digits, limits, sys, thread};
use nix::libc;

/// Where the ports are to be written.
#[derive(Debug)]
pub struct PortFile {
    path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// An open descriptor, such as `/dev/stdout`.
    Descriptor(File),
    /// Nothing, or an old port file until just now: a new one, beside it as yet.
    New(Successor),
    /// A named pipe.
    Pipe,
    /// A device.
    Special,
    /// Written.
    Done(#[allow(dead_code, reason = "removed when dropped")] Option<OwnFile>),
}

impl PortFile {
    /// Removes what an earlier run has left at `path`, and makes sure that ports can be written there. `entries` are those
    /// that may stand in it besides ports.
    ///
    /// # Errors
    /// Says why they cannot.
    pub fn prepare(path: &Path, entries: &[String]) -> Result<PortFile, String> {
        let place = Place::find(path, entries);
        let place = place.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(PortFile { path: path.to_owned(), place })
    }

    /// Writes `text`.
    ///
    /// # Errors
    /// Those of the system, with the name of the file.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        let written = self.put(text);
        let path = self.path.display();
        written.map_err(|error| io::Error::new(error.kind(), format!("cannot write {path}: {error}")))
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        let written = match std::mem::replace(&mut self.place, Place::Done(None)) {
            Place::Descriptor(mut file) => file.write_all(text.as_bytes()).map(|()| None),
            Place::New(file) => {
                let metadata = file.take_place(&self.path, text.as_bytes());
                metadata.map(|metadata| Some(OwnFile::of(&self.path, &metadata)))
            }
            Place::Pipe => write_when_read(self.path.clone(), text.to_owned()).map(|()| None),
            Place::Special => {
                let mut device = OpenOptions::new();
                let flags = libc::O_NOFOLLOW | libc::O_NOCTTY;
                device.write(true).custom_flags(flags).open(&self.path)?.write_all(text.as_bytes()).map(|()| None)
            }
            Place::Done(file) => Ok(file),
        };
        self.place = Place::Done(written?);
        Ok(())
    }
}

impl Place {
    fn find(path: &Path, entries: &[String]) -> io::Result<Place> {
        if let Some(number) = sys::descriptor_named(path) {
            return sys::duplicate_descriptor(number).map(|copy| Place::Descriptor(File::from(copy)));
        }
        match fs::symlink_metadata(path).map(|found| found.file_type()) {
            Ok(kind) if kind.is_file() => {
                if !holds_only_ports(path, entries)? {
                    return Err(io::Error::new(ErrorKind::AlreadyExists, "it holds something else than ports"));
                }
                fs::remove_file(path)?;
            }
            Ok(kind) if kind.is_fifo() => return Ok(Place::Pipe),
            Ok(kind) if kind.is_symlink() => {
                return Err(io::Error::new(ErrorKind::AlreadyExists, "it is a symbolic link, which is not followed"));
            }
            Ok(kind) if kind.is_dir() => return Err(io::Error::from_raw_os_error(libc::EISDIR)),
            Ok(_) => return Ok(Place::Special),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Successor::of(path).map(Place::New)
    }
}

/// True if a file is empty, or has only lines that a port file may have: ports, and paths of sockets.
fn holds_only_ports(path: &Path, entries: &[String]) -> io::Result<bool> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let mut text = String::new();
    let is_text = file.take(MAX_PORT_FILE_BYTES).read_to_string(&mut text).is_ok();
    let is_port = |line: &str| digits::unsigned::<u16>(line).is_some();
    let is_path = |line: &str| line.len() < MAX_SOCKET_PATH_BYTES && line.starts_with(['/', '@']);
    let is_ours = |line: &str| is_port(line) || is_path(line) || entries.iter().any(|entry| entry == line);
    Ok(is_text && (text.is_empty() || text.ends_with('\n')) && text.lines().all(is_ours))
}

/// Opening a pipe waits for its reader, who may take his time.
fn write_when_read(path: PathBuf, text: String) -> io::Result<()> {
    let write = move || {
        let pipe = OpenOptions::new().write(true).custom_flags(libc::O_NOFOLLOW).open(&path);
        if let Err(error) = pipe.and_then(|mut pipe| pipe.write_all(text.as_bytes())) {
            log::error!(target: "jackdaws", "cannot write {}: {error}", path.display());
        }
    };
    thread::spawn("port file", limits::STACK_BYTES, Box::new(write)).map(drop)
}

/// More than a line for each socket that anyone listens on.
const MAX_PORT_FILE_BYTES: u64 = 64 << 10;

/// `sun_path` of unix(7).
const MAX_SOCKET_PATH_BYTES: usize = 108;
