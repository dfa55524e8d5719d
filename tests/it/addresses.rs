//! Room, and what is said, are shared by address: whoever has one cannot take all of it from those who have others.
//!
//! Each test runs once more within a network namespace of its own, where thousands of addresses are at hand.

use std::collections::BTreeMap;
use std::env;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, bind, connect, socket};

use crate::frames::{framed, record};
use crate::program::{ALONE, Launch, Program, in_own_process, number_before, say_skipped, works};

#[test]
fn whoever_has_less_than_its_share_of_room_keeps_it() {
    in_a_namespace("addresses::whoever_has_less_than_its_share_of_room_keeps_it", || {
        // Whose addresses count as one: one address, a network of IPv6, 127.0.0.0/8.
        let one: fn(u8) -> IpAddr = |_| v4(2);
        let network: fn(u8) -> IpAddr = |host| v6(2, host);
        let loopback: fn(u8) -> IpAddr = |host| Ipv4Addr::new(127, 0, host, 1).into();
        let [fours, sixes]: [fn(u8) -> IpAddr; 2] = [v4, |net| v6(net, 1)];
        for (listening, of_many, of_one) in
            [("0.0.0.0:0", one, fours), ("[::]:0", network, sixes), ("0.0.0.0:0", loopback, fours)]
        {
            let options = ["--format", "%(message)s", "--max-connections", "20"];
            let program = Launch::new(&options).listening_on(&[listening]).start();
            let mut many: Vec<TcpStream> = (0..14).map(|host| served(&program, of_many(host), "of many")).collect();
            let mut few: Vec<TcpStream> = (3..9).map(|number| served(&program, of_one(number), "of few")).collect();
            thread::sleep(Duration::from_millis(1100));
            // Six that have one of twenty places each, one that has fourteen, and now another.
            let honest: Vec<TcpStream> = (0..5).map(|_| served(&program, of_one(9), "honest")).collect();
            for client in &mut few {
                client.write_all(&record("still there")).unwrap();
                program.take_output_through(b"still there\n");
            }
            many.iter_mut().for_each(|client| drop(client.write_all(&record("one of many"))));
            drop((many, few, honest));
            let finished = program.stop();
            let ended = "connection closed: silent for longest, while others wait for a place";
            assert_eq!(finished.stderr.matches(ended).count(), 5, "{}", finished.stderr);
            assert!(finished.totals().contains(", 5 connections ended to make room"), "{}", finished.stderr);
            assert_eq!(finished.text().matches("one of many\n").count(), 9, "{}", finished.text());
        }
    });
}

#[test]
fn nobody_waits_for_a_place_behind_the_crowd_of_another_address() {
    in_a_namespace("addresses::nobody_waits_for_a_place_behind_the_crowd_of_another_address", || {
        let options = ["--format", "%(message)s", "--max-connections", "20"];
        let program = Launch::new(&options).listening_on(&["0.0.0.0:0"]).start();
        let crowd: Vec<TcpStream> = (0..500).map(|_| sending(&program, v4(2), &record("of many"))).collect();
        let honest = sending(&program, v4(3), &record("honest"));
        let before = program.take_output_through(b"honest\n");
        let before = before.split(|byte| *byte == b'\n').filter(|line| line == b"of many").count();
        assert!((20..40).contains(&before), "{before}");
        drop((crowd, honest));
        let finished = program.stop();
        finished.expect_status(0);
        assert_eq!(before + finished.text().matches("of many\n").count(), 500, "{}", finished.stderr);
    });
}

#[test]
fn room_is_made_a_hundred_times_a_second_at_most() {
    in_a_namespace("addresses::room_is_made_a_hundred_times_a_second_at_most", || {
        let options = ["--format", "%(message)s", "--max-connections", "300"];
        let program = Launch::new(&options).listening_on(&["0.0.0.0:0"]).start();
        let silent: Vec<TcpStream> = (0..300).map(|_| served(&program, v4(2), "then silent")).collect();
        thread::sleep(Duration::from_millis(1100));
        let since = Instant::now();
        let honest: Vec<TcpStream> = (0..250).map(|number| sending(&program, v4(number), &record("honest"))).collect();
        (0..250).for_each(|_| _ = program.take_output_through(b"honest\n"));
        // A hundred at once perhaps, and the others one by one.
        assert!(since.elapsed() >= Duration::from_millis(1400), "{:?}", since.elapsed());
        drop((silent, honest));
        assert!(program.stop().totals().contains(", 250 connections ended to make room"));
    });
}

