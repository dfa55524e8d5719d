//! The sending end: `log` records come in, CPython's frames go out over TCP or a Unix socket.
//! A record that cannot be sent within the timeout is dropped and counted; no caller ever waits longer.
//! ```
//! use jackdaws::send::SocketHandler;
//! # fn main() -> Result<(), log::SetLoggerError> {
//! SocketHandler::new("localhost", 9020).init()?;
//! log::info!(target: "myapp.area1", "How quickly daft jumping zebras vex.");
//! log::warn!(target: "myapp.area2", user = "alice"; "Jail zesty vixen who grabbed pay from quack.");
//! log::logger().flush();
//! # Ok(())
//! # }
//! ```

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use super::make_pickle::make_pickle;
use super::socket::{Socket, remaining};

use crate::base::lock::{Lock, wait_while};

/// A [`Log`] that sends each record to a receiver of Python logging, as CPython's `logging.handlers.SocketHandler` does.
///
/// A record becomes the pickled attributes of a `LogRecord`, in a frame of a 4-byte big-endian length and protocol 2,
/// which Python 2.7 and every 3.x read:
/// - `name` is the target, as given: Python's loggers form a tree by dots, so `target: "myapp.area1"` fits in better
///   than `myapp::area1`. `msg` is the formatted text; `args` is None.
/// - `levelname` and `levelno`: ERROR 40, WARNING 30, INFO 20, DEBUG 10, and TRACE 5, a level that Python has no name for.
/// - `pathname`, `filename`, `module`, `lineno` are the source's, where unknown `(unknown file)` and 0, as Python says.
/// - `created` (seconds since 1970) and `msecs`; `relativeCreated` (milliseconds) counts from when the handler was made.
/// - `process` is the pid and `thread` the kernel's thread id; `threadName` is `MainThread` for the main thread, the thread's
///   name, or else `Thread-` and its id; `processName` is `MainProcess`.
/// - `funcName`, `exc_info`, `exc_text`, `stack_info` and `taskName` are None.
/// - Key-values become `extra` attributes: null, booleans, 64-bit integers, floats and strings as such, all else as its
///   `Display`. Where Python would refuse a key because the record has that attribute (or `message`, `asctime`), and
///   where a key comes twice, the key gets underscores appended until it is free: `name_`.
///
/// It connects when the first record is logged. After a failure to connect, records are dropped for 1, 2, 4, … 30 seconds
/// before the next attempt. A connection that the receiver has closed is noticed before a record is sent on it; a record
/// whose sending fails is sent once more, whole, on a new connection. What the kernel has accepted counts as sent.
///
/// Clones share one connection and one count; dropping the last of them closes the connection as [`flush`](Log::flush)
/// does. A record that is logged while this thread's own record is being
/// formatted or sent is dropped and counted.
#[derive(Clone)]
pub struct SocketHandler {
    level: LevelFilter,
    inner: Arc<Inner>,
}

impl SocketHandler {
    /// A handler for the receiver at `port` of `host`, a name or an address (IPv6 without brackets).
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self::with(Address::Tcp(host.into(), port), TIMEOUT)
    }

    /// A handler for the receiver that listens on the Unix socket at `path`.
    pub fn unix(path: impl Into<PathBuf>) -> Self {
        Self::with(Address::Unix(path.into()), TIMEOUT)
    }

    /// Sends only records at least this severe; by default every record.
    pub fn level(mut self, level: LevelFilter) -> Self {
        self.level = level;
        self
    }

    /// How long one record may keep its caller waiting: for other threads, connecting and sending together. One second
    /// by default, as in CPython; at most a day. The result shares nothing with earlier clones.
    pub fn timeout(self, timeout: Duration) -> Self {
        let address = self.inner.address.clone();
        Self::with(address, timeout.min(MAX_TIMEOUT)).level(self.level)
    }

    /// Makes this the program's logger, and its level the maximum level of `log`.
    ///
    /// # Errors
    /// If the program has a logger already. To use several, hand this one, as the [`Log`] that it is, to a logger that
    /// calls each of them.
    pub fn init(self) -> Result<(), SetLoggerError> {
        let level = self.level;
        log::set_boxed_logger(Box::new(self))?;
        log::set_max_level(level);
        Ok(())
    }

    /// How many records were dropped so far. Keep a clone to ask after [`init`](Self::init).
    pub fn dropped(&self) -> u64 {
        *self.inner.dropped.lock()
    }

    fn with(address: Address, timeout: Duration) -> Self {
        SocketHandler {
            level: LevelFilter::Trace,
            inner: Arc::new(Inner {
                address,
                timeout,
                start_time: Instant::now(),
                dropped: Lock::default(),
                link: Lock::new(Some(Link::default())),
                returned: Condvar::new(),
            }),
        }
    }
}

