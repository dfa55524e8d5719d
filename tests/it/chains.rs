//! From a sender through one Jackdaws to another, to a syslog daemon, and into a file of totals.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::program::Program;
use crate::pythons::pythons;

#[test]
fn records_of_every_python_print_at_the_end_of_a_chain_what_they_print_on_the_way() {
    let format = ["--format", "%(name)s|%(levelno)s|%(process)d|%(threadName)s|%(message)s"];
    for python in pythons() {
        let end = Program::start(&format);
        let to = format!("relay:127.0.0.1:{}", end.port());
        let middle = Program::start(&[&["-o", &to, "-o", "-"], &format[..]].concat());
        python.run("clients/document_client.py", &["127.0.0.1", &middle.port().to_string()], "UTC");
        let on_the_way = middle.stop();
        on_the_way.expect_status(0);
        let at_the_end = end.stop();
        assert_eq!(on_the_way.text().lines().count(), 5);
        assert_eq!(at_the_end.text(), on_the_way.text(), "{:?}", python.version);
    }
}

#[test]
fn a_relay_to_itself_comes_to_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let address = format!("unix:{}", path.display());
    let program = Program::start(&["-l", &address, "-o", &format!("relay:{address}"), "-o", "-", "-f", "%(message)s"]);
    program.send(b"\0\0\0\x0e}(X\x03\0\0\0msgK\x01u.");
    std::thread::sleep(Duration::from_millis(500));
    let finished = program.stop();
    // Once as sent, and once for each relay that it may pass.
    assert_eq!(finished.text(), "1\n".repeat(9));
    assert!(finished.stderr.contains("it has passed 8 relays: do they form a ring?"), "{}", finished.stderr);
    finished.expect_status(1);
}

#[test]
fn a_local_daemon_gets_the_traditional_form_and_metrics_take_the_place_of_a_link() {
    let directory = tempfile::tempdir().unwrap();
    let [socket, metrics, victim] = ["log", "metrics.prom", "victim"].map(|name| directory.path().join(name));
    fs::write(&victim, "untouched").unwrap();
    symlink(&victim, &metrics).unwrap();
    let daemon = UnixDatagram::bind(&socket).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let to = format!("syslog:unixgram:{}", socket.display());
    let options = ["-o", &to, "--facility", "local3", "--utc", "--metrics", metrics.to_str().unwrap()];
    let program = Program::start(&options);
    let record = b"}(X\x03\0\0\0msgX\x03\0\0\0a\nbX\x04\0\0\0nameX\x01\0\0\0nX\x07\0\0\0levelnoK\x28X\x07\0\0\0createdK\0X\x07\0\0\0processK\x07u.";
    let length = u32::try_from(record.len()).unwrap().to_be_bytes();
    program.send(&[&length[..], record].concat());
    let mut buffer = [0; 100];
    let received = daemon.recv(&mut buffer).unwrap();
    assert_eq!(std::str::from_utf8(&buffer[..received]).unwrap(), "<155>Jan  1 00:00:00 n[7]: a\nb");
    program.stop().expect_status(0);
    let text = fs::read_to_string(&metrics).unwrap();
    for line in [
        "jackdaws_records_total{level=\"error\"} 1",
        "jackdaws_records_total{level=\"debug\"} 0",
        "jackdaws_connections_total 1",
        "jackdaws_connections 0",
        &format!("jackdaws_lost_records_total{{destination=\"{to}\"}} 0"),
        "jackdaws_metrics_write_failures_total 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
    assert!(fs::symlink_metadata(&metrics).unwrap().is_file());
}
