//! What the fuzz targets beside this file run, and `cargo test` over the corpus: a frame, and what must be true of it.
//!
//! In: the bytes of one frame, its length prefix included but not heeded, so that recorded frames serve as a corpus as they
//! are. Out: nothing. Every function here panics if the library breaks a promise: that it never panics, that what it decodes
//! is no larger than what was sent, that text is text, that limits, the meter's too, are kept and memory is given back.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::de::IgnoredAny;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::{MAX_IN_FLIGHT_BYTES, meter_units};
use jackdaws::base::meter::Meter;
use jackdaws::base::text::{Text, TextWriter};
use jackdaws::decode::expect::{RecordUnpickler, Unpickled};
use jackdaws::decode::{Error, Kind, Reason, Unpickler, Value};
use jackdaws::format::escape::{Escape, Highlight};
use jackdaws::format::{Formatter, Style, json};
use jackdaws::record::{Defaults, LogRecord, make_log_record};

/// Decodes a frame, walks every value in it, and prints it by `str()`, `repr()` and `ascii()`. Then decodes it once more with
/// less memory than it may need.
///
/// # Panics
/// If something is wrong with the library.
pub fn unpickle(frame: &[u8]) {
    let pickle = frame.get(PREFIX_BYTES..).unwrap_or_default();
    let printed = within_budget(MAX_IN_FLIGHT_BYTES, pickle, |value| {
        assert!(count_values(value) <= pickle.len().saturating_mul(VALUES_PER_BYTE), "more values than bytes");
        print_in_every_way(value)
    });
    let with_little = within_budget(pickle.len(), pickle, print_in_every_way);
    let lacked_memory = with_little.as_ref().is_err_and(|error| error.reason == Reason::InFlightBytesTooMany);
    assert!(lacked_memory || with_little == printed, "{with_little:?} with little memory, {printed:?} with much");
}

