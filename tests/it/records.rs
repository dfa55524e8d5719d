//! What is taken for a record, and what of it prints where something is missing, merged late, or hidden in an object.

use serde_json::Value;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::format::{Formatter, Style, json};
use jackdaws::record::{Defaults, make_log_record};

use crate::frames::{dict, integer, text};
use crate::program::Program;
use crate::pythons::{newest, unhexlified};

#[test]
fn a_record_without_msg_prints_the_message_that_it_has() {
    for (pickle, expected) in [
        (&b"}(Vmessage\nVfrom a recipe\nVlevelname\nVINFO\nu."[..], "from a recipe"),
        (b"}(Vmessage\nVfrom a recipe\nVargs\nNu.", "from a recipe"),
        (b"}(Vmessage\nVstale\nVmsg\nVfresh\nu.", "fresh"),
        (b"}(Vmessage\nVstale\nVmsg\nV\nVargs\nNu.", ""),
        (b"}(Vmessage\nI5\nu.", ""),
        (b"}(Vlevelname\nVINFO\nu.", ""),
    ] {
        assert_eq!(line(pickle, "%(message)s"), expected, "{:?}", pickle.escape_ascii().to_string());
    }
}

#[test]
fn a_log_record_that_was_pickled_itself_is_a_record() {
    let Some(python) = newest() else { return };
    let program = "import logging, pickle, binascii
record = logging.LogRecord('app.db', 30, 'p.py', 5, 'late by %d', (7,), None)
class Own(logging.LogRecord): pass
Own.__module__ = 'module'
import sys, types; sys.modules['module'] = types.ModuleType('module'); sys.modules['module'].Own = Own
own = Own('app.db', 30, 'p.py', 5, 'late by %d', (7,), None)
for protocol in 0, 1, 2, 4:
    for each in record, own:
        print(binascii.hexlify(pickle.dumps(each, protocol)).decode())";
    let output = python.command_of(program).output().unwrap();
    let pickles = String::from_utf8(output.stdout).unwrap();
    assert_eq!(pickles.lines().count(), 8, "{}", String::from_utf8_lossy(&output.stderr));
    for pickle in pickles.lines() {
        assert_eq!(
            line(&unhexlified(pickle), "%(name)s %(levelname)s %(lineno)d %(message)s"),
            "app.db WARNING 5 late by 7"
        );
    }
}

#[test]
fn falsy_arguments_leave_a_message_as_it_is_and_mappings_merge() {
    for (args, expected) in [
        (&b"c__builtin__\nxrange\n(I0\nI0\nI1\ntR"[..], "%(a)s"),
        (b"ccollections\ndeque\n)R", "%(a)s"),
        (b"ccollections\nCounter\n(}tR", "%(a)s"),
        (b"ccollections\nOrderedDict\n((lp0\n(lp1\nVa\naI1\naatR", "1"),
        (b"ccollections\nCounter\n(}Va\nI1\nstR", "1"),
        (b"ccollections\ndefaultdict\n(c__builtin__\nint\ntRVa\nI1\ns", "1"),
        (b"ccollections\ndefaultdict\n(c__builtin__\nlong\ntRVb\nI1\ns", "0"),
        (b"ccollections\nChainMap\n)R}Vmaps\n(}Va\nI1\ns}Va\nI2\nslsb", "1"),
        (b"cUserDict\nUserDict\n)R}Vdata\n}Va\nI1\nssb", "1"),
    ] {
        let pickle = [b"}(Vmsg\nV%(a)s\nVargs\n", args, b"u."].concat();
        assert_eq!(line(&pickle, "%(message)s"), expected, "{:?}", args.escape_ascii().to_string());
    }
}

