//! Who connects is accepted, in one `poll` loop, and served in a thread of his own; when he is done, it serves the next who waits.
//!
//! More connections than are allowed, or than the system can serve, wait for a place: accepted as far as there is room for that, for only
//! then is it known where they come from, and in the listen backlog else. The next place is for one of the address that has fewest; and
//! one that has been silent for longest may be ended for it. Refused: peers outside the allowed networks. A panic in a handler costs its
//! connection.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use log::Level;
use nix::poll::{PollFd, PollFlags};

use crate::base::abort::Abort;
use crate::base::limits::STACK_BYTES;
use crate::base::lock::Lock;
use crate::base::text::plural;
use crate::base::thread::spawn;
use crate::base::wait::poll_any;
use crate::policy::handler::LogRecordHandler;
use crate::receive::datagrams;
use crate::receive::diagnostics::say;
use crate::receive::frame_handler::Rejection;
use crate::receive::guest::Guest;
use crate::receive::listen::{LocalAddress, Socket};
use crate::receive::listener::Listener;
use crate::receive::network::allows;
use crate::receive::options::Options;
use crate::receive::panics::contain_panic;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::retries::Retries;
use crate::receive::room::Room;
use crate::receive::shares::Shares;
use crate::receive::slots::Slots;
use crate::receive::stream_handler::LogRecordStreamHandler;
use crate::receive::totals::{Tally, Totals};
use crate::receive::waiting::{Accepted, Waiting};

/// A receiver that serves.
pub(super) struct Server<F> {
    pub(super) listeners: Vec<Listener>,
    /// Whose turn it is to be accepted from; at most their number.
    turn: usize,
    factory: Arc<F>,
    pub(super) shared: Arc<Shared>,
    pub(super) slots: Slots,
    /// Accepted, and not yet served.
    pub(super) waiting: Arc<Lock<Waiting>>,
    /// How many may wait so; at least one.
    ahead: usize,
    pub(super) retries: Retries,
    /// It was said that more have to wait, and some do since.
    is_said_to_be_full: bool,
    /// For those that wait for one.
    room: Room,
    /// Connections that were refused without a word.
    pub(super) refused: u64,
}

