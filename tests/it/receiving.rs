//! The receiver within this process, with raw sockets as its clients: connections, limits, bad input, stopping.

use std::io::{BufReader, Read as _, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::Command;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jackdaws::base::abort::Abort;
use jackdaws::receive::listen::{Address, LocalAddress};
use jackdaws::receive::peer::Peer;
use jackdaws::receive::totals::Totals;
use jackdaws::receive::{LogRecordSocketReceiver, Options};
use jackdaws::record::LogRecord;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{self, setsockopt, sockopt};

use crate::program::{ALONE, in_own_process, spawn_alone};

/// Whatever takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn receives_records_however_they_are_split() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    let frames = ["one", "two", "three"].map(frame).concat();
    let mut client = receiver.connect();
    client.set_nodelay(true).unwrap();
    for byte in &frames {
        client.write_all(&[*byte]).unwrap();
    }
    let address = client.local_addr().unwrap().to_string();
    for message in ["one", "two", "three"] {
        assert_eq!(receiver.next(), (message.to_owned(), address.clone()));
    }
    let totals = receiver.stop();
    assert_eq!((totals.records, totals.connections), (3, 1));
    assert_eq!(totals.bytes, frames.len() as u64);
}

#[test]
fn goes_on_after_records_that_cannot_be_decoded() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    let mut client = receiver.connect();
    let bodies: [&[u8]; 4] = [b"}q\0\xff", b"", b"K\x01.", b"}q\0("];
    for body in bodies {
        client.write_all(&prefixed(body)).unwrap();
        client.write_all(&frame("good")).unwrap();
        assert_eq!(receiver.next().0, "good");
    }
    let peer = client.local_addr().unwrap();
    let totals = receiver.stop();
    assert_eq!((totals.records, totals.rejected_count()), (4, 4));
    assert_eq!(totals.rejected.iter().map(|(_, count)| count).max(), Some(&1), "{totals}");
    let said = Diagnostics::about(&peer.to_string());
    let rejections: Vec<_> = said.iter().filter(|line| line.contains(": record rejected: ")).collect();
    assert_eq!(rejections.len(), 4, "{said:?}");
    assert!(rejections[0].contains("0xff at offset 3"), "{rejections:?}");
    assert!(rejections.iter().all(|line| line.contains(" at offset ")), "{rejections:?}");
}

#[test]
fn reports_the_first_of_many_rejections_and_counts_the_others() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    let mut client = receiver.connect();
    client.write_all(&prefixed(b"\xff").repeat(5000)).unwrap();
    client.write_all(&frame("good")).unwrap();
    assert_eq!(receiver.next().0, "good");
    let peer = client.local_addr().unwrap().to_string();
    let totals = receiver.stop();
    assert_eq!(totals.rejected_count(), 5000);
    let said = Diagnostics::about(&peer);
    let each = said.iter().filter(|line| line.contains(": record rejected: ")).count();
    let more: usize = said
        .iter()
        .filter_map(|line| line.split(" more record").next()?.rsplit(' ').next()?.parse::<usize>().ok())
        .sum();
    assert!((100..5000).contains(&each), "{each}");
    assert_eq!(each + more, 5000, "{said:?}");
}

#[test]
fn skips_what_is_too_long_and_goes_on() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.max_frame = 1000);
    let mut client = receiver.connect();
    let mut body = vec![0; 1 << 20];
    body[..2].copy_from_slice(b"\x80\x04");
    client.write_all(&prefixed(&body)).unwrap();
    client.write_all(&frame("next")).unwrap();
    assert_eq!(receiver.next().0, "next");
    let totals = receiver.stop();
    assert_eq!(totals.rejected, [("too long", 1)]);
}

#[test]
fn closes_a_connection_that_speaks_another_protocol_and_says_which() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    let mut client = receiver.connect();
    client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    wait_until_closed(&mut client);
    let said = Diagnostics::about(&client.local_addr().unwrap().to_string());
    assert!(
        said.iter().any(|line| line.contains(": connection closed: ") && line.contains("an HTTP request")),
        "{said:?}"
    );
    assert_eq!(receiver.stop().rejected, [("not a frame", 1)]);
}

