//! The load: messages sent over loopback connections, and the time until the server has read them all.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

/// How a connection sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As much at once as the kernel takes.
    Blast,
    /// One write a record, as Python's handler does.
    Each,
}

/// Sends the messages `cycles` times over each connection; the time from the first byte to the last connection's end.
pub fn send(port: u16, messages: &[Vec<u8>], cycles: usize, connections: usize, mode: Mode) -> Duration {
    let cycle = messages.concat();
    let barrier = Barrier::new(connections + 1);
    thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| {
                let mut connection = connect(port);
                barrier.wait();
                for _ in 0..cycles {
                    match mode {
                        Mode::Blast => connection.write_all(&cycle).unwrap(),
                        Mode::Each => messages.iter().for_each(|message| connection.write_all(message).unwrap()),
                    }
                }
                finish(connection);
                barrier.wait();
            });
        }
        barrier.wait();
        let start = Instant::now();
        barrier.wait();
        start.elapsed()
    })
}

/// Sends `records` messages at an even rate, one write each, to one connection after the other.
pub fn send_evenly(port: u16, messages: &[Vec<u8>], records: usize, connections: usize, per_second: u32) -> Duration {
    let mut open: Vec<TcpStream> = (0..connections).map(|_| connect(port)).collect();
    // Without this, a sleeping server's acknowledgement decides when the next record leaves.
    open.iter().for_each(|connection| connection.set_nodelay(true).unwrap());
    let interval = Duration::from_secs(1) / per_second;
    let start = Instant::now();
    for (number, message) in messages.iter().cycle().take(records).enumerate() {
        let due = interval * number as u32;
        if let Some(early) = due.checked_sub(start.elapsed()) {
            thread::sleep(early);
        }
        open[number % connections].write_all(message).unwrap();
    }
    open.into_iter().for_each(finish);
    start.elapsed()
}

pub fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

/// Waits until the server has read everything and closes.
fn finish(mut connection: TcpStream) {
    connection.shutdown(Shutdown::Write).unwrap();
    while connection.read(&mut [0; 64]).unwrap() > 0 {}
}
