//! What others are told of the receiver's course: the port file's readers, and the service manager.
//!
//! In: the turns of the receiver's loop. Out: the port file and READY=1 once it serves, the metrics' file, STATUS= with the totals now and then,
//! STOPPING=1 when it stops, for whatever reason.

use std::io;
use std::time::{Duration, Instant};

use jackdaws::receive::{Observer, notify};

use crate::program::metrics::Metrics;
use crate::program::outputs::Outputs;
use crate::program::port_file::PortFile;

/// Tells others.
pub struct Announcement {
    /// And what to write there.
    port_file: Option<(PortFile, String)>,
    metrics: Option<Metrics>,
    outputs: Outputs,
    /// The last status, and when the next may follow.
    said: String,
    again: Option<Instant>,
}

impl Announcement {
    /// Will write the text to the port file, keep the metrics, and tell the totals of the outputs.
    pub fn new(port_file: Option<(PortFile, String)>, metrics: Option<Metrics>, outputs: &Outputs) -> Announcement {
        Announcement { port_file, metrics, outputs: outputs.clone(), said: String::new(), again: None }
    }
}

impl Observer for Announcement {
    fn started(&mut self) -> io::Result<()> {
        if let Some((file, text)) = &mut self.port_file {
            file.write(text)?;
        }
        notify::ready();
        self.again = Instant::now().checked_add(STATUS_INTERVAL).filter(|_| notify::is_wanted());
        Ok(())
    }

    fn turned(&mut self) {
        if let Some(metrics) = &self.metrics {
            metrics.turned();
        }
        if self.again.is_some_and(|again| again <= Instant::now()) {
            self.again = Instant::now().checked_add(STATUS_INTERVAL);
            let totals = self.outputs.totals().to_string();
            if totals != self.said {
                notify::status(&totals);
                self.said = totals;
            }
        }
    }

    fn stopping(&mut self) {
        notify::stopping();
        // Whoever connects now comes too late.
        self.port_file = None;
    }
}

/// How often, at most, the service manager is told the totals.
const STATUS_INTERVAL: Duration = Duration::from_secs(5);