#[test]
fn what_an_exc_info_holds_is_an_exception_whatever_its_name_and_its_notes_follow() {
    for (exception, expected) in [
        (&b"cshop.orders\nOutOfStock\n(I7\nVapples\ntR"[..], "shop.orders.OutOfStock: (7, 'apples')"),
        (b"cshop.orders\nOutOfStock\n(I7\ntR", "shop.orders.OutOfStock: 7"),
        (b"cshop\nOutOfStock\n)R}Vitem\nI7\nsb", "shop.OutOfStock"),
        (b"cexceptions\nValueError\n(Vm\ntR}V__notes__\n(Vfirst\nVsecond\nlsb", "ValueError: m\nfirst\nsecond"),
    ] {
        let pickle = [b"}(Vmsg\nVm\nVexc_info\n(N", exception, b"Ntu."].concat();
        assert_eq!(line(&pickle, "%(message)s"), format!("m\n{expected}"));
    }
}

#[test]
fn json_tells_the_message_of_arguments_that_came_unmerged() {
    let unmerged = json_of(b"}(Vmsg\nVa %d\nVargs\n(I5\ntVx\nI1\nu.");
    assert_eq!((&unmerged["message"], &unmerged["msg"]), (&"a 5".into(), &"a %d".into()));
    assert_eq!(json_of(b"}(Vmsg\nVa\nVargs\nNu.").get("message"), None);
    // One that was sent may be of another time, as `Formatter.format` knows.
    assert_eq!(json_of(b"}(Vmessage\nVsent\nVmsg\nVa %d\nVargs\n(I5\ntu.")["message"], "a 5");
    assert_eq!(json_of(b"}(Vmessage\nVsent\nVmsg\nVa\nu.")["message"], "sent");
}

