//! Nobody's records are lost or kept waiting because of what others send: half frames, large frames, silence.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::frames::record;
use crate::program::Program;

#[test]
fn large_records_that_arrive_piece_by_piece_from_many_at_once_are_all_printed() {
    for senders in [9, 20] {
        let program = Program::start(&MESSAGES);
        let frame = record(&"x".repeat(1 << 20));
        let mut clients: Vec<TcpStream> = (0..senders).map(|_| program.connect()).collect();
        for piece in frame.chunks(64 << 10) {
            for client in &mut clients {
                client.write_all(piece).unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
        for _ in 0..senders {
            assert_eq!(program.take_output_through(b"x\n").len(), (1 << 20) + 1);
        }
        drop(clients);
        let finished = program.stop();
        finished.expect_status(0);
        assert!(finished.totals().contains(", 0 rejected, 0 lost"), "{}", finished.stderr);
    }
}

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];
