//! Sockets to records: [`LogRecordSocketReceiver`] serves everyone who connects, until it is stopped.
//!
//! In: addresses, and a factory that makes a handler for each connection, as the document's server instantiates its handler
//! class. Out: records, given to those handlers, each in its connection's own thread, and [`Totals`]. One `poll` loop, with the
//! document's timeout of a second, waits for connections and for the abort flag. Refused: peers outside the allowed networks.
//! More connections than are allowed, or than the system can serve, wait in the listen backlog. A panic in a handler costs its
//! connection.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use log::Level;
use nix::poll::{PollFd, PollFlags};
use nix::sys::socket::{getsockopt, sockopt};

use crate::base::abort::Abort;

use crate::base::limits::{DATAGRAM_BUFFER_BYTES, DRAIN_TIMEOUT, FRAME_TIMEOUT, MAX_MEMORY_BYTES, STACK_BYTES};
use crate::policy::handler::LogRecordHandler;
use crate::receive::datagram_handler::{DatagramSocket, LogRecordDatagramHandler};
use crate::receive::frame_handler::Rejection;
use crate::receive::guest::Guest;
use crate::receive::listen::{self, Address, Bound, Listening, LocalAddress, Socket};
use crate::receive::network::{Network, allows};
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::shares::Shares;
use crate::record::Defaults;

use super::observer::Observer;
use super::slots::{Slot, Slots};
use crate::base::sys;
use crate::base::text::plural;
use crate::base::thread::spawn;
use crate::base::wait::{poll_any, poll_either};
use crate::receive::stream_handler::LogRecordStreamHandler;
use crate::receive::totals::{Tally, Totals};

/// Receives logging events: the document's `LogRecordSocketReceiver`.
#[derive(Debug)]
pub struct LogRecordSocketReceiver {
    listening: Vec<Listening>,
    sockets: Vec<(Socket, LocalAddress)>,
    abort: Abort,
    options: Options,
    tally: Tally,
    observer: Option<Box<dyn Observer>>,
}

impl LogRecordSocketReceiver {
    /// Listens on all `addresses`: from here on, connecting works.
    ///
    /// # Errors
    /// When one of them cannot be bound; then none is.
    pub fn bind(addresses: &[Address], options: Options) -> Result<LogRecordSocketReceiver, listen::Error> {
        let abort = Abort::new().map_err(listen::Error::CannotStart)?;
        let mut listening = Vec::new();
        let mut sockets = Vec::new();
        for address in addresses {
            let bound: Bound = listen::bind(address, options.socket_mode)?;
            for (socket, address) in bound.sockets.into_iter().zip(&bound.listening.addresses) {
                sockets.push((socket, address.clone()));
            }
            listening.push(bound.listening);
        }
        Ok(LogRecordSocketReceiver { listening, sockets, abort, options, tally: Tally::default(), observer: None })
    }

    /// What it listens on: for each address given, in their order, what that is bound to.
    pub fn local_addresses(&self) -> &[Listening] {
        &self.listening
    }

    /// The flag that stops it, from any thread.
    pub fn abort(&self) -> Abort {
        self.abort.clone()
    }

    /// What it has received so far, for whoever asks meanwhile.
    pub fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// Tells `observer` how things stand while it serves.
    #[must_use]
    pub fn observed_by(self, observer: Box<dyn Observer>) -> LogRecordSocketReceiver {
        LogRecordSocketReceiver { observer: Some(observer), ..self }
    }

