//! What is written to.
//!
//! In comes text; out it goes to the system, as much of it as is taken. Of an error it is known here whether it can pass.

use super::batch::Batch;
use super::file::LogFile;
use super::remote::Remote;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, IoSlice, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileTypeExt;

pub(super) enum Destination {
    /// An open descriptor: standard output, mostly.
    Descriptor { file: File, is_device: bool },
    /// A file with a name.
    File(LogFile),
    /// Another program.
    Remote(Remote),
    /// Anything else.
    Writer(Box<dyn Write + Send>),
}

impl Destination {
    pub fn descriptor(file: File) -> Destination {
        let kind = file.metadata().map(|found| found.file_type());
        let is_device = !kind.is_ok_and(|kind| kind.is_file() || kind.is_fifo() || kind.is_socket());
        Destination::Descriptor { file, is_device }
    }

    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Destination::Descriptor { file, .. } => Some(file.as_fd()),
            Destination::File(file) => Some(file.as_fd()),
            Destination::Remote(remote) => remote.as_fd(),
            Destination::Writer(_) => None,
        }
    }

    /// How many bytes of these, `most` at most, may be written together now, after looking after the file or the connection; where a write has just
    /// failed, a torn record need not stay where it began.
    pub fn room(&mut self, taken: &mut VecDeque<Batch>, is_failing: bool, most: usize) -> io::Result<usize> {
        match self {
            Destination::File(file) => make_room(file, taken, is_failing, most),
            Destination::Remote(remote) => connect(remote, taken, most),
            Destination::Descriptor { .. } | Destination::Writer(_) => Ok(most),
        }
    }

    /// Whether no later write can succeed. The reader of a named pipe may come back, and so may another machine.
    pub fn is_gone(&self, error: &io::Error) -> bool {
        let closed = matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::NotConnected
        );
        let closed = closed || error.raw_os_error() == Some(nix::libc::EBADF);
        closed && !matches!(self, Destination::File(_) | Destination::Remote(_))
    }

    /// Whether this record would fail for ever: it is too long for a datagram.
    pub fn never_takes(&self, error: &io::Error) -> bool {
        matches!(self, Destination::Remote(_)) && error.raw_os_error() == Some(nix::libc::EMSGSIZE)
    }

    /// Whether room was made on a full disk.
    pub fn makes_room(&mut self) -> bool {
        match self {
            Destination::File(file) => file.give_up_oldest(),
            _ => false,
        }
    }

    /// On a full disk: takes back what was written of a long record, which may be larger than the disk: what comes after it has room
    /// then. The record is the next to be written. False if that cannot be.
    pub fn takes_back(&mut self, taken: &mut VecDeque<Batch>) -> bool {
        let (Destination::File(file), Some(batch)) = (self, taken.front_mut()) else { return false };
        let bytes = batch.torn_bytes();
        let is_taken_back = bytes >= LONG_BYTES && file.take_back(bytes);
        if is_taken_back {
            batch.rewind();
        }
        is_taken_back
    }

    pub fn write_vectored(&mut self, text: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Destination::Descriptor { file, .. } => file.write_vectored(text),
            Destination::File(file) => file.write_vectored(text),
            Destination::Remote(remote) => remote.write_vectored(text),
            Destination::Writer(writer) => writer.write_vectored(text),
        }
    }

    /// Writes a few whole records if that waits for nobody: to a file into which all of them may go, or to a pipe or socket that has
    /// room. How many bytes were written; what fails is for the writer to find out.
    pub fn write_at_once(&mut self, batch: &Batch) -> usize {
        let text = batch.unwritten();
        let written = match self {
            Destination::Descriptor { file, is_device: false } if has_room(file) => file.write(text),
            Destination::File(file) => file.write_at_once(batch),
            _ => Ok(0),
        };
        written.unwrap_or(0)
    }
}

/// How many bytes may be sent now, after looking after the connection. On a new one a torn record begins anew.
fn connect(remote: &mut Remote, taken: &mut VecDeque<Batch>, most: usize) -> io::Result<usize> {
    if remote.connect()? {
        taken.iter_mut().take(1).for_each(Batch::rewind);
    }
    let first = || taken.front().and_then(|batch| batch.unwritten_records().next()).map_or(0, <[u8]>::len);
    Ok(if remote.is_datagram() { first() } else { most })
}

/// How many bytes may go into the file now, after looking after it. A torn record goes on in the file in which it began;
/// but if writing there fails and another file has taken its place, the whole record goes into that one.
fn make_room(file: &mut LogFile, taken: &mut VecDeque<Batch>, failing: bool, most: usize) -> io::Result<usize> {
    let torn = taken.front().is_some_and(Batch::is_torn);
    // Copied away and truncated, the file has the rest only.
    if torn && file.was_cut() {
        taken.iter_mut().take(1).for_each(Batch::rewind);
    }
    if (!torn || failing) && file.watch()? {
        taken.iter_mut().take(1).for_each(Batch::rewind);
    }
    let torn = taken.front().is_some_and(Batch::is_torn);
    let room = file.room(torn, taken.iter().flat_map(Batch::unwritten_records), most);
    if room > 0 {
        return Ok(room);
    }
    // Whatever became of that, one record is written before the next attempt.
    file.rotate()?;
    Ok(file.room(true, taken.iter().flat_map(Batch::unwritten_records), most))
}

/// Whether a write of [`MAX_BYTES_AT_ONCE`] does not wait: a pipe then has a page, and a socket a third of its buffer. Of a
/// terminal that is not known.
fn has_room(file: &File) -> bool {
    let mut fds = [PollFd::new(file.as_fd(), PollFlags::POLLOUT)];
    poll(&mut fds, PollTimeout::ZERO).is_ok() && fds.iter().all(|fd| fd.any() == Some(true))
}

/// Whether the disk, or what its user may take of it, is full.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(nix::libc::ENOSPC | nix::libc::EDQUOT))
}

/// What a pipe takes whole, if it takes anything: `PIPE_BUF` of `pipe(7)`.
pub(super) const MAX_BYTES_AT_ONCE: usize = 4096;

/// Of a record that is taken back, so much was written at least.
const LONG_BYTES: usize = 16 << 10;
