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
//!
//! receiver.wait_until(|records| records.iter().any(|record| record["levelno"] == 30), Duration::from_secs(10))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Index;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::base::abort::Abort;
use crate::base::lock::{Lock, wait_while};
use crate::decode::{Kind, Value};
use crate::format::strings::Strings;
use crate::policy::handler::LogRecordHandler;
use crate::python;
use crate::receive::listen::{self, Address, HostPort, LocalAddress};
use crate::receive::peer::Peer;
use crate::receive::totals::Totals;
use crate::receive::{LogRecordSocketReceiver, Options};
use crate::record::LogRecord;

/// A receiver in a thread of its own, by default on a free TCP port of 127.0.0.1.
#[derive(Debug)]
pub struct CollectingReceiver {
    addresses: Vec<LocalAddress>,
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

    /// Starts to listen on these addresses: UDP, Unix sockets, what [`Address::parse`] takes.
    ///
    /// # Errors
    /// When one of them cannot be listened on, or there is no descriptor or thread.
    pub fn start_on(addresses: &[Address]) -> Result<CollectingReceiver, listen::Error> {
        CollectingReceiver::serve(addresses, |_| |_: &LogRecord<'_>| {})
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
        CollectingReceiver::serve(&[loopback], factory)
    }

    fn serve<F, H>(addresses: &[Address], factory: F) -> Result<CollectingReceiver, listen::Error>
    where
        F: Fn(&Peer) -> H + Send + Sync + 'static,
        H: LogRecordHandler,
    {
        let receiver = LogRecordSocketReceiver::bind(addresses, Options::default())?;
        let bound = receiver.local_addresses().iter().flat_map(|listening| &listening.addresses);
        let addresses = bound.cloned().collect();
        let abort = receiver.abort();
        let collection = Arc::new(Collection::default());
        let (collecting, served_by) = (Arc::clone(&collection), Arc::clone(&collection));
        let serve = move || {
            let served = receiver.serve_until_stopped(move |peer| CollectingHandler {
                next: factory(peer),
                collection: Arc::clone(&collecting),
            });
            served.unwrap_or_else(|error| {
                served_by.state.lock().panicked(Box::new(format!("cannot receive: {error}")));
                served_by.changed.notify_all();
                Totals::default()
            })
        };
        let spawned = thread::Builder::new().name("receiver".to_owned()).spawn(serve);
        let thread = Some(spawned.map_err(listen::Error::CannotStart)?);
        Ok(CollectingReceiver { addresses, abort, collection, thread })
    }

    /// Where to send to: the first address that has a port.
    ///
    /// # Panics
    /// When it listens on Unix sockets only.
    #[track_caller]
    #[allow(clippy::panic, reason = "made for assertions")]
    pub fn addr(&self) -> SocketAddr {
        let has_port = |address: &LocalAddress| match address {
            LocalAddress::Tcp(addr) | LocalAddress::Udp(addr) => Some(*addr),
            LocalAddress::Unix(_) | LocalAddress::Unixgram(_) => None,
        };
        let addr = self.addresses.iter().find_map(has_port);
        addr.unwrap_or_else(|| panic!("the receiver has no port: it listens on {:?}", self.addresses))
    }

    /// All addresses on which it listens.
    pub fn addresses(&self) -> &[LocalAddress] {
        &self.addresses
    }

    /// Waits until at least `count` records have arrived; gives all that have.
    ///
    /// # Errors
    /// When `timeout` passes first; the error holds what has arrived.
    ///
    /// # Panics
    /// When a handler of the test's own has panicked, with its message; once.
    pub fn wait_for(&self, count: usize, timeout: Duration) -> Result<Vec<CollectedRecord>, TimedOut> {
        self.wait(Some(count), timeout, |records| records.len() >= count)
    }

    /// Waits until `predicate` is true of the records that have arrived; gives them all. No more can arrive while it is asked: it must not
    /// call this receiver.
    ///
    /// # Errors
    /// When `timeout` passes first; the error holds what has arrived.
    ///
    /// # Panics
    /// When a handler of the test's own has panicked, with its message; once.
    pub fn wait_until(
        &self,
        predicate: impl FnMut(&[CollectedRecord]) -> bool,
        timeout: Duration,
    ) -> Result<Vec<CollectedRecord>, TimedOut> {
        self.wait(None, timeout, predicate)
    }

    fn wait(
        &self,
        count: Option<usize>,
        timeout: Duration,
        mut is_enough: impl FnMut(&[CollectedRecord]) -> bool,
    ) -> Result<Vec<CollectedRecord>, TimedOut> {
        let mut has_come = false;
        let is_waiting = |state: &mut State| {
            has_come = is_enough(&state.records);
            !has_come && state.panic.is_none()
        };
        let mut state = wait_while(&self.collection.changed, self.collection.state.lock(), timeout, is_waiting);
        let (records, panic) = (state.records.clone(), state.panic.take());
        drop(state);
        if let Some(payload) = panic {
            resume_unwind(payload);
        }
        if has_come { Ok(records) } else { Err(TimedOut { count, timeout, records }) }
    }

    /// The records that have arrived so far.
    pub fn records(&self) -> Vec<CollectedRecord> {
        self.collection.state.lock().records.clone()
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
        let panic = self.collection.state.lock().panic.take();
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
    #[track_caller]
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
    /// `dict`, in its order
    Dict(Vec<(Attribute, Attribute)>),
    /// `float`
    Float(f64),
    /// `int` of up to 64 bits
    Int(i64),
    /// `list` or `tuple`
    List(Vec<Attribute>),
    /// Anything else, as Python's `repr()` shows it: integers of more than 64 bits, sets, objects, what lies deeper than 32 levels.
    Repr(String),
    /// `str`, lone surrogates shown as `\udcff`
    Str(String),
}

impl Attribute {
    /// The text of a `str`, or what stands for an object.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Attribute::Str(text) | Attribute::Repr(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an `int`.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Attribute::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The value of a `float` or an `int`, as Python's `float()` gives it.
    #[allow(clippy::as_conversions, reason = "rounds to nearest, as Python does")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Attribute::Float(value) => Some(*value),
            Attribute::Int(value) => Some(*value as f64),
            _ => None,
        }
    }

