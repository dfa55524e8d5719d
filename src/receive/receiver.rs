//! Sockets to records: [`LogRecordSocketReceiver`] serves everyone who connects, until it is stopped.
//!
//! In: addresses, and a factory that makes a handler for each connection, as the document's server instantiates its handler
//! class. Out: records, given to those handlers, each in its connection's own thread, and [`Totals`]. One loop, which waits with the
//! document's timeout of a second, lets in who connects, until the abort flag is set. Refused: addresses that cannot be bound.

use std::io;

use log::Level;

use crate::base::abort::Abort;
use crate::policy::handler::LogRecordHandler;
use crate::receive::diagnostics::say;
use crate::receive::listen::{self, Address, Bound, Listening, LocalAddress, Socket};
use crate::receive::observer::Observer;
use crate::receive::options::Options;
use crate::receive::peer::Peer;
use crate::receive::server::Server;
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
    // Not within the function that calls it: in a frame as large as both need, each instruction is longer.
    #[inline(never)]
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
    // Not within the function that calls it: in a frame as large as both need, each instruction is longer.
    #[inline(never)]
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
        let mut server = Server::new(self.abort, self.options, self.tally, factory)?;
        let started = self.sockets.into_iter().try_for_each(|(socket, address)| server.start(socket, &address));
        let started = started.and_then(|()| observer.started());
        if started.is_err() {
            server.shared.abort.stop_now();
        }
        while !server.shared.abort.is_set() {
            server.wait();
            server.accept_waiting();
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
