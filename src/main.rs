//! The program: options, then the local policy, then the receiver, then an exit status.
//!
//! In: the command line of `usage.txt`. Out: records on standard output or in a file, diagnostics on standard error, and an
//! exit status that says how it ended.

mod program;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jackdaws::base::abort::Abort;
use jackdaws::base::{limits, sys};
#[cfg(feature = "relay")]
use jackdaws::format::relay::Adds;
#[cfg(feature = "syslog")]
use jackdaws::format::syslog::{Form, Syslog};
use jackdaws::format::{Formatter, Style};
use jackdaws::policy::tree::{Filter, TooManyDestinations};
use jackdaws::policy::{Layout, Policy, PolicyHandler, Tree};
use jackdaws::receive::LogRecordSocketReceiver;
use jackdaws::receive::listen::Address;
use jackdaws::receive::totals::{Tally, Totals};
#[cfg(feature = "syslog")]
use jackdaws::write::RemoteAddress;
use jackdaws::write::{Output, Sink};
use log::{error, info};
use program::announcement::Announcement;
use program::ending::Ending;
use program::metrics::Metrics;
use program::options::{Action, Color, Options, Where};
use program::port_file::PortFile;
use program::signals::{Actions, Signals};
use program::{diagnostics, signals};

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
    diagnostics::start(options.verbosity);
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
    // First of all, while the only descriptors are those that whoever started this process has opened for it.
    let sinks = sinks(options)?;
    let port_file = port_file(options)?;
    let receiver = LogRecordSocketReceiver::bind(&options.listen, receiver_options(options));
    let receiver = receiver.map_err(|error| error.to_string())?;
    let (abort, tally) = (receiver.abort(), receiver.tally());
    let signals = Signals::hold()?;
    let outputs = start_outputs(sinks, options, &abort).map_err(|error| error.to_string())?;
    let policy = Arc::new(policy(options, layout, &outputs, &abort).map_err(|error| error.to_string())?);
    signals.start(&abort, actions(options, &outputs, &tally))?;
    let ending = ending(options, &abort)?;

    let entries = receiver.local_addresses().iter().map(|listening| listening.port_file_entry() + "\n").collect();
    let port_file = port_file.map(|file| (file, entries));
    let (counted, written) = (tally.clone(), outputs.clone());
    let status = Box::new(move || totals(&counted, &written).to_string());
    let mut metrics = options.metrics.as_ref().map(|path| Metrics::new(path, &tally, &outputs));
    let receiver = receiver.observed_by(Box::new(Announcement::new(port_file, metrics.clone(), status)));
    let handler = Arc::clone(&policy);
    let served = receiver.serve_until_stopped(move |_peer| PolicyHandler::new(&handler));

    let now = Instant::now();
    let drained = abort.since().and_then(|since| since.checked_add(options.drain_timeout)).unwrap_or(now);
    let deadline = drained.max(now.checked_add(LAST_WRITES).unwrap_or(now));
    let has_failed = outputs.iter().fold(false, |failed, output| output.finish(deadline).failed | failed);
    if let Some(metrics) = &mut metrics {
        metrics.write();
    }
    served.map_err(|error| error.to_string())?;
    let totals = totals(&tally, &outputs);
    info!("{totals}");
    Ok(if totals.lost > 0 || totals.dropped > 0 || has_failed {
        CANNOT_GO_ON
    } else if policy.is_alarmed() {
        SEVERE_RECORD
    } else if ending.has_come() && !policy.is_count_reached() {
        COUNT_NOT_REACHED
    } else {
        STOPPED_AS_ASKED
    })
}

/// What was received, and what became of it.
fn totals(tally: &Tally, outputs: &[Output]) -> Totals {
    let mut totals = tally.totals();
    for output in outputs {
        let written = output.totals();
        totals.lose(output.name(), written.lost);
        totals.waited = totals.waited.saturating_add(written.waited);
    }
    if let [_only] = outputs {
        totals.lost_at.clear();
    }
    totals
}

/// Where the ports are to be written, if they are; an old port file is gone from here on.
fn port_file(options: &Options) -> Result<Option<PortFile>, String> {
    let Some(path) = &options.port_file else { return Ok(None) };
    let socket_path = |address: &Address| match address {
        Address::Unix(path) | Address::Unixgram(path) => Some(path.display().to_string()),
        _ => None,
    };
    let entries: Vec<String> = options.listen.iter().filter_map(socket_path).collect();
    PortFile::prepare(path, &entries).map(Some)
}

fn receiver_options(options: &Options) -> jackdaws::receive::Options {
    let mut chosen = jackdaws::receive::Options::default();
    chosen.allow.clone_from(&options.allow);
    chosen.drain_timeout = options.drain_timeout;
    chosen.frame_timeout = options.frame_timeout;
    chosen.max_connections = options.max_connections;
    chosen.max_frame = options.max_frame;
    chosen.socket_mode = options.socket_mode;
    // Someone who allows larger records must be able to receive a few of them.
    chosen.max_in_flight = limits::MAX_IN_FLIGHT_BYTES.max(options.max_frame.saturating_mul(4));
    chosen
}