    /// Serves everyone until [`Abort::set`]; then reads what peers had sent, and returns what was received.
    ///
    /// `factory` is called once for each connection, in its thread, and once for each datagram socket. Diagnostics go to the
    /// `log` facade, with the target `jackdaws`.
    ///
    /// # Errors
    /// When it cannot serve: there is no descriptor or thread for what it needs, or its [`Observer`] refuses to start.
    pub fn serve_until_stopped<F, H>(mut self, factory: F) -> io::Result<Totals>
    where
        F: Fn(&Peer) -> H + Send + Sync + 'static,
        H: LogRecordHandler,
    {
        say(Level::Info, format_args!("About to start TCP server..."));
        for listening in &self.listening {
            say(Level::Info, format_args!("{listening}"));
        }
        let mut observer = self.observer.take().unwrap_or_else(|| Box::new(Nobody));
        let mut server = Server::new(self, factory)?;
        let started = server.start().and_then(|()| observer.started());
        if started.is_err() {
            server.shared.abort.stop_now();
        }
        while !server.shared.abort.is_set() {
            let somebody_waits = server.wait();
            server.accept_waiting(somebody_waits);
            observer.turned();
        }
        observer.stopping();
        server.shared.wake_all();
        let totals = server.stop();
        started.map(|()| totals)
    }
}

/// Where there is no observer.
#[derive(Debug)]
struct Nobody;

impl Observer for Nobody {}

/// What may be chosen about a receiver. Start from the default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Longest accepted record, in bytes.
    pub max_frame: usize,
    /// Connections served at once.
    pub max_connections: usize,
    /// How long a connection may be silent before its first record, or inside one.
    pub frame_timeout: Duration,
    /// How long to go on reading when asked to stop.
    pub drain_timeout: Duration,
    /// Bytes that all connections together may make the receiver hold; at least [`Shares::least`].
    pub max_memory: usize,
    /// Who may send; empty for everyone.
    pub allow: Vec<Network>,
    /// Permissions of the files of Unix sockets; by default what the process's umask leaves. While they are made, the umask
    /// of the whole process is another one.
    pub socket_mode: Option<u32>,
    /// What records have that were sent without.
    pub defaults: Defaults,
}

impl Default for Options {
    fn default() -> Options {
        let max_memory = super::capacity::memory(MAX_MEMORY_BYTES);
        let (max_connections, max_frame) = Shares::limits(max_memory);
        Options {
            max_frame,
            max_connections,
            frame_timeout: FRAME_TIMEOUT,
            drain_timeout: DRAIN_TIMEOUT,
            max_memory,
            allow: Vec::new(),
            socket_mode: None,
            defaults: Defaults::of_this_process(),
        }
    }
}

/// A receiver that serves.
struct Server<F> {
    /// Bound, and not yet served.
    sockets: Vec<(Socket, LocalAddress)>,
    listeners: Vec<Listener>,
    /// Whose turn it is to be accepted from; at most their number.
    turn: usize,
    factory: Arc<F>,
    shared: Arc<Shared>,
    allow: Arc<[Network]>,
    slots: Slots,
    /// Accepted, and not yet served.
    waiting: VecDeque<(OwnedFd, Peer)>,
    trouble: Trouble,
    /// When a connection may be ended for the sake of another one, not before.
    room_after: Instant,
    /// Connections that were refused without a word.
    refused: u64,
}

