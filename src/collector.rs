//! A receiver for tests: [`CollectingReceiver`], which keeps every record that arrives.
//!
//! In: whatever the program under test sends to [`CollectingReceiver::addr`]. Out: [`CollectedRecord`]s, which own their
//! attributes. It runs in a thread of its own, and is stopped and joined when dropped; a panic in a handler of the test's own
//! is not swallowed, but raised again where the test waits or drops.
//!
//! ```
//! use jackdaws::collector::CollectingReceiver;
//! use jackdaws::send::SocketHandler;
//! use log::{Level, Log, Record};
//! use std::time::Duration;
//!
//! let receiver = CollectingReceiver::start()?;
//! let handler = SocketHandler::new("127.0.0.1", receiver.addr().port());
//! handler.log(&Record::builder().target("myapp").level(Level::Warn).args(format_args!("low battery")).build());
//!
//! let records = receiver.wait_for(1, Duration::from_secs(10))?;
//! assert_eq!(records[0].message(), "low battery");
//! assert_eq!(records[0]["name"], "myapp");
//! assert_eq!(records[0]["levelno"], 30);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Index;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::base::abort::Abort;
use crate::decode::{Kind, Value};
use crate::format::escape::Strings;
use crate::policy::handler::LogRecordHandler;
use crate::python;
use crate::receive::listen::{self, Address, HostPort, LocalAddress};
use crate::receive::peer::Peer;
use crate::receive::totals::Totals;
use crate::receive::{LogRecordSocketReceiver, Options};
use crate::record::LogRecord;

/// A receiver on a free TCP port of 127.0.0.1, in a thread of its own.
#[derive(Debug)]
pub struct CollectingReceiver {
    addr: SocketAddr,
    abort: Abort,
    collection: Arc<Collection>,
    thread: Option<JoinHandle<Totals>>,
}

impl CollectingReceiver {
    /// Starts to listen; connecting works when this returns.
    ///
    /// # Errors
    /// When there is no free port, descriptor or thread.
    pub fn start() -> Result<CollectingReceiver, listen::Error> {
        CollectingReceiver::start_with(|_| |_: &LogRecord<'_>| {})
    }

    /// Starts to listen, and passes each record, once collected, to a handler of the test's own, which `factory` makes for
    /// each connection.
    ///
    /// # Errors
    /// When there is no free port, descriptor or thread.
    pub fn start_with<F, H>(factory: F) -> Result<CollectingReceiver, listen::Error>
    where
        F: Fn(&Peer) -> H + Send + Sync + 'static,
        H: LogRecordHandler,
    {
        let loopback = Address::Tcp(HostPort { host: Ipv4Addr::LOCALHOST.to_string(), port: 0 });
        let receiver = LogRecordSocketReceiver::bind(&[loopback], Options::default())?;
        let bound = receiver.local_addresses().iter().flat_map(|listening| &listening.addresses).find_map(tcp_addr);
        let addr = bound.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let abort = receiver.abort();
        let collection = Arc::new(Collection::default());
        let (collecting, served_by) = (Arc::clone(&collection), Arc::clone(&collection));
        let serve = move || {
            let served = receiver.serve_until_stopped(move |peer| CollectingHandler {
                next: factory(peer),
                collection: Arc::clone(&collecting),
            });
            served.unwrap_or_else(|error| {
                served_by.lock().panicked(Box::new(format!("cannot receive: {error}")));
                served_by.changed.notify_all();
                Totals::default()
            })
        };
        let spawned = thread::Builder::new().name("receiver".to_owned()).spawn(serve);
        let thread = Some(spawned.map_err(listen::Error::CannotStart)?);
        Ok(CollectingReceiver { addr, abort, collection, thread })
    }

    /// Where to send to.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Waits until at least `count` records have arrived; gives all that have.
    ///
    /// # Errors
    /// When `timeout` passes first; the error holds what has arrived.
    ///
    /// # Panics
    /// When a handler of the test's own has panicked, with its message; once.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Result<Vec<CollectedRecord>, TimedOut> {
        let is_waiting = |state: &mut State| state.records.len() < count && state.panic.is_none();
        let waited = self.collection.changed.wait_timeout_while(self.collection.lock(), timeout, is_waiting);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let (records, panic) = (state.records.clone(), state.panic.take());
        drop(state);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        if records.len() < count { Err(TimedOut { count, timeout, records }) } else { Ok(records) }
    }

    /// The records that have arrived so far.
    pub fn records(&self) -> Vec<CollectedRecord> {
        self.collection.lock().records.clone()
    }

    /// Stops, once everything that peers had sent has been collected; gives the records and the totals.
    ///
    /// # Panics
    /// When a handler of the test's own has panicked, with its message; once.
    pub fn stop(mut self) -> (Vec<CollectedRecord>, Totals) {
        self.abort.set();
        let totals = self.join();
        (self.records(), totals)
    }

    fn join(&mut self) -> Totals {
        let joined = self.thread.take().map(JoinHandle::join);
        let panic = self.collection.lock().panic.take();
        match (joined, panic) {
            (_, Some(payload)) | (Some(Err(payload)), None) if !thread::panicking() => resume_unwind(payload),
            (Some(Ok(totals)), _) => totals,
            _ => Totals::default(),
        }
    }
}