    /// The elements of a `list` or `tuple`.
    pub fn as_list(&self) -> Option<&[Attribute]> {
        match self {
            Attribute::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The value that a `dict` has for a text.
    pub fn get(&self, key: &str) -> Option<&Attribute> {
        match self {
            Attribute::Dict(pairs) => pairs.iter().rev().find(|(own, _)| *own == key).map(|(_, value)| value),
            _ => None,
        }
    }

    fn of(value: Value<'_>, strings: &mut Strings) -> Attribute {
        Attribute::within(value, strings, MAX_NESTED)
    }

    /// Of no more levels than that, and of no more elements than there is room for: the last is then `...`.
    fn within(value: Value<'_>, strings: &mut Strings, levels: usize) -> Attribute {
        let Some(within) = levels.checked_sub(1) else {
            return Attribute::Repr(strings.string_of(|out| python::repr(value, out)));
        };
        match value.kind() {
            Kind::List(items) | Kind::Tuple(items) => {
                let mut elements = Vec::new();
                for item in items {
                    if !strings.take(size_of::<Attribute>()) {
                        elements.push(Attribute::Repr("...".to_owned()));
                        break;
                    }
                    elements.push(Attribute::within(item, strings, within));
                }
                Attribute::List(elements)
            }
            Kind::Dict(pairs) => {
                let mut owned = Vec::new();
                for (key, value) in pairs {
                    if !strings.take(size_of::<(Attribute, Attribute)>()) {
                        owned.push(["..."; 2].map(|cut| Attribute::Repr(cut.to_owned())).into());
                        break;
                    }
                    owned.push((Attribute::within(key, strings, within), Attribute::within(value, strings, within)));
                }
                Attribute::Dict(owned)
            }
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

/// `record["request"]["path"]`, for assertions.
impl Index<&str> for Attribute {
    type Output = Attribute;

    /// # Panics
    /// When it is no `dict` that has this key.
    #[track_caller]
    #[allow(clippy::panic, reason = "made for assertions, and like every other Index")]
    fn index(&self, key: &str) -> &Attribute {
        self.get(key).unwrap_or_else(|| panic!("there is no {key:?} in {self:?}"))
    }
}

/// `record["args"][0]`, for assertions.
impl Index<usize> for Attribute {
    type Output = Attribute;

    /// # Panics
    /// When it is no `list` or `tuple` of more elements than that.
    #[track_caller]
    #[allow(clippy::panic, reason = "made for assertions, and like every other Index")]
    fn index(&self, index: usize) -> &Attribute {
        let element = self.as_list().and_then(|elements| elements.get(index));
        element.unwrap_or_else(|| panic!("there is no element {index} in {self:?}"))
    }
}

impl PartialEq<str> for Attribute {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl PartialEq<&str> for Attribute {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == Some(other)
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

/// What was waited for did not arrive in time.
#[derive(Clone)]
pub struct TimedOut {
    /// How many records were, if it was a number.
    count: Option<usize>,
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
        let came = records.len();
        match count {
            Some(count) => write!(f, "{came} of {count} records arrived within {timeout:?}: {messages:?}"),
            None => write!(f, "what was waited for did not come within {timeout:?}; {came} came: {messages:?}"),
        }
    }
}

/// As `Display`: it is what `unwrap` and `?` in a test show.
impl fmt::Debug for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for TimedOut {}

#[derive(Debug, Default)]
struct Collection {
    state: Lock<State>,
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

/// Collects, then passes on.
struct CollectingHandler<H> {
    next: H,
    collection: Arc<Collection>,
}

impl<H: LogRecordHandler> LogRecordHandler for CollectingHandler<H> {
    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        let collected = CollectedRecord::of(record);
        let mut state = self.collection.state.lock();
        state.records.push(collected);
        let has_panicked = state.has_panicked;
        drop(state);
        // The test ends by the first panic: no other is wanted.
        if !has_panicked {
            let passed_on = catch_unwind(AssertUnwindSafe(|| self.next.handle_log_record(record)));
            if let Err(payload) = passed_on {
                self.collection.state.lock().panicked(payload);
            }
        }
        self.collection.changed.notify_all();
    }

    fn flush(&mut self) {
        self.next.flush();
    }
}

/// Lists and dicts within one another in an attribute.
const MAX_NESTED: usize = 32;