/// Where records go; files are not opened yet.
fn sinks(options: &Options) -> Result<Vec<Sink>, String> {
    let sink = |output: &Where| match output {
        Where::Descriptor(number, path) => {
            let copy = sys::duplicate_descriptor(*number);
            copy.map(Sink::Descriptor).map_err(|error| format!("cannot open {path:?}: {error}"))
        }
        Where::File(path) => Ok(Sink::File { path: path.clone(), rotation: options.rotation }),
        #[cfg(feature = "relay")]
        Where::Relay(address) => Ok(Sink::Remote { address: address.clone(), purpose: "relay" }),
        Where::Stdout => Ok(Sink::Stdout),
        #[cfg(feature = "syslog")]
        Where::Syslog(address) => Ok(Sink::Remote { address: address.clone(), purpose: "syslog" }),
    };
    options.output.iter().map(sink).collect()
}

/// Opens all destinations. When one is gone for ever the others go on; without the last of them there is nothing to do.
fn start_outputs(sinks: Vec<Sink>, options: &Options, abort: &Abort) -> io::Result<Vec<Output>> {
    let left = Arc::new(AtomicUsize::new(sinks.len()));
    let start = |sink| {
        let (abort, left) = (abort.clone(), Arc::clone(&left));
        Output::start_with(sink, options.pace, move || {
            if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                abort.stop_now();
            }
        })
    };
    sinks.into_iter().map(start).collect()
}

/// What signals do besides stopping the receiver.
fn actions(options: &Options, outputs: &[Output], tally: &Tally) -> Actions {
    let is_stream = |output: &Where| matches!(output, Where::Stdout | Where::Descriptor(..));
    let stops = options.output.iter().all(is_stream) || signals::has_terminal();
    let reopened = outputs.to_vec();
    let hang_up =
        (!stops).then(|| -> Box<dyn Fn() + Send> { Box::new(move || reopened.iter().for_each(Output::reopen)) });
    let (tally, outputs) = (tally.clone(), outputs.to_vec());
    Actions { hang_up, print_totals: Box::new(move || info!("{}", totals(&tally, &outputs))) }
}

/// What stops the receiver besides signals.
fn ending(options: &Options, abort: &Abort) -> Result<Ending, String> {
    let ending = Ending::new(abort);
    let no_thread = |option: &str, error| format!("{option}: no thread: {error}");
    if let Some(timeout) = options.timeout {
        ending.after(timeout).map_err(|error| no_thread("--timeout", error))?;
    }
    if options.until_eof {
        ending.at_end_of_input().map_err(|error| no_thread("--until-eof", error))?;
    }
    Ok(ending)
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
    Ok(Layout::Text(formatter))
}

/// A terminal is coloured unless its user asks for none: <https://no-color.org>.
fn is_coloured(options: &Options, output: &Where) -> bool {
    match options.color {
        Color::Always => true,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            *output == Where::Stdout && !refused && io::stdout().is_terminal()
        }
        Color::Never => false,
    }
}

/// The plain options are a tree whose root has a handler for each output.
fn policy(options: &Options, layout: Layout, outputs: &[Output], abort: &Abort) -> Result<Policy, TooManyDestinations> {
    let coloured = Arc::new(layout.clone().with_color(true));
    let plain = Arc::new(layout);
    let names = if options.names.is_empty() { Vec::new() } else { vec![Filter::any(options.names.clone())] };
    let mut tree = Tree::new();
    for (place, output) in options.output.iter().zip(outputs) {
        let layout = match place {
            #[cfg(feature = "relay")]
            Where::Relay(_) => &Arc::new(Layout::Relay(Adds::Pairs)),
            #[cfg(feature = "syslog")]
            Where::Syslog(address) => &Arc::new(Layout::Syslog(Box::new(syslog(options, address)))),
            _ if is_coloured(options, place) => &coloured,
            _ => &plain,
        };
        let handler = tree.add(layout, output, options.level, names.clone())?;
        tree.logger("").handlers.push(handler);
    }
    let policy = Policy::new(tree, options.escape, options.max_frame)
        .with_alarm_level(options.fail_on)
        .with_logname(options.logname.clone());
    Ok(match options.count {
        Some(count) => policy.with_count(count, abort.clone()),
        None => policy,
    })
}

/// Local daemons read the traditional form, others RFC 5424.
#[cfg(feature = "syslog")]
fn syslog(options: &Options, address: &RemoteAddress) -> Syslog {
    let form = if matches!(address, RemoteAddress::Unixgram(_)) { Form::Local } else { Form::Rfc5424 };
    Syslog::new(form, options.facility, address.is_stream(), options.escape, options.utc)
}

fn print(text: &str) -> ExitCode {
    // Without the buffer and the lock of std's, which are 3 kB.
    match io::stdout().as_fd().try_clone_to_owned().and_then(|out| File::from(out).write_all(text.as_bytes())) {
        Ok(()) => ExitCode::from(STOPPED_AS_ASKED),
        Err(_) => ExitCode::from(CANNOT_GO_ON),
    }
}

fn wrong_command_line(error: &dyn std::fmt::Display) -> ExitCode {
    diagnostics::say(format_args!("jackdaws: {error}"));
    ExitCode::from(WRONG_COMMAND_LINE)
}

const STOPPED_AS_ASKED: u8 = 0;
const CANNOT_GO_ON: u8 = 1;
const WRONG_COMMAND_LINE: u8 = 2;
const COUNT_NOT_REACHED: u8 = 3;
const SEVERE_RECORD: u8 = 4;

/// The least time for writing what was read until the last moment.
const LAST_WRITES: Duration = Duration::from_secs(1);
