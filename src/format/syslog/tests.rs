//! The parts of a syslog message, in each of its forms.

use super::*;
use crate::base::budget::Budget;
use crate::decode::Unpickler;
use crate::record::{Defaults, make_log_record};

const LOCAL: Form = Form::Local;

fn text(text: &[u8]) -> Vec<u8> {
    [&b"X"[..], &u32::try_from(text.len()).unwrap().to_le_bytes(), text].concat()
}

/// The message of a record of these attributes, given as pickled values.
fn message_from(peer: &str, syslog: &mut Syslog, attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let pairs = attributes.iter().map(|(name, value)| [text(name.as_bytes()), value.clone()].concat());
    let pickle = [b"}(".to_vec(), pairs.collect::<Vec<_>>().concat(), b"u.".to_vec()].concat();
    let mut unpickler = Unpickler::new(Budget::new(1 << 24));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, peer).unwrap();
    let mut out = Vec::new();
    syslog.write(&record, &mut out);
    out
}

fn message(form: Form, attributes: &[(&str, Vec<u8>)]) -> String {
    let mut syslog = Syslog::new(form, 1, false, Escape::Control, true);
    syslog.host = "box".to_owned();
    String::from_utf8(message_from("127.0.0.1:5", &mut syslog, attributes)).unwrap()
}

fn created(seconds: f64) -> Vec<u8> {
    [&b"G"[..], &seconds.to_be_bytes()].concat()
}

/// The attributes of a record of the document, as `SocketHandler` sends it.
fn usual() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("name", text(b"shop.pay")),
        ("msg", text(b"order %d")),
        ("args", b"K\x07\x85".to_vec()),
        ("levelno", b"K\x28".to_vec()),
        ("levelname", text(b"ERROR")),
        ("created", created(1_767_323_045.25)),
        ("process", b"M\x92\x10".to_vec()),
        ("threadName", text(b"MainThread")),
        ("pathname", text(b"/srv/pay.py")),
        ("lineno", b"K\x03".to_vec()),
        ("funcName", text(b"work")),
        (
            "exc_text",
            text(b"Traceback (most recent call last):\n  File\n    1/0\nZeroDivisionError: division\nby zero"),
        ),
    ]
}

#[test]
fn writes_a_record_in_each_form() {
    let text = "order 7\nTraceback (most recent call last):\n  File\n    1/0\nZeroDivisionError: division\nby zero";
    assert_eq!(message(LOCAL, &usual()), format!("<11>Jan  2 03:04:05 shop.pay[4242]: {text}"));
    let data = "[jackdaws@32473 logger=\"shop.pay\" level=\"ERROR\" thread=\"MainThread\" file=\"/srv/pay.py\" line=\"3\" \
                    function=\"work\" exception=\"ZeroDivisionError\" client_address=\"127.0.0.1:5\"]";
    let header = "<11>1 2026-01-02T03:04:05.250000+00:00 box shop.pay 4242 -";
    assert_eq!(message(Form::Rfc5424, &usual()), format!("{header} {data} {text}"));
    let extra = [usual(), vec![("customer", b"X\x03\0\0\0Ann".to_vec()), ("none", b"N".to_vec())]].concat();
    let with_extra = message(Form::Rfc5424, &extra);
    assert_eq!(with_extra, format!("{header} {data}[extra@32473 customer=\"Ann\" none=\"None\"] {text}"));
    let handler = |append_nul| Form::Handler { ident: "a[1]: ".to_owned(), append_nul };
    assert_eq!(message(handler(true), &usual()), format!("<11>a[1]: {text}\0"));
    assert_eq!(message(handler(false), &usual()), format!("<11>a[1]: {text}"));
}

#[test]
fn severities_go_by_range_or_as_in_cpython_by_name() {
    for (level, name, severity, by_name) in [
        (&b"K\x05"[..], "TRACE", DEBUG, WARNING),
        (b"K\x0a", "DEBUG", DEBUG, DEBUG),
        (b"K\x13", "Level 19", DEBUG, WARNING),
        (b"K\x14", "INFO", INFO, INFO),
        (b"K\x19", "NOTICE", INFO, WARNING),
        (b"K\x1e", "WARNING", WARNING, WARNING),
        (b"K\x28", "ERROR", ERROR, ERROR),
        (b"K\x31", "Level 49", ERROR, WARNING),
        (b"K\x32", "CRITICAL", CRITICAL, CRITICAL),
        (b"K\xff", "x", CRITICAL, WARNING),
        (b"N", "x", INFO, WARNING),
    ] {
        let record = [("levelno", level.to_vec()), ("levelname", text(name.as_bytes())), ("msg", text(b"m"))];
        let handler = Form::Handler { ident: String::new(), append_nul: false };
        assert_eq!(message(handler, &record), format!("<{}>m", 8 + by_name));
        for form in [LOCAL, Form::Rfc5424] {
            let start = format!("<{}>", 8 + severity);
            assert!(message(form, &record).starts_with(&start), "{name}");
        }
    }
}

