//! One connection: [`LogRecordStreamHandler::handle`] reads records from it until the peer closes.
//!
//! In: a connected stream socket. Out: records, given to its handler, and a flush whenever everything that had arrived is
//! handled. It waits in `poll`, on its socket and on the abort flag, and holds no buffers meanwhile. Ended early: a peer that
//! is silent before its first record or inside one for too long, and a stream that is no sequence of frames. Asked to
//! stop, it reads on until the peer closes, is silent between records, or has had its time and nothing that it had sent
//! before is left; and no longer than the drain timeout.

use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use log::{debug, warn};
use nix::errno::Errno;

use crate::base::limits::{DRAIN_BUSY, DRAIN_SILENCE, MAX_UNDER_WAY_BYTES};
use crate::base::wait::{Gathering, Ready, poll_either};
use crate::decode::expect::RecordUnpickler;
use crate::policy::handler::LogRecordHandler;
use crate::receive::frame::{self, FrameReader};
use crate::receive::frame_handler::{FrameHandler, Rejection};
use crate::receive::peer::Peer;
use crate::receive::pool::{Buffers, Large, Shared};
use crate::receive::totals::Totals;

/// Handles the records of one connection.
#[derive(Debug)]
pub struct LogRecordStreamHandler<'a, H: LogRecordHandler> {
    socket: OwnedFd,
    peer: &'a Peer,
    frames: FrameReader,
    /// There is one while there is a read buffer; and, if that is a large one, the right to it.
    unpickler: Option<(Box<RecordUnpickler>, Option<Large>)>,
    records: FrameHandler<'a, H>,
    /// True once a frame has arrived.
    has_begun: bool,
    /// How often in a row all that had come ended between records.
    whole_turns: u32,
    /// Read since the receiver was asked to stop.
    drained_bytes: usize,
    shared: &'a Shared,
}

