//! The program: options, then the local policy, then the receiver, then an exit status.
//!
//! In: the command line of `usage.txt`. Out: records on standard output or in a file, diagnostics on standard error, and an
//! exit status that says how it ended.
// The C library calls `main` of `program/start.rs`, which says why, and that calls the one below. Tests have one of their own.
#![cfg_attr(not(test), no_main)]

mod program;

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jackdaws::base::abort::Abort;
use jackdaws::base::sys;
use jackdaws::base::text::shown;
#[cfg(feature = "json")]
use jackdaws::format::JsonFormatter;
#[cfg(feature = "relay")]
use jackdaws::format::relay::Adds;
#[cfg(feature = "syslog")]
use jackdaws::format::syslog::{Form, Syslog};
use jackdaws::format::{Formatter, Style};
use jackdaws::policy::Filter;
#[cfg(feature = "config")]
use jackdaws::policy::config::Config;
use jackdaws::policy::{Layout, Policy, PolicyHandler, Tree};
use jackdaws::receive::LogRecordSocketReceiver;
use jackdaws::receive::listen::Address;
use jackdaws::receive::shares::Shares;
#[cfg(feature = "relay")]
use jackdaws::write::Purpose;
#[cfg(feature = "syslog")]
use jackdaws::write::RemoteAddress;
use jackdaws::write::{Place, Sharing, Sink};
use log::{LevelFilter, error, info};
use program::announcement::Announcement;
#[cfg(feature = "config")]
use program::config_file::{self, ConfigFile};
use program::ending::Ending;
use program::metrics::Metrics;
use program::options::{Action, Color, Options, Where};
use program::outputs::Outputs;
use program::port_file::PortFile;
use program::signals::{HangUp, Signals};
use program::{diagnostics, signals};

#[global_allocator]
static ALLOCATOR: sys::PatientAllocator = sys::PatientAllocator;

