//! One connection: [`LogRecordStreamHandler::handle`] reads records from it until the peer closes.
//!
//! In: a connected stream socket. Out: records, given to its handler, and a flush whenever everything that had arrived is
//! handled. It waits in `poll`, on its socket and on the abort flag, and holds no buffers meanwhile; before it reads it waits for
//! its turn, and for memory if its frame is a large one. Ended early: a peer that is silent before its first record or inside
//! one for too long, or too slow, and a stream that is no sequence of frames. Asked to stop, it reads on until the peer closes,
//! is silent between records, or has had its time and nothing that it had sent before is left; and no longer than the drain
//! timeout.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::debug;
use nix::errno::Errno;

use crate::base::limits::{
    DRAIN_BUSY, FRAME_UNITS, MAX_UNDER_WAY_BYTES, MIN_FRAME_BYTES_A_SECOND, PRIVATE_BYTES, TURN_UNITS,
};
use crate::base::wait::{Coalescing, Ready, poll_either};
use crate::decode::expect::RecordUnpickler;
use crate::policy::handler::LogRecordHandler;
use crate::receive::ending::{End, Unfinished};
use crate::receive::frame::{self, FrameReader};
use crate::receive::frame_handler::{FrameHandler, Rejection};
use crate::receive::guest::Guest;
use crate::receive::memory::Progress;
use crate::receive::pool::{Buffers, Shared};

/// Handles the records of one connection.
#[derive(Debug)]
pub struct LogRecordStreamHandler<'a, H: LogRecordHandler> {
    guest: &'a Arc<Guest>,
    frames: FrameReader,
    /// There is one while there is a read buffer.
    unpickler: Option<Box<RecordUnpickler>>,
    records: FrameHandler<'a, H>,
    /// True once a frame has arrived.
    has_begun: bool,
    /// True while memory is claimed for the unfinished frame.
    has_claim: bool,
    /// True if its last turn took long.
    is_heavy: bool,
    /// True if that left frames behind that had arrived.
    has_more: bool,
    /// How long its peer has been waited for inside the unfinished frame: its clock stands still while nobody reads.
    waited: Duration,
    /// How often in a row all that had come ended between records.
    whole_turns: u32,
    /// Read since the receiver was asked to stop.
    drained_bytes: usize,
    shared: &'a Shared,
}