#[test]
fn closes_what_is_silent_before_its_first_record_or_inside_one_and_nothing_else() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.frame_timeout = Duration::from_millis(200));
    let [mut silent, mut stalled, mut healthy] = [(); 3].map(|()| receiver.connect());
    healthy.write_all(&frame("first")).unwrap();
    assert_eq!(receiver.next().0, "first");
    stalled.write_all(&frame("cut")[..20]).unwrap();
    wait_until_closed(&mut silent);
    wait_until_closed(&mut stalled);
    // By now the healthy one has been silent for as long as they were.
    healthy.write_all(&frame("second")).unwrap();
    assert_eq!(receiver.next().0, "second");
    let about = |client: &TcpStream| Diagnostics::about(&client.local_addr().unwrap().to_string()).join("\n");
    assert!(about(&silent).contains("connection closed: no record in 0.2 s"), "{}", about(&silent));
    assert!(about(&stalled).contains("connection closed: nothing came for 0.2 s at offset 20"), "{}", about(&stalled));
    assert_eq!(receiver.stop().rejected, [("timed out", 1)]);
}

#[test]
fn reports_once_a_peer_that_vanishes_inside_a_record() {
    const REJECTED: &str = "record rejected: cut short at offset 10";
    let receiver = Running::start(&["127.0.0.1:0"]);
    let mut peers = Vec::new();
    for reset in [false, true] {
        let mut client = receiver.connect();
        client.write_all(&frame("whole")).unwrap();
        client.write_all(&frame("cut")[..10]).unwrap();
        assert_eq!(receiver.next().0, "whole");
        peers.push(client.local_addr().unwrap().to_string());
        if reset {
            linger_zero(&client);
        }
        drop(client);
        // Others have had the port before, and said that they closed.
        Diagnostics::wait_for(&peers[peers.len() - 1], REJECTED);
    }
    assert_eq!(receiver.stop().rejected, [("cut short", 2)]);
    for peer in peers {
        let said = Diagnostics::about(&peer);
        assert_eq!(said.iter().filter(|line| line.contains(REJECTED)).count(), 1, "{said:?}");
    }
}

#[test]
fn a_panic_costs_its_connection_only() {
    let (sender, records) = mpsc::channel();
    let receiver = bind(&["127.0.0.1:0"], Options::default());
    let (address, abort) = (tcp_address(&receiver), receiver.abort());
    let serving = thread::spawn(move || {
        receiver.serve_until_stopped(move |_: &Peer| {
            let sender = sender.clone();
            move |record: &LogRecord<'_>| {
                let message = message_of(record);
                assert!(message != "panic", "told to");
                sender.send(message).unwrap();
            }
        })
    });
    let [mut bad, mut good] = [(); 2].map(|()| TcpStream::connect(address).unwrap());
    bad.write_all(&frame("panic")).unwrap();
    wait_until_closed(&mut bad);
    good.write_all(&frame("still here")).unwrap();
    assert_eq!(records.recv_timeout(PATIENCE).unwrap(), "still here");
    let peer = bad.local_addr().unwrap().to_string();
    Diagnostics::wait_for(&peer, "the handler of records panicked: told to");
    abort.set();
    let totals = serving.join().unwrap().unwrap();
    assert_eq!((totals.panics, totals.records, totals.connections), (1, 1, 2));
}

#[test]
fn a_panic_over_a_datagram_does_not_end_the_socket() {
    let (sender, records) = mpsc::channel();
    let receiver = bind(&["udp:127.0.0.1:0"], Options::default());
    let LocalAddress::Udp(address) = receiver.local_addresses()[0].addresses[0] else { panic!("not UDP") };
    let abort = receiver.abort();
    let serving = thread::spawn(move || {
        receiver.serve_until_stopped(move |_: &Peer| {
            let sender = sender.clone();
            move |record: &LogRecord<'_>| {
                let message = message_of(record);
                assert!(message != "panic", "told to");
                sender.send(message).unwrap();
            }
        })
    });
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    for message in ["panic", "next"] {
        client.send_to(&frame(message), address).unwrap();
    }
    assert_eq!(records.recv_timeout(PATIENCE).unwrap(), "next");
    abort.set();
    assert_eq!(serving.join().unwrap().unwrap().panics, 1);
}

#[test]
fn more_connections_than_allowed_wait_their_turn() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.max_connections = 2);
    let mut clients = [(); 5].map(|()| Some(receiver.connect()));
    for (index, client) in clients.iter_mut().enumerate() {
        client.as_mut().unwrap().write_all(&frame(&index.to_string())).unwrap();
    }
    let mut served = [receiver.next().0, receiver.next().0];
    served.sort();
    assert_eq!(served, ["0", "1"]);
    receiver.expect_nothing_for(Duration::from_millis(50));
    for turn in 2..5 {
        drop(clients[turn - 2].take());
        assert_eq!(receiver.next().0, turn.to_string());
    }
    assert!(Diagnostics::about("2 connections at once: more have to wait").len() == 1);
    assert_eq!(receiver.stop().connections, 5);
}