impl Log for SocketHandler {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= self.level
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) && !self.inner.emit(record) {
            let mut dropped = self.inner.dropped.lock();
            *dropped = dropped.saturating_add(1);
        }
    }

    /// Closes the connection behind the last record, and waits until the receiver has read everything and closed its
    /// end, or the timeout has passed: the last thing to do before a program ends. The next record connects again.
    fn flush(&self) {
        let deadline = self.inner.deadline();
        if let Some(mut turn) = self.inner.turn(deadline) {
            if let Some(socket) = turn.link.socket.take() {
                socket.close(deadline);
            }
        }
    }
}

impl fmt::Debug for SocketHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketHandler")
            .field("address", &self.inner.address)
            .field("level", &self.level)
            .field("timeout", &self.inner.timeout)
            .field("dropped", &self.dropped())
            .finish()
    }
}

#[derive(Clone, Debug)]
enum Address {
    Tcp(String, u16),
    Unix(PathBuf),
}

/// What the clones of a handler share.
struct Inner {
    address: Address,
    timeout: Duration,
    start_time: Instant,
    /// A mutex, since not every small processor has atomics of 64 bits.
    dropped: Lock<u64>,
    /// `None` while a thread uses it. A mutex held while sending would make others wait without limit of time.
    link: Lock<Option<Link>>,
    returned: Condvar,
}

impl Inner {
    /// Whether the record was sent.
    fn emit(&self, record: &Record<'_>) -> bool {
        let Some(_emitting) = Emitting::begin() else {
            return false;
        };
        let created = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        make_pickle(record, created, self.start_time.elapsed()).is_some_and(|frame| self.send(&frame))
    }

    fn send(&self, frame: &[u8]) -> bool {
        let deadline = self.deadline();
        let Some(mut turn) = self.turn(deadline) else {
            return false;
        };
        let link = &mut turn.link;
        if link.socket.as_ref().is_some_and(Socket::is_closed_by_peer) {
            link.socket = None;
        }
        for _ in 0..ATTEMPTS {
            if link.socket.is_none() {
                link.create_socket(&self.address, deadline);
            }
            let Some(socket) = &link.socket else {
                return false;
            };
            match socket.sendall(frame, deadline) {
                Ok(()) => return true,
                // Part of a frame may be on its way, so the connection is of no more use.
                Err(_) => link.socket = None,
            }
            if remaining(deadline).is_err() {
                return false;
            }
        }
        false
    }

    /// The link, once no other thread has it; `None` if that is not before the deadline.
    fn turn(&self, deadline: Instant) -> Option<Turn<'_>> {
        let wait = deadline.saturating_duration_since(Instant::now());
        let link = wait_while(&self.returned, self.link.lock(), wait, |link| link.is_none()).take()?;
        Some(Turn { inner: self, link })
    }

    fn deadline(&self) -> Instant {
        let now = Instant::now();
        now.checked_add(self.timeout).unwrap_or(now)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let deadline = self.deadline();
        let link = self.link.lock().take();
        if let Some(socket) = link.and_then(|link| link.socket) {
            socket.close(deadline);
        }
    }
}

