//! The floor: a server that reads every frame, throws it away and writes a constant line.
//!
//! What any receiver with a thread for each connection has to pay: reading, finding the ends of frames, writing. It runs in a
//! process of its own, this benchmark's executable started again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// Serves for ever; writes the port to `port_file` and lines to `output`.
pub fn serve(port_file: &Path, output: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Arc::new(OpenOptions::new().create(true).append(true).open(output).unwrap());
    let partial = port_file.with_extension("partial");
    fs::write(&partial, format!("{}\n", listener.local_addr().unwrap().port())).unwrap();
    fs::rename(&partial, port_file).unwrap();
    for connection in listener.incoming() {
        let output = Arc::clone(&output);
        thread::spawn(move || discard(connection.unwrap(), &output));
    }
}

fn discard(mut connection: TcpStream, mut output: &File) {
    let mut bytes = vec![0; 64 << 10];
    let mut held = 0;
    let mut lines = Vec::with_capacity(80 << 10);
    loop {
        let count = connection.read(&mut bytes[held..]).unwrap();
        if count == 0 {
            return;
        }
        held += count;
        let room_was_left = held < bytes.len();
        let mut start = 0;
        while let Some(prefix) = bytes[start..held].first_chunk::<4>() {
            let end = start + 4 + u32::from_be_bytes(*prefix) as usize;
            if end > held {
                if end - start > bytes.len() {
                    bytes.resize(end - start, 0);
                }
                break;
            }
            lines.extend_from_slice(LINE);
            start = end;
        }
        bytes.copy_within(start..held, 0);
        held -= start;
        if room_was_left || lines.len() >= 64 << 10 {
            output.write_all(&lines).unwrap();
            lines.clear();
        }
    }
}

const LINE: &[u8] = b"  123 app.worker      INFO     Jackdaws love my big sphinx of quartz, all of them.\n";
