//! The program: options, then the local policy, then the receiver, then an exit status.
//!
//! In: the command line of `usage.txt`. Out: records on standard output or in a file, diagnostics on standard error, and an
//! exit status that says how it ended.

mod program;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jackdaws::base::abort::Abort;
use jackdaws::base::{limits, sys};
use jackdaws::format::{Formatter, Style};
use jackdaws::policy::{Layout, Policy, PolicyHandler, line_logger};
use jackdaws::receive::LogRecordSocketReceiver;
use jackdaws::receive::listen::Listening;
use jackdaws::receive::notify;
use jackdaws::write::{Output, Sink};
use log::{LevelFilter, error, info};
use program::options::{Action, Color, Options};

fn main() -> ExitCode {
    sys::prepare_process();
    let options = match program::options::parse(std::env::args_os().skip(1)) {
        Ok(Action::Run(options)) => options,
        Ok(Action::Help) => return print(program::options::USAGE),
        Ok(Action::Version) => return print(concat!("jackdaws ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => return wrong_command_line(&error),
    };
    let layout = match layout(&options) {
        Ok(layout) => layout,
        Err(error) => return wrong_command_line(&error),
    };
    start_diagnostics(options.verbosity);
    match run(&options, layout) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            error!("{error}");
            ExitCode::from(CANNOT_GO_ON)
        }
    }
}

/// Receives until stopped; gives the exit status, or says why it cannot go on.
fn run(options: &Options, layout: Layout) -> Result<u8, String> {
    let receiver = LogRecordSocketReceiver::bind(&options.listen, receiver_options(options));
    let receiver = receiver.map_err(|error| error.to_string())?;
    let abort = receiver.abort();
    let output = start_output(options, &abort).map_err(|error| error.to_string())?;
    let policy = Arc::new(policy(options, layout, &output, &abort));
    stop_on_signals(&abort).map_err(|error| error.to_string())?;
    if let Some(path) = &options.port_file {
        let entries: Vec<_> = receiver.local_addresses().iter().map(Listening::port_file_entry).collect();
        let written = write_whole(path, &(entries.join("\n") + "\n"));
        written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    let timed_out = stop_after(options.timeout, &abort).map_err(|error| error.to_string())?;
    notify::ready();

    let handler = Arc::clone(&policy);
    let mut totals = receiver.serve_until_stopped(move |_peer| PolicyHandler::new(&handler));

    let now = Instant::now();
    let drained = abort.since().and_then(|since| since.checked_add(options.drain_timeout)).unwrap_or(now);
    let written = output.finish(drained.max(now.checked_add(LAST_WRITES).unwrap_or(now)));
    totals.lost = written.lost;
    totals.waited = written.waited;
    info!("{totals}");
    Ok(match options.count {
        _ if written.lost > 0 || written.failed => CANNOT_GO_ON,
        Some(_) if timed_out.load(Ordering::Relaxed) && !policy.is_count_reached() => COUNT_NOT_REACHED,
        _ => STOPPED_AS_ASKED,
    })
}

fn receiver_options(options: &Options) -> jackdaws::receive::Options {
    let mut chosen = jackdaws::receive::Options::default();
    chosen.allow.clone_from(&options.allow);
    chosen.drain_timeout = options.drain_timeout;
    chosen.frame_timeout = options.frame_timeout;
    chosen.max_connections = options.max_connections;
    chosen.max_frame = options.max_frame;
    // Someone who allows larger records must be able to receive a few of them.
    chosen.max_in_flight = limits::MAX_IN_FLIGHT_BYTES.max(options.max_frame.saturating_mul(4));
    chosen
}

fn start_output(options: &Options, abort: &Abort) -> io::Result<Output> {
    let sink = match &options.output {
        None => Sink::Stdout,
        Some(path) => Sink::File { path: path.clone(), rotation: options.rotation },
    };
    let abort = abort.clone();
    Output::start(sink, move || abort.stop_now())
}

fn layout(options: &Options) -> Result<Layout, String> {
    if options.json {
        return Ok(Layout::Json);
    }
    let format = options.format.as_deref().unwrap_or(match options.style {
        Style::Brace => "{relativeCreated:5.0f} {name:15} {levelname:8} {message}",
        Style::Dollar => "$relativeCreated $name $levelname $message",
        Style::Percent => "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s",
    });
    let formatter = Formatter::new(format, options.style, options.datefmt.as_deref(), options.utc);
    let formatter = formatter.map_err(|error| format!("--format takes a Python logging format: {error}"))?;
    Ok(Layout::Text(formatter.with_color(is_coloured(options))))
}

/// A terminal is coloured unless its user asks for none: <https://no-color.org>.
fn is_coloured(options: &Options) -> bool {
    match options.color {
        Color::Always => true,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            options.output.is_none() && !refused && io::stdout().is_terminal()
        }
        Color::Never => false,
    }
}

