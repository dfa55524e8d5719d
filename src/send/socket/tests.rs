//! Sockets whose peers close, stall, or are not there.

#![allow(clippy::arithmetic_side_effects, reason = "tests")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;

use nix::sys::socket::{Backlog, SockaddrIn, bind, getsockname, listen};

use super::*;

#[test]
fn sees_that_the_peer_has_closed() {
    let (socket, mut peer) = pair();
    assert!(!socket.is_closed_by_peer());
    peer.write_all(b"unexpected").unwrap();
    assert!(!socket.is_closed_by_peer());
    assert!(!socket.is_closed_by_peer());
    drop(peer);
    assert!(socket.is_closed_by_peer());
}

#[test]
fn sees_the_end_behind_what_the_peer_said() {
    let (socket, mut peer) = pair();
    peer.write_all(b"goodbye").unwrap();
    drop(peer);
    assert!(socket.is_closed_by_peer());
}

#[test]
fn lets_a_peer_talk_without_listening_for_ever() {
    for (bytes, is_seen) in [(512 * (MOST_SAID - 1), true), (512 * MOST_SAID, false), (512 * MOST_SAID + 1, false)] {
        let (socket, mut peer) = pair();
        peer.write_all(&vec![7; bytes]).unwrap();
        drop(peer);
        assert_eq!(socket.is_closed_by_peer(), is_seen, "{bytes}");
    }
}

#[test]
fn sends_all_to_a_peer_that_reads_slowly() {
    let (socket, mut peer) = pair();
    let bytes = vec![7; 4 << 20];
    let sending = std::thread::spawn({
        let bytes = bytes.clone();
        move || {
            socket.sendall(&bytes, later()).unwrap();
            socket.close(later());
        }
    });
    let mut received = Vec::new();
    peer.read_to_end(&mut received).unwrap();
    assert!(received == bytes);
    drop(peer);
    sending.join().unwrap();
}

#[test]
fn a_send_ends_at_the_deadline() {
    let (socket, _peer) = pair();
    let error = socket.sendall(&vec![7; 4 << 20], soon()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_send_to_nobody_is_an_error_and_no_signal() {
    let (socket, peer) = pair();
    drop(peer);
    let error = socket.sendall(b"x", later()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_close_ends_at_the_deadline() {
    let (socket, mut peer) = pair();
    socket.close(soon());
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_unix_connect_to_a_full_backlog_ends_at_the_deadline() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let listener = sys::socket(AddressFamily::Unix, SockType::Stream).unwrap();
    bind(listener.as_raw_fd(), &UnixAddr::new(&path).unwrap()).unwrap();
    listen(&listener, Backlog::new(0).unwrap()).unwrap();
    let waiting = Socket::unix(&path, later()).unwrap();
    assert!(Socket::unix(&path, soon()).is_err());
    assert!(!waiting.is_closed_by_peer());
}

#[test]
fn a_silent_address_leaves_time_for_the_next() {
    let (silent, _held) = silent();
    let alive = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent, alive.local_addr().unwrap()];
    let deadline = Instant::now() + Duration::from_secs(2);
    Socket::tcp(&addresses, deadline).unwrap();
    assert!(Socket::tcp(&addresses[..1], soon()).is_err());
}

#[test]
fn refuses_no_address_and_a_deadline_that_has_passed() {
    let alive = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = |addresses: &[SocketAddr], deadline| Socket::tcp(addresses, deadline).err().unwrap().kind();
    assert_eq!(error(&[], later()), io::ErrorKind::AddrNotAvailable);
    let address = alive.local_addr().unwrap();
    assert_eq!(error(&[address], Instant::now()), io::ErrorKind::TimedOut);
}

#[test]
fn refuses_to_be_connected_to_itself() {
    let (fd, address) = bound();
    connect(fd.as_raw_fd(), &address).unwrap();
    let error = refuse_itself(fd.into()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn rounds_a_timeout_to_microseconds() {
    let time = time_val(Duration::new(3, 4_005_006));
    assert_eq!((time.tv_sec(), time.tv_usec()), (3, 4005));
}

fn pair() -> (Socket, UnixStream) {
    let (socket, peer) = UnixStream::pair().unwrap();
    (Socket(socket.into()), peer)
}

/// An address whose backlog is full, so that connecting to it gets no answer, and what keeps it so.
fn silent() -> (SocketAddr, (OwnedFd, Vec<OwnedFd>)) {
    let (listener, address) = bound();
    listen(&listener, Backlog::new(0).unwrap()).unwrap();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port()));
    let mut held = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
        held.push(stream.into());
    }
    (address, (listener, held))
}

fn bound() -> (OwnedFd, SockaddrIn) {
    let fd = sys::socket(AddressFamily::Inet, SockType::Stream).unwrap();
    let any = SockaddrIn::new(127, 0, 0, 1, 0);
    bind(fd.as_raw_fd(), &any).unwrap();
    let address: SockaddrIn = getsockname(fd.as_raw_fd()).unwrap();
    (fd, address)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_millis(50)
}

/// Later than any test goes on.
fn later() -> Instant {
    Instant::now() + Duration::from_secs(60)
}