#[test]
fn refuses_peers_outside_the_allowed_networks() {
    let allow = |options: &mut Options, network: &str| options.allow = vec![network.parse().unwrap()];
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| allow(options, "127.0.0.2"));
    let mut client = receiver.connect();
    wait_until_closed(&mut client);
    let said = Diagnostics::about(&client.local_addr().unwrap().to_string());
    // Another test's client may have had its port before.
    assert!(said.iter().any(|line| line.ends_with("connection refused: not in an allowed network")), "{said:?}");
    assert_eq!(receiver.stop().connections, 0);
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| allow(options, "127.0.0.0/8"));
    receiver.connect().write_all(&frame("welcome")).unwrap();
    assert_eq!(receiver.next().0, "welcome");
}

#[test]
fn listens_on_several_addresses_of_every_kind() {
    let folder = tempfile::tempdir().unwrap();
    let [stream_path, datagram_path] = ["stream", "datagram"].map(|name| folder.path().join(name));
    let addresses = [
        "127.0.0.1:0".to_owned(),
        "udp:127.0.0.1:0".to_owned(),
        format!("unix:{}", stream_path.display()),
        format!("unixgram:{}", datagram_path.display()),
    ];
    let receiver = Running::start(&addresses);
    receiver.connect().write_all(&frame("tcp")).unwrap();
    assert_eq!(receiver.next().0, "tcp");

    let LocalAddress::Udp(udp) = receiver.addresses[1] else { panic!("{:?}", receiver.addresses) };
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.send_to(&frame("udp"), udp).unwrap();
    assert_eq!(receiver.next(), ("udp".to_owned(), client.local_addr().unwrap().to_string()));

    UnixStream::connect(&stream_path).unwrap().write_all(&frame("unix")).unwrap();
    assert_eq!(receiver.next(), ("unix".to_owned(), stream_path.display().to_string()));

    let unnamed = UnixDatagram::unbound().unwrap();
    unnamed.send_to(&frame("unixgram"), &datagram_path).unwrap();
    assert_eq!(receiver.next(), ("unixgram".to_owned(), datagram_path.display().to_string()));

    let named_path = folder.path().join("sender");
    let named = UnixDatagram::bind(&named_path).unwrap();
    let long = "x".repeat(100_000);
    named.send_to(&frame(&long), &datagram_path).unwrap();
    let (message, sender) = receiver.next();
    assert_eq!((message.len(), sender), (long.len(), named_path.display().to_string()));

    let totals = receiver.stop();
    assert_eq!((totals.records, totals.connections, totals.rejected_count()), (5, 2, 0), "{totals}");
    assert!(!stream_path.exists() && !datagram_path.exists());
}

#[test]
fn counts_datagrams_that_are_no_frame_or_were_truncated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let receiver = Running::start_with(&[format!("unixgram:{}", path.display())], |options| options.max_frame = 1000);
    let client = UnixDatagram::unbound().unwrap();
    let whole = frame("whole");
    let [long, longer] = [1001, 100_000].map(|length| prefixed(&vec![b'}'; length]));
    let bad: [&[u8]; 5] = [b"", b"abc", &whole[..whole.len() - 1], &long, &longer];
    for datagram in bad {
        client.send_to(datagram, &path).unwrap();
    }
    client.send_to(&whole, &path).unwrap();
    assert_eq!(receiver.next().0, "whole");
    let totals = receiver.stop();
    assert_eq!(totals.rejected, [("too short", 2), ("wrong length", 1), ("too long", 1), ("truncated", 1)]);
}

#[test]
fn serves_all_who_connected_before_it_was_stopped() {
    for max_connections in [3, 1000] {
        let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.max_connections = max_connections);
        let clients: Vec<TcpStream> = (0..100)
            .map(|index| {
                let mut client = receiver.connect();
                client.write_all(&frame(&index.to_string()).repeat(20)).unwrap();
                client
            })
            .collect();
        let totals = receiver.stop();
        assert_eq!((totals.records, totals.connections), (2000, 100), "{max_connections}");
        drop(clients);
    }
}

