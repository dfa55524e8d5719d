//! The library as a Rust program uses it: Python's records in the program's own logging, by two different backends.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use jackdaws::policy::relog::RelogHandler;
use jackdaws::receive::listen::{Address, LocalAddress};
use jackdaws::receive::{LogRecordSocketReceiver, Options};
use log::{LevelFilter, Log};
use simplelog::{ConfigBuilder, WriteLogger};

use crate::pythons::{Python, newest};

#[test]
fn relogs_into_simplelog_with_target_level_and_traceback() {
    let Some(python) = newest() else { return };
    let shared = Shared::default();
    let config = ConfigBuilder::new()
        .set_time_level(LevelFilter::Off)
        .set_thread_level(LevelFilter::Off)
        .set_location_level(LevelFilter::Off)
        .set_target_level(LevelFilter::Error)
        .build();
    let text = relogged(&python, WriteLogger::new(LevelFilter::Info, config, shared.clone()), &shared, "(1 retries)");
    assert!(text.contains("[WARN] shop.till: low on change\n"), "{text}");
    assert!(text.contains("[ERROR] shop.till: cannot divide\nTraceback (most recent call last):\n"), "{text}");
    assert!(text.contains("ZeroDivisionError: "), "{text}");
    assert!(text.contains("[INFO] shop.till: done (1 retries)\n"), "{text}");
    assert!(!text.contains("too quiet to matter"), "{text}");
}

#[test]
fn relogs_into_env_logger_with_attributes_as_key_values() {
    let Some(python) = newest() else { return };
    let shared = Shared::default();
    let logger = env_logger::Builder::new()
        .filter_level(LevelFilter::Trace)
        .target(env_logger::Target::Pipe(Box::new(shared.clone())))
        .build();
    let text = relogged(&python, Box::new(logger), &shared, "(1 retries)");
    let line = text.lines().find(|line| line.contains("low on change")).unwrap_or_default();
    for expected in
        ["WARN", "shop.till", "levelno=30", "levelname=WARNING", "till=7", "open=true", "client_address=127.0.0.1:"]
    {
        assert!(line.contains(expected), "{expected} in {line}");
    }
    assert!(text.contains("too quiet to matter"), "{text}");
}

/// What `logger` wrote of the records of a Python client, until `last` has been written.
fn relogged(python: &Python, logger: Box<dyn Log>, shared: &Shared, last: &str) -> String {
    log::set_max_level(LevelFilter::Trace);
    let logger: &'static dyn Log = Box::leak(logger);
    let address = Address::parse("127.0.0.1:0".as_ref()).unwrap();
    let receiver = LogRecordSocketReceiver::bind(&[address], Options::default()).unwrap();
    let LocalAddress::Tcp(addr) = receiver.local_addresses()[0].addresses[0] else { panic!("no TCP address") };
    let abort = receiver.abort();
    let serving = thread::spawn(move || receiver.serve_until_stopped(move |_| RelogHandler::to(logger)));
    let client = python.command_of(CLIENT).arg(addr.port().to_string()).status().unwrap();
    assert!(client.success());
    let deadline = Instant::now() + Duration::from_secs(60);
    while !shared.text().contains(last) {
        assert!(Instant::now() < deadline, "{}", shared.text());
        thread::sleep(Duration::from_millis(1));
    }
    abort.set();
    assert_eq!(serving.join().unwrap().unwrap().records, 4);
    shared.text()
}

/// A writer whose text can be read.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const CLIENT: &str = r#"
import logging, logging.handlers, sys
log = logging.getLogger("shop.till")
log.setLevel(1)
log.addHandler(logging.handlers.SocketHandler("127.0.0.1", int(sys.argv[1])))
log.debug("too quiet to matter")
log.warning("low on change", extra={"till": 7, "open": True, "note": None})
try:
    1 / 0
except ZeroDivisionError:
    log.exception("cannot %s", "divide")
log.info("done (%d retries)", 1)
"#;
