//! The library as a Rust test uses it: a receiver that collects, and says what went wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use jackdaws::collector::CollectingReceiver;
use jackdaws::decode::Kind;
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

const PATIENCE: Duration = Duration::from_secs(60);