/// Stops at once, and joins the threads.
impl Drop for CollectingReceiver {
    fn drop(&mut self) {
        self.abort.stop_now();
        self.join();
    }
}

/// A record that arrived, with all that was sent of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectedRecord {
    attributes: Vec<(String, Attribute)>,
    message: String,
    client_address: String,
}

impl CollectedRecord {
    fn of(record: &LogRecord<'_>) -> CollectedRecord {
        let mut strings = Strings::of(record);
        let message = strings.string_of(|out| record.get_message(out));
        let owned = |(name, value)| (strings.str(name), Attribute::of(value, &mut strings));
        CollectedRecord {
            attributes: record.attributes().map(owned).collect(),
            message,
            client_address: record.client_address().to_owned(),
        }
    }

    /// The merged message, as `getMessage()` gives it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// An attribute that was sent, `extra` ones too.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rev().find(|(sent, _)| sent == name).map(|(_, value)| value)
    }

    /// The attributes that were sent, in their order.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The peer's address, `HOST:PORT`.
    pub fn client_address(&self) -> &str {
        &self.client_address
    }
}

/// `record["lineno"]`, for assertions.
impl Index<&str> for CollectedRecord {
    type Output = Attribute;

    /// # Panics
    /// When no such attribute was sent.
    #[allow(clippy::panic, reason = "made for assertions, and like every other Index")]
    fn index(&self, name: &str) -> &Attribute {
        self.get(name).unwrap_or_else(|| panic!("the record has no attribute {name:?}: {self:?}"))
    }
}

/// The value of an attribute. Compares with the Rust values that it stands for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Attribute {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// `bytes` or `bytearray`
    Bytes(Vec<u8>),
    /// `float`
    Float(f64),
    /// `int` of up to 64 bits
    Int(i64),
    /// Anything else, as Python's `repr()` shows it.
    Repr(String),
    /// `str`, lone surrogates shown as `\udcff`
    Str(String),
}

impl Attribute {
    fn of(value: Value<'_>, strings: &mut Strings) -> Attribute {
        match value.kind() {
            Kind::None => Attribute::None,
            Kind::Bool(value) => Attribute::Bool(value),
            Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Attribute::Bytes(strings.bytes(bytes)),
            Kind::Float(value) => Attribute::Float(value),
            Kind::Int(value) => Attribute::Int(value),
            Kind::Str(_) => Attribute::Str(strings.str(value)),
            _ => Attribute::Repr(strings.string_of(|out| python::repr(value, out))),
        }
    }
}

impl PartialEq<&str> for Attribute {
    fn eq(&self, other: &&str) -> bool {
        matches!(self, Attribute::Str(text) | Attribute::Repr(text) if text == other)
    }
}

impl PartialEq<i64> for Attribute {
    fn eq(&self, other: &i64) -> bool {
        matches!(self, Attribute::Int(value) if value == other)
    }
}

impl PartialEq<f64> for Attribute {
    fn eq(&self, other: &f64) -> bool {
        matches!(self, Attribute::Float(value) if value == other)
    }
}

impl PartialEq<bool> for Attribute {
    fn eq(&self, other: &bool) -> bool {
        matches!(self, Attribute::Bool(value) if value == other)
    }
}

/// Fewer records arrived in time than were waited for.
#[derive(Clone, Debug)]
pub struct TimedOut {
    count: usize,
    timeout: Duration,
    records: Vec<CollectedRecord>,
}

impl TimedOut {
    /// The records that did arrive.
    pub fn records(&self) -> &[CollectedRecord] {
        &self.records
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TimedOut { count, timeout, records } = self;
        let messages: Vec<_> = records.iter().map(CollectedRecord::message).collect();
        write!(f, "{} of {count} records arrived within {timeout:?}: {messages:?}", records.len())
    }
}

impl Error for TimedOut {}

#[derive(Debug, Default)]
struct Collection {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<CollectedRecord>,
    /// A handler has panicked; none is called any more.
    has_panicked: bool,
    /// What that panic said, until the test has been told.
    panic: Option<Box<dyn Any + Send>>,
}

impl State {
    fn panicked(&mut self, payload: Box<dyn Any + Send>) {
        if !self.has_panicked {
            self.has_panicked = true;
            self.panic = Some(payload);
        }
    }
}

impl Collection {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Collects, then passes on.
struct CollectingHandler<H> {
    next: H,
    collection: Arc<Collection>,
}

impl<H: LogRecordHandler> LogRecordHandler for CollectingHandler<H> {
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        let collected = CollectedRecord::of(record);
        let mut state = self.collection.lock();
        state.records.push(collected);
        let has_panicked = state.has_panicked;
        drop(state);
        // The test ends by the first panic: no other is wanted.
        if !has_panicked {
            let passed_on = catch_unwind(AssertUnwindSafe(|| self.next.handle_log_record(record)));
            if let Err(payload) = passed_on {
                self.collection.lock().panicked(payload);
            }
        }
        self.collection.changed.notify_all();
    }

    fn flush(&mut self) {
        self.next.flush();
    }
}

fn tcp_addr(address: &LocalAddress) -> Option<SocketAddr> {
    match address {
        LocalAddress::Tcp(addr) => Some(*addr),
        _ => None,
    }
}