#[test]
fn names_hold_what_syslog_allows() {
    for (name, app_name, tag) in [
        (&b"a b\n\xc3\xa9:]=\"x"[..], "a_b__:]=\"x", "a_b______x"),
        (b"", "-", "root"),
        (&[b'n'; 100], &"n".repeat(48), &"n".repeat(64)),
    ] {
        let record = [("name", text(name)), ("msg", text(b"m")), ("created", created(0.0)), ("process", b"N".to_vec())];
        assert_eq!(message(LOCAL, &record), format!("<14>Jan  1 00:00:00 {tag}: m"));
        let start = format!("<14>1 1970-01-01T00:00:00.000000+00:00 box {app_name} - - [");
        let written = message(Form::Rfc5424, &record);
        assert!(written.starts_with(&start), "{written}");
    }
}

#[test]
fn values_are_escaped_and_their_names_sanitized() {
    let long = "k".repeat(40);
    let record = [
        ("a b=]\"\u{e9}", text(b"q\"b\\s]e\x1b\nl")),
        (long.as_str(), b"K\x01".to_vec()),
        ("u", text(b"\xed\xb3\xbf")),
        ("", b"K\x02".to_vec()),
    ];
    let written = message(Form::Rfc5424, &record);
    let expected =
        format!("[extra@32473 a_b____=\"q\\\"b\\\\s\\]e\\\\x1b\nl\" {}=\"1\" u=\"\\\\udcff\" _=\"2\"]", "k".repeat(32));
    assert!(written.contains(&expected), "{written}");
}

#[test]
fn a_time_that_is_none_is_said_to_be_none() {
    // rsyslog takes no year from 2100 on.
    let (last, first) = (created(4_102_444_799.0), created(4_102_444_800.0));
    let in_2099 = message(Form::Rfc5424, &[("msg", text(b"m")), ("created", last)]);
    // With glibc on 32 bits, time ends in 2038.
    let ends_early = crate::base::sys::BrokenDownTime::utc(4_102_444_799).is_none();
    let start = if ends_early { "<14>1 - box " } else { "<14>1 2099-12-31T23:59:59.000000+00:00 box " };
    assert!(in_2099.starts_with(start), "{in_2099}");
    for created in [created(f64::NAN), created(1e15), created(-1e13), first, b"N".to_vec(), text(b"now")] {
        let record = [("msg", text(b"m")), ("created", created)];
        assert!(message(Form::Rfc5424, &record).starts_with("<14>1 - box "));
        // The traditional form has to have one.
        let local = message(LOCAL, &record);
        assert!(local.len() > 20 && local.is_ascii(), "{local}");
    }
    let nearly = [("msg", text(b"m")), ("created", created(1_767_323_045.999_999_7))];
    assert!(message(Form::Rfc5424, &nearly).contains("05.999999+"));
}

#[test]
fn the_host_is_the_peer_if_that_is_another_machine() {
    let mut syslog = Syslog::new(Form::Rfc5424, 1, false, Escape::Control, true);
    syslog.host = "box".to_owned();
    for (peer, host) in [
        ("10.0.0.7:5", "10.0.0.7"),
        ("[fd00::1]:5", "fd00::1"),
        ("[::1]:5", "box"),
        ("/run/x.sock", "box"),
        ("", "box"),
    ] {
        let written = message_from(peer, &mut syslog, &[("created", created(0.0))]);
        let written = String::from_utf8(written).unwrap();
        assert!(written.contains(&format!("+00:00 {host} ")), "{written}");
    }
}

#[test]
fn too_long_a_message_is_cut_at_a_character() {
    let header = "<14>Jan  1 00:00:00 root[1]: ".len();
    let fits = MAX_SYSLOG_BYTES - header - MARK_OF_CUT_BYTES;
    for (length, is_cut) in [(fits - 1, false), (fits, false), (fits + 1, true), (1 << 20, true)] {
        let attributes = |msg: Vec<u8>| {
            [("name", text(b"")), ("msg", text(&msg)), ("created", created(0.0)), ("process", b"K\x01".to_vec())]
        };
        let written = message(LOCAL, &attributes(vec![b'x'; length]));
        assert_eq!(written.ends_with("..."), is_cut, "{length}");
        assert!(written.len() <= MAX_SYSLOG_BYTES);
        let written = message(LOCAL, &attributes("\u{20ac}".repeat(length / 3 + 1).into_bytes()));
        assert!(written.len() <= MAX_SYSLOG_BYTES && written.len() + 6 > MAX_SYSLOG_BYTES - 9);
    }
    let attributes: Vec<_> = (0..100).map(|_| ("extra", text(&[b']'; 5000]))).collect();
    let written = message(Form::Rfc5424, &attributes);
    assert!(written.len() <= MAX_SYSLOG_BYTES, "{}", written.len());
}

#[test]
fn on_streams_a_message_stands_behind_its_length() {
    let mut syslog =
        Syslog::new(Form::Handler { ident: String::new(), append_nul: true }, 1, true, Escape::Control, true);
    let written = message_from("", &mut syslog, &[("msg", text(b"two\nlines \xc3\xa9"))]);
    assert_eq!(written, "17 <12>two\nlines \u{e9}\0".as_bytes());
}

#[test]
fn facilities_have_their_numbers() {
    let numbers = ["kern", "user", "daemon", "local0", "local7", "LOCAL0", "", "local8"].map(facility);
    assert_eq!(numbers, [Some(0), Some(1), Some(3), Some(16), Some(23), None, None, None]);
}
