//! Stopping: what was sent is printed, nobody delays it, and a second signal does not wait.

use std::io::Write;
use std::net::TcpStream;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::frames::record;
use crate::program::{Launch, PATIENCE, Program, find, wait_until};

#[test]
fn every_signal_that_asks_to_stop_prints_what_was_sent_and_succeeds() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let program = Program::start(&MESSAGES);
        let mut client = program.connect();
        client.write_all(&record("sent")).unwrap();
        program.signal(signal);
        let finished = program.wait();
        finished.expect_status(0);
        assert_eq!(finished.text(), "sent\n", "{signal}");
        assert!(finished.totals().starts_with("1 record ("), "{signal}: {}", finished.stderr);
    }
}

#[test]
fn eight_clients_lose_none_of_their_records_to_a_signal_right_after_the_last_was_sent() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
    let clients: Vec<TcpStream> = (0..8).map(|_| program.connect()).collect();
    let senders: Vec<JoinHandle<TcpStream>> = clients
        .into_iter()
        .enumerate()
        .map(|(number, client)| thread::spawn(move || send_many(number, client)))
        .collect();
    // Half of the connections stay open.
    let mut clients: Vec<TcpStream> = senders.into_iter().map(|sender| sender.join().unwrap()).collect();
    clients.truncate(4);
    let finished = program.stop();
    finished.expect_status(0);
    for number in 0..8 {
        let prefix = format!("{number} ");
        let printed = finished.text().lines().filter_map(|line| line.strip_prefix(&prefix)?.parse::<u32>().ok());
        assert!(printed.eq(0..RECORDS_EACH), "connection {number}: {}", finished.stderr);
    }
    assert_eq!(finished.text().lines().count(), 160_000);
}

/// The messages are of one length, so that one frame serves for all.
fn send_many(number: usize, mut client: TcpStream) -> TcpStream {
    let message = |index| format!("{number} {index:05}");
    let mut frame = record(&message(0));
    let at = find(&frame, message(0).as_bytes()).unwrap();
    let mut frames = Vec::new();
    for index in 0..RECORDS_EACH {
        frame[at..][..message(index).len()].copy_from_slice(message(index).as_bytes());
        frames.extend_from_slice(&frame);
        if frames.len() > 1 << 18 || index + 1 == RECORDS_EACH {
            client.write_all(&frames).unwrap();
            frames.clear();
        }
    }
    client
}

#[test]
fn idle_clients_do_not_delay_it() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "3600"]].concat());
    let mut clients: Vec<TcpStream> = (0..20).map(|_| program.connect()).collect();
    for client in clients.iter_mut().step_by(2) {
        client.write_all(&record("then idle")).unwrap();
    }
    let finished = program.stop();
    finished.expect_status(0);
    assert_eq!(finished.text(), "then idle\n".repeat(10));
}

#[test]
fn an_endless_client_is_cut_off_when_the_drain_timeout_has_passed() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "0.3"]].concat());
    let endless = Endless::start(&program);
    program.take_output_through(b"and on\n");
    let finished = program.stop();
    endless.end();
    finished.expect_status(0);
    assert!(finished.stderr.contains("connection closed: still sending after 0.3 seconds"), "{}", finished.stderr);
    assert!(finished.text().lines().all(|line| line == "and on"), "no torn lines");
    let records = finished.totals().split(' ').next().unwrap().parse::<usize>().unwrap();
    assert_eq!(records, finished.text().lines().count() + 1, "{}", finished.stderr);
}

#[test]
fn a_client_that_stops_inside_a_record_is_waited_for_no_longer_than_the_drain_timeout() {
    let program = Program::start(&[&MESSAGES[..], &["--drain-timeout", "0.2"]].concat());
    let mut client = program.connect();
    let frame = record("never whole");
    client.write_all(&[record("whole"), frame[..frame.len() - 1].to_vec()].concat()).unwrap();
    program.take_output_through(b"whole\n");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.totals().contains("1 rejected (1 "), "{}", finished.stderr);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for second in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let manager = Manager::new();
        let drains_for_ever = [&MESSAGES[..], &["--drain-timeout", "3600"]].concat();
        let program = Launch::new(&drains_for_ever).with("NOTIFY_SOCKET", &manager.path()).start();
        assert_eq!(manager.next(), "READY=1");
        let endless = Endless::start(&program);
        program.signal(Signal::SIGTERM);
        assert_eq!(manager.next(), "STOPPING=1");
        program.signal(second);
        let finished = program.wait();
        endless.end();
        assert_eq!(finished.status.code(), Some(1), "{second}: {}", finished.stderr);
    }
}