impl<F, H> Server<F>
where
    F: Fn(&Peer) -> H + Send + Sync + 'static,
    H: LogRecordHandler,
{
    fn new(receiver: LogRecordSocketReceiver, factory: F) -> io::Result<Server<F>> {
        let LogRecordSocketReceiver { sockets, abort, options, tally, .. } = receiver;
        let Options { max_frame, frame_timeout, drain_timeout, defaults, .. } = options;
        let capacity = super::capacity::connections(options.max_connections);
        let shares = Shares::of(options.max_memory, capacity.connections, max_frame);
        let shared = Arc::new(Shared::new(abort, shares, defaults, max_frame, frame_timeout, drain_timeout, tally));
        if let Some(limit) = capacity.limited_by {
            let most = capacity.connections;
            say(Level::Warn, format_args!("at most {most} connection{} at once, for want of {limit}", plural_of(most)));
        }
        Ok(Server {
            sockets,
            listeners: Vec::new(),
            turn: 0,
            factory: Arc::new(factory),
            shared,
            allow: options.allow.into(),
            slots: Slots::new(capacity.connections)?,
            waiting: VecDeque::new(),
            trouble: Trouble::new(),
            room_after: Instant::now(),
            refused: 0,
        })
    }

    fn start(&mut self) -> io::Result<()> {
        for (socket, address) in std::mem::take(&mut self.sockets) {
            self.start_one(socket, &address)?;
        }
        Ok(())
    }

    fn start_one(&mut self, socket: Socket, address: &LocalAddress) -> io::Result<()> {
        match socket {
            Socket::Datagram(socket, file) => {
                if let Some(granted) = listen::lacking_room_for_bursts(&socket) {
                    let wanted = DATAGRAM_BUFFER_BYTES;
                    say(
                        Level::Warn,
                        format_args!(
                            "{address}: a burst above {granted} bytes may be lost; for up to {wanted}: \
                             sysctl -w net.core.rmem_max={wanted}"
                        ),
                    );
                }
                let listening = match address {
                    LocalAddress::Tcp(address) | LocalAddress::Udp(address) => Peer::from_socket_address(*address),
                    LocalAddress::Unix(path) | LocalAddress::Unixgram(path) => Peer::from_path(&path.to_string_lossy()),
                };
                let (factory, shared, allow) = (self.factory.clone(), self.shared.clone(), self.allow.clone());
                let slot = self.slots.take_extra();
                let dropped = AtomicU32::new(sys::dropped_datagrams(&socket).unwrap_or(0));
                let serve = move || {
                    let (_slot, _file) = (slot, file);
                    serve_datagrams(&socket, &listening, &allow, &dropped, &*factory, &shared);
                };
                spawn("datagrams", STACK_BYTES, Box::new(serve)).map_err(|error| {
                    io::Error::new(error.kind(), format!("cannot receive on {address}: no thread: {error}"))
                })?;
            }
            Socket::Tcp(_) | Socket::Unix(..) => {
                self.listeners.push(Listener { socket, address: address.to_string(), is_ready: false });
            }
        }
        Ok(())
    }

    /// Waits for a connection, for room where there is none, or for the abort flag; a second at most. True if somebody has
    /// connected.
    fn wait(&mut self) -> bool {
        let paused = self.trouble.pause();
        let mut fds = vec![
            PollFd::new(self.shared.abort.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.slots.as_fd(), PollFlags::POLLIN),
        ];
        self.slots.ask_for_wake_up();
        let room = self.room_after.saturating_duration_since(Instant::now());
        let must_wait = self.slots.is_full() && self.trouble.is_said_to_be_full && !room.is_zero();
        let longest = if must_wait { room.min(TIMEOUT) } else { TIMEOUT };
        let is_asked = paused.is_none() && !must_wait;
        if is_asked {
            fds.extend(self.listeners.iter().map(|listener| PollFd::new(listener.socket.as_fd(), PollFlags::POLLIN)));
        }
        if let Err(errno) = poll_any(&mut fds, Some(paused.unwrap_or(longest).min(TIMEOUT))) {
            say(Level::Error, format_args!("cannot wait for connections: {errno}"));
            thread::sleep(TIMEOUT);
        }
        let mut ready = fds.iter().skip(1).map(|fd| fd.any() == Some(true));
        if ready.next() == Some(true) {
            self.slots.take_wake_up();
        }
        let ready: Vec<bool> = ready.collect();
        // Those that were not asked may have somebody waiting as well as not.
        for (index, listener) in self.listeners.iter_mut().enumerate() {
            listener.is_ready = ready.get(index).copied().unwrap_or(!is_asked);
        }
        ready.contains(&true)
    }

    /// Serves whoever waits, as long as there is room.
    fn accept_waiting(&mut self, somebody_waits: bool) {
        if self.trouble.pause().is_some() || !self.serve_accepted() {
            return;
        }
        if somebody_waits && self.slots.is_full() {
            self.trouble.say_full(self.slots.most());
            self.make_room();
        }
        loop {
            if self.slots.is_full() || self.shared.abort.is_set() {
                return;
            }
            let Some(listener) = self.next_ready() else { break };
            match listener.accept() {
                Ok(accepted) => self.admit(accepted),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => listener.is_ready = false,
                Err(error) => return self.trouble.begin("cannot accept connections", &error),
            }
            if !self.serve_accepted() {
                return;
            }
        }
        self.trouble.end();
    }

    /// Lets one connection end for the sake of those that wait, if one may, and says when to ask for the next one.
    fn make_room(&mut self) {
        let is_made = self.shared.guests.make_room();
        let pause = if is_made { BETWEEN_ROOMS } else { BETWEEN_LOOKS };
        self.room_after = Instant::now().checked_add(pause).unwrap_or(self.room_after);
    }

    /// The next listener, each in its turn, at which somebody may wait: else those of the first would keep all places.
    fn next_ready(&mut self) -> Option<&mut Listener> {
        let (before, from) = self.listeners.split_at_checked(self.turn)?;
        let is_ready = |listener: &Listener| listener.is_ready;
        let index = match from.iter().position(is_ready) {
            Some(index) => self.turn.saturating_add(index),
            None => before.iter().position(is_ready)?,
        };
        self.turn = index.saturating_add(1);
        self.listeners.get_mut(index)
    }

    fn admit(&mut self, (socket, peer): (OwnedFd, Peer)) {
        if allows(&self.allow, peer.ip()) {
            self.waiting.push_back((socket, peer));
            return;
        }
        let mut refused = Totals::default();
        refused.reject(Rejection::NotAllowed.summary(), 1);
        self.shared.count(&mut refused);
        if self.shared.rate_limits.admits(peer.origin()) {
            say(Level::Warn, format_args!("{peer}: connection refused: not in an allowed network"));
        } else {
            self.refused = self.refused.saturating_add(1);
        }
    }

    /// Starts a thread for each accepted connection; false if some have to wait, since there is no room or no thread.
    fn serve_accepted(&mut self) -> bool {
        while let Some(accepted) = self.waiting.pop_front() {
            let Some(slot) = self.slots.take() else {
                self.waiting.push_front(accepted);
                return false;
            };
            if let Err((accepted, error)) = self.spawn(accepted, slot) {
                self.waiting.push_front(accepted);
                self.trouble.begin("cannot start a thread", &error);
                return false;
            }
        }
        true
    }

    /// Serves a connection in a thread of its own, or hands it back.
    fn spawn(&self, accepted: (OwnedFd, Peer), slot: Slot) -> Result<(), ((OwnedFd, Peer), io::Error)> {
        let name = accepted.1.thread_name();
        // A thread that cannot be made would take the connection along: it is left where it can be had back.
        let parcel = Arc::new(Mutex::new(Some(accepted)));
        let unpack =
            |parcel: &Mutex<Option<(OwnedFd, Peer)>>| parcel.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (theirs, factory, shared) = (parcel.clone(), self.factory.clone(), self.shared.clone());
        let serve = move || {
            // Bound first, so dropped last: whoever sees the slot free sees everything done.
            let _slot = slot;
            let (factory, shared) = (factory, shared);
            if let Some((socket, peer)) = unpack(&theirs) {
                drop(theirs);
                serve_connection(socket, peer, &*factory, &shared);
            }
        };
        let Err(error) = spawn(&name, STACK_BYTES, Box::new(serve)) else { return Ok(()) };
        unpack(&parcel).map_or(Ok(()), |accepted| Err((accepted, error)))
    }

    /// Serves who had connected, accepts no others, and lets all connections read what was sent.
    fn stop(mut self) -> Totals {
        for listener in &mut self.listeners {
            listener.remove_file();
        }
        let deadline = self.shared.drain_deadline().unwrap_or_else(Instant::now);
        loop {
            self.slots.ask_for_wake_up();
            self.accept_rest();
            let is_done = self.listeners.is_empty() && self.waiting.is_empty() && self.slots.in_use() == 0;
            let left = deadline.saturating_duration_since(Instant::now());
            if is_done || left.is_zero() || self.shared.abort.is_stop_now() {
                break;
            }
            let pause = self.trouble.pause().filter(|_| !(self.listeners.is_empty() && self.waiting.is_empty()));
            self.wait_for_room(pause.unwrap_or(left).min(left));
            // Who has ended made room: those who wait need not sit out a pause that grows.
            self.trouble.until = None;
        }
        self.give_up();
        self.say_what_was_unsaid();
        self.shared.totals()
    }

    /// Accepts all who had connected, even those who have to wait until there is room, and closes the listeners.
    fn accept_rest(&mut self) {
        // No more than that had connected; whoever did since does not keep the receiver from stopping.
        let most = super::capacity::listen_backlog();
        let mut left = most;
        while let Some(listener) = self.listeners.last() {
            match listener.accept() {
                Ok(accepted) => {
                    self.admit(accepted);
                    left = left.saturating_sub(1);
                    if left > 0 {
                        continue;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    self.trouble.begin("cannot accept connections", &error);
                    break;
                }
            }
            self.listeners.pop();
            left = most;
        }
        self.serve_accepted();
    }

    /// Waits until a connection ends.
    fn wait_for_room(&self, timeout: Duration) {
        if let Err(errno) = poll_either(self.slots.as_fd(), self.shared.abort.stop_now_fd(), Some(timeout)) {
            say(Level::Error, format_args!("cannot wait for connections to end: {errno}"));
            thread::sleep(timeout);
        }
        self.slots.take_wake_up();
    }

    /// Says how much about peers was too much to be said.
    fn say_what_was_unsaid(&self) {
        for (count, what) in
            [(self.refused, "connection$ refused"), (self.shared.rate_limits.take_unsaid(), "record$ rejected")]
        {
            if count > 0 {
                let what = what.replace('$', plural(count));
                say(Level::Warn, format_args!("{count} more {what}, too many to report each"));
            }
        }
    }

    /// The time is over: connections end by themselves now, unless their handlers hang.
    fn give_up(&mut self) {
        self.listeners.clear();
        self.shared.wake_all();
        let begin = Instant::now();
        loop {
            self.slots.ask_for_wake_up();
            let stuck = self.slots.in_use();
            let left = GRACE.saturating_sub(begin.elapsed());
            if stuck == 0 {
                break;
            }
            if left.is_zero() {
                say(
                    Level::Error,
                    format_args!("{stuck} connection{} abandoned: still handling records", plural_of(stuck)),
                );
                break;
            }
            let _ = poll_any(&mut [PollFd::new(self.slots.as_fd(), PollFlags::POLLIN)], Some(left));
            self.slots.take_wake_up();
        }
        let unserved = self.waiting.len();
        if unserved > 0 {
            say(
                Level::Error,
                format_args!("{unserved} connection{} closed unserved: no room for more", plural_of(unserved)),
            );
        }
    }
}

fn serve_connection<H: LogRecordHandler>(socket: OwnedFd, peer: Peer, factory: &impl Fn(&Peer) -> H, shared: &Shared) {
    let _served = shared.tally.serve();
    let guest = Arc::new(Guest::new(socket, peer));
    shared.guests.add(&guest);
    contain_panic(guest.peer(), shared, || new_handler(&guest, factory, shared).handle());
    shared.guests.remove(&guest);
}

/// On the heap, and not inlined, so that what is moved on the way there is gone from the stack when records come. A stack
/// never gives back a page that it has used once, and a connection may live for years.
#[inline(never)]
fn new_handler<'a, H: LogRecordHandler>(
    guest: &'a Arc<Guest>,
    factory: &impl Fn(&Peer) -> H,
    shared: &'a Shared,
) -> Box<LogRecordStreamHandler<'a, H>> {
    Box::new(LogRecordStreamHandler::new(guest, factory(guest.peer()), shared))
}