/// The link while one thread has it; gives it back when dropped.
struct Turn<'a> {
    inner: &'a Inner,
    link: Link,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.inner.link.lock() = Some(std::mem::take(&mut self.link));
        self.inner.returned.notify_one();
    }
}

/// The connection, or what is known about getting one.
#[derive(Default)]
struct Link {
    socket: Option<Socket>,
    retry: Retry,
    /// A name server's answer that was too slow for the record that asked.
    resolving: Option<Receiver<io::Result<Vec<SocketAddr>>>>,
}

impl Link {
    fn create_socket(&mut self, address: &Address, deadline: Instant) {
        if self.retry.is_waiting(Instant::now()) {
            return;
        }
        match self.make_socket(address, deadline) {
            Ok(socket) => {
                self.socket = Some(socket);
                self.retry = Retry::default();
            }
            Err(_) => self.retry.failed(Instant::now()),
        }
    }

    fn make_socket(&mut self, address: &Address, deadline: Instant) -> io::Result<Socket> {
        match address {
            Address::Tcp(host, port) => Socket::tcp(&self.resolve(host, *port, deadline)?, deadline),
            Address::Unix(path) => Socket::unix(path, deadline),
        }
    }

    /// Name servers are asked on a thread of their own, since `getaddrinfo` knows no timeout.
    fn resolve(&mut self, host: &str, port: u16, deadline: Instant) -> io::Result<Vec<SocketAddr>> {
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let answer = match self.resolving.take() {
            Some(answer) => answer,
            None => ask(host.to_owned(), port)?,
        };
        match answer.recv_timeout(remaining(deadline)?) {
            Ok(addresses) => addresses,
            Err(RecvTimeoutError::Timeout) => {
                self.resolving = Some(answer);
                Err(io::ErrorKind::TimedOut.into())
            }
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::Other.into()),
        }
    }
}

fn ask(host: String, port: u16) -> io::Result<Receiver<io::Result<Vec<SocketAddr>>>> {
    let (sender, answer) = mpsc::channel();
    thread::Builder::new().name("getaddrinfo".to_owned()).spawn(move || {
        let addresses = (host.as_str(), port).to_socket_addrs();
        // Nobody is left to tell when the handler was dropped meanwhile.
        let _ = sender.send(addresses.map(Iterator::collect));
    })?;
    Ok(answer)
}

/// When to connect again after a failure: CPython's `retryTime` and `retryPeriod`.
#[derive(Default)]
struct Retry {
    period: Option<(Instant, Duration)>,
}

impl Retry {
    fn is_waiting(&self, now: Instant) -> bool {
        self.period.is_some_and(|(since, period)| now.saturating_duration_since(since) < period)
    }

    /// `now` is the time after the attempt: counted from before it, a connect that takes its whole timeout to fail would
    /// be tried again, and waited for, by the very next record.
    fn failed(&mut self, now: Instant) {
        let period = match self.period {
            None => RETRY_START,
            Some((_, period)) => period.saturating_mul(RETRY_FACTOR).min(RETRY_MAX),
        };
        self.period = Some((now, period));
    }
}

/// Marks the thread as being inside the handler, so that what is logged there does not come back to it.
struct Emitting;

impl Emitting {
    fn begin() -> Option<Self> {
        EMITTING.with(|emitting| !emitting.replace(true)).then_some(Emitting)
    }
}

impl Drop for Emitting {
    fn drop(&mut self) {
        EMITTING.with(|emitting| emitting.set(false));
    }
}

thread_local! {
    static EMITTING: Cell<bool> = const { Cell::new(false) };
}

/// CPython's, for connecting and for sending.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Keeps deadlines within what `Instant` can express.
const MAX_TIMEOUT: Duration = Duration::from_secs(86_400);

/// A record is sent, and once more if that fails.
const ATTEMPTS: usize = 2;

const RETRY_START: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);
const RETRY_FACTOR: u32 = 2;

#[cfg(test)]
mod tests;
