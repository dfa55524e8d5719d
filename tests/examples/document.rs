//! The receiver of "Sending and receiving logging events across a network", in the order and by the names of that document.
//!
//! `cargo run --release --example document`, then any program that logs through Python's `logging.handlers.SocketHandler`.

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{sync::Arc, thread};

use byteorder::{BigEndian, ReadBytesExt};
use jackdaws::base::{budget::Budget, limits, text::TextWriter};
use jackdaws::decode::Unpickler;
use jackdaws::format::{Formatter, Style};
use jackdaws::record::{Defaults, LogRecord, make_log_record};
use nix::poll::{PollFd, PollFlags, poll};
use std::os::fd::AsFd;

struct LogRecordStreamHandler {
    connection: TcpStream,
    formatter: Formatter,
}

impl LogRecordStreamHandler {
    fn handle(&mut self, defaults: &Defaults) -> io::Result<()> {
        let mut un_pickle = Unpickler::new(Budget::new(limits::MAX_MEMORY_BYTES));
        loop {
            let slen = self.connection.read_u32::<BigEndian>()?;
            let mut chunk = Vec::new();
            self.connection.by_ref().take(slen.into()).read_to_end(&mut chunk)?;
            let obj = un_pickle.unpickle(&chunk).map_err(io::Error::other)?;
            let record = make_log_record(obj, defaults, "").map_err(io::Error::other)?;
            self.handle_log_record(&record);
        }
    }

    fn handle_log_record(&mut self, record: &LogRecord<'_>) {
        let mut line = Vec::new();
        self.formatter.format(record, &mut TextWriter::new(&mut line, limits::MAX_FRAME_BYTES));
        println!("{}", String::from_utf8_lossy(&line));
    }
}

struct LogRecordSocketReceiver {
    socket: TcpListener,
    abort: Arc<AtomicBool>,
    timeout: u16,
}

impl LogRecordSocketReceiver {
    fn serve_until_stopped(&self, formatter: &Formatter) -> io::Result<()> {
        let defaults = Arc::new(Defaults::of_this_process());
        while !self.abort.load(Ordering::SeqCst) {
            let mut rd = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
            if poll(&mut rd, self.timeout).is_ok_and(|ready| ready > 0) {
                let (connection, _) = self.socket.accept()?;
                let mut handler = LogRecordStreamHandler { connection, formatter: formatter.clone() };
                let defaults = Arc::clone(&defaults);
                thread::spawn(move || handler.handle(&defaults));
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let format = "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s";
    let formatter = Formatter::new(format, Style::Percent, None, false)?;
    let port = std::env::args().nth(1).unwrap_or("9020".to_owned());
    let socket = TcpListener::bind(format!("localhost:{port}"))?;
    let tcpserver = LogRecordSocketReceiver { socket, abort: Arc::default(), timeout: 1000 };
    let abort = Arc::clone(&tcpserver.abort);
    ctrlc::set_handler(move || abort.store(true, Ordering::SeqCst))?;
    println!("About to start TCP server...");
    Ok(tcpserver.serve_until_stopped(&formatter)?)
}