/// The program, called by `program/start.rs`: its arguments, without its name, to its exit status.
fn main(arguments: Vec<OsString>) -> u8 {
    let options = match program::options::parse(arguments) {
        Ok(Action::Run(options)) => options,
        Ok(Action::Help) => return print(program::options::USAGE),
        Ok(Action::Version) => return print(concat!("jackdaws ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => return wrong_command_line(&error),
    };
    let plan = match plan(&options) {
        Ok(plan) => plan,
        Err(errors) => return wrong_command_line(&errors.join("\njackdaws: ")),
    };
    if options.check {
        return match plan.describe(&options) {
            Ok(text) => print(&(text + &options.unusual_limits())),
            Err(errors) => wrong_command_line(&errors.join("\njackdaws: ")),
        };
    }
    diagnostics::start(options.verbosity.unwrap_or(LevelFilter::Info));
    match run(&options, plan) {
        Ok(status) => status,
        Err(Failure(error)) => {
            error!("{error}");
            CANNOT_GO_ON
        }
    }
}

/// The policy, read and checked; nothing is open yet.
enum Plan {
    #[cfg(feature = "config")]
    Config(ConfigFile, Config),
    /// By the plain options.
    Plain(Layout),
}

fn plan(options: &Options) -> Result<Plan, Vec<String>> {
    match &options.config {
        #[cfg(feature = "config")]
        Some(path) => config_file::read(path)
            .map(|config| Plan::Config(ConfigFile::new(path, options.utc, options.escape), config)),
        _ => layout(options).map(Plan::Plain).map_err(|error| vec![error]),
    }
}

impl Plan {
    /// A line for each handler, or what stands against it.
    fn describe(&self, options: &Options) -> Result<String, Vec<String>> {
        match self {
            #[cfg(feature = "config")]
            Plan::Config(file, config) => file.describe(config),
            Plan::Plain(_) => {
                let level = options.level.map_or(String::new(), |level| format!(" from level {}", shown(level)));
                let of = if options.names.is_empty() { "" } else { " of " };
                let names = options.names.join(", ");
                let mut lines = String::new();
                for output in &options.output {
                    lines += &format!("every record{of}{names}{level} to {output}\n");
                }
                Ok(lines)
            }
        }
    }
}

/// Receives until stopped; gives the exit status, or says why it cannot go on.
fn run(options: &Options, plan: Plan) -> Result<u8, Failure> {
    // First of all, while the only descriptors are those that whoever started this process has opened for it.
    let sinks = if options.config.is_none() { sinks(options)? } else { Vec::new() };
    let port_file = port_file(options)?;
    let receiver = LogRecordSocketReceiver::bind(&options.listen, options.receive.clone())?;
    let abort = receiver.abort();
    let signals = Signals::hold()?;
    let sharing = Sharing::new(options.receive.max_frame, &abort, options.receive.drain_timeout);
    let outputs = Outputs::new(receiver.tally(), &abort, options.pace, shares(options).queue, sharing);
    let tree = match &plan {
        #[cfg(feature = "config")]
        Plan::Config(file, config) => match file.open(config, &outputs) {
            Ok(tree) => tree,
            Err(errors) => {
                errors.iter().for_each(|line| error!("{line}"));
                return Ok(WRONG_COMMAND_LINE);
            }
        },
        Plan::Plain(layout) => tree(options, layout, sinks, &outputs)?,
    };
    let policy = Arc::new(policy(options, tree, &abort));
    signals.start(&abort, hang_up(options, plan, &policy, &outputs), outputs.clone())?;
    let ending = ending(options, &abort)?;

    let mut entries = String::new();
    for listening in receiver.local_addresses() {
        entries += &(listening.port_file_entry() + "\n");
    }
    let port_file = port_file.map(|file| (file, entries));
    let metrics = options.metrics.as_ref().map(|path| Metrics::new(path, &outputs));
    let receiver = receiver.observed_by(Box::new(Announcement::new(port_file, metrics.clone(), &outputs)));
    let handler = Arc::clone(&policy);
    let served = receiver.serve_until_stopped(move |_peer| PolicyHandler::new(&handler));

    let now = Instant::now();
    let drained = abort.since().and_then(|since| since.checked_add(options.receive.drain_timeout)).unwrap_or(now);
    let deadline = drained.max(now.checked_add(LAST_WRITES).unwrap_or(now));
    policy.close();
    let has_failed = outputs.finish(deadline);
    if let Some(metrics) = &metrics {
        metrics.write();
    }
    served?;
    let totals = outputs.totals();
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

/// Where the ports are to be written, if they are; an old port file is gone from here on.
fn port_file(options: &Options) -> Result<Option<PortFile>, String> {
    let Some(path) = &options.port_file else { return Ok(None) };
    let mut entries = Vec::new();
    for address in &options.listen {
        if let Address::Unix(path) | Address::Unixgram(path) = address {
            entries.push(path.display().to_string());
        }
    }
    PortFile::prepare(path, &entries).map(Some)
}

/// What each kind of memory may take of all.
fn shares(options: &Options) -> Shares {
    let chosen = &options.receive;
    Shares::of(chosen.max_memory, chosen.max_connections, chosen.max_frame)
}

/// Where records go; files are not opened yet.
fn sinks(options: &Options) -> Result<Vec<Sink>, String> {
    let mut sinks = Vec::new();
    for output in &options.output {
        sinks.push(match output {
            Where::Descriptor(number, path) => {
                let copy = sys::duplicate_descriptor(*number);
                Sink::Descriptor(copy.map_err(|error| format!("cannot open {path:?}: {error}"))?)
            }
            Where::Place(place) => place.clone().into(),
        });
    }
    Ok(sinks)
}

/// What SIGHUP does, if not stop the receiver.
fn hang_up(options: &Options, plan: Plan, policy: &Arc<Policy>, outputs: &Outputs) -> HangUp {
    #[cfg(not(feature = "config"))]
    let _ = policy;
    let outputs = outputs.clone();
    let is_stream = |output: &Where| matches!(output, Where::Place(Place::Stdout) | Where::Descriptor(..));
    match plan {
        _ if signals::has_terminal() => None,
        #[cfg(feature = "config")]
        Plan::Config(file, _) => {
            let policy = Arc::clone(policy);
            Some(Box::new(move || file.reload(&policy, &outputs)))
        }
        Plan::Plain(_) if options.output.iter().all(is_stream) => None,
        Plan::Plain(_) => Some(Box::new(move || outputs.reopen())),
    }
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
    #[cfg(feature = "json")]
    if options.json {
        return Ok(Layout::Json(JsonFormatter::default()));
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
            *output == Where::Place(Place::Stdout) && !refused && sys::STDOUT.is_terminal()
        }
        Color::Never => false,
    }
}

/// The plain options are a tree whose root has a handler for each output.
fn tree(options: &Options, layout: &Layout, sinks: Vec<Sink>, outputs: &Outputs) -> Result<Tree, Failure> {
    let coloured = Arc::new(layout.copy().with_color(true));
    let plain = Arc::new(layout.copy());
    let names = if options.names.is_empty() { Vec::new() } else { vec![Filter::any(options.names.clone())] };
    let mut tree = Tree::new();
    for (place, sink) in options.output.iter().zip(sinks) {
        let output = outputs.start(sink)?;
        let layout = match place {
            #[cfg(feature = "relay")]
            Where::Place(Place::Remote { purpose: Purpose::Relay, .. }) => &Arc::new(Layout::Relay(Adds::Pairs)),
            #[cfg(feature = "syslog")]
            Where::Place(Place::Remote { address, .. }) => {
                &Arc::new(Layout::Syslog(Box::new(syslog(options, address))))
            }
            _ if is_coloured(options, place) => &coloured,
            _ => &plain,
        };
        let handler = tree.add(layout, &output, options.level, names.clone())?;
        tree.logger("").handlers.push(handler);
    }
    Ok(tree)
}

fn policy(options: &Options, tree: Tree, abort: &Abort) -> Policy {
    let shares = shares(options);
    let policy = Policy::new(tree, options.escape, options.receive.max_frame)
        .with_ordinary_lines(shares.line)
        .with_alarm_level(options.fail_on)
        .with_logname(options.logname.clone());
    match options.count {
        Some(count) => policy.with_count(count, abort.clone()),
        None => policy,
    }
}

/// Local daemons read the traditional form, others RFC 5424.
#[cfg(feature = "syslog")]
fn syslog(options: &Options, address: &RemoteAddress) -> Syslog {
    let form = if matches!(address, RemoteAddress::Unixgram(_)) { Form::Local } else { Form::Rfc5424 };
    Syslog::new(form, options.facility.unwrap_or(USER), address.is_stream(), options.escape, options.utc)
}

/// Why it cannot go on. (A `Box<dyn Error>` would bring along how errors are shown to those who debug.)
struct Failure(String);

impl<E: Display> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure(error.to_string())
    }
}

fn print(text: &str) -> u8 {
    let out = sys::STDOUT.try_clone_to_owned();
    match out.and_then(|out| File::from(out).write_all(text.as_bytes())) {
        Ok(()) => STOPPED_AS_ASKED,
        Err(_) => CANNOT_GO_ON,
    }
}

fn wrong_command_line(error: &dyn Display) -> u8 {
    diagnostics::say(format_args!("jackdaws: {error}"));
    WRONG_COMMAND_LINE
}

const STOPPED_AS_ASKED: u8 = 0;
const CANNOT_GO_ON: u8 = 1;
const WRONG_COMMAND_LINE: u8 = 2;
const COUNT_NOT_REACHED: u8 = 3;
const SEVERE_RECORD: u8 = 4;

/// `LOG_USER`.
#[cfg(feature = "syslog")]
const USER: u8 = 1;

/// The least time for writing what was read until the last moment.
const LAST_WRITES: Duration = Duration::from_secs(1);