#[test]
fn whoever_never_pauses_gives_up_the_place_too_and_what_had_come_is_read() {
    let mut options = Options::default();
    options.max_connections = 1;
    let receiver = bind(&["127.0.0.1:0"], options);
    let (address, abort) = (tcp_address(&receiver), receiver.abort());
    let (sender, records) = mpsc::channel();
    let (go_on, awaited) = mpsc::channel::<()>();
    let awaited = Arc::new(Mutex::new(awaited));
    let serving = thread::spawn(move || {
        receiver.serve_until_stopped(move |_: &Peer| {
            let (sender, awaited) = (sender.clone(), awaited.clone());
            move |record: &LogRecord<'_>| {
                sender.send(message_of(record)).unwrap();
                let _ = awaited.lock().unwrap().recv();
            }
        })
    });
    let mut first = TcpStream::connect(address).unwrap();
    first.write_all(&frame("one")).unwrap();
    let next = || records.recv_timeout(PATIENCE).unwrap();
    assert_eq!(next(), "one");
    // It is not silent: what it has sent waits for us.
    first.write_all(&["two", "three"].map(frame).concat()).unwrap();
    let mut second = TcpStream::connect(address).unwrap();
    second.write_all(&frame("four")).unwrap();
    wait_until_closed(&mut first);
    drop(go_on);
    assert_eq!([next(), next(), next()], ["two", "three", "four"]);
    abort.set();
    let totals = serving.join().unwrap().unwrap();
    assert_eq!((totals.records, totals.rejected_count(), totals.made_room), (4, 0, 1));
}

#[test]
fn loses_nothing_that_was_sent_before_it_was_stopped() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    let records = frame(&"x".repeat(500)).repeat(100);
    let clients: Vec<JoinHandle<TcpStream>> = (0..8)
        .map(|_| {
            let (mut client, records) = (receiver.connect(), records.clone());
            thread::spawn(move || {
                for _ in 0..200 {
                    client.write_all(&records).unwrap();
                }
                client
            })
        })
        .collect();
    let clients: Vec<TcpStream> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    let totals = receiver.stop();
    assert_eq!((totals.records, totals.rejected_count()), (160_000, 0));
    drop(clients);
}

#[test]
fn idle_clients_do_not_delay_stopping() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.drain_timeout = 10 * PATIENCE);
    let mut clients = [(); 20].map(|()| receiver.connect());
    clients[0].write_all(&frame("x")).unwrap();
    receiver.next();
    let begin = Instant::now();
    receiver.stop();
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn an_endless_client_is_cut_off_at_the_drain_timeout() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.drain_timeout = Duration::from_millis(300));
    let mut client = receiver.connect();
    let peer = client.local_addr().unwrap().to_string();
    let flood = thread::spawn(move || while client.write_all(&frame("x").repeat(100)).is_ok() {});
    receiver.next();
    receiver.stop();
    flood.join().unwrap();
    let said = Diagnostics::about(&peer).join("\n");
    assert!(said.contains("connection closed: still sending after 0.3 s"), "{said}");
}

#[test]
fn stop_now_reads_no_more() {
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.drain_timeout = 10 * PATIENCE);
    let mut client = receiver.connect();
    client.write_all(&frame("x")).unwrap();
    receiver.next();
    client.write_all(&frame("y")[..5]).unwrap();
    receiver.abort.set();
    let begin = Instant::now();
    receiver.abort.stop_now();
    receiver.stop();
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn a_handler_that_hangs_is_abandoned() {
    let receiver = bind(&["127.0.0.1:0"], {
        let mut options = Options::default();
        options.drain_timeout = Duration::from_millis(10);
        options
    });
    let (address, abort) = (tcp_address(&receiver), receiver.abort());
    let (entered, entering) = mpsc::channel();
    let serving = thread::spawn(move || {
        receiver.serve_until_stopped(move |_: &Peer| {
            let entered = entered.clone();
            move |_: &LogRecord<'_>| {
                entered.send(()).unwrap();
                loop {
                    thread::park();
                }
            }
        })
    });
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(&frame("x")).unwrap();
    entering.recv_timeout(PATIENCE).unwrap();
    abort.set();
    serving.join().unwrap().unwrap();
    assert!(!Diagnostics::about("1 connection abandoned").is_empty());
}