impl<F, H> Server<F>
where
    F: Fn(&Peer) -> H + Send + Sync + 'static,
    H: LogRecordHandler,
{
    pub(super) fn new(abort: Abort, options: Options, tally: Tally, factory: F) -> io::Result<Server<F>> {
        let capacity = super::capacity::connections(options.max_connections);
        let shares = Shares::of(options.max_memory, capacity.connections, options.max_frame);
        let shared = Arc::new(Shared::new(abort, options, shares, tally));
        if let Some(limit) = capacity.limited_by {
            let most = capacity.connections;
            say(Level::Warn, format_args!("at most {most} connection{} at once, for want of {limit}", plural(most)));
        }
        Ok(Server {
            listeners: Vec::new(),
            turn: 0,
            factory: Arc::new(factory),
            shared,
            slots: Slots::new(capacity.connections)?,
            waiting: Arc::default(),
            ahead: shares.ahead.min(capacity.more_descriptors).max(1),
            retries: Retries::default(),
            is_said_to_be_full: false,
            room: Room::new(),
            refused: 0,
        })
    }

    /// Serves what was bound.
    ///
    /// # Errors
    /// There is no thread for a datagram socket.
    pub(super) fn start(&mut self, socket: Socket, address: &LocalAddress) -> io::Result<()> {
        match socket {
            Socket::Datagram(socket, file) => {
                let slot = self.slots.take_extra();
                let (factory, shared) = (self.factory.clone(), self.shared.clone());
                // In this order: whoever sees the slot free sees the file removed.
                datagrams::start(socket, address, factory, shared, (file, slot))?;
            }
            Socket::Tcp(_) | Socket::Unix(..) => self.listeners.push(Listener::new(socket, address)),
        }
        Ok(())
    }

    /// Waits for a connection, for room where there is none, or for the abort flag; a second at most.
    pub(super) fn wait(&mut self) {
        let paused = self.retries.pause();
        let mut fds = vec![
            PollFd::new(self.shared.abort.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.slots.as_fd(), PollFlags::POLLIN),
        ];
        let waiting = self.waiting.lock().len();
        let room = if waiting == 0 { TIMEOUT } else { self.room.pause() };
        let is_asked = paused.is_none() && waiting < self.ahead;
        if is_asked {
            fds.extend(self.listeners.iter().map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)));
        }
        if let Err(errno) = poll_any(&mut fds, Some(paused.unwrap_or(room).min(TIMEOUT))) {
            say(Level::Error, format_args!("cannot wait for connections: {errno}"));
            thread::sleep(TIMEOUT);
        }
        let ready: Vec<bool> = fds.iter().skip(1).map(|fd| fd.any() == Some(true)).collect();
        let mut ready = ready.into_iter();
        if ready.next() == Some(true) {
            self.slots.take_wake_up();
        }
        // Those that were not asked may have somebody waiting as well as not.
        for listener in &mut self.listeners {
            listener.is_ready = ready.next().unwrap_or(!is_asked);
        }
    }

    /// Accepts whoever has connected, and serves them as long as there is room.
    pub(super) fn accept_waiting(&mut self) {
        loop {
            if self.shared.abort.is_set() {
                return;
            }
            let most = if self.slots.is_full() { self.ahead } else { self.ahead.min(MAX_AT_ONCE) };
            let is_asked = self.retries.pause().is_none() && self.waiting.lock().len() < most;
            let next = if is_asked { self.next_ready() } else { None };
            let Some((number, listener)) = next else {
                if self.serve_next() {
                    continue;
                }
                self.retries.end();
                break;
            };
            match listener.accept() {
                Ok((socket, peer)) => self.admit(Accepted { socket, peer, listener: number }),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => listener.is_ready = false,
                Err(error) => self.retries.pause_after("cannot accept connections", &error),
            }
        }
        self.room.are_taken(self.waiting.lock().take_served());
        let are_all_accepted = !self.listeners.iter().any(|listener| listener.is_ready);
        if are_all_accepted && !self.slots.is_full() {
            self.is_said_to_be_full = false;
            self.room.is_enough();
        } else if self.slots.is_full() && !self.waiting.lock().is_empty() {
            if !std::mem::replace(&mut self.is_said_to_be_full, true) {
                let most = self.slots.most();
                say(Level::Warn, format_args!("{most} connection{} at once: more have to wait", plural(most)));
            }
            self.room.make(&self.shared.guests);
        }
    }

    /// The next listener, each in its turn, at which somebody may wait: else those of the first would keep all places.
    fn next_ready(&mut self) -> Option<(usize, &mut Listener)> {
        let (before, from) = self.listeners.split_at_checked(self.turn)?;
        let is_ready = |listener: &Listener| listener.is_ready;
        let index = match from.iter().position(is_ready) {
            Some(index) => self.turn.saturating_add(index),
            None => before.iter().position(is_ready)?,
        };
        self.turn = index.saturating_add(1);
        Some((index, self.listeners.get_mut(index)?))
    }

    pub(super) fn admit(&mut self, accepted: Accepted) {
        if allows(&self.shared.options.allow, accepted.peer.ip()) {
            self.waiting.lock().push(accepted);
            return;
        }
        let mut refused = Totals::default();
        refused.reject(Rejection::NotAllowed.summary(), 1);
        self.shared.tally.count(&mut refused);
        if !self.shared.say(&accepted.peer, format_args!("connection refused: not in an allowed network")) {
            self.refused = self.refused.saturating_add(1);
        }
    }

    /// Starts a thread for those that were accepted; false if there are none, no room or no thread.
    pub(super) fn serve_next(&mut self) -> bool {
        if self.waiting.lock().is_empty() {
            return false;
        }
        let Some(slot) = self.slots.take() else { return false };
        let (waiting, factory, shared) = (self.waiting.clone(), self.factory.clone(), self.shared.clone());
        let serve = move || {
            // Bound first, so dropped last: whoever sees the slot free sees everything done.
            let (slot, waiting, factory, shared) = (slot, waiting, factory, shared);
            let next = || waiting.lock().next(&shared.guests);
            while let Some(accepted) = next() {
                slot.wake();
                serve_connection(accepted, &*factory, &shared);
            }
        };
        let started = spawn("connection", STACK_BYTES, Box::new(serve));
        started.map_err(|error| self.retries.pause_after("cannot start a thread", &error)).is_ok()
    }
}

/// Not inlined, as [`Waiting::next`] is not: of both together a page more of each stack would be used.
#[inline(never)]
fn serve_connection<H: LogRecordHandler>(accepted: Accepted, factory: &impl Fn(&Peer) -> H, shared: &Shared) {
    let _served = shared.tally.serve();
    let guest = Arc::new(Guest::new(accepted.socket, accepted.peer));
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

/// So many are accepted before a thread starts for one of them: to know where they come from takes a tenth of what that takes.
const MAX_AT_ONCE: usize = 32;

/// The document's `timeout`: how often, at least, the loop looks at the abort flag.
const TIMEOUT: Duration = Duration::from_secs(1);
