//! Waiting: in `poll`, with Rust's durations, and for more to come together.

use std::os::fd::BorrowedFd;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Lets what comes fast, and little at a time, come together: to wake up for each record costs more than all else that is done
/// for it. Alone, or after a pause, it is handled at once.
#[derive(Debug, Default)]
pub struct Coalescing {
    little_since: Option<Instant>,
}

impl Coalescing {
    /// When something has come: lets more come if the last was little, and this follows it closely.
    pub fn wait_for_more(&self) {
        if self.little_since.is_some_and(|since| since.elapsed() < SHORT_WAIT) {
            thread::sleep(COALESCING_TIME);
        }
    }

    /// When all of it, so many bytes, has been handled.
    pub fn handled(&mut self, bytes: usize) {
        self.little_since = (bytes < LITTLE_BYTES).then(Instant::now);
    }
}

/// See [`Coalescing`]: what is little, what follows closely, and for how long more may come, which is some tens of records.
const LITTLE_BYTES: usize = 16 << 10;
const SHORT_WAIT: Duration = Duration::from_micros(100);
const COALESCING_TIME: Duration = Duration::from_micros(200);

/// Which of two descriptors can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    /// The first, and perhaps the second.
    First,
    /// None, and the time is over.
    Neither,
    /// The second only.
    Second,
}

/// Waits until one of two descriptors can be read, has reached its end or has failed; `None` waits for ever.
///
/// # Errors
/// Those of `poll(2)`, except EINTR.
pub fn poll_either(first: BorrowedFd<'_>, second: BorrowedFd<'_>, timeout: Option<Duration>) -> Result<Ready, Errno> {
    let mut fds = [PollFd::new(first, PollFlags::POLLIN), PollFd::new(second, PollFlags::POLLIN)];
    let ready = poll_any(&mut fds, timeout)?;
    let [first, _] = &fds;
    Ok(match ready {
        0 => Ready::Neither,
        _ if first.any() == Some(true) => Ready::First,
        _ => Ready::Second,
    })
}

/// `poll(2)`, begun again after a signal, or after the longest time that it takes at once, with what is left of the time;
/// `None` waits for ever.
///
/// # Errors
/// Those of `poll(2)`, except EINTR.
pub fn poll_any(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> Result<usize, Errno> {
    let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut left = timeout;
    loop {
        match poll(fds, poll_timeout(left)) {
            Ok(0) if left.is_none_or(|left| left > LONGEST_POLL) => {}
            Ok(ready) => return Ok(usize::try_from(ready).unwrap_or(0)),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
        }
        left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    }
}

/// Rounded up: to wake a little too early would only mean to wait again.
fn poll_timeout(timeout: Option<Duration>) -> PollTimeout {
    let Some(timeout) = timeout else { return PollTimeout::NONE };
    let milliseconds = timeout.min(LONGEST_POLL).as_nanos().div_ceil(NANOSECONDS_A_MILLISECOND);
    PollTimeout::try_from(milliseconds).unwrap_or(PollTimeout::MAX)
}

/// `poll(2)` counts milliseconds in an `int`, which is 24.8 days.
const LONGEST_POLL: Duration = Duration::from_millis(0x7fff_ffff);

const NANOSECONDS_A_MILLISECOND: u128 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::os::fd::AsFd as _;
    use std::os::unix::net::UnixStream;

    #[test]
    fn says_which_is_ready() {
        let [(mut ours, theirs), (other, silent)] = [(); 2].map(|()| UnixStream::pair().unwrap());
        let zero = Some(Duration::ZERO);
        assert_eq!(poll_either(theirs.as_fd(), silent.as_fd(), zero), Ok(Ready::Neither));
        ours.write_all(b"x").unwrap();
        assert_eq!(poll_either(theirs.as_fd(), silent.as_fd(), None), Ok(Ready::First));
        assert_eq!(poll_either(silent.as_fd(), theirs.as_fd(), None), Ok(Ready::Second));
        drop(other);
        assert_eq!(poll_either(silent.as_fd(), theirs.as_fd(), None), Ok(Ready::First));
    }

    #[test]
    fn rounds_timeouts_up() {
        for (nanoseconds, milliseconds) in [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2)] {
            let timeout = poll_timeout(Some(Duration::from_nanos(nanoseconds)));
            assert_eq!(timeout, PollTimeout::try_from(milliseconds).unwrap());
        }
        assert_eq!(poll_timeout(Some(Duration::MAX)), PollTimeout::MAX);
    }
}
