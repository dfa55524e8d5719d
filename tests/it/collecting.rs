//! The library as a Rust test uses it: a receiver that collects, and says what went wrong.

use std::io::Write as _;
use std::net::{TcpStream, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jackdaws::collector::{Attribute, CollectedRecord, CollectingReceiver};
use jackdaws::decode::Kind;
use jackdaws::receive::listen::{Address, LocalAddress};
use jackdaws::record::{Field, LogRecord};
use jackdaws::send::SocketHandler;
use log::{Level, Log, Record};

use crate::pythons::pythons;

#[test]
fn collects_what_every_python_sends_with_all_attributes() {
    for python in pythons() {
        let receiver = CollectingReceiver::start().unwrap();
        let port = receiver.addr().port().to_string();
        python.run("clients/document_client.py", &["127.0.0.1", &port], "UTC");
        let records = receiver.wait_for(5, PATIENCE).unwrap();
        assert_eq!(records.len(), 5);
        let last = &records[4];
        assert_eq!(last.message(), "The five boxing wizards jump quickly.");
        assert_eq!(last["name"], "myapp.area2");
        assert_eq!(last["levelno"], 40);
        assert_eq!(last["exc_info"], jackdaws::collector::Attribute::None);
        assert!(last.get("nothing of the kind").is_none());
        assert!(last.client_address().starts_with("127.0.0.1:"), "{last:?}");
        let (records, totals) = receiver.stop();
        assert_eq!((records.len(), totals.records, totals.connections), (5, 5, 1));
    }
}

#[test]
fn says_what_did_arrive_when_records_are_missing() {
    let Some(python) = crate::pythons::newest() else { return };
    let receiver = CollectingReceiver::start().unwrap();
    let port = receiver.addr().port().to_string();
    python.run("clients/document_client.py", &["127.0.0.1", &port], "UTC");
    receiver.wait_for(5, PATIENCE).unwrap();
    let missing = receiver.wait_for(6, Duration::from_millis(10)).unwrap_err();
    assert_eq!(missing.records().len(), 5);
    let said = missing.to_string();
    assert!(said.starts_with("5 of 6 records arrived within 10ms: [\"Jackdaws love my big sphinx"), "{said}");
}

#[test]
fn raises_a_handlers_panic_once_where_the_test_waits() {
    let failing = |_: &_| |_: &LogRecord<'_>| panic!("not what I expected");
    let receiver = CollectingReceiver::start_with(failing).unwrap();
    let sender = SocketHandler::new("127.0.0.1", receiver.addr().port());
    let send = || sender.log(&Record::builder().args(format_args!("the quick brown fox")).build());
    send();
    let waited = catch_unwind(AssertUnwindSafe(|| receiver.wait_for(2, PATIENCE)));
    assert_eq!(waited.unwrap_err().downcast_ref::<&str>(), Some(&"not what I expected"));
    // What arrives after the panic was raised is collected, and raises nothing more.
    send();
    assert_eq!(receiver.wait_for(2, PATIENCE).unwrap().len(), 2);
    assert_eq!(receiver.stop().0.len(), 2);
}

#[test]
fn raises_the_first_panic_of_many_connections_when_stopped() {
    let handler = |_: &_| {
        |record: &LogRecord<'_>| assert!(!matches!(record.field(Field::LevelNo).kind(), Kind::Int(40..)), "too loud")
    };
    let receiver = CollectingReceiver::start_with(handler).unwrap();
    let sent_by = |level| {
        let sender = SocketHandler::new("127.0.0.1", receiver.addr().port());
        sender.log(&Record::builder().level(level).build());
    };
    sent_by(Level::Error);
    for _ in 0..4 {
        sent_by(Level::Info);
    }
    let stopped = catch_unwind(AssertUnwindSafe(|| receiver.stop()));
    assert_eq!(stopped.unwrap_err().downcast_ref::<&str>(), Some(&"too loud"));
}

#[test]
fn an_attribute_that_was_not_sent_fails_the_assertion_by_name() {
    let Some(python) = crate::pythons::newest() else { return };
    let receiver = CollectingReceiver::start().unwrap();
    let port = receiver.addr().port().to_string();
    python.run("clients/document_client.py", &["127.0.0.1", &port], "UTC");
    let records = receiver.wait_for(1, PATIENCE).unwrap();
    let looked_up = catch_unwind(AssertUnwindSafe(|| records[0]["lineo"] == 1));
    let said = looked_up.unwrap_err().downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(said.starts_with("the record has no attribute \"lineo\""), "{said}");
}

#[test]
fn waits_for_what_a_test_says_and_tells_readably_what_came_instead() {
    let receiver = CollectingReceiver::start().unwrap();
    let sender = SocketHandler::new("127.0.0.1", receiver.addr().port());
    let log = |text: &str| sender.log(&Record::builder().target("shop").args(format_args!("{text}")).build());
    log("the quick brown fox");
    log("jumps over");
    let is_there = |text: &'static str| move |records: &[CollectedRecord]| records.iter().any(|r| r.message() == text);
    assert_eq!(receiver.wait_until(is_there("jumps over"), PATIENCE).unwrap().len(), 2);
    let missing = receiver.wait_until(is_there("the lazy dog"), Duration::from_millis(10)).unwrap_err();
    let said = "what was waited for did not come within 10ms; 2 came: [\"the quick brown fox\", \"jumps over\"]";
    assert_eq!((format!("{missing:?}"), missing.to_string()), (said.to_owned(), said.to_owned()));
}

#[test]
fn gives_nested_values_as_they_were_sent() {
    let Some(python) = crate::pythons::newest() else { return };
    let receiver = CollectingReceiver::start().unwrap();
    let program = format!(
        "import logging, logging.handlers as h
a = []; a.append(a)
logging.getLogger().addHandler(h.SocketHandler('127.0.0.1', {}))
logging.warning('x', extra={{'request': {{'path': '/', 'sizes': [1, 2.5, (True, None)], 3: b'y'}}, 'big': 1 << 70, 'itself': a}})",
        receiver.addr().port()
    );
    assert!(python.command_of(&program).status().unwrap().success());
    let record = receiver.wait_for(1, PATIENCE).unwrap().remove(0);
    let request = &record["request"];
    assert_eq!((request["path"].as_str(), request["sizes"][0].as_i64()), (Some("/"), Some(1)));
    assert_eq!((request["sizes"][0].as_f64(), request["sizes"][1].as_f64()), (Some(1.0), Some(2.5)));
    assert_eq!(request["sizes"][2], Attribute::List(vec![Attribute::Bool(true), Attribute::None]));
    assert_eq!((request.get("no"), request["path"].as_list(), record["lineno"].as_str()), (None, None, None));
    assert_eq!(record["big"], "1180591620717411303424");
    // What holds itself ends where it is too deep to follow.
    let mut inner = &record["itself"];
    let mut levels = 1;
    while let Some([element]) = inner.as_list() {
        (inner, levels) = (element, levels + 1);
    }
    assert_eq!((levels, inner), (33, &Attribute::Repr("[[...]]".to_owned())));
    for (wrong, expected) in [
        (catch_unwind(AssertUnwindSafe(|| request["paht"] == 1)), "there is no \"paht\" in Dict("),
        (catch_unwind(AssertUnwindSafe(|| request["sizes"][3] == 1)), "there is no element 3 in List("),
    ] {
        let said = wrong.unwrap_err().downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn a_nested_bomb_takes_no_more_than_a_line_may() {
    // Each list holds the one before it twice: 2 to the power of 30 elements.
    let lists: Vec<u8> =
        (0..30_u8).flat_map(|index| [b'q', index, b'0', b']', b'(', b'h', index, b'h', index, b'e']).collect();
    let pickle = [b"(dVmsg\nVx\nsVbomb\n]", lists.as_slice(), b"s."].concat();
    let receiver = CollectingReceiver::start().unwrap();
    let mut stream = TcpStream::connect(receiver.addr()).unwrap();
    stream.write_all(&[&u32::try_from(pickle.len()).unwrap().to_be_bytes()[..], &pickle].concat()).unwrap();
    let record = receiver.wait_for(1, PATIENCE).unwrap().remove(0);
    let elements = format!("{:?}", record["bomb"]).matches("List(").count();
    assert!((100..=pickle.len() * 16 + (16 << 10)).contains(&(elements * size_of::<Attribute>())), "{elements}");
}

#[test]
fn listens_where_a_test_wants_it_to() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let addresses = ["udp:127.0.0.1:0".into(), format!("unix:{}", path.display())];
    let addresses = addresses.map(|address: String| Address::parse(address.as_ref()).unwrap());
    let receiver = CollectingReceiver::start_on(&addresses).unwrap();
    assert_eq!(receiver.addresses(), [LocalAddress::Udp(receiver.addr()), LocalAddress::Unix(path.clone())]);
    SocketHandler::unix(&path).log(&Record::builder().args(format_args!("by a path")).build());
    let pickle = b"(dVmsg\nVin a datagram\ns.";
    let datagram = [&u32::try_from(pickle.len()).unwrap().to_be_bytes()[..], pickle].concat();
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&datagram, receiver.addr()).unwrap();
    let records = receiver.wait_for(2, PATIENCE).unwrap();
    let mut messages: Vec<_> = records.iter().map(CollectedRecord::message).collect();
    messages.sort_unstable();
    assert_eq!(messages, ["by a path", "in a datagram"]);
}

const PATIENCE: Duration = Duration::from_secs(60);