/// Takes a frame all the way: decoded, made a record, formatted in each style and as JSON, and escaped in each way.
///
/// # Panics
/// If something is wrong with the library.
pub fn frame_to_line(frame: &[u8]) {
    let pickle = frame.get(PREFIX_BYTES..).unwrap_or_default();
    let refused = within_budget(MAX_IN_FLIGHT_BYTES, pickle, |value| {
        if let Ok(record) = make_log_record(value, &DEFAULTS, "192.0.2.1:9020") {
            lay_out_in_every_way(&record);
        }
    });
    if let Err(error) = refused {
        let shown = error.to_string();
        assert!(shown.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{shown:?}");
    }
}

/// Takes the frames of a stream, one after the other, with one unpickler that expects of each that it is like the last, and one
/// formatter for each format, which remembers the last second: what they make of them, and where they refuse them, must be what
/// the general machine and new formatters make of each alone.
///
/// # Panics
/// If something is wrong with the library.
pub fn stream(bytes: &[u8]) {
    let budget = Budget::new(MAX_IN_FLIGHT_BYTES);
    let mut experienced = RecordUnpickler::new(budget.clone());
    let mut formatters = FORMATTERS.clone();
    let mut rest = bytes;
    for _ in 0..FRAMES_A_STREAM {
        let Some((prefix, after)) = rest.split_first_chunk::<PREFIX_BYTES>() else { break };
        let length = usize::try_from(u32::from_be_bytes(*prefix)).unwrap_or(usize::MAX);
        let (pickle, after) = after.split_at_checked(length).unwrap_or((after, &[]));
        let mut general = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
        let expected = general.unpickle(pickle).map(|value| shown(value.into(), &mut FORMATTERS.clone()));
        let seen = experienced.unpickle(pickle).map(|unpickled| shown(unpickled, &mut formatters));
        // Where no more work may be done, a line is cut; the general machine works more, and is cut elsewhere.
        let is_cut = [&seen, &expected].into_iter().flatten().any(|(is_spent, _)| *is_spent);
        assert_eq!(seen.is_ok(), expected.is_ok());
        assert!(
            is_cut || seen == expected,
            "{seen:?} and {expected:?} after other frames, and alone, at the end of {}",
            bytes.get(..bytes.len().saturating_sub(after.len())).unwrap_or_default().escape_ascii()
        );
        rest = after;
    }
    experienced.shrink();
    assert_eq!(budget.left(), MAX_IN_FLIGHT_BYTES, "after it shrank");
}

/// Whether no more work may be done for it, and all that there is to see of what a pickle is: the value, and the record that it is as JSON and in every format.
fn shown(unpickled: Unpickled<'_>, formatters: &mut [Formatter]) -> (bool, Vec<String>) {
    let mut is_spent = false;
    let mut shown = print_in_every_way(unpickled.value).to_vec();
    if let Ok(record) = make_log_record(unpickled, &DEFAULTS, "192.0.2.1:9020") {
        let mut text = Vec::new();
        json::write(&record, &mut TextWriter::new(&mut text, LINE_BYTES));
        shown.push(text);
        for formatter in formatters {
            let line = |formatter: &mut Formatter| {
                let mut line = Vec::new();
                formatter.format(&record, &mut TextWriter::new(&mut line, LINE_BYTES));
                line
            };
            let colored = line(formatter);
            let plain = line(&mut formatter.clone().with_color(false));
            // Both are made of one record, and the second may find its meter spent.
            assert!(record.meter().is_spent() || colored == plain, "{colored:?} with colour, {plain:?} without");
            shown.push(colored);
        }
        is_spent = record.meter().is_spent();
    }
    (is_spent, shown.iter().map(|text| String::from_utf8_lossy(text).into_owned()).collect())
}

/// Decodes and uses a pickle twice with one unpickler, which must make no difference, and holds it to its budget.
fn within_budget<T: PartialEq + std::fmt::Debug>(
    bytes: usize,
    pickle: &[u8],
    used: impl Fn(Value<'_>) -> T,
) -> Result<T, Error> {
    let budget = Budget::new(bytes);
    let mut unpickler = Unpickler::new(budget.clone());
    let first = unpickler.unpickle(pickle).map(&used);
    check_work(unpickler.meter(), pickle);
    assert!(first.as_ref().err().is_none_or(|error| error.offset <= pickle.len()), "{first:?} of {}", pickle.len());
    assert_eq!(unpickler.unpickle(pickle).map(&used), first, "decoded again");
    unpickler.shrink();
    assert_eq!(budget.left(), bytes, "after it shrank");
    assert_eq!(unpickler.unpickle(pickle).is_err(), first.is_err(), "decoded after it shrank");
    drop(unpickler);
    assert_eq!(budget.left(), bytes, "after it was dropped");
    first
}

/// Whether no more work was done for a pickle than its length allows. Charges that are refused count too, so that whoever goes
/// on asking is found: few may follow one another in each of the ways in which a value is used here.
fn check_work(meter: &Meter, pickle: &[u8]) {
    assert_eq!(meter.limit(), meter_units(pickle.len()));
    let most = meter.limit().saturating_add(meter.limit() / 2);
    assert!(meter.used() <= most, "{} of {} units", meter.used(), meter.limit());
}

/// Visits everything that can be reached from `value`, each container once; tells how many values that were.
fn count_values(value: Value<'_>) -> usize {
    let mut visited = 0_usize;
    let mut seen = HashSet::new();
    let mut to_visit = vec![value];
    while let Some(value) = to_visit.pop() {
        visited = visited.saturating_add(1);
        if value.identity().is_some_and(|identity| !seen.insert(identity)) {
            continue;
        }
        match value.kind() {
            Kind::Str(text) => check_text(text.as_bytes()),
            Kind::Global(global) => [global.module, global.name].iter().for_each(|name| check_text(name.as_bytes())),
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) | Kind::FrozenSet(items) => {
                assert_eq!(items.len(), items.count());
                to_visit.extend(items);
            }
            Kind::Dict(pairs) => to_visit.extend(pairs.flat_map(<[Value<'_>; 2]>::from)),
            Kind::Object(object) => {
                to_visit.extend([object.class(), object.args(), object.kwargs(), object.state()]);
                to_visit.extend(object.items());
                to_visit.extend(object.pairs().flat_map(<[Value<'_>; 2]>::from));
            }
            Kind::None | Kind::Bool(_) | Kind::Int(_) | Kind::BigInt(_) | Kind::Float(_) => {}
            Kind::Bytes(_) | Kind::ByteArray(_) => {}
            other => unreachable!("a kind that these bodies do not know: {other:?}"),
        }
    }
    visited
}

fn print_in_every_way(value: Value<'_>) -> [Vec<u8>; 3] {
    [jackdaws::python::str, jackdaws::python::repr, jackdaws::python::ascii].map(|print| {
        let mut printed = Vec::new();
        print(value, &mut TextWriter::new(&mut printed, LINE_BYTES));
        assert!(printed.len() <= LINE_BYTES, "{} bytes printed", printed.len());
        check_text(&printed);
        printed
    })
}

fn lay_out_in_every_way(record: &LogRecord<'_>) {
    for formatter in &*FORMATTERS {
        let mut formatter = formatter.clone();
        let mut line = Vec::new();
        formatter.format(record, &mut TextWriter::new(&mut line, LINE_BYTES));
        assert!(line.len() <= LINE_BYTES.saturating_add(CUT.len()), "{} bytes in a line", line.len());
        check_text(&line);
        // Those of this line, before another one is made.
        [Escape::All, Escape::Control, Escape::None]
            .into_iter()
            .for_each(|escape| check_escaped(escape, &line, formatter.highlights()));
        check_longest_line(record, |out| formatter.format(record, out));
    }
    for limit in [json::LEAST_ROOM, LINE_BYTES] {
        let mut line = Vec::new();
        json::write(record, &mut TextWriter::new(&mut line, limit));
        assert!(line.len() <= limit, "{} bytes of JSON, limit {limit}", line.len());
        assert!(is_json_on_a_line(&line), "{}", line.escape_ascii());
    }
    check_longest_line(record, |out| json::write(record, out));
}

/// However long a line may be, it is no longer than the frame's length allows.
fn check_longest_line(record: &LogRecord<'_>, write: impl FnOnce(&mut TextWriter<'_>)) {
    let mut line = Vec::new();
    write(&mut TextWriter::new(&mut line, usize::MAX));
    assert!(line.len() <= record.max_line_bytes().saturating_add(CUT.len()), "{} bytes in a line", line.len());
}

fn check_escaped(escape: Escape, line: &[u8], highlights: &[Highlight]) {
    let escaped = |highlights, limit| {
        let mut escaped = line.to_vec();
        let whole = escape.finish(&mut escaped, 0, highlights, limit);
        let text = String::from_utf8(escaped);
        assert!(text.is_ok(), "{escape:?}: {text:?}");
        (whole, text.unwrap_or_default())
    };
    let may_stand = |character| match (escape, character) {
        (Escape::None, _) => true,
        (Escape::Control, '\n' | '\t') => true,
        _ => !char::is_control(character),
    };
    let (_, plain) = escaped(&[], usize::MAX);
    assert!(plain.chars().all(may_stand), "{escape:?} left {plain:?}");
    let (whole, cut) = escaped(&[], LINE_BYTES);
    assert_eq!(whole, plain.len() <= LINE_BYTES, "{} bytes", plain.len());
    assert!(cut.len() <= LINE_BYTES.saturating_add(CUT.len()), "{} bytes", cut.len());
    let (_, colored) = escaped(highlights, usize::MAX);
    assert!(colored.len() >= plain.len(), "{colored:?} is {plain:?} in colour");
}

fn is_json_on_a_line(line: &[u8]) -> bool {
    let is_plain = std::str::from_utf8(line).is_ok_and(|line| !line.contains(char::is_control));
    is_plain && line.starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

fn check_text(bytes: &[u8]) {
    assert!(Text::new(bytes).is_some(), "{} is no text", bytes.escape_ascii());
}

static DEFAULTS: LazyLock<Defaults> =
    LazyLock::new(|| Defaults { created: Some(1_700_000_000.25), ..Defaults::of_this_process() });

static FORMATTERS: LazyLock<Vec<Formatter>> = LazyLock::new(|| {
    let formats = FORMATS.iter().map(|&(format, style, datefmt)| Formatter::new(format, style, datefmt, true));
    let compiled: Result<Vec<Formatter>, _> = formats.map(|made| made.map(|made| made.with_color(true))).collect();
    assert!(compiled.is_ok(), "{compiled:?}");
    compiled.unwrap_or_default()
});

/// Every kind of conversion, of attributes that the corpus has: `x` is its name for an `extra` one.
const FORMATS: &[(&str, Style, Option<&str>)] = &[
    (
        "%(asctime)s %(name)-15.9s %(levelname)-8s %(message)s %(created)f %(msecs)03d %(relativeCreated)5d %(thread)d",
        Style::Percent,
        None,
    ),
    ("%(message)r %(x)s %(x)r %(x)a %(x)-8s %(x)8.3s %(x)+d %(x)08d %(x)#x %(x)o", Style::Percent, None),
    ("%(x).2f %(x)+e %(x)#g %(x)c %(x)i %(lineno)05.1f %(client_address)s %(missing)s", Style::Percent, None),
    ("{asctime} [{levelname:>8}] {name} {message} {x} {x!r:>30} {x!s:^9.3} {x!a}", Style::Brace, Some("%c %j %Z")),
    ("{x:d} {x:,} {x:_x} {x:>12} {x:=+08.2f} {x:%} {x:n} {x:{lineno}} {x[0]} {x[k]} {x.real}", Style::Brace, None),
    ("$asctime $levelname $message ${x} $$ $missing", Style::Dollar, None),
    (
        "%(relativeCreated)5d %(name)-15s  %(levelname)-8s%(lineno)d %(funcName)s %(created)d       %(thread)-20d|\
         %(process)d %(module)32s %(filename)s %(pathname)s %(threadName)s %(processName)s %(taskName)s %(msg)s %(args)s",
        Style::Percent,
        None,
    ),
];

/// The length before a frame, which recorded frames have and fuzzers need not heed.
const PREFIX_BYTES: usize = 4;

/// Frames of a stream that are looked at: what one may change for the next needs few.
const FRAMES_A_STREAM: usize = 200;

/// The longest text that is asked for: small, since work is bounded by it, and cuts must happen.
const LINE_BYTES: usize = 4096;

/// What stands where a line was cut.
const CUT: &str = "...";

/// Each byte of a pickle can be an opcode that pushes a value; each of these an object, with four parts of its own.
const VALUES_PER_BYTE: usize = 5;