#[test]
fn two_thousand_clients_connect_at_once() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    assert!(most > 5000, "this test needs 5000 file descriptors");
    let receiver = Running::start_with(&["127.0.0.1:0"], |options| options.max_connections = 2000);
    let mut clients: Vec<TcpStream> = (0..2000).map(|_| receiver.connect()).collect();
    for (index, client) in clients.iter_mut().enumerate() {
        client.write_all(&frame(&index.to_string())).unwrap();
    }
    let mut messages: Vec<usize> = (0..2000).map(|_| receiver.next().0.parse().unwrap()).collect();
    messages.sort_unstable();
    assert!(messages.into_iter().eq(0..2000));
    drop(clients);
    assert_eq!(receiver.stop().connections, 2000);
}

#[test]
fn survives_a_thousand_clients_killed_by_rst() {
    let receiver = Running::start(&["127.0.0.1:0"]);
    for index in 0..1000 {
        let mut client = receiver.connect();
        linger_zero(&client);
        let sent: &[u8] = if index % 2 == 0 { &[] } else { &frame("cut")[..9] };
        client.write_all(sent).unwrap();
    }
    receiver.connect().write_all(&frame("alive")).unwrap();
    assert_eq!(receiver.next().0, "alive");
    let totals = receiver.stop();
    assert_eq!(totals.records, 1);
    assert!(totals.rejected_count() <= 500, "{totals}");
}

#[test]
fn twenty_thousand_reconnects_leave_nothing_behind() {
    in_own_process(&[], "receiving::twenty_thousand_reconnects_leave_nothing_behind", || {
        let receiver = Running::start(&["127.0.0.1:0"]);
        // What this test remembers of each connection is not to be counted.
        log::set_max_level(log::LevelFilter::Warn);
        let reconnect = |count: usize| {
            for _ in 0..count {
                let mut client = receiver.connect();
                client.write_all(&frame("x")).unwrap();
                linger_zero(&client);
                receiver.next();
            }
        };
        reconnect(1000);
        wait_for(|| thread_count() <= 4);
        let (threads, fds, memory) = (thread_count(), fd_count(), resident_kilobytes());
        reconnect(20_000);
        wait_for(|| thread_count() <= threads && fd_count() <= fds);
        let grown = resident_kilobytes().saturating_sub(memory);
        assert!(grown < 4096, "{grown} kB");
        assert_eq!(receiver.stop().connections, 21_000);
    });
}

#[test]
fn a_connection_that_finds_no_file_descriptor_is_served_when_there_is_one() {
    in_own_process(&[], "receiving::a_connection_that_finds_no_file_descriptor_is_served_when_there_is_one", || {
        let receiver = Running::start(&["127.0.0.1:0"]);
        receiver.connect().write_all(&frame("first")).unwrap();
        receiver.next();
        let LocalAddress::Tcp(address) = receiver.addresses[0] else { panic!("{:?}", receiver.addresses) };
        let flags = socket::SockFlag::SOCK_CLOEXEC;
        let client = socket::socket(socket::AddressFamily::Inet, socket::SockType::Stream, flags, None).unwrap();
        let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, 3, hard).unwrap();
        socket::connect(client.as_raw_fd(), &socket::SockaddrStorage::from(address)).unwrap();
        TcpStream::from(client).write_all(&frame("second")).unwrap();
        wait_for(|| Diagnostics::about("cannot accept connections").len() == 1);
        receiver.expect_nothing_for(Duration::from_millis(100));
        setrlimit(Resource::RLIMIT_NOFILE, soft, hard).unwrap();
        assert_eq!(receiver.next().0, "second");
        assert_eq!(Diagnostics::about("cannot accept connections").len(), 1, "said once");
    });
}

#[test]
fn a_connection_that_finds_no_thread_is_served_when_there_is_one() {
    in_own_process(&[], "receiving::a_connection_that_finds_no_thread_is_served_when_there_is_one", || {
        let receiver = Running::start(&["127.0.0.1:0"]);
        let mut client = receiver.connect();
        client.write_all(&frame("first")).unwrap();
        receiver.next();
        if nix::unistd::geteuid().is_root() {
            // The limit on processes does not bind root.
            nix::unistd::setuid(nix::unistd::Uid::from_raw(65_534)).unwrap();
        }
        let (soft, hard) = getrlimit(Resource::RLIMIT_NPROC).unwrap();
        setrlimit(Resource::RLIMIT_NPROC, 1, hard).unwrap();
        receiver.connect().write_all(&frame("second")).unwrap();
        wait_for(|| Diagnostics::about("cannot start a thread").len() == 1);
        client.write_all(&frame("third")).unwrap();
        assert_eq!(receiver.next().0, "third");
        setrlimit(Resource::RLIMIT_NPROC, soft, hard).unwrap();
        assert_eq!(receiver.next().0, "second");
        assert_eq!(receiver.stop().connections, 2);
    });
}

