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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use super::make_pickle::make_pickle;
use super::socket::{Socket, remaining};

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
        *lock(&self.inner.dropped)
    }

    fn with(address: Address, timeout: Duration) -> Self {
        SocketHandler {
            level: LevelFilter::Trace,
            inner: Arc::new(Inner {
                address,
                timeout,
                start_time: Instant::now(),
                dropped: Mutex::default(),
                link: Mutex::new(Some(Link::default())),
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
            let mut dropped = lock(&self.inner.dropped);
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
    dropped: Mutex<u64>,
    /// `None` while a thread uses it. A mutex held while sending would make others wait without limit of time.
    link: Mutex<Option<Link>>,
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
        let (mut link, _) = self
            .returned
            .wait_timeout_while(lock(&self.link), wait, |link| link.is_none())
            .unwrap_or_else(PoisonError::into_inner);
        let link = link.take()?;
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
        let link = self.link.get_mut().unwrap_or_else(PoisonError::into_inner).take();
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
        *lock(&self.inner.link) = Some(std::mem::take(&mut self.link));
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

/// What is locked here is whole at every moment, so that a thread that panicked with the lock has broken nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
mod tests {
    #![allow(clippy::arithmetic_side_effects, reason = "tests")]

    use std::io::Read;
    use std::os::unix::net::UnixListener;

    use log::Level;

    use super::*;

    #[test]
    fn waits_1_2_4_to_30_seconds_between_attempts_to_connect() {
        let mut retry = Retry::default();
        let mut now = Instant::now();
        assert!(!retry.is_waiting(now));
        for seconds in [1, 2, 4, 8, 16, 30, 30] {
            retry.failed(now);
            let period = Duration::from_secs(seconds);
            assert!(retry.is_waiting(now));
            assert!(retry.is_waiting(now + period - Duration::from_nanos(1)));
            assert!(!retry.is_waiting(now + period));
            now += period + Duration::from_nanos(1);
            assert!(!retry.is_waiting(now));
        }
    }

    #[test]
    fn connects_when_the_wait_is_over_and_not_before() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let address = Address::Unix(path.clone());
        let now = Instant::now();
        let deadline = now + Duration::from_secs(60);

        let mut link = Link::default();
        link.create_socket(&address, deadline);
        assert!(link.socket.is_none());
        assert_eq!(link.retry.period.map(|(_, period)| period), Some(RETRY_START));

        let _listener = UnixListener::bind(path).unwrap();
        link.retry.period = Some((now, Duration::from_secs(3600)));
        link.create_socket(&address, deadline);
        assert!(link.socket.is_none());

        link.retry.period = Some((now, Duration::ZERO));
        link.create_socket(&address, deadline);
        assert!(link.socket.is_some());
        assert_eq!(link.retry.period, None, "the next failure waits a second again");
    }

    #[test]
    fn does_not_wait_past_the_timeout_for_a_thread_that_is_sending() {
        let (_directory, _listener, handler) = listening();
        let handler = handler.timeout(Duration::from_millis(10));
        let turn = handler.inner.turn(handler.inner.deadline()).unwrap();
        log(&handler, Level::Info, format_args!("too late"));
        assert_eq!(handler.dropped(), 1);
        handler.flush();

        drop(turn);
        drop(handler.inner.turn(handler.inner.deadline()).unwrap());
    }

    #[test]
    fn wakes_the_next_thread_when_one_is_done() {
        let (_directory, _listener, handler) = listening();
        let inner = handler.timeout(Duration::from_secs(20)).inner;
        let take_turns = || {
            (0..500).all(|_| {
                let deadline = inner.deadline();
                let _turn = inner.turn(deadline).unwrap();
                thread::yield_now();
                remaining(deadline).is_ok()
            })
        };
        thread::scope(|scope| {
            let threads = [(); 4].map(|()| scope.spawn(take_turns));
            assert!(threads.into_iter().all(|thread| thread.join().unwrap()), "woken by the deadline alone");
        });
    }

    #[test]
    fn gives_the_connection_back_when_a_thread_panics() {
        let (_directory, _listener, handler) = listening();
        let inner = Arc::clone(&handler.inner);
        let panicked = thread::spawn(move || {
            let _turn = inner.turn(inner.deadline());
            panic!("as a test of it");
        });
        assert!(panicked.join().is_err());
        log(&handler, Level::Info, format_args!("goes on"));
        assert_eq!(handler.dropped(), 0);
    }

    #[test]
    fn drops_what_is_logged_while_it_formats_and_goes_on() {
        struct Talks<'a>(&'a SocketHandler);
        impl fmt::Display for Talks<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                log(self.0, Level::Info, format_args!("{}", Talks(self.0)));
                f.write_str("said")
            }
        }

        let (_directory, listener, handler) = listening();
        for dropped in 1..=2 {
            log(&handler, Level::Info, format_args!("{}", Talks(&handler)));
            assert_eq!(handler.dropped(), dropped);
        }
        drop(handler);
        assert_eq!(received(&listener).matches("said").count(), 2);
    }

    #[test]
    fn does_not_stay_silent_after_a_display_that_panics() {
        struct Panics;
        impl fmt::Display for Panics {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("as a test of it");
            }
        }

        let (_directory, listener, handler) = listening();
        let noisy = handler.clone();
        let talk = move || log(&noisy, Level::Info, format_args!("{Panics}"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(talk)).is_err());
        log(&handler, Level::Info, format_args!("afterwards"));
        assert_eq!(handler.dropped(), 0);
        drop(handler);
        assert!(received(&listener).contains("afterwards"));
    }

    #[test]
    fn sends_only_what_is_severe_enough() {
        let (_directory, listener, handler) = listening();
        let severe = handler.clone().level(LevelFilter::Warn);
        for handler in [&handler, &severe] {
            log(handler, Level::Error, format_args!("more"));
            log(handler, Level::Warn, format_args!("barely"));
            log(handler, Level::Info, format_args!("less"));
        }
        drop(severe);
        assert_eq!(handler.dropped(), 0, "refused is not dropped");
        drop(handler);
        let received = received(&listener);
        let count = |message| received.matches(message).count();
        assert_eq!((count("more"), count("barely"), count("less")), (2, 2, 1));
    }

    #[test]
    fn asks_a_slow_name_server_once_and_takes_its_answer_later() {
        let (sender, answer) = mpsc::channel();
        let mut link = Link { resolving: Some(answer), ..Link::default() };
        let soon = Instant::now() + Duration::from_millis(10);
        let error = link.resolve("slow.example", 9020, soon).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);

        let addresses = vec![SocketAddr::from(([127, 0, 0, 1], 9020))];
        sender.send(Ok(addresses.clone())).unwrap();
        let later = Instant::now() + TIMEOUT;
        assert_eq!(link.resolve("slow.example", 9020, later).unwrap(), addresses);
        assert!(link.resolving.is_none());
    }

    #[test]
    fn asks_no_name_server_about_an_address() {
        let passed = Instant::now();
        let addresses = Link::default().resolve("::1", 9020, passed).unwrap();
        assert_eq!(addresses, ["[::1]:9020".parse().unwrap()]);
    }

    #[test]
    fn takes_any_timeout() {
        let absent = SocketHandler::new("127.0.0.1", 1);
        for timeout in [Duration::ZERO, Duration::MAX] {
            let handler = absent.clone().timeout(timeout);
            log(&handler, Level::Info, format_args!("nobody hears this"));
            assert_eq!(handler.dropped(), 1);
        }
        assert_eq!(absent.dropped(), 0, "another timeout, another handler");
    }

    /// With a timeout that a test never meets where it expects none.
    fn listening() -> (tempfile::TempDir, Receiving, SocketHandler) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let handler = SocketHandler::unix(path).timeout(Duration::from_secs(60));
        (directory, receive(listener), handler)
    }

    type Receiving = Receiver<Vec<u8>>;

    /// Takes connections, and tells what came on each.
    fn receive(listener: UnixListener) -> Receiving {
        let (sender, receiving) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut bytes = Vec::new();
                stream.unwrap().read_to_end(&mut bytes).unwrap();
                if sender.send(bytes).is_err() {
                    return;
                }
            }
        });
        receiving
    }

    fn received(receiving: &Receiving) -> String {
        let bytes = receiving.recv_timeout(Duration::from_secs(60)).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn log(handler: &SocketHandler, level: Level, message: fmt::Arguments<'_>) {
        let record = &mut Record::builder();
        handler.log(&record.level(level).args(message).build());
    }
}
