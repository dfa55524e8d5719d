//! The sockets of the program: their files, their peers' names, and those that socket activation hands over.

use std::cell::OnceCell;
use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;

use crate::frames::{framed, record, record_with, text};
use crate::program::{EXECUTABLE, Finished, Guarded, Launch, Program, say_skipped, wait_until, works};

#[test]
fn names_each_peer_as_client_address_unless_the_record_does() {
    let directory = tempfile::tempdir().unwrap();
    let here = |name: &str| directory.path().join(name);
    let addresses = ["127.0.0.1:0", "udp:127.0.0.1:0", "unix:stream", "unixgram:datagrams"];
    let format = ["--format", "%(client_address)s"];
    let program = Launch::new(&format).in_directory(directory.path()).listening_on(&addresses).start();
    let mut tcp = program.connect();
    tcp.write_all(&record("")).unwrap();
    assert_eq!(next_line(&program), tcp.local_addr().unwrap().to_string());
    tcp.write_all(&record_with("client_address", text("its own"))).unwrap();
    assert_eq!(next_line(&program), "its own");
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port: u16 = program.entries()[1].parse().unwrap();
    udp.send_to(&record(""), (Ipv4Addr::LOCALHOST, port)).unwrap();
    assert_eq!(next_line(&program), udp.local_addr().unwrap().to_string());
    UnixStream::connect(here("stream")).unwrap().write_all(&record("")).unwrap();
    assert_eq!(next_line(&program), "stream");
    UnixDatagram::unbound().unwrap().send_to(&record(""), here("datagrams")).unwrap();
    assert_eq!(next_line(&program), "datagrams");
    let named = here("named");
    UnixDatagram::bind(&named).unwrap().send_to(&record(""), here("datagrams")).unwrap();
    assert_eq!(next_line(&program), named.to_str().unwrap());
    program.stop().expect_status(0);
}

#[test]
fn the_file_of_a_dead_receiver_is_replaced_and_removed_at_the_end() {
    for kind in ["unix", "unixgram"] {
        let directory = tempfile::tempdir().unwrap();
        let address = format!("{kind}:socket");
        let start = || {
            Launch::new(&["--format", "%(message)s"]).in_directory(directory.path()).listening_on(&[&address]).start()
        };
        let killed = start();
        killed.signal(Signal::SIGKILL);
        killed.wait();
        let file = directory.path().join("socket");
        assert!(fs::metadata(&file).unwrap().file_type().is_socket(), "{kind}: left behind");
        let program = start();
        send_to(kind, &file, &record("works"));
        assert_eq!(next_line(&program), "works");
        program.stop().expect_status(0);
        assert!(!file.exists(), "{kind}: removed");
    }
}

#[test]
fn the_file_of_a_living_receiver_is_left_alone() {
    for kind in ["unix", "unixgram"] {
        let directory = tempfile::tempdir().unwrap();
        let address = format!("{kind}:socket");
        let launch =
            || Launch::new(&["--format", "%(message)s"]).in_directory(directory.path()).listening_on(&[&address]);
        let program = launch().start();
        let second = launch().start_without_waiting().wait();
        second.expect_status(1);
        assert!(
            second.stderr.starts_with(&format!("cannot listen on {address}: Address already in use")),
            "{}",
            second.stderr
        );
        send_to(kind, &directory.path().join("socket"), &record("still works"));
        assert_eq!(next_line(&program), "still works");
        program.stop().expect_status(0);
    }
}