fn serve_datagrams<H: LogRecordHandler>(
    socket: &DatagramSocket,
    listening: &Peer,
    allow: &[Network],
    dropped: &AtomicU32,
    factory: &impl Fn(&Peer) -> H,
    shared: &Shared,
) {
    let serve =
        || LogRecordDatagramHandler::new(socket, listening, allow, factory(listening), dropped, shared).handle();
    // After a panic the next datagrams get a new handler.
    while !contain_panic(listening, shared, serve) {
        if shared.drain_deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            break;
        }
        // A sender, or a factory, that always makes it panic must not keep a processor busy.
        thread::sleep(FIRST_PAUSE);
    }
}

/// True if there was none.
fn contain_panic(peer: &Peer, shared: &Shared, serve: impl FnOnce()) -> bool {
    // What the handler leaves behind is dropped; the shared state has no invariant that a panic could break.
    let Err(payload) = catch_unwind(AssertUnwindSafe(serve)) else { return true };
    report_panic(peer, shared, &*payload);
    false
}

fn report_panic(peer: &Peer, shared: &Shared, payload: &(dyn Any + Send)) {
    shared.count(&mut Totals { panics: 1, ..Totals::default() });
    say(Level::Error, format_args!("{peer}: the handler of records panicked: {}", message_of(payload).escape_debug()));
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

#[track_caller]
fn say(level: Level, line: fmt::Arguments<'_>) {
    log::log!(target: "jackdaws", level, "{line}");
}

fn plural_of(count: usize) -> &'static str {
    plural(u64::try_from(count).unwrap_or(u64::MAX))
}