fn policy(options: &Options, layout: Layout, output: &Output, abort: &Abort) -> Policy {
    let policy = Policy::new(layout, options.escape, options.max_frame, output.clone())
        .with_level(options.level)
        .with_logname(options.logname.clone());
    match options.count {
        Some(count) => policy.with_count(count, abort.clone()),
        None => policy,
    }
}

/// The first signal stops the receiver, the second the process.
fn stop_on_signals(abort: &Abort) -> Result<(), ctrlc::Error> {
    let abort = abort.clone();
    let was_asked = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if was_asked.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(CANNOT_GO_ON));
        }
        notify::stopping();
        abort.set();
    })
}

/// Stops the receiver when the time has passed, and says so in the flag that is returned.
fn stop_after(timeout: Option<Duration>, abort: &Abort) -> io::Result<Arc<AtomicBool>> {
    let timed_out = Arc::new(AtomicBool::new(false));
    if let Some(timeout) = timeout {
        let (abort, timed_out) = (abort.clone(), Arc::clone(&timed_out));
        thread::Builder::new().name("timeout".to_owned()).stack_size(limits::STACK_BYTES).spawn(move || {
            if !abort.wait(timeout) {
                timed_out.store(true, Ordering::Relaxed);
                abort.set();
            }
        })?;
    }
    Ok(timed_out)
}

/// Diagnostics are lines on standard error, without decoration.
fn start_diagnostics(verbosity: LevelFilter) {
    log::set_max_level(verbosity);
    // It only fails if there is a logger already, and there is none.
    let _ = log::set_boxed_logger(line_logger(verbosity, Box::new(StandardStream { descriptor: io::stderr() })));
}

/// Writes a file so that it is never seen half written: to one beside it, which then takes its name.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}", std::process::id()));
    fs::write(&beside, text)?;
    fs::rename(&beside, path).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })
}

fn print(text: &str) -> ExitCode {
    match (StandardStream { descriptor: io::stdout() }).write_all(text.as_bytes()) {
        Ok(()) => ExitCode::from(STOPPED_AS_ASKED),
        Err(_) => ExitCode::from(CANNOT_GO_ON),
    }
}

fn wrong_command_line(error: &dyn std::fmt::Display) -> ExitCode {
    // Nothing is left to do if even this cannot be said.
    let _ = writeln!(StandardStream { descriptor: io::stderr() }, "jackdaws: {error}");
    ExitCode::from(WRONG_COMMAND_LINE)
}

/// Standard output or standard error, without the buffer and the lock of std's: those are 3 kB, and nobody shares it.
struct StandardStream<S> {
    descriptor: S,
}

impl<S: AsFd> Write for StandardStream<S> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        Ok(nix::unistd::write(&self.descriptor, text)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const STOPPED_AS_ASKED: u8 = 0;
const CANNOT_GO_ON: u8 = 1;
const WRONG_COMMAND_LINE: u8 = 2;
const COUNT_NOT_REACHED: u8 = 3;

/// The least time for writing what was read until the last moment.
const LAST_WRITES: Duration = Duration::from_secs(1);
