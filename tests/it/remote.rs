//! Destinations on a network: absent, dead, silent, gone and back.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::time::{Duration, Instant};

use jackdaws::base::limits::MAX_QUEUE_BYTES;
use jackdaws::write::{Batch, Output, Place, Purpose, RemoteAddress, Totals};

use crate::program::ReservedPort;

fn output(address: RemoteAddress) -> Output {
    Output::start(Place::Remote { address, purpose: Purpose::Relay }, || {}).unwrap()
}

fn send(output: &Output, records: &[&[u8]]) {
    let mut batch = Batch::new();
    for record in records {
        batch.write_all(record).unwrap();
        batch.end_record();
    }
    output.send(&mut batch);
}

fn finish(output: &Output) -> Totals {
    output.finish(Instant::now() + Duration::from_secs(60))
}

fn tcp(listener: &TcpListener) -> RemoteAddress {
    RemoteAddress::Tcp("127.0.0.1".to_owned(), listener.local_addr().unwrap().port())
}

/// All that comes on the next connection, until the far end closes it.
fn all(listener: &TcpListener) -> Vec<u8> {
    let mut bytes = Vec::new();
    listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
    bytes
}

#[test]
fn what_was_sent_before_the_far_end_was_there_reaches_it() {
    let port = ReservedPort::new();
    let output = output(RemoteAddress::Tcp("127.0.0.1".to_owned(), port.number()));
    send(&output, &[b"one ", b"two "]);
    std::thread::sleep(Duration::from_millis(20));
    let listener = port.listen();
    send(&output, &[b"three"]);
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost, totals.failed), (3, 0, false));
    drop(output);
    assert_eq!(all(&listener), b"one two three");
}

#[test]
fn nothing_is_lost_to_a_far_end_that_has_closed_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = output(tcp(&listener));
    for round in 0..20_u8 {
        let record = [b'a' + round];
        send(&output, &[&record]);
        let mut connection = listener.accept().unwrap().0;
        let mut received = [0];
        connection.read_exact(&mut received).unwrap();
        assert_eq!(received, record);
        // It says something, and goes: as CPython's receiver does after a pickle that it cannot load.
        let _ = connection.write_all(b"bye");
    }
    assert_eq!(finish(&output).lost, 0);
}

#[test]
fn a_record_that_was_torn_by_a_reset_is_sent_whole_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = output(tcp(&listener));
    let large = vec![b'x'; 6 << 20];
    send(&output, &[&large]);
    let mut connection = listener.accept().unwrap().0;
    connection.read_exact(&mut [0; 1000]).unwrap();
    // What it has not read makes this a reset.
    drop(connection);
    let reading = std::thread::spawn(move || all(&listener));
    let totals = finish(&output);
    assert_eq!((totals.records, totals.lost), (1, 0));
    drop(output);
    assert!(reading.join().unwrap() == large);
}

#[test]
fn nobody_waits_for_a_far_end_that_reads_nothing_and_the_newest_records_are_lost() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = output(tcp(&listener));
    let record = vec![b'x'; 1 << 16];
    // Three times what the queue takes, and what the kernel may take of it.
    let count = 3 * MAX_QUEUE_BYTES / record.len() + 1000;
    for _ in 0..count {
        send(&output, &[&record]);
    }
    let lost = output.totals().lost;
    assert!(lost > 0 && output.totals().waited.is_zero());
    let reading = std::thread::spawn(move || all(&listener));
    let totals = finish(&output);
    assert_eq!((totals.records + totals.lost, totals.lost, totals.failed), (count as u64, lost, false));
    drop(output);
    assert_eq!(reading.join().unwrap().len() as u64, totals.records * record.len() as u64);
}

#[test]
fn each_datagram_is_a_record_and_one_that_is_too_long_is_lost_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let unix = UnixDatagram::bind(&path).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = udp.local_addr().unwrap().port();
    let long = vec![b'x'; 1 << 20];
    for (address, fd) in [
        (RemoteAddress::Unixgram(path), std::os::fd::OwnedFd::from(unix)),
        (RemoteAddress::Udp("127.0.0.1".to_owned(), port), udp.into()),
    ] {
        let output = output(address);
        send(&output, &[b"one", &long, b"two"]);
        send(&output, &[b"three"]);
        let totals = finish(&output);
        assert_eq!((totals.records, totals.lost, totals.failed), (3, 1, false));
        let received = UdpSocket::from(fd);
        let datagrams: Vec<_> = (0..3)
            .map(|_| {
                let mut buffer = [0; 100];
                let length = received.recv(&mut buffer).unwrap();
                buffer[..length].to_vec()
            })
            .collect();
        assert_eq!(datagrams, [&b"one"[..], b"two", b"three"]);
    }
}

#[test]
fn a_local_daemon_that_was_started_anew_gets_what_came_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let daemon = UnixDatagram::bind(&path).unwrap();
    let output = output(RemoteAddress::Unixgram(path.clone()));
    send(&output, &[b"one"]);
    let mut buffer = [0; 100];
    assert_eq!(daemon.recv(&mut buffer).unwrap(), 3);
    drop(daemon);
    std::fs::remove_file(&path).unwrap();
    send(&output, &[b"two", b"three"]);
    let daemon = UnixDatagram::bind(&path).unwrap();
    for expected in [&b"two"[..], b"three"] {
        let length = daemon.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], expected);
    }
    assert_eq!(finish(&output).lost, 0);
}

#[test]
fn a_far_end_that_is_never_there_is_given_up_at_the_deadline_and_what_it_lacks_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    let output = output(RemoteAddress::Unix(directory.path().join("nobody")));
    send(&output, &[b"one", b"two"]);
    let totals = output.finish(Instant::now() + Duration::from_millis(50));
    assert_eq!((totals.records, totals.lost, totals.failed), (0, 2, true));
}

#[test]
fn streams_go_through_unix_sockets_too() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let output = output(RemoteAddress::Unix(path));
    send(&output, &[b"one ", b"two"]);
    assert_eq!(finish(&output).lost, 0);
    drop(output);
    let mut bytes = Vec::new();
    listener.accept().unwrap().0.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"one two");
}

#[test]
fn it_does_not_connect_to_itself() {
    // A port of the ephemeral range at which nobody listens: the kernel may take it for this end, too.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let output = output(RemoteAddress::Tcp("127.0.0.1".to_owned(), port));
    send(&output, &[b"one"]);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err() || cfg!(target_os = "macos"));
    let totals = output.finish(Instant::now() + Duration::from_millis(200));
    assert_eq!((totals.records, totals.lost), (0, 1));
}