#[test]
fn json_holds_numbers_dicts_and_exceptions_as_what_they_are() {
    for (value, expected) in [
        (&b"chttp\nHTTPStatus\n(I404\ntR"[..], "404"),
        (b"csignal\nSIGINT\n", "2"),
        (b"ccollections\nOrderedDict\n)RVa\nI1\ns", r#"{"a":1}"#),
        (b"ccollections\nCounter\n(}Va\nI1\nstR", r#"{"a":1}"#),
        (b"}(I1\nI2\nF1.0\nI3\nu", r#"{"1":3}"#),
        (b"}((I1\nVa\ntI2\n(F1.0\nVa\ntI3\nu", r#"{"(1, 'a')":3}"#),
        (b"cplistlib\nPlistFormat\n(I1\ntR", r#""PlistFormat.FMT_XML""#),
        (b"citertools\ncount\n(I5\nI2\ntR", r#""count(5, 2)""#),
        (b"cexceptions\nValueError\n(Vbad\ntR", r#"{"__class__":"builtins.ValueError","args":["bad"]}"#),
        (b"cexceptions\nOSError\n(I2\nVno\ntR", r#"{"__class__":"builtins.FileNotFoundError","args":[2,"no"]}"#),
        (b"cmodule\nPoint\n)\x81}Vx\nI1\nsb", r#"{"__class__":"module.Point","state":{"x":1}}"#),
        (b"curllib.parse\nDefragResult\n(Va\nVb\nt\x81", r#""DefragResult(url='a', fragment='b')""#),
    ] {
        let pickle = [b"}(Vx\n", value, b"u."].concat();
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(json_of(&pickle)["x"], expected, "{:?}", value.escape_ascii().to_string());
    }
}

#[test]
fn json_tells_a_surrogate_from_the_text_that_it_is_spelled_as() {
    let of = |text: &[u8]| {
        let length = u32::try_from(text.len()).unwrap().to_le_bytes();
        let pickle = [b"}(Vx\nX", &length[..], text, b"u."].concat();
        json_of(&pickle)["x"].as_str().unwrap().to_owned()
    };
    let surrogate = b"\xed\xb3\xbf";
    for (text, expected) in [
        (&surrogate[..], r"\udcff"),
        (br"\udcff", r"\\udcff"),
        (&[br"\", &surrogate[..]].concat(), r"\\\udcff"),
        (br"\\udcff", r"\\\\udcff"),
        (br"C:\users\ud", r"C:\users\ud"),
        (br"\ud7ff \u0041 \", r"\ud7ff \u0041 \"),
    ] {
        assert_eq!(of(text), expected, "{}", text.escape_ascii());
    }
}

#[test]
fn json_escapes_what_ends_a_line_and_what_a_terminal_obeys() {
    let text = "\u{85}\u{2028}\u{2029}\u{9b}\u{7f}\u{202e}\n\t\u{1b}\"\\\u{2027}é";
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    let pickle = [b"}(Vx\nX", &length[..], text.as_bytes(), b"u."].concat();
    let expected = "\"\\u0085\\u2028\\u2029\\u009b\\u007f\\u202e\\n\\t\\u001b\\\"\\\\\u{2027}é\"";
    let line = written(&pickle, json::write);
    assert!(line.contains(expected), "{line}");
    assert_eq!(json_of(&pickle)["x"], text);
}

#[test]
fn numbers_and_names_print_under_the_conversions_that_take_them() {
    for (value, format, expected) in [
        (&b"cmodule\nPriority\n(I3\ntR"[..], "%(x)5d|%(x)s", "    3|Priority(3)"),
        (b"chttp\nHTTPStatus\n(I404\ntR", "%(x)5d|%(x)s|%(x)r", "  404|404|<HTTPStatus.NOT_FOUND: 404>"),
        (b"cmodule\nFloat\n(F2.75\nt\x81", "%(x)d|%(x).1f", "2|2.8"),
        (b"ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR}Vint\nL5L\nsb", "%(x)3d", "  5"),
        (b"cipaddress\nIPv4Interface\n(V0.0.1.2/8\ntR", "%(x)d", "258"),
        (b"cipaddress\nIPv4Network\n(V10.0.0.0/8\ntR", "%(x)d", "10.0.0.0/8"),
    ] {
        let pickle = [b"}(Vx\n", value, b"u."].concat();
        assert_eq!(line(&pickle, format), expected);
    }
    for (value, format, expected) in [
        (&b"cmodule\nPriority\n(I3\ntR"[..], "{x:>8}|{x:.1f}", "       3|3.0"),
        (b"ccollections\ndefaultdict\n(c__builtin__\nint\ntRVa\nI1\ns", "{x[a]}", "1"),
        (b"chttp\nHTTPStatus\n(I404\ntR", "{x.value:5}|{x.real}", "  404|404"),
    ] {
        let pickle = [b"}(Vx\n", value, b"u."].concat();
        assert_eq!(formatted(&pickle, format, Style::Brace), expected, "{format}");
    }
}

#[test]
fn a_frame_that_is_no_pickle_says_what_it_looks_like() {
    let zlib = b"\x78\x9c\x4b\x04\x00\x00\x62\x00\x62";
    for (payload, expected) in [
        (&br#"{"message": "hello"}"#[..], "JSON"),
        (b"GET / HTTP/1.1\r\n\r\n", "an HTTP request"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "a TLS client hello"),
        (b"just text\n", "text"),
        (zlib, "zlib"),
    ] {
        let program = Program::start(&["--count", "1"]);
        let framed = crate::frames::framed(payload);
        program
            .send(&[&framed[..], &crate::frames::framed(&dict(&[("x", integer(1)), ("msg", text("good"))]))].concat());
        let finished = program.stop();
        assert!(finished.stderr.contains(&format!("this looks like {expected}")), "{expected}: {}", finished.stderr);
    }
}

fn line(pickle: &[u8], format: &str) -> String {
    formatted(pickle, format, Style::Percent)
}

fn formatted(pickle: &[u8], format: &str, style: Style) -> String {
    written(pickle, |record, out| Formatter::new(format, style, None, true).unwrap().format(record, out))
}

fn json_of(pickle: &[u8]) -> Value {
    serde_json::from_str(&written(pickle, json::write)).unwrap()
}

fn written(pickle: &[u8], write: impl Fn(&jackdaws::record::LogRecord<'_>, &mut TextWriter<'_>)) -> String {
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let defaults = Defaults::of_this_process();
    let record = make_log_record(unpickler.unpickle(pickle).unwrap(), &defaults, "127.0.0.1:1").unwrap();
    let mut line = Vec::new();
    write(&record, &mut TextWriter::new(&mut line, 1 << 16));
    String::from_utf8(line).unwrap()
}