#[test]
fn a_file_that_is_not_its_own_socket_is_neither_replaced_nor_removed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("socket");
    fs::write(&file, "precious").unwrap();
    let launch = || Launch::new(&[]).in_directory(directory.path()).listening_on(&["unix:socket"]);
    launch().start_without_waiting().wait().expect_status(1);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    fs::remove_file(&file).unwrap();
    let program = launch().start();
    fs::remove_file(&file).unwrap();
    fs::write(&file, "precious").unwrap();
    program.stop().expect_status(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn an_address_that_cannot_be_bound_leaves_no_file_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let addresses = ["unix:stream", "unixgram:datagrams", &taken];
    let launch = Launch::new(&[]).in_directory(directory.path()).listening_on(&addresses);
    launch.start_without_waiting().wait().expect_status(1);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn counts_datagrams_that_hold_no_record() {
    let program =
        Launch::new(&["--format", "%(message)s", "--max-frame", "1k"]).listening_on(&["udp:127.0.0.1:0"]).start();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let frame = record("whole");
    for datagram in [&frame[..frame.len() - 1], b"abc", &framed(b"\xff"), &record(&"x".repeat(2000)), &frame] {
        socket.send_to(datagram, (Ipv4Addr::LOCALHOST, program.port())).unwrap();
    }
    assert_eq!(next_line(&program), "whole");
    let finished = program.stop();
    finished.expect_status(0);
    assert!(
        finished.totals().starts_with("1 record (") && finished.totals().contains(", 4 rejected ("),
        "{}",
        finished.stderr
    );
}

#[test]
fn serves_the_sockets_that_socket_activation_hands_over() {
    let directory = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let path = directory.path().join("stream");
    let unix = UnixListener::bind(&path).unwrap();
    let (tcp_address, udp_address) = (tcp.local_addr().unwrap(), udp.local_addr().unwrap());
    // The shell moves what it gets as 0, 1 and 2 to where systemd would put it.
    let script = "exec 3<&0 4<&1 5<&2 0</dev/null 1>out 2>err; export LISTEN_FDS=3 LISTEN_PID=$$; exec \"$0\" \"$@\"";
    let child = Command::new("sh")
        .args(["-c", script, EXECUTABLE, "--listen", "systemd", "--format", "%(message)s", "--port-file", "port"])
        .args(["--count", "3"])
        .current_dir(&directory)
        .stdin(OwnedFd::from(tcp))
        .stdout(OwnedFd::from(udp))
        .stderr(OwnedFd::from(unix))
        .spawn();
    let child = Guarded(child.unwrap());
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap_or_default();
    TcpStream::connect(tcp_address).unwrap().write_all(&record("tcp")).unwrap();
    wait_until("tcp", || read("out") == "tcp\n");
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().send_to(&record("udp"), udp_address).unwrap();
    wait_until("udp", || read("out") == "tcp\nudp\n");
    assert_eq!(read("port"), format!("{}\n", tcp_address.port()), "the TCP port stands for them");
    UnixStream::connect(&path).unwrap().write_all(&record("unix")).unwrap();
    assert!(child.wait().success(), "{}", read("err"));
    assert_eq!(read("out"), "tcp\nudp\nunix\n");
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let listening =
        format!("Listening on tcp:{tcp_address}, udp:{udp_address}, unix:{} (mode {mode:04o})\n", path.display());
    assert!(read("err").contains(&listening), "{}", read("err"));
    assert!(path.exists(), "the manager's socket stays");
}

#[test]
fn serves_the_socket_that_systemd_itself_hands_over() {
    let tool = "systemd-socket-activate";
    if !Command::new(tool).arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return say_skipped("there is no systemd-socket-activate");
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stream");
    let child = Command::new(tool)
        .arg("--listen")
        .arg(&path)
        .args([EXECUTABLE, "--listen", "systemd", "--format", "%(message)s", "--output", "out", "--count", "2"])
        .current_dir(&directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let child = Guarded(child.unwrap());
    let client = OnceCell::new();
    // What connects starts the program.
    wait_until("it listens", || UnixStream::connect(&path).is_ok_and(|connected| client.set(connected).is_ok()));
    client.into_inner().unwrap().write_all(&[record("one"), record("two")].concat()).unwrap();
    assert!(child.wait().success());
    assert_eq!(fs::read_to_string(directory.path().join("out")).unwrap(), "one\ntwo\n");
}

#[test]
fn the_file_of_a_socket_has_the_mode_that_was_asked_for() {
    for (option, expected) in
        [(&["--socket-mode", "0666"][..], "0666"), (&["--socket-mode=0600"], "0600"), (&[], "0750")]
    {
        let directory = tempfile::tempdir().unwrap();
        let addresses = ["unix:stream", "unixgram:datagrams"];
        let launch = Launch::new(option).in_directory(directory.path()).listening_on(&addresses).after("umask 027");
        let program = launch.start();
        for name in ["stream", "datagrams"] {
            let mode = fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
            assert_eq!(format!("{:04o}", mode & 0o7777), expected, "{name}");
        }
        // What else it makes has what the umask leaves.
        let mode = fs::metadata(directory.path().join("port")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        let finished = program.stop();
        finished.expect_status(0);
        let said =
            format!("Listening on unix:stream (mode {expected})\nListening on unixgram:datagrams (mode {expected})\n");
        assert!(finished.stderr.contains(&said), "{}", finished.stderr);
    }
}

#[test]
fn each_listener_has_its_turn() {
    let directory = tempfile::tempdir().unwrap();
    let addresses = ["127.0.0.1:0", "unix:second"];
    let arguments = ["--format", "%(message)s", "--max-connections", "1"];
    let program = Launch::new(&arguments).in_directory(directory.path()).listening_on(&addresses).start();
    let mut holder = program.connect();
    holder.write_all(&record("first of all")).unwrap();
    program.take_output_through(b"first of all\n");
    for _ in 0..50 {
        program.connect().write_all(&record("of the first")).unwrap();
    }
    let before = unix_sockets(&program);
    UnixStream::connect(directory.path().join("second")).unwrap().write_all(&record("of the second")).unwrap();
    wait_until("it is accepted", || unix_sockets(&program) > before);
    drop(holder);
    let before = program.take_output_through(b"of the second\n");
    let others = String::from_utf8(before).unwrap().matches("of the first\n").count();
    assert!(others <= 2, "{others} were served first");
    program.stop().expect_status(0);
}

/// How many Unix sockets the program has open.
fn unix_sockets(program: &Program) -> usize {
    let all = fs::read_to_string("/proc/net/unix").unwrap();
    let inodes: Vec<&str> = all.lines().skip(1).filter_map(|line| line.split_whitespace().nth(6)).collect();
    let open = fs::read_dir(format!("/proc/{}/fd", program.id())).unwrap();
    let names = open.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    names.filter(|name| inodes.iter().any(|inode| name.as_os_str() == format!("socket:[{inode}]").as_str())).count()
}

#[test]
fn a_link_local_address_keeps_its_zone() {
    let alone = [
        "unshare",
        "-rn",
        "sh",
        "-c",
        "ip link set lo up && ip addr add fe80::1/64 dev lo nodad && exec \"$0\" \"$@\"",
    ];
    if !works(&alone) {
        return say_skipped("no network namespace with IPv6 can be made: zones are not tested");
    }
    let program = Launch::new(&[]).listening_on(&["[fe80::1%lo]:0"]).under(&alone).start();
    let port = program.port();
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.stderr.contains(&format!("Listening on tcp:[fe80::1%lo]:{port}\n")), "{}", finished.stderr);
}

/// Neither a file of hosts nor a name server that answers.
#[test]
fn localhost_needs_nobody_to_be_resolved() {
    let script = "ip link set lo up && mount --bind /dev/null /etc/hosts && exec \"$0\" \"$@\"";
    let alone = ["unshare", "-rmn", "sh", "-c", script];
    if !works(&alone) {
        return say_skipped("no namespaces can be made: a machine without hosts is not tested");
    }
    let program = Launch::new(&[]).listening_on(&["localhost:0"]).under(&alone).start();
    let port = program.port();
    let finished = program.stop();
    finished.expect_status(0);
    assert!(finished.stderr.contains(&format!("Listening on tcp:127.0.0.1:{port}")), "{}", finished.stderr);
}

#[test]
fn refuses_what_socket_activation_cannot_have_meant() {
    let hand_over = |script: &str| -> Finished {
        Launch::new(&[]).listening_on(&["systemd"]).after(script).start_without_waiting().wait()
    };
    for (script, said) in [
        ("export LISTEN_FDS=1 LISTEN_PID=1", "LISTEN_FDS and LISTEN_PID hand over nothing"),
        ("export LISTEN_FDS=0 LISTEN_PID=$$", "LISTEN_FDS and LISTEN_PID hand over nothing"),
        ("export LISTEN_FDS=x LISTEN_PID=$$", "LISTEN_FDS and LISTEN_PID hand over nothing"),
        ("exec 3</dev/null; export LISTEN_FDS=1 LISTEN_PID=$$", "file descriptor 3 is "),
    ] {
        let finished = hand_over(script);
        finished.expect_status(1);
        let expected = format!("cannot listen on systemd: {said}");
        assert!(finished.stderr.starts_with(&expected), "{script}: {}", finished.stderr);
    }
}

fn send_to(kind: &str, path: &Path, frame: &[u8]) {
    if kind == "unix" {
        UnixStream::connect(path).unwrap().write_all(frame).unwrap();
    } else {
        UnixDatagram::unbound().unwrap().send_to(frame, path).unwrap();
    }
}

fn next_line(program: &Program) -> String {
    let line = program.take_output_through(b"\n");
    String::from_utf8(line).unwrap().trim_end_matches('\n').to_owned()
}