#[test]
fn sixty_four_file_descriptors_are_enough_for_everyone_in_turn() {
    if std::env::var_os(ALONE).is_some() {
        setrlimit(Resource::RLIMIT_NOFILE, 64, 64).unwrap();
        return serve_until_input_ends(&["127.0.0.1:0"]);
    }
    let mut child = spawn_alone(&[], "receiving::sixty_four_file_descriptors_are_enough_for_everyone_in_turn", &[]);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let port: u16 = line_with(&mut output, "PORT ").parse().unwrap();
    let clients: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut client = TcpStream::connect(("127.0.0.1", port)).unwrap();
            client.write_all(&frame("x")).unwrap();
            client
        })
        .collect();
    drop(clients);
    for _ in 0..200 {
        line_with(&mut output, "RECORD x");
    }
    drop(child.stdin.take());
    assert!(line_with(&mut output, "TOTALS ").starts_with("200 records "));
    assert!(child.wait().unwrap().success());
}

#[test]
fn takes_over_the_sockets_of_socket_activation() {
    const NAME: &str = "receiving::takes_over_the_sockets_of_socket_activation";
    if std::env::var_os(ALONE).is_some() {
        return serve_until_input_ends(&["systemd"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp_address = tcp.local_addr().unwrap();
    let unix = UnixListener::bind(&path).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let udp_address = udp.local_addr().unwrap();
    // The shell moves what it gets as 0, 1 and 2 to where systemd would put it, and takes its true standard streams from a pipe.
    let script =
        "exec 3<&0 4<&1 5<&2 0<\"$IN\" 1>\"$OUT\" 2>/dev/null; export LISTEN_FDS=3 LISTEN_PID=$$; exec \"$0\" \"$@\"";
    let [input, output] = ["in", "out"].map(|name| folder.path().join(name));
    for fifo in [&input, &output] {
        nix::unistd::mkfifo(fifo, nix::sys::stat::Mode::S_IRWXU).unwrap();
    }
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env("IN", &input)
        .env("OUT", &output)
        .env(ALONE, "1")
        .stdin(OwnedFd::from(tcp))
        .stdout(OwnedFd::from(unix))
        .stderr(OwnedFd::from(udp))
        .spawn()
        .unwrap();
    let hold_input = std::fs::File::create(&input).unwrap();
    let mut output = BufReader::new(std::fs::File::open(&output).unwrap());
    assert_eq!(line_with(&mut output, "PORT "), tcp_address.port().to_string());
    TcpStream::connect(tcp_address).unwrap().write_all(&frame("tcp")).unwrap();
    line_with(&mut output, "RECORD tcp");
    UnixStream::connect(&path).unwrap().write_all(&frame("unix")).unwrap();
    line_with(&mut output, "RECORD unix");
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&frame("udp"), udp_address).unwrap();
    line_with(&mut output, "RECORD udp");
    drop(hold_input);
    line_with(&mut output, "TOTALS 3 records");
    assert!(child.wait().unwrap().success());
    assert!(path.exists(), "the manager's socket stays");
}

/// A receiver that serves in a thread, and what it received.
struct Running {
    addresses: Vec<LocalAddress>,
    abort: Abort,
    /// Message and client_address.
    records: mpsc::Receiver<(String, String)>,
    serving: Option<JoinHandle<Totals>>,
}

impl Running {
    fn start(addresses: &[impl AsRef<str>]) -> Running {
        Running::start_with(addresses, |_| {})
    }

    fn start_with(addresses: &[impl AsRef<str>], change: impl FnOnce(&mut Options)) -> Running {
        let mut options = Options::default();
        change(&mut options);
        let receiver = bind(addresses, options);
        let (sender, records) = mpsc::channel();
        let addresses = receiver.local_addresses().iter().map(|listening| listening.addresses[0].clone()).collect();
        let abort = receiver.abort();
        let serving = thread::spawn(move || {
            receiver
                .serve_until_stopped(move |_: &Peer| {
                    let sender = sender.clone();
                    move |record: &LogRecord<'_>| {
                        // Whoever has seen enough does not listen any more.
                        let _ = sender.send((message_of(record), record.client_address().to_owned()));
                    }
                })
                .unwrap()
        });
        Running { addresses, abort, records, serving: Some(serving) }
    }

    fn connect(&self) -> TcpStream {
        let LocalAddress::Tcp(address) = self.addresses[0] else { panic!("{:?}", self.addresses) };
        TcpStream::connect(address).unwrap()
    }

    fn next(&self) -> (String, String) {
        self.records.recv_timeout(PATIENCE).unwrap()
    }

    fn expect_nothing_for(&self, time: Duration) {
        assert_eq!(self.records.recv_timeout(time), Err(RecvTimeoutError::Timeout));
    }

    fn stop(mut self) -> Totals {
        self.abort.set();
        self.serving.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.abort.stop_now();
    }
}

fn bind(addresses: &[impl AsRef<str>], options: Options) -> LogRecordSocketReceiver {
    Diagnostics::collect();
    let addresses: Vec<Address> =
        addresses.iter().map(|address| Address::parse(address.as_ref().as_ref()).unwrap()).collect();
    LogRecordSocketReceiver::bind(&addresses, options).unwrap()
}

fn tcp_address(receiver: &LogRecordSocketReceiver) -> std::net::SocketAddr {
    let LocalAddress::Tcp(address) = receiver.local_addresses()[0].addresses[0] else { panic!("not TCP") };
    address
}

fn message_of(record: &LogRecord<'_>) -> String {
    record.attribute("msg").and_then(|msg| msg.as_text()).unwrap().to_str().into_owned()
}

/// A pickle of `{'msg': message}`.
fn record(message: &str) -> Vec<u8> {
    let mut pickle = b"}q\0X\x03\0\0\0msgX".to_vec();
    pickle.extend((message.len() as u32).to_le_bytes());
    pickle.extend(message.as_bytes());
    pickle.extend(b"s.");
    pickle
}

fn frame(message: &str) -> Vec<u8> {
    prefixed(&record(message))
}

fn prefixed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes(), body].concat()
}

