//! Peers that have the program work as hard as they may do not keep others from being served, nor it from stopping.
//!
//! What may be printed before an honest record is asserted in lines: seconds would be those of the machine.

use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::os::fd::AsFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use nix::sys::socket::{setsockopt, sockopt};

use crate::frames::{dict, framed, record, text};
use crate::program::{Finished, Launch, Program};

#[test]
fn a_hundred_that_use_their_meters_up_do_not_keep_another_one_waiting() {
    // Many small ones, some of the size of a read buffer, one that is longer; and small ones where there is little memory. If each
    // had its turn before the honest one, that would come after two lines, or one, of each.
    let cases = [("128M", 2000, 60, 200, 200), ("128M", 60_000, 8, 100, 50), ("8M", 2000, 60, 60, 60)];
    for (memory, size, count, enemies, most) in cases {
        let program = start_with(memory);
        let attack = attack(&program, &bomb(size).repeat(count), enemies);
        // By then every one of them has had its first turn, which might have been a short one.
        (0..3 * enemies).for_each(|_| _ = program.take_output_through(b"\n"));
        program.send(&record("honest"));
        let before = program.take_output_through(b"honest\n");
        let lines = before.iter().filter(|&&byte| byte == b'\n').count();
        assert!(lines <= most, "{lines} of {enemies} peers' bombs of {size} bytes before it, with {memory}");
        drop(attack);
        expect_stopped(program, Duration::from_secs(2));
    }
}

#[test]
fn stops_at_the_drain_deadline_whatever_it_works_for() {
    for (memory, size, enemies) in
        [("128M", 60_000, 100), ("128M", 15_000_000, 1), ("8M", 60_000, 60), ("8M", 1_000_000, 10)]
    {
        let program = start_with(memory);
        program.send(&record("first"));
        program.take_output_through(b"first\n");
        let enemies = attack(&program, &bomb(size), enemies);
        thread::sleep(Duration::from_millis(100));
        expect_stopped(program, Duration::from_secs(2));
        drop(enemies);
    }
}

#[test]
fn peers_that_never_cease_to_send_do_not_keep_another_one_waiting() {
    // What is refused at once is read more slowly than it is sent; so are records of which much is printed.
    let floats = [&b"("[..], &b"G\x3f\xb9\x99\x99\x99\x99\x99\x9a".repeat(60), b"l"].concat();
    let printed = framed(&dict(&[("msg", text("x")), ("x", floats)]));
    for (sent, options) in [(framed(b""), &[][..]), (framed(b"N."), &[]), (printed, &["--json"])] {
        let program = Program::start(&[&MESSAGES[2..], options].concat());
        let (sent, is_over, began) = (sent.repeat((1 << 20) / sent.len()), AtomicBool::new(false), Instant::now());
        let goes_on = || !is_over.load(Ordering::SeqCst) && began.elapsed() < LONGEST;
        thread::scope(|scope| {
            let sent = &sent;
            for mut enemy in (0..ENDLESS_PEERS).map(|_| program.connect()) {
                scope.spawn(move || while goes_on() && enemy.write_all(sent).is_ok() {});
            }
            thread::sleep(Duration::from_millis(300));
            program.send(&record("honest"));
            let before = program.take_output_through(b"honest").len();
            is_over.store(true, Ordering::SeqCst);
            assert!(before <= MOST_BEFORE, "{before} bytes before it");
        });
        expect_stopped(program, Duration::from_secs(2));
    }
}

