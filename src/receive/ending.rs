//! How a connection ends, and what is said of it.

use std::time::Duration;

use log::debug;
use nix::errno::Errno;

use crate::base::text::seconds;
use crate::policy::handler::LogRecordHandler;
use crate::receive::frame;
use crate::receive::frame_handler::{FrameHandler, Rejection};
use crate::receive::guest::Dismissal;
use crate::receive::peer::Peer;
use crate::receive::pool::Shared;
use crate::receive::totals::Totals;

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The peer has closed it.
    Closed,
    /// The receiver has to stop, and this peer went on sending.
    DeadlinePassed,
    /// For the sake of another one.
    Dismissed(Dismissal),
    /// The receiver has to stop, and this peer is silent.
    Drained,
    /// The connection is broken.
    Failed(Errno),
    /// The stream is no sequence of frames.
    NotFrames(frame::Error),
    /// For that long nothing came where something had to.
    Silent(Duration),
    /// The receiver has to stop at once.
    StoppedNow,
    /// The unfinished frame has taken too long.
    TooSlow,
}

/// What is lost with a connection that ends inside a frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unfinished {
    /// Its bytes that had come.
    pub received: usize,
    /// How long it might have taken.
    pub limit: Duration,
}

impl End {
    #[cold]
    #[inline(never)]
    pub(super) fn report<H: LogRecordHandler>(
        self,
        unfinished: Option<Unfinished>,
        records: &mut FrameHandler<'_, H>,
        peer: &Peer,
        shared: &Shared,
    ) {
        match self {
            // Nobody wanted the rest.
            End::StoppedNow => return,
            End::Closed | End::Drained | End::TooSlow | End::Dismissed(Dismissal::Memory) => {}
            End::DeadlinePassed => {
                let seconds = seconds(shared.options.drain_timeout);
                records.say(format_args!("connection closed: still sending after {seconds} s"));
            }
            End::Dismissed(Dismissal::Place) => records.made_room(),
            // How a peer ends that has died, or does not care.
            End::Failed(Errno::ECONNRESET) => debug!(target: "jackdaws", "{peer}: {}", Errno::ECONNRESET),
            End::Failed(errno) => {
                shared.tally.count(&mut Totals { broken: 1, ..Totals::default() });
                records.say(format_args!("connection broken: {errno}"));
            }
            End::NotFrames(error) => return records.reject(Rejection::Frame(error), peer),
            End::Silent(waited) if unfinished.is_none() => {
                let seconds = seconds(waited);
                records.say(format_args!("connection closed: no record in {seconds} s"));
            }
            End::Silent(_) => {}
        }
        let Some(Unfinished { received, limit }) = unfinished else { return };
        let rejection = match self {
            End::Dismissed(Dismissal::Memory) => Rejection::MadeRoom { received },
            End::Silent(waited) => Rejection::Silent { received, waited },
            End::TooSlow => Rejection::TooSlow { received, limit },
            _ => Rejection::CutShort { received },
        };
        records.reject(rejection, peer);
    }
}