/// Closing sends RST.
fn linger_zero(client: &TcpStream) {
    setsockopt(client, sockopt::Linger, &nix::libc::linger { l_onoff: 1, l_linger: 0 }).unwrap();
}

fn wait_until_closed(client: &mut TcpStream) {
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    match client.read(&mut [0]) {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
    }
}

/// Waits until `is_so`.
fn wait_for(is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE);
        thread::sleep(Duration::from_millis(5));
    }
}

/// The diagnostics of all receivers in this process.
struct Diagnostics {
    lines: Mutex<Vec<String>>,
}

static DIAGNOSTICS: Diagnostics = Diagnostics { lines: Mutex::new(Vec::new()) };

impl Diagnostics {
    fn collect() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            log::set_logger(&DIAGNOSTICS).unwrap();
            log::set_max_level(log::LevelFilter::Debug);
        });
    }

    fn about(what: &str) -> Vec<String> {
        DIAGNOSTICS.lines.lock().unwrap().iter().filter(|line| line.contains(what)).cloned().collect()
    }

    fn wait_for(peer: &str, what: &str) {
        wait_for(|| Diagnostics::about(peer).iter().any(|line| line.contains(what)));
    }
}

impl log::Log for Diagnostics {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target() == "jackdaws"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            self.lines.lock().unwrap().push(record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Serves, and says so on standard output, until standard input ends.
fn serve_until_input_ends(addresses: &[&str]) {
    let receiver = bind(addresses, Options::default());
    let abort = receiver.abort();
    println!("PORT {}", receiver.local_addresses()[0].port_file_entry());
    let watcher = thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        abort.set();
    });
    let totals =
        receiver.serve_until_stopped(|_: &Peer| |record: &LogRecord<'_>| println!("RECORD {}", message_of(record)));
    let totals = totals.unwrap();
    watcher.join().unwrap();
    println!("TOTALS {totals}");
}

/// What follows `opening` on the next line that has it.
fn line_with(output: &mut impl std::io::BufRead, opening: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(output.read_line(&mut line).unwrap() > 0, "the output ends before {opening}");
        if let Some((_, rest)) = line.split_once(opening) {
            return rest.trim_end().to_owned();
        }
    }
}

fn thread_count() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

fn fd_count() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn resident_kilobytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