#[test]
fn a_flood_from_one_address_leaves_something_to_be_said_of_others() {
    in_a_namespace("addresses::a_flood_from_one_address_leaves_something_to_be_said_of_others", || {
        let program = Launch::new(&[]).listening_on(&["0.0.0.0:0"]).start();
        for _ in 0..100 {
            sending(&program, v4(2), &framed(b"\xff").repeat(100));
        }
        for number in 3..13 {
            sending(&program, v4(number), &framed(b"\xff"));
        }
        let finished = program.stop();
        assert!(finished.totals().contains(" 10010 rejected"), "{}", finished.stderr);
        let mut said: BTreeMap<&str, usize> = BTreeMap::new();
        for line in finished.stderr.lines().filter(|line| line.contains(": record rejected: ")) {
            *said.entry(line.split(':').next().unwrap()).or_default() += 1;
        }
        let others = (3..13).filter(|&number| said.contains_key(v4(number).to_string().as_str())).count();
        assert_eq!(others, 10, "{said:?}");
        // A hundred in a row, and ten a second.
        let of_the_flood = said["10.0.0.2"];
        assert!((100..400).contains(&of_the_flood), "{of_the_flood}");
        let more: usize = finished.stderr.lines().filter_map(|line| number_before(line, " more record")).sum();
        assert_eq!(said.values().sum::<usize>() + more, 10_010, "{}", finished.stderr);
    });
}

#[test]
fn what_is_said_of_thousands_of_addresses_has_an_end() {
    in_a_namespace("addresses::what_is_said_of_thousands_of_addresses_has_an_end", || {
        let program = Launch::new(&[]).listening_on(&["udp:0.0.0.0:0"]).start();
        let since = Instant::now();
        for number in 0..3000_u16 {
            let [high, low] = number.to_be_bytes();
            let socket = UdpSocket::bind((Ipv4Addr::new(10, 1, high, low), 0)).unwrap();
            socket.send_to(&framed(b"\xff"), (Ipv4Addr::new(10, 0, 0, 1), program.port())).unwrap();
        }
        let finished = program.stop();
        let said = finished.stderr.matches(": record rejected: ").count();
        // Five hundred in a row, and fifty a second.
        let most = 500 + 50 * (1 + usize::try_from(since.elapsed().as_secs()).unwrap());
        assert!((250..=most).contains(&said), "{said} of at most {most}");
        let more: usize = finished.stderr.lines().filter_map(|line| number_before(line, " more record")).sum();
        let dropped = number_before(&finished.stderr, " datagrams dropped by the kernel").unwrap_or(0);
        assert_eq!(said + more + dropped, 3000, "{}", finished.stderr);
    });
}

/// Runs a test in a process and a network namespace of its own, where one can be made.
fn in_a_namespace(name: &str, test: impl FnOnce()) {
    let addresses: String = (2..10)
        .flat_map(|net| (0..14).map(move |host| (net, host)))
        .fold(String::new(), |all, (net, host)| all + &format!("ip addr add {}/128 dev lo nodad && ", v6(net, host)));
    // The whole of 10.0.0.0/8 is then this machine's, as 127.0.0.0/8 is.
    let script = format!("ip link set lo up && ip addr add 10.0.0.1/8 dev lo && {addresses}exec \"$0\" \"$@\"");
    let alone = ["unshare", "-rn", "sh", "-c", &script];
    if env::var_os(ALONE).is_none() && !works(&alone) {
        return say_skipped("no network namespace can be made: that room is shared by address is not tested");
    }
    in_own_process(&alone, name, test);
}

/// A connection from this address, of which one record was printed.
fn served(program: &Program, from: IpAddr, message: &str) -> TcpStream {
    let client = sending(program, from, &record(message));
    program.take_output_through(format!("{message}\n").as_bytes());
    client
}

/// A connection from this address, on which this was sent.
fn sending(program: &Program, from: IpAddr, bytes: &[u8]) -> TcpStream {
    let to = match from {
        IpAddr::V4(ip) if ip.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V4(_) => v4(1),
        IpAddr::V6(_) => v6(2, 1),
    };
    let family = if from.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let socket = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).unwrap();
    bind(socket.as_raw_fd(), &SockaddrStorage::from(SocketAddr::new(from, 0))).unwrap();
    connect(socket.as_raw_fd(), &SockaddrStorage::from(SocketAddr::new(to, program.port()))).unwrap();
    let mut client = TcpStream::from(socket);
    client.write_all(bytes).unwrap();
    client
}

fn v4(number: u8) -> IpAddr {
    Ipv4Addr::new(10, 0, 0, number).into()
}

fn v6(net: u8, host: u8) -> IpAddr {
    Ipv6Addr::new(0xfd00, 0, 0, net.into(), 0, 0, 0, u16::from(host) + 1).into()
}
