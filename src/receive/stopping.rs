//! The end of a receiver: what peers had sent is read, for as long as the drain timeout lasts.

use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use log::Level;
use nix::poll::{PollFd, PollFlags};

use crate::base::text::plural;
use crate::base::wait::{poll_any, poll_either};
use crate::policy::handler::LogRecordHandler;
use crate::receive::capacity::listen_backlog;
use crate::receive::diagnostics::say;
use crate::receive::peer::Peer;
use crate::receive::server::Server;
use crate::receive::totals::Totals;
use crate::receive::waiting::Accepted;

impl<F, H> Server<F>
where
    F: Fn(&Peer) -> H + Send + Sync + 'static,
    H: LogRecordHandler,
{
    /// Serves who had connected, accepts no others, and lets all connections read what was sent.
    pub(super) fn stop(mut self) -> Totals {
        for listener in &mut self.listeners {
            listener.remove_file();
        }
        let deadline = self.shared.drain_deadline().unwrap_or_else(Instant::now);
        loop {
            self.slots.ask_for_wake_up();
            self.accept_rest();
            let waiting = self.waiting.lock().len();
            let is_done = self.listeners.is_empty() && waiting == 0 && self.slots.in_use() == 0;
            let left = deadline.saturating_duration_since(Instant::now());
            if is_done || left.is_zero() || self.shared.abort.is_stop_now() {
                break;
            }
            self.shared.share_drain_time(left, waiting.checked_div(self.slots.in_use()).unwrap_or(0));
            let pause = self.retries.pause().filter(|_| !(self.listeners.is_empty() && waiting == 0));
            self.wait_for_room(pause.unwrap_or(left).min(left));
            // Who has ended made room: those who wait need not sit out a pause that grows.
            self.retries.try_at_once();
        }
        self.give_up();
        self.say_what_was_unsaid();
        self.shared.tally.totals()
    }

    /// Accepts all who had connected, even those who have to wait until there is room, and closes the listeners.
    fn accept_rest(&mut self) {
        // No more than that had connected; whoever did since does not keep the receiver from stopping.
        let most = listen_backlog();
        let mut left = most;
        while let Some(listener) = self.listeners.last() {
            match listener.accept() {
                Ok((socket, peer)) => {
                    self.admit(Accepted { socket, peer, listener: self.listeners.len() });
                    left = left.saturating_sub(1);
                    if left > 0 {
                        continue;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    self.retries.pause_after("cannot accept connections", &error);
                    break;
                }
            }
            self.listeners.pop();
            left = most;
        }
        while self.serve_next() {}
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
        let rejected = self.shared.rate_limits.take_unsaid();
        for (count, what, done) in [(self.refused, "connection", "refused"), (rejected, "record", "rejected")] {
            if count > 0 {
                let s = plural(count);
                say(Level::Warn, format_args!("{count} more {what}{s} {done}, too many to report each"));
            }
        }
    }

    /// The time is over: connections end by themselves now, unless their handlers hang.
    fn give_up(&mut self) {
        self.listeners.clear();
        let unserved = std::mem::take(&mut *self.waiting.lock()).len();
        self.shared.wake_all();
        let begin = Instant::now();
        let stuck = loop {
            self.slots.ask_for_wake_up();
            let left = GRACE.saturating_sub(begin.elapsed());
            match self.slots.in_use() {
                stuck if stuck == 0 || left.is_zero() => break stuck,
                _ => {}
            }
            let _ = poll_any(&mut [PollFd::new(self.slots.as_fd(), PollFlags::POLLIN)], Some(left));
            self.slots.take_wake_up();
        };
        for (count, end) in
            [(stuck, "abandoned: still handling records"), (unserved, "closed unserved: no room for more")]
        {
            if count > 0 {
                say(Level::Error, format_args!("{count} connection{} {end}", plural(count)));
            }
        }
    }
}

/// For handlers to finish the records that were read before the drain timeout passed.
const GRACE: Duration = Duration::from_secs(1);