impl<'a, H: LogRecordHandler> LogRecordStreamHandler<'a, H> {
    /// Takes over a connected socket, which must not block.
    pub fn new(socket: OwnedFd, peer: &'a Peer, handler: H, shared: &'a Shared) -> LogRecordStreamHandler<'a, H> {
        LogRecordStreamHandler {
            socket,
            peer,
            frames: FrameReader::new(shared.max_frame, shared.budget.clone()),
            unpickler: None,
            records: FrameHandler::new(handler, peer, shared),
            has_begun: false,
            whole_turns: 0,
            drained_bytes: 0,
            shared,
        }
    }

    /// Handles records until the peer closes, or the connection has to end; reports how it ended.
    pub fn handle(&mut self) {
        debug!(target: "jackdaws", "{}: connection opened", self.peer);
        let end = self.handle_until_end();
        self.report(end);
        self.records.flush();
        if let (Some(bytes), _) = self.frames.reclaim() {
            self.return_buffers(bytes);
        }
        debug!(target: "jackdaws", "{}: connection closed", self.peer);
    }

    fn handle_until_end(&mut self) -> End {
        let mut gathering = Gathering::default();
        loop {
            if let Err(end) = self.wait() {
                return end;
            }
            gathering.wait_for_more();
            self.take_buffers();
            let mut bytes = 0_usize;
            loop {
                match self.read() {
                    Ok(Progress::MoreToCome) => bytes = usize::MAX,
                    Ok(Progress::Drained(count)) => {
                        bytes = bytes.saturating_add(count);
                        break;
                    }
                    Err(end) => return end,
                }
            }
            self.records.flush();
            self.give_up_buffers();
            gathering.handled(bytes);
            // What the kernel held is read. What a busy peer goes on to send was sent after the request to stop; if it were the
            // rest of much that is still under way, it would come in pieces that end anywhere.
            self.whole_turns = if self.frames.is_between_frames() { self.whole_turns.saturating_add(1) } else { 0 };
            if self.whole_turns >= WHOLE_TURNS && self.shared.has_drained_for(DRAIN_BUSY) {
                return End::Drained;
            }
        }
    }

    /// Waits until there is something to read.
    fn wait(&self) -> Result<(), End> {
        loop {
            // The flag first: a patience of before it was set may have no end.
            let is_draining = self.shared.abort.is_set();
            let patience = self.patience();
            let stop = if is_draining { self.shared.abort.stop_now_fd() } else { self.shared.abort.as_fd() };
            match poll_either(self.socket.as_fd(), stop, patience) {
                Ok(Ready::First) => return Ok(()),
                Ok(Ready::Neither) if is_draining => return Err(End::Drained),
                Ok(Ready::Neither) => return Err(End::Silent(patience.unwrap_or_default())),
                Ok(Ready::Second) if self.shared.abort.is_stop_now() => return Err(End::StoppedNow),
                // The abort flag was set just now: from here on, wait as long as draining may take.
                Ok(Ready::Second) => {}
                Err(errno) => return Err(End::Failed(errno)),
            }
        }
    }

    /// How long to wait for bytes; `None` for ever.
    fn patience(&self) -> Option<Duration> {
        let is_idle = self.frames.is_between_frames();
        match self.shared.drain_deadline() {
            None if is_idle && self.has_begun => None,
            None => Some(self.shared.frame_timeout),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                Some(if is_idle { left.min(DRAIN_SILENCE) } else { left })
            }
        }
    }

    /// Reads once, and handles every frame that is complete.
    fn read(&mut self) -> Result<Progress, End> {
        let spare = self.frames.spare();
        let room = spare.len();
        if room == 0 {
            // What the kernel says to that reads like the end of the stream.
            return Ok(Progress::Drained(0));
        }
        let count = match nix::unistd::read(&self.socket, spare) {
            Ok(0) => return Err(End::Closed),
            Ok(count) => count,
            Err(Errno::EINTR) => return Ok(Progress::MoreToCome),
            Err(Errno::EAGAIN) => return Ok(Progress::Drained(0)),
            Err(errno) => return Err(End::Failed(errno)),
        };
        self.frames.advance(count);
        self.handle_frames()?;
        if self.shared.abort.is_set() {
            self.drained_bytes = self.drained_bytes.saturating_add(count);
            let is_more_than_was_under_way = self.drained_bytes > MAX_UNDER_WAY_BYTES;
            if is_more_than_was_under_way && self.frames.is_between_frames() && self.shared.has_drained_for(DRAIN_BUSY)
            {
                return Err(End::Drained);
            }
        }
        // A short read means that the kernel has no more; asking it again would only say so.
        Ok(if count < room { Progress::Drained(count) } else { Progress::MoreToCome })
    }

    fn handle_frames(&mut self) -> Result<(), End> {
        let Some((unpickler, _)) = &mut self.unpickler else { return Ok(()) };
        loop {
            if self.shared.abort.is_set() {
                check_time_left(self.shared)?;
            }
            match self.frames.next_frame() {
                Ok(Some(frame)) => {
                    self.has_begun = true;
                    self.records.handle_frame(frame, unpickler, self.peer);
                }
                Ok(None) => return Ok(()),
                Err(error @ frame::Error::NotAFrame { .. }) => return Err(End::NotFrames(error)),
                Err(error) => {
                    self.has_begun = true;
                    self.records.reject(Rejection::Frame(error), self.peer);
                }
            }
        }
    }

    fn take_buffers(&mut self) {
        if self.unpickler.is_none() {
            let Buffers { bytes, unpickler, large } = self.shared.take_buffers();
            self.frames.lend(bytes);
            self.unpickler = Some((unpickler, large));
        }
    }

    fn give_up_buffers(&mut self) {
        let (bytes, outcome) = self.frames.reclaim();
        if let Err(error) = outcome {
            self.records.reject(Rejection::Frame(error), self.peer);
        }
        if let Some(bytes) = bytes {
            self.return_buffers(bytes);
        }
    }

    fn return_buffers(&mut self, bytes: Vec<u8>) {
        if let Some((unpickler, large)) = self.unpickler.take() {
            self.shared.return_buffers(Buffers { bytes, unpickler, large });
        }
    }

    #[cold]
    #[inline(never)]
    fn report(&mut self, end: End) {
        let received = self.frames.unfinished_bytes();
        let is_inside_a_frame = !self.frames.is_between_frames();
        match end {
            End::Closed | End::Drained => {}
            // Nobody wanted the rest.
            End::StoppedNow => return,
            End::DeadlinePassed => {
                let seconds = self.shared.drain_timeout.as_secs_f64();
                warn!(target: "jackdaws", "{}: connection closed: still sending after {seconds} seconds", self.peer);
            }
            // How a peer ends that has died, or does not care.
            End::Failed(Errno::ECONNRESET) => debug!(target: "jackdaws", "{}: {}", self.peer, Errno::ECONNRESET),
            End::Failed(errno) => {
                self.shared.count(&mut Totals { broken: 1, ..Totals::default() });
                warn!(target: "jackdaws", "{}: connection broken: {errno}", self.peer);
            }
            End::NotFrames(error) => return self.records.reject(Rejection::Frame(error), self.peer),
            End::Silent(waited) if is_inside_a_frame => {
                return self.records.reject(Rejection::Silent { received, waited }, self.peer);
            }
            End::Silent(waited) => {
                let seconds = waited.as_secs_f64();
                warn!(target: "jackdaws", "{}: connection closed: no record in {seconds} seconds", self.peer);
            }
        }
        if is_inside_a_frame {
            self.records.reject(Rejection::CutShort { received }, self.peer);
        }
    }
}

/// So often in a row, a record that is cut by the way it came does not end where everything ends that has come.
const WHOLE_TURNS: u32 = 3;

/// What a read has shown.
enum Progress {
    /// There may be more to read.
    MoreToCome,
    /// The next read would block; this one gave so many bytes.
    Drained(usize),
}

/// Whether a receiver that was asked to stop may handle another frame.
#[cold]
fn check_time_left(shared: &Shared) -> Result<(), End> {
    if shared.abort.is_stop_now() {
        return Err(End::StoppedNow);
    }
    let is_over = shared.drain_deadline().is_some_and(|deadline| deadline <= Instant::now());
    if is_over { Err(End::DeadlinePassed) } else { Ok(()) }
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The peer has closed it.
    Closed,
    /// The receiver has to stop, and this peer went on sending.
    DeadlinePassed,
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
}