impl<'a, H: LogRecordHandler> LogRecordStreamHandler<'a, H> {
    /// Takes over a connected socket, which must not block.
    pub fn new(guest: &'a Arc<Guest>, handler: H, shared: &'a Shared) -> LogRecordStreamHandler<'a, H> {
        LogRecordStreamHandler {
            guest,
            frames: FrameReader::new(shared.options.max_frame),
            unpickler: None,
            records: FrameHandler::new(handler, guest.peer(), shared),
            has_begun: false,
            has_claim: false,
            is_heavy: false,
            has_more: false,
            waited: Duration::ZERO,
            whole_turns: 0,
            drained_bytes: 0,
            shared,
        }
    }

    /// Handles records until the peer closes, or the connection has to end; reports how it ended.
    pub fn handle(&mut self) {
        debug!(target: "jackdaws", "{}: connection opened", self.guest.peer());
        let end = self.handle_until_end();
        let received = self.frames.unfinished_bytes();
        let unfinished = (!self.frames.is_between_frames()).then(|| Unfinished { received, limit: self.frame_time() });
        end.report(unfinished, &mut self.records, self.guest.peer(), self.shared);
        self.records.flush();
        if end != End::Closed {
            self.guest.reset_when_closed();
        }
        debug!(target: "jackdaws", "{}: connection closed", self.guest.peer());
    }

    fn handle_until_end(&mut self) -> End {
        let mut coalescing = Coalescing::default();
        loop {
            let ready = if self.has_more { Ok(()) } else { self.wait(&coalescing) };
            let bytes = match ready.and_then(|()| self.take_turn()) {
                Ok(bytes) => bytes,
                Err(end) => return end,
            };
            coalescing.handled(bytes);
            // What the kernel held is read. What a busy peer goes on to send was sent after the request to stop; if it were the
            // rest of much that is still under way, it would come in pieces that end anywhere.
            let is_whole = bytes != MORE_TO_COME && self.frames.is_between_frames();
            self.whole_turns = if is_whole { self.whole_turns.saturating_add(1) } else { 0 };
            if self.whole_turns >= WHOLE_TURNS && self.shared.has_drained_for(DRAIN_BUSY) {
                return End::Drained;
            }
        }
    }

    /// Waits until there is something to read, and room for it.
    fn wait(&mut self, coalescing: &Coalescing) -> Result<(), End> {
        self.wait_for_memory()?;
        let since = (!self.frames.is_between_frames()).then(Instant::now);
        self.guest.begin_to_wait();
        self.poll()?;
        coalescing.wait_for_more();
        self.guest.hear();
        if let Some(since) = since {
            self.waited = self.waited.saturating_add(since.elapsed());
        }
        Ok(())
    }

    /// Waits until there is something to read.
    fn poll(&self) -> Result<(), End> {
        loop {
            // The flag first: a patience of before it was set may have no end.
            let is_draining = self.shared.abort.is_set();
            let patience = self.patience();
            let stop = if is_draining { self.shared.abort.stop_now_fd() } else { self.shared.abort.as_fd() };
            match poll_either(self.guest.as_fd(), stop, patience) {
                Ok(Ready::First) if self.guest.is_dismissed_and_read() => return Err(self.end(End::Closed)),
                Ok(Ready::First) => return Ok(()),
                Ok(Ready::Neither) if is_draining => return Err(End::Drained),
                Ok(Ready::Neither) if patience < Some(self.shared.options.frame_timeout) => return Err(End::TooSlow),
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
            None if is_idle => (!self.has_begun).then_some(self.shared.options.frame_timeout),
            None => Some(self.frame_time().saturating_sub(self.waited).min(self.shared.options.frame_timeout)),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                Some(if is_idle { left.min(self.shared.drain_silence()) } else { left })
            }
        }
    }

    /// How long the unfinished frame may take.
    fn frame_time(&self) -> Duration {
        let seconds = self.frames.length().div_ceil(MIN_FRAME_BYTES_A_SECOND);
        self.shared.options.frame_timeout.max(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))
    }

    /// Reads and handles what has arrived, when it is this connection's turn; gives its bytes.
    fn take_turn(&mut self) -> Result<usize, End> {
        let is_long = self.is_heavy || self.has_claim;
        let mut is_first = true;
        let turn = loop {
            let turn = self.shared.turns.wait(self.guest, is_long, || self.shared.patience(self.guest));
            let turn = turn.ok_or_else(|| self.end_of_patience())?;
            if self.has_buffers(is_long) {
                break turn;
            }
            // Those who kept theirs need a turn to give them back.
            drop(turn);
            if !self.shared.has_waited_for_memory(self.guest, &mut is_first) {
                return Err(self.end_of_patience());
            }
        };
        let outcome = self.read_all();
        if self.records.flush() {
            self.guest.record();
        }
        self.give_up_buffers();
        drop(turn);
        outcome
    }

    /// Whether there are buffers to read with: those that it kept, or others.
    fn has_buffers(&mut self, is_long: bool) -> bool {
        let others = if self.unpickler.is_none() { self.shared.take_buffers() } else { None };
        if let Some(Buffers { bytes, unpickler }) = others {
            let window = if self.shared.memory.is_ample() && !is_long { bytes.len() } else { PRIVATE_BYTES };
            self.frames.lend(bytes, window);
            self.unpickler = Some(unpickler);
        }
        self.unpickler.is_some()
    }

    /// Reads on while there is more, light work, and nobody else who waits for the turn; but ends it now and then, for what is
    /// only done between turns.
    fn read_all(&mut self) -> Result<usize, End> {
        if self.has_more {
            self.handle_frames()?;
        }
        let mut reads = 0..READS_A_TURN;
        while !self.has_more && reads.next().is_some() {
            let bytes = self.read()?;
            let is_over = self.is_heavy || self.shared.abort.is_set() || self.shared.turns.are_wanted();
            if is_over || bytes != MORE_TO_COME {
                return Ok(bytes);
            }
        }
        Ok(MORE_TO_COME)
    }

    /// Reads once, and handles every frame that is complete.
    fn read(&mut self) -> Result<usize, End> {
        if !self.try_claim() {
            return Ok(0);
        }
        let spare = self.frames.spare();
        let room = spare.len();
        if room == 0 {
            // What the kernel says to that reads like the end of the stream.
            return Ok(0);
        }
        let count = match nix::unistd::read(self.guest, spare) {
            Ok(0) => return Err(self.end(End::Closed)),
            Ok(count) => count,
            Err(Errno::EINTR) => return Ok(MORE_TO_COME),
            Err(Errno::EAGAIN) => return Ok(0),
            Err(errno) => return Err(self.end(End::Failed(errno))),
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
        // A short read means that the kernel has no more.
        Ok(if count < room { count } else { MORE_TO_COME })
    }

    fn handle_frames(&mut self) -> Result<(), End> {
        let Some(unpickler) = &mut self.unpickler else { return Ok(()) };
        let mut units = 0_usize;
        while units <= TURN_UNITS {
            if self.shared.abort.is_set() {
                check_time_left(self.shared)?;
            }
            units = units.saturating_add(FRAME_UNITS);
            // The clock of what follows a frame that was passed over begins with it.
            if self.frames.skip() {
                self.waited = Duration::ZERO;
            }
            match self.frames.next_frame() {
                Ok(Some(frame)) => {
                    self.has_begun = true;
                    self.waited = Duration::ZERO;
                    self.records.handle_frame(frame, unpickler, self.guest.peer());
                    units = units.saturating_add(unpickler.meter().used());
                }
                Ok(None) => break,
                Err(error @ frame::Error::NotAFrame { .. }) => return Err(End::NotFrames(error)),
                Err(error) => {
                    self.has_begun = true;
                    self.records.reject(Rejection::Frame(error), self.guest.peer());
                }
            }
        }
        self.is_heavy = units > TURN_UNITS;
        self.has_more = self.is_heavy && self.frames.unfinished_bytes() > 0;
        self.give_back_claim();
        Ok(())
    }

    /// Claims what the unfinished frame needs before more of it can be read; false if it has to wait for that.
    fn try_claim(&mut self) -> bool {
        let wanted = self.frames.wanted();
        if wanted > 0 && !self.shared.memory.try_claim(self.guest, wanted) {
            return false;
        }
        self.grant(wanted);
        true
    }

    fn wait_for_memory(&mut self) -> Result<(), End> {
        let wanted = self.frames.wanted();
        if wanted > 0 {
            // Whatever comes of it, there is something to give back.
            self.has_claim = true;
            if !self.shared.memory.wait(self.guest, wanted, || self.shared.patience(self.guest)) {
                return Err(self.end_of_patience());
            }
            self.grant(wanted);
            self.note_progress();
        }
        Ok(())
    }

    fn grant(&mut self, bytes: usize) {
        if bytes > 0 {
            self.has_claim = true;
            if let Err(error) = self.frames.grant(bytes) {
                self.records.reject(Rejection::Frame(error), self.guest.peer());
            }
        }
    }

    /// Gives the memory of a frame that is no longer unfinished back.
    fn give_back_claim(&mut self) {
        if self.has_claim && self.frames.granted() == 0 {
            self.has_claim = false;
            self.shared.memory.give_back(self.guest);
        }
    }

    fn give_up_buffers(&mut self) {
        let (all, least) = self.frames.wanted_to_reclaim();
        if all > 0 && !self.shared.memory.try_claim(self.guest, all) {
            self.shared.memory.keep(self.guest, least);
            self.grant(least);
        } else {
            self.grant(all);
        }
        let (bytes, outcome) = self.frames.reclaim();
        if let Err(error) = outcome {
            self.records.reject(Rejection::Frame(error), self.guest.peer());
        }
        self.give_back_claim();
        self.note_progress();
        if let Some(buffers) = bytes.and_then(|bytes| Some(Buffers { bytes, unpickler: self.unpickler.take()? })) {
            self.shared.return_buffers(buffers);
        }
    }

    /// Lets others that wait for memory know how fast its frame goes forward.
    fn note_progress(&self) {
        if self.has_claim {
            let received = self.frames.unfinished_bytes();
            let rest = self.frames.length().saturating_sub(received);
            self.shared.memory.note(self.guest, Progress::new(received, rest, self.waited));
        }
    }

    fn end_of_patience(&self) -> End {
        self.end(if self.shared.abort.is_stop_now() { End::StoppedNow } else { End::DeadlinePassed })
    }

    /// It ends like this, unless another thread has ended it.
    fn end(&self, end: End) -> End {
        self.guest.dismissal().map_or(end, End::Dismissed)
    }
}

/// What it holds is given back, however it ends.
impl<H: LogRecordHandler> Drop for LogRecordStreamHandler<'_, H> {
    fn drop(&mut self) {
        if self.has_claim {
            self.shared.memory.give_back(self.guest);
        }
    }
}

/// So often in a row, a record that is cut by the way it came does not end where everything ends that has come.
const WHOLE_TURNS: u32 = 3;

/// Bytes come to a few megabytes in so many reads.
const READS_A_TURN: u32 = 8;

/// Stands for the bytes of a turn that has left some.
const MORE_TO_COME: usize = usize::MAX;

/// Whether a receiver that was asked to stop may handle another frame.
#[cold]
fn check_time_left(shared: &Shared) -> Result<(), End> {
    if shared.abort.is_stop_now() {
        return Err(End::StoppedNow);
    }
    let is_over = shared.drain_deadline().is_some_and(|deadline| deadline <= Instant::now());
    if is_over { Err(End::DeadlinePassed) } else { Ok(()) }
}
