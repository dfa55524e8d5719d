//! `--metrics`: totals in Prometheus' text format, in a file that is always whole.
//!
//! In: what was counted. Out: a new file that takes the old one's name, every 15 seconds and at the end; a link of that name is
//! replaced, never followed. A file that cannot be written is said once, and counted. No label comes from a peer.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jackdaws::base::lock::Lock;
use jackdaws::base::own_file::Successor;
use jackdaws::base::text::seconds;
use jackdaws::base::{digits, sys};
use jackdaws::receive::totals::LEVELS;
use jackdaws::write::Totals;

use crate::program::outputs::Outputs;

/// What is counted, and the file to keep it in; clones share it.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Lock<State>>);

#[derive(Debug)]
struct State {
    path: PathBuf,
    outputs: Outputs,
    start_time: SystemTime,
    due: Option<Instant>,
    failures: u64,
    is_failing: bool,
}

impl Metrics {
    /// Of a run that begins now.
    pub fn new(path: &Path, outputs: &Outputs) -> Metrics {
        Metrics(Arc::new(Lock::new(State {
            path: path.to_owned(),
            outputs: outputs.clone(),
            start_time: SystemTime::now(),
            due: Some(Instant::now()),
            failures: 0,
            is_failing: false,
        })))
    }

    /// Writes the file if it is time to.
    pub fn turned(&self) {
        let now = Instant::now();
        let mut state = self.0.lock();
        if state.due.is_some_and(|due| due <= now) {
            state.due = now.checked_add(INTERVAL);
            state.write();
        }
    }

    /// Writes the file.
    pub fn write(&self) {
        self.0.lock().write();
    }
}

impl State {
    fn write(&mut self) {
        match replace(&self.path, self.text().as_bytes()) {
            Ok(()) => self.is_failing = false,
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                if !std::mem::replace(&mut self.is_failing, true) {
                    log::warn!(target: "jackdaws", "cannot write {}: {error}", self.path.display());
                }
            }
        }
    }

    fn text(&self) -> String {
        let totals = self.outputs.tally.totals();
        let mut text = Text(String::new());
        text.begin("records_total", "counter", "Records received, by range of level.");
        for (level, records) in LEVELS.iter().zip(totals.levels) {
            text.sample("records_total", Some(("level", level)), &records);
        }
        text.only("received_bytes_total", "counter", "Bytes of the frames of those records.", &totals.bytes);
        text.begin("rejected_total", "counter", "Frames that gave no record, by reason.");
        for (reason, count) in &totals.rejected {
            text.sample("rejected_total", Some(("reason", reason)), count);
        }
        text.only("connections_total", "counter", "Stream connections served.", &totals.connections);
        text.only("connections", "gauge", "Stream connections being served.", &self.outputs.tally.connections_now());
        text.only("broken_connections_total", "counter", "Connections ended by an error.", &totals.broken);
        text.only("dropped_datagrams_total", "counter", "Datagrams that the kernel dropped.", &totals.dropped);
        text.only("panics_total", "counter", "Connections ended by a fault of this program.", &totals.panics);
        let by_name = self.outputs.by_name();
        let mut by_destination = |name: &str, kind: &str, help: &str, of: fn(&Totals) -> String| {
            text.begin(name, kind, help);
            for (destination, totals) in &by_name {
                text.sample(name, Some(("destination", destination)), &of(totals));
            }
        };
        by_destination("written_records_total", "counter", "Records written, by destination.", |of| {
            of.records.to_string()
        });
        let help = "Records that could not be written, by destination.";
        by_destination("lost_records_total", "counter", help, |of| of.lost.to_string());
        let help = "Records that wait to be written, by destination.";
        by_destination("waiting_records", "gauge", help, |of| of.waiting.to_string());
        let help = "How long connections waited, by destination.";
        by_destination("readers_waited_seconds_total", "counter", help, |of| seconds(of.waited));
        if let Some(bytes) = resident_bytes() {
            text.only("resident_memory_bytes", "gauge", "Memory that this program holds.", &bytes);
        }
        let start = self.start_time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        text.only("start_time_seconds", "gauge", "When it started, since 1970.", &seconds(start));
        text.only(
            "metrics_write_failures_total",
            "counter",
            "Times that this file could not be written.",
            &self.failures,
        );
        text.0
    }
}

/// Samples, each kind behind its description.
struct Text(String);

impl Text {
    fn begin(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP jackdaws_{name} {help}\n# TYPE jackdaws_{name} {kind}");
    }

    fn sample(&mut self, name: &str, label: Option<(&str, &str)>, value: &dyn std::fmt::Display) {
        let _ = write!(self.0, "jackdaws_{name}");
        if let Some((label, of)) = label {
            let of = of.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{{{label}=\"{of}\"}}");
        }
        let _ = writeln!(self.0, " {value}");
    }

    fn only(&mut self, name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display) {
        self.begin(name, kind, help);
        self.sample(name, None, value);
    }
}

/// The resident set of proc_pid_statm(5), in bytes; `None` where there is none.
fn resident_bytes() -> Option<u64> {
    let pages = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = digits::parse(pages.split(' ').nth(1)?)?;
    let page = nix::unistd::sysconf(nix::unistd::SysconfVar::PAGE_SIZE).ok()??;
    pages.checked_mul(u64::try_from(page).ok()?)
}

/// Puts a new file of this text in the place of `path`, if that is not a device, say, which others need.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let is_other = |found: fs::Metadata| !found.is_file() && !found.is_symlink();
    if sys::descriptor_named(path).is_some() || fs::symlink_metadata(path).is_ok_and(is_other) {
        return Err(io::Error::other("it is no regular file, and is not replaced"));
    }
    Successor::of(path)?.take_place(path, text).map(drop)
}

/// Node_exporter is asked about as often.
const INTERVAL: Duration = Duration::from_secs(15);
