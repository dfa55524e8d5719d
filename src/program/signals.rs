//! Signals: SIGINT by ctrlc, SIGTERM, SIGHUP and SIGUSR1 by one thread that waits for them.
//!
//! In: signals. Out: the abort flag, set; files reopened, in a thread of their own; totals, printed. A second request to stop ends the process, unless
//! it follows the first so closely that it is the same: shells and `timeout` signal a process, then its group. What was ignored
//! when the program was started stays ignored, SIGTERM aside; SIGUSR2 and SIGALRM mean nothing here and are ignored.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jackdaws::base::abort::Abort;
use jackdaws::base::lock::Lock;
use jackdaws::base::{limits, sys, thread};
use nix::libc;
use nix::sys::signal::{SigSet, Signal};

use crate::program::outputs::Outputs;

/// The signals that the thread takes: until it is there they wait.
pub struct Signals {
    awaited: SigSet,
}

/// What is done on SIGHUP; `None` if that stops, as SIGTERM does.
pub type HangUp = Option<Box<dyn Fn() + Send + Sync>>;

impl Signals {
    /// Lets signals wait, in this thread and in those that it starts from here on.
    ///
    /// # Errors
    /// Says what the system refused.
    pub fn hold() -> Result<Signals, String> {
        for meaningless in [Signal::SIGUSR2, Signal::SIGALRM] {
            sys::ignore_signal(meaningless);
        }
        let mut awaited = SigSet::empty();
        awaited.add(Signal::SIGTERM);
        awaited.add(Signal::SIGUSR1);
        if !sys::is_signal_ignored(Signal::SIGHUP) {
            awaited.add(Signal::SIGHUP);
        }
        let held = awaited.thread_block().and_then(|()| SigSet::from_iter([Signal::SIGINT]).thread_unblock());
        held.map_err(|errno| format!("cannot wait for signals: {errno}"))?;
        Ok(Signals { awaited })
    }

    /// Acts on signals from here on, those that came meanwhile included. On SIGUSR1 the totals are said.
    ///
    /// # Errors
    /// Says for what there is no thread.
    pub fn start(self, abort: &Abort, hang_up: HangUp, outputs: Outputs) -> Result<(), String> {
        let request = Arc::new(Request { abort: abort.clone(), since: Lock::new(None) });
        if !sys::is_signal_ignored(Signal::SIGINT) {
            let request = Arc::clone(&request);
            ctrlc::set_handler(move || request.repeat()).map_err(|error| match error {
                ctrlc::Error::System(error) => format!("cannot wait for Ctrl-C: {error}"),
                _ => "cannot wait for Ctrl-C: something else does already".to_owned(),
            })?;
        }
        let hang_up = hang_up.map(|what| Arc::new(Repeated { what, wanted: AtomicUsize::new(0) }));
        let take = move || {
            loop {
                match self.awaited.wait() {
                    Ok(Signal::SIGUSR1) => log::info!(target: "jackdaws", "{}", outputs.totals()),
                    Ok(Signal::SIGHUP) => match &hang_up {
                        Some(hang_up) => hang_up.begin(),
                        None => request.repeat(),
                    },
                    Ok(_) => request.repeat(),
                    Err(_) => {}
                }
            }
        };
        let taking = thread::spawn("signals", limits::STACK_BYTES, Box::new(take));
        taking.map(drop).map_err(|error| format!("cannot wait for signals: no thread: {error}"))
    }
}

/// What is done again each time that it is asked for, and once for all the times that come before it can begin.
struct Repeated {
    what: Box<dyn Fn() + Send + Sync>,
    /// How often it was asked for since it began; 0 if it is not being done.
    wanted: AtomicUsize,
}

impl Repeated {
    /// Has it done in a thread of its own: it may have to wait for an output, and signals must not.
    fn begin(self: &Arc<Self>) {
        if self.wanted.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        let it = Arc::clone(self);
        if thread::spawn("hang-up", limits::STACK_BYTES, Box::new(move || it.run())).is_err() {
            self.run();
        }
    }

    fn run(&self) {
        let mut wanted = self.wanted.load(Ordering::Acquire);
        while wanted > 0 {
            (self.what)();
            wanted = match self.wanted.compare_exchange(wanted, 0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => 0,
                Err(more) => more,
            };
        }
    }
}

/// The request to stop.
struct Request {
    abort: Abort,
    since: Lock<Option<Instant>>,
}

impl Request {
    /// The first stops the receiver, a later one the process.
    fn repeat(&self) {
        let mut since = self.since.lock();
        match *since {
            None => {
                *since = Some(Instant::now());
                self.abort.set();
            }
            Some(first) if first.elapsed() > SAME_REQUEST => sys::exit(CANNOT_GO_ON),
            Some(_) => {}
        }
    }
}

/// True if this process has a controlling terminal, which sends SIGHUP when it is closed.
pub fn has_terminal() -> bool {
    let flags = libc::O_NOCTTY | libc::O_NONBLOCK;
    match OpenOptions::new().read(true).custom_flags(flags).open("/dev/tty") {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            sys::STDIN.is_terminal() || sys::STDOUT.is_terminal() || sys::STDERR.is_terminal()
        }
        Err(_) => false,
    }
}

/// A request that follows another within this time is the same one.
const SAME_REQUEST: Duration = Duration::from_secs(1);

/// The exit status of a process that is ended before it has done what it was asked to.
const CANNOT_GO_ON: u8 = 1;
