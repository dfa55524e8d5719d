//! Diagnostics: lines on standard error, without decoration, which nobody has to read.
//!
//! In: what is logged through the `log` facade. Out: the same, a line each. A pipe or a terminal that takes nothing for a moment
//! is not waited for again until it does: the lines meanwhile are counted, and their number is said before the next one. So are
//! those for which a disk has no room.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};

use jackdaws::base::sys;
use jackdaws::base::text::plural;
use jackdaws::policy::line_logger;
use log::LevelFilter;
use nix::errno::Errno;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, send};

/// From here on what is logged is printed, if `verbosity` allows.
pub fn start(verbosity: LevelFilter) {
    log::set_max_level(verbosity);
    // It only fails if there is a logger already, and there is none.
    let _ = log::set_boxed_logger(line_logger(verbosity, Box::new(StandardError::new())));
}

/// Prints one line before there are options.
pub fn say(line: fmt::Arguments<'_>) {
    // Nothing is left to do if even this cannot be said.
    let _ = writeln!(StandardError::new(), "{line}");
}

/// Standard error, which is never waited for above a moment. It is given whole lines.
struct StandardError {
    stream: Stream,
    /// The end of a line of which a part was taken.
    rest: Vec<u8>,
    /// Lines that were not said.
    left_out: u64,
    /// A moment has passed in vain.
    is_stuck: bool,
}

enum Stream {
    /// A pipe, opened anew, so that it does not block us, and still blocks others as they want it.
    Own(File),
    /// A socket, told at each call not to block.
    Socket,
    /// Anything else: it is asked whether it has room.
    Shared,
}

impl StandardError {
    fn new() -> StandardError {
        StandardError { stream: Stream::of_standard_error(), rest: Vec::new(), left_out: 0, is_stuck: false }
    }

    fn say(&mut self, line: &[u8]) {
        let rest = std::mem::take(&mut self.rest);
        let is_free = match self.put(&rest) {
            Put::Whole => self.left_out == 0 || self.say_how_many_were_left_out(),
            Put::Nothing => {
                self.rest = rest;
                false
            }
            Put::Part => false,
        };
        if !is_free || self.put(line) == Put::Nothing {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn say_how_many_were_left_out(&mut self) -> bool {
        let (count, plural) = (self.left_out, plural(self.left_out));
        let said = self.put(format!("{count} line{plural} left out: standard error did not take them\n").as_bytes());
        if said != Put::Nothing {
            self.left_out = 0;
        }
        said == Put::Whole
    }

    /// Puts out as much of the text as is taken; a rest is kept.
    fn put(&mut self, text: &[u8]) -> Put {
        let mut left = text;
        while !left.is_empty() {
            if !self.waits_for_room() {
                return self.put_down(left, text);
            }
            // So much fits into a pipe that has room at all.
            match self.stream.write(left.get(..libc::PIPE_BUF).unwrap_or(left)) {
                Ok(count) => left = left.get(count..).unwrap_or_default(),
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                Err(_) => return self.put_down(left, text),
            }
        }
        Put::Whole
    }

    /// For when there is room again: a disk that is full may be cleared, a pipe may be read.
    fn put_down(&mut self, left: &[u8], text: &[u8]) -> Put {
        if left.len() == text.len() {
            return Put::Nothing;
        }
        self.rest = left.to_owned();
        Put::Part
    }

    /// True if there is room, now or within a moment.
    fn waits_for_room(&mut self) -> bool {
        let moment = if self.is_stuck { 0 } else { MOMENT_MS };
        let mut fds = [PollFd::new(self.stream.as_fd(), PollFlags::POLLOUT)];
        self.is_stuck = matches!(poll(&mut fds, PollTimeout::from(moment)), Ok(0));
        !self.is_stuck
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    Nothing,
    Part,
    Whole,
}

impl Stream {
    fn of_standard_error() -> Stream {
        let found = sys::STDERR.try_clone_to_owned().and_then(|copy| File::from(copy).metadata());
        let Ok(kind) = found.map(|found| found.file_type()) else { return Stream::Shared };
        if kind.is_socket() {
            return Stream::Socket;
        }
        if kind.is_fifo() {
            let again = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open("/proc/self/fd/2");
            return again.map_or(Stream::Shared, Stream::Own);
        }
        Stream::Shared
    }

    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Stream::Own(pipe) => pipe.as_fd(),
            Stream::Socket | Stream::Shared => sys::STDERR,
        }
    }

    fn write(&self, text: &[u8]) -> Result<usize, Errno> {
        match self {
            // A peer that has gone is an error here: SIGPIPE is ignored.
            Stream::Socket => send(sys::STDERR.as_raw_fd(), text, MsgFlags::MSG_DONTWAIT),
            Stream::Own(_) | Stream::Shared => nix::unistd::write(self.as_fd(), text),
        }
    }
}

/// Never fails, and never waits long.
impl Write for StandardError {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.say(line);
        Ok(line.len())
    }

    /// A line comes by one call, as simplelog makes it.
    fn write_fmt(&mut self, line: fmt::Arguments<'_>) -> io::Result<()> {
        self.say(line.to_string().as_bytes());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Who reads standard error at all does so within that time.
const MOMENT_MS: u8 = 100;
