//! The floor: a server that reads every frame, throws it away and writes a constant line, as long as the record's own.
//!
//! What any receiver with a thread for each connection has to pay: reading, finding the ends of frames, writing. It runs in a
//! process of its own, this benchmark's executable started again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::thread;

/// Serves for ever; writes the port to `port_file` and lines of so many bytes to `output`.
pub fn serve(line_bytes: usize, port_file: &Path, output: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut line: Vec<u8> = TEXT.iter().copied().cycle().take(line_bytes.saturating_sub(1)).collect();
    line.push(b'\n');
    let line = Arc::new(line);
    let output = Arc::new(OpenOptions::new().create(true).append(true).open(output).unwrap());
    let partial = port_file.with_extension("partial");
    fs::write(&partial, format!("{}\n", listener.local_addr().unwrap().port())).unwrap();
    fs::rename(&partial, port_file).unwrap();
    for connection in listener.incoming() {
        let (line, output) = (Arc::clone(&line), Arc::clone(&output));
        thread::spawn(move || discard(connection.unwrap(), &line, &output));
    }
}

fn discard(mut connection: TcpStream, line: &[u8], mut output: &File) {
    let mut bytes = vec![0; 64 << 10];
    let mut held = 0;
    let mut lines = Vec::with_capacity((64 << 10) + line.len());
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
            lines.extend_from_slice(line);
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

const TEXT: &[u8] = b"  123 app.worker      INFO     Jackdaws love my big sphinx of quartz, all of them. ";