#[test]
fn datagrams_that_use_their_meters_up_or_are_refused_do_not_keep_others_waiting() {
    for (sent, enemies) in [(bomb(60_000), 1), (b"\0".to_vec(), 4)] {
        let program = Launch::new(&MESSAGES).listening_on(&["udp:127.0.0.1:0"]).start();
        let (address, is_over, began) = (("127.0.0.1", program.port()), AtomicBool::new(false), Instant::now());
        let goes_on = || !is_over.load(Ordering::SeqCst) && began.elapsed() < LONGEST;
        thread::scope(|scope| {
            let sent = &sent;
            for _ in 0..enemies {
                scope.spawn(move || {
                    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                    while goes_on() {
                        let _ = socket.send_to(sent, address);
                    }
                });
            }
            scope.spawn(|| {
                // The kernel has no room for each.
                let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
                while goes_on() {
                    let _ = socket.send_to(&record("honest"), address);
                    thread::sleep(Duration::from_millis(1));
                }
            });
            program.take_output_through(b"honest\n");
            is_over.store(true, Ordering::SeqCst);
        });
        // Those that the kernel had no room for are lost, and it says so by its status.
        let finished = stopped(program, Duration::from_secs(2));
        assert!(matches!(finished.status.code(), Some(0 | 1)), "{}", finished.stderr);
    }
}

#[test]
fn frames_that_arrive_byte_by_byte_from_many_are_all_printed() {
    let program = Program::start(&MESSAGES);
    let mut clients: Vec<TcpStream> = (0..20).map(|_| program.connect()).collect();
    clients.iter().for_each(|client| client.set_nodelay(true).unwrap());
    for byte in record("byte by byte").chunks(1) {
        clients.iter_mut().for_each(|client| client.write_all(byte).unwrap());
    }
    drop(clients);
    let finished = program.stop();
    assert_eq!(finished.text(), "byte by byte\n".repeat(20));
    assert!(finished.totals().contains(", 0 rejected, 0 lost"), "{}", finished.stderr);
}

#[test]
fn peers_that_connect_and_reset_at_once_are_no_trouble() {
    let program = Program::start(&MESSAGES);
    for sent in [&b""[..], b"\0", &record("x")[..9]] {
        for _ in 0..500 {
            let mut client = program.connect();
            client.write_all(sent).unwrap();
            let reset = nix::libc::linger { l_onoff: 1, l_linger: 0 };
            setsockopt(&client.as_fd(), sockopt::Linger, &reset).unwrap();
        }
        program.send(&record("honest"));
        program.take_output_through(b"honest\n");
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().starts_with("3 records "), "{}", finished.stderr);
    assert!(finished.stderr.lines().count() < 500, "{}", finished.stderr);
}

fn start_with(memory: &str) -> Program {
    Program::start(&[&MESSAGES[..], &["--max-memory", memory]].concat())
}

/// As many connections as that, each with this to be read.
fn attack(program: &Program, sent: &[u8], enemies: usize) -> Vec<thread::JoinHandle<()>> {
    let start = || {
        let (mut enemy, sent) = (program.connect(), sent.to_vec());
        thread::spawn(move || {
            // Until it is read, or the program has stopped.
            let _ = enemy.write_all(&sent);
            thread::sleep(Duration::from_millis(200));
        })
    };
    (0..enemies).map(|_| start()).collect()
}

fn expect_stopped(program: Program, limit: Duration) {
    stopped(program, limit).expect_status(0);
}

fn stopped(program: Program, limit: Duration) -> Finished {
    let asked = Instant::now();
    program.signal(Signal::SIGTERM);
    let finished = program.wait();
    // The drain timeout is 0.2 s: with tenfold slack.
    assert!(asked.elapsed() < limit, "{:?}\n{}", asked.elapsed(), finished.stderr);
    finished
}

/// A frame that costs more than it may: half of it is a list, and the other half has it printed, of which nothing is shown.
fn bomb(size: usize) -> Vec<u8> {
    let list = [&b"("[..], &b"N".repeat(size / 2)[..], b"l"].concat();
    let count = size / 14;
    let args = [&b"("[..], &list, b"q\0", &b"h\0".repeat(count), b"t"].concat();
    framed(&dict(&[("msg", text(&"%.0s".repeat(count + 1))), ("args", args)]))
}

/// Longer than anything is waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// More than there are turns.
const ENDLESS_PEERS: usize = 40;

/// The queue, and what is printed of two reads for each of them, twice as long as it came.
const MOST_BEFORE: usize = (8 << 20) + ENDLESS_PEERS * 2 * (256 << 10) * 2;

const MESSAGES: [&str; 4] = ["--format", "%(message)s", "--drain-timeout", "0.2"];