#[test]
fn serves_those_who_had_connected_and_were_not_yet_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:socket"];
    let program = Launch::new(&MESSAGES).in_directory(directory.path()).listening_on(&addresses).start();
    program.signal(Signal::SIGSTOP);
    let mut clients: Vec<TcpStream> = (0..200).map(|_| program.connect()).collect();
    for client in &mut clients {
        client.write_all(&record("waiting")).unwrap();
    }
    // Those who have gone already are served, too.
    clients.truncate(100);
    let mut local = UnixStream::connect(directory.path().join("socket")).unwrap();
    local.write_all(&record("waiting")).unwrap();
    program.signal(Signal::SIGTERM);
    program.signal(Signal::SIGCONT);
    let finished = program.wait();
    finished.expect_status(0);
    assert_eq!(finished.text(), "waiting\n".repeat(201));
}

#[test]
fn accepts_nobody_else_while_it_reads_on() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:socket"];
    let drains_for_ever = [&MESSAGES[..], &["--drain-timeout", "3600"]].concat();
    let program = Launch::new(&drains_for_ever).in_directory(directory.path()).listening_on(&addresses).start();
    let endless = Endless::start(&program);
    program.take_output_through(b"and on\n");
    program.signal(Signal::SIGTERM);
    wait_until("connections are refused", || TcpStream::connect(("127.0.0.1", program.port())).is_err());
    wait_until("the socket's file is gone", || !directory.path().join("socket").exists());
    program.take_output_through(b"and on\n");
    endless.end();
    program.wait().expect_status(0);
}

#[test]
fn tells_the_service_manager_when_it_is_ready_and_when_it_stops() {
    for manager in [Manager::new(), Manager::abstract_one()] {
        let program = Launch::new(&[]).with("NOTIFY_SOCKET", &manager.path()).start();
        assert_eq!(manager.next(), "READY=1");
        program.connect().write_all(&record("works")).unwrap();
        program.take_output_through(b"works\n");
        program.signal(Signal::SIGTERM);
        assert_eq!(manager.next(), "STOPPING=1");
        program.wait().expect_status(0);
    }
    // One that is not there hinders nothing.
    let program = Launch::new(&[]).with("NOTIFY_SOCKET", "/no/such/manager").start();
    program.send(&record("works"));
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.stderr.contains("cannot notify /no/such/manager"), "{}", finished.stderr);
}

/// A client that sends records until it cannot, or is told to end.
struct Endless {
    enough: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Endless {
    fn start(program: &Program) -> Endless {
        let enough = Arc::new(AtomicBool::new(false));
        let (mut client, until) = (program.connect(), Arc::clone(&enough));
        client.write_all(&record("and on")).unwrap();
        let frames = record("and on").repeat(20);
        let thread =
            thread::spawn(move || while !until.load(Ordering::Relaxed) && client.write_all(&frames).is_ok() {});
        Endless { enough, thread }
    }

    fn end(self) {
        self.enough.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// A service manager, as sd_notify(3) describes it.
struct Manager {
    socket: UnixDatagram,
    address: String,
    _directory: TempDir,
}

impl Manager {
    fn new() -> Manager {
        let directory = tempfile::tempdir().unwrap();
        let address = directory.path().join("notify").to_str().unwrap().to_owned();
        let socket = UnixDatagram::bind(&address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Manager { socket, address, _directory: directory }
    }

    fn abstract_one() -> Manager {
        use std::os::linux::net::SocketAddrExt as _;
        let directory = tempfile::tempdir().unwrap();
        let name = format!("{}-notify", directory.path().display());
        let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
        let socket = UnixDatagram::bind_addr(&address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Manager { socket, address: format!("@{name}"), _directory: directory }
    }

    fn path(&self) -> String {
        self.address.clone()
    }

    fn next(&self) -> String {
        let mut message = [0; 100];
        let length = self.socket.recv(&mut message).unwrap();
        String::from_utf8(message[..length].to_vec()).unwrap()
    }
}

const MESSAGES: [&str; 2] = ["--format", "%(message)s"];

const RECORDS_EACH: u32 = 20_000;