/// A socket that accepts connections, and the text of its address.
#[derive(Debug)]
struct Listener {
    socket: Socket,
    address: String,
    /// Somebody may have connected.
    is_ready: bool,
}

impl Listener {
    fn accept(&self) -> io::Result<(OwnedFd, Peer)> {
        match &self.socket {
            Socket::Tcp(listener) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                Ok((OwnedFd::from(stream), Peer::from_socket_address(address)))
            }
            Socket::Unix(listener, _) => {
                let (stream, address) = listener.accept()?;
                stream.set_nonblocking(true)?;
                let path = address.as_pathname().map(|path| path.to_string_lossy().into_owned());
                let user = getsockopt(&stream, sockopt::PeerCredentials).ok().map(|credentials| credentials.uid());
                let peer = Peer::from_path(path.as_deref().unwrap_or(self.path())).of_user(user);
                Ok((OwnedFd::from(stream), peer))
            }
            Socket::Datagram(..) => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn path(&self) -> &str {
        self.address.strip_prefix("unix:").unwrap_or(&self.address)
    }

    /// Nobody connects to a socket without a file; who already has is still accepted.
    fn remove_file(&mut self) {
        if let Socket::Unix(_, file) = &mut self.socket {
            *file = None;
        }
    }
}

/// An episode in which connections have to wait: said once, and tried again after pauses that grow.
#[derive(Debug)]
struct Trouble {
    pause: Duration,
    until: Option<Instant>,
    is_said_to_be_full: bool,
}

impl Trouble {
    const fn new() -> Trouble {
        Trouble { pause: Duration::ZERO, until: None, is_said_to_be_full: false }
    }

    /// How long to wait before trying again; `None` if not at all.
    fn pause(&self) -> Option<Duration> {
        let left = self.until?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn begin(&mut self, what: impl fmt::Display, error: &io::Error) {
        if self.pause.is_zero() {
            say(Level::Error, format_args!("{what}: {error}; trying again until it works"));
        }
        self.pause = self.pause.saturating_mul(2).clamp(FIRST_PAUSE, TIMEOUT);
        self.until = Instant::now().checked_add(self.pause);
    }

    fn say_full(&mut self, most: usize) {
        if !self.is_said_to_be_full {
            say(Level::Warn, format_args!("{most} connection{} at once: more have to wait", plural_of(most)));
        }
        self.is_said_to_be_full = true;
    }

    /// Nobody waits any more.
    fn end(&mut self) {
        *self = Trouble::new();
    }
}

/// The document's `timeout`: how often, at least, the loop looks at the abort flag.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The first pause after something failed.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A hundred connections a second may be ended for the sake of others.
const BETWEEN_ROOMS: Duration = Duration::from_millis(10);

/// How soon to look again whether one has been silent for long enough.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// For handlers to finish the records that were read before the drain timeout passed.
const GRACE: Duration = Duration::from_secs(1);
