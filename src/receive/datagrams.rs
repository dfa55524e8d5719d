//! A datagram socket is served in a thread of its own.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::{Duration, Instant};

use log::Level;

use crate::base::limits::{DATAGRAM_BUFFER_BYTES, STACK_BYTES};
use crate::base::sys;
use crate::base::text::explained;
use crate::base::thread::spawn;
use crate::policy::handler::LogRecordHandler;
use crate::receive::datagram_handler::{DatagramSocket, LogRecordDatagramHandler};
use crate::receive::diagnostics::say;
use crate::receive::listen::{LocalAddress, lacking_room_for_bursts};
use crate::receive::panics::contain_panic;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;

/// Starts it; `held` is dropped when it ends.
///
/// # Errors
/// There is no thread for it.
pub(super) fn start<F, H>(
    socket: DatagramSocket,
    address: &LocalAddress,
    factory: Arc<F>,
    shared: Arc<Shared>,
    held: impl Send + 'static,
) -> io::Result<()>
where
    F: Fn(&Peer) -> H + Send + Sync + 'static,
    H: LogRecordHandler,
{
    if let Some(granted) = lacking_room_for_bursts(&socket) {
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
    let dropped = AtomicU32::new(sys::dropped_datagrams(&socket).unwrap_or(0));
    let serve = move || {
        // Bound first, so dropped last: whoever sees it dropped sees everything done, and the socket's file removed.
        let _held = held;
        let (socket, factory, shared) = (socket, factory, shared);
        serve_datagrams(&socket, &listening, &dropped, &*factory, &shared);
    };
    spawn("datagrams", STACK_BYTES, Box::new(serve))
        .map(drop)
        .map_err(|error| explained(error, format_args!("cannot receive on {address}: no thread")))
}

fn serve_datagrams<H: LogRecordHandler>(
    socket: &DatagramSocket,
    listening: &Peer,
    dropped: &AtomicU32,
    factory: &impl Fn(&Peer) -> H,
    shared: &Shared,
) {
    let serve = || LogRecordDatagramHandler::new(socket, listening, factory(listening), dropped, shared).handle();
    // After a panic the next datagrams get a new handler.
    while !contain_panic(listening, shared, serve) {
        if shared.drain_deadline().is_some_and(|deadline| deadline <= Instant::now()) {
            break;
        }
        // A sender, or a factory, that always makes it panic must not keep a processor busy.
        thread::sleep(AFTER_A_PANIC);
    }
}

const AFTER_A_PANIC: Duration = Duration::from_millis(10);
