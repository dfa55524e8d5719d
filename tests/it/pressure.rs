//! No frame costs more than its length allows, whatever it names how often: work is counted in units, lines in bytes.
//!
//! In: [`bombs`], whose costs would be products of their parts, the corpus, and random records. Seconds stand in
//! `cargo bench --bench pressure`, which runs the same bombs.

use std::sync::Arc;

use jackdaws::base::budget::Budget;
use jackdaws::base::limits::{LINE_BYTES, LINE_BYTES_PER_BYTE, MAX_FRAME_BYTES, meter_units};
use jackdaws::base::meter::Meter;
use jackdaws::base::text::TextWriter;
use jackdaws::decode::Unpickler;
use jackdaws::decode::expect::RecordUnpickler;
use jackdaws::format::{Formatter, JsonFields, Style, json};
use jackdaws::policy::handler::LogRecordHandler as _;
use jackdaws::policy::{Policy, PolicyHandler};
use jackdaws::record::{Defaults, LogRecord, make_log_record};
use jackdaws::write::Output;

use crate::frames::{dict, text};
use crate::program::wait_until;
use crate::pythons::{json_lines, newest, unhexlified};
use crate::{bombs, corpus, policies};

#[test]
fn no_bomb_costs_more_than_its_length_allows() {
    let (mut count, mut spent) = (0, 0);
    for size in [4 << 10, 64 << 10] {
        bombs::each(
            size,
            |_| true,
            |bomb| {
                assert!(bomb.pickle.len() <= size * 5 / 4 + 1000, "{}: {} bytes", bomb.name, bomb.pickle.len());
                // What the message applies, every layout with a message prints; what is an attribute, the others do.
                let (message, others) = LAYOUTS.split_first().unwrap();
                let is_of_message = size > 4 << 10 && bomb.name.contains('%');
                for layout in if is_of_message { std::slice::from_ref(message) } else { others } {
                    let cost = Cost::of(&bomb.pickle, layout);
                    cost.check(&format!("{} of {size} bytes, {layout}", bomb.name), bomb.pickle.len());
                    count += 1;
                    spent += usize::from(cost.used > cost.limit);
                }
            },
        );
    }
    println!("{spent} of {count} spent their meter");
    assert!(spent > count / 20, "{spent} of {count} bombs spent their meter: they are none");
}

#[test]
fn honest_records_come_nowhere_near_what_they_may_cost() {
    let mut cases: Vec<_> = corpus::rows().into_iter().map(|row| row.case).collect();
    cases.dedup();
    let mut frames: Vec<_> = cases.into_iter().map(|case| (corpus::frame(&case), case)).collect();
    if let Some(python) = newest() {
        let pairs = json_lines(&python.run("random_formats.py", &["--count", "10000", "--seed", "7"], "UTC"));
        assert_eq!(pairs.len(), 10_000);
        let random = pairs.iter().map(|pair| unhexlified(pair["frame"].as_str().unwrap())).zip(1..);
        frames.extend(random.map(|(frame, number)| (frame, format!("random record {number}"))));
    }
    assert!(frames.len() > 300, "{} frames", frames.len());
    let mut highest = (0.0, String::new());
    for (frame, name) in frames {
        for layout in LAYOUTS {
            let cost = Cost::of(&frame[4..], layout);
            assert!(!cost.is_cut, "{name}, {layout}: {} of {} units", cost.used, cost.limit);
            let share = cost.used as f64 / cost.limit as f64;
            if layout.contains("%(message)r") {
                // Each letter beyond ASCII is looked up: an eighth, if all of the frame are such.
                assert!(share <= 0.15, "{share} of the meter used by {name}, {layout}");
            } else if share > highest.0 {
                highest = (share, format!("{name}, {layout}"));
            }
        }
    }
    println!("highest share of the meter: {:.4}, by {}", highest.0, highest.1);
    assert!(highest.0 <= 0.1, "{} of the meter used by {}", highest.0, highest.1);
}

#[test]
fn what_an_address_of_mail_is_looked_through_for_is_charged() {
    let once = bombs::mail_address(32_000);
    let used = |count| {
        let args = many(once.clone(), count);
        Cost::of(&dict(&[("msg", text(&"%.0s".repeat(count))), ("args", args)]), "%(message)s").used
    };
    let each = used(4) - used(3);
    assert!(each >= 32_000, "{each} units for a name of 32,000 bytes");
}

#[test]
fn what_a_format_names_is_looked_for_among_many_attributes_only_as_long_as_the_meter_allows() {
    let pickle = bombs::record_of_many_attributes(200_000);
    let names: Vec<String> = (0..400).map(|number| format!("name{number:04}")).collect();
    let named = |begin: &str, end: &str| names.iter().map(|name| [begin, name, end].concat()).collect::<String>();
    for (style, mut formatter) in [
        ("%", Formatter::new(&named("%(", ")s"), Style::Percent, None, true).unwrap()),
        ("{", Formatter::new(&named("{", "}"), Style::Brace, None, true).unwrap()),
        ("JSON", Formatter::json(JsonFields { required: names.clone(), ..JsonFields::default() }, None)),
    ] {
        let mut unpickler = Unpickler::new(Budget::new(256 << 20));
        let (defaults, mut line) = (Defaults::of_this_process(), Vec::new());
        let mut out = TextWriter::new(&mut line, MAX_FRAME_BYTES);
        let record = make_log_record(unpickler.unpickle(&pickle).unwrap(), &defaults, "192.0.2.1:9020").unwrap();
        formatter.format(&record, &mut out);
        assert!(out.is_cut() && record.meter().is_spent(), "{style}: {} units", record.meter().used());
    }
}

/// Each handler's line costs: all of them together cost no more than the frame's length allows, and what they write neither.
#[test]
fn a_record_may_cost_once_what_it_may_cost_however_many_handlers_it_has() {
    for (name, pickle) in [
        ("a long line", dict(&[("msg", text(&"%s".repeat(250))), ("args", many(text(&"x".repeat(4000)), 250))])),
        ("control characters", dict(&[("msg", text(&"\u{1}".repeat(60_000)))])),
        ("characters that are no ASCII", dict(&[("msg", text(&"\u{20ac}".repeat(20_000)))])),
        ("a list of objects", dict(&[("x", many(b"ca\nb\n)R".to_vec(), 20_000))])),
        ("many attributes", bombs::record_of_many_attributes(200_000)),
    ] {
        for is_shared in [true, false] {
            let (policy, outputs) = policies::of_handlers(60, is_shared);
            let cost = Cost::of_all(&pickle, &policy, &outputs);
            cost.check(name, pickle.len());
            println!("{name}, {is_shared}: {} bytes, {} of {} units", cost.written, cost.used, cost.limit);
            let most = LINE_BYTES + LINE_BYTES_PER_BYTE * pickle.len() + BYTES_A_UNIT * cost.limit;
            assert!(cost.written <= most, "{name}: {} bytes, {most} at most", cost.written);
            assert!(cost.written <= BYTES_A_UNIT * cost.used + 60 * 1000, "{name}: {} bytes", cost.written);
        }
    }
}

#[test]
fn an_honest_record_is_cut_by_none_of_many_handlers() {
    let mut cases: Vec<_> = corpus::rows().into_iter().map(|row| row.case).collect();
    cases.dedup();
    for (handlers, is_shared, large, most) in [(24, false, 1_000_000, 0.65), (60, true, 100_000, 0.9)] {
        let mut highest = (0.0, String::new());
        let (policy, outputs) = policies::of_handlers(handlers, is_shared);
        let frames = cases.iter().map(|case| (case.clone(), corpus::frame(case)[4..].to_vec()));
        let large = ["x", "\u{20ac}", "\u{416}", TRACEBACK]
            .map(|part| (format!("many {part:?}"), dict(&[("msg", text(&part.repeat(large / part.len())))])));
        for (name, pickle) in frames.chain(large) {
            let cost = Cost::of_all(&pickle, &policy, &outputs);
            let share = cost.used as f64 / cost.limit as f64;
            if share > highest.0 {
                highest = (share, name);
            }
        }
        println!("highest share of the meter, {handlers} handlers together: {:.4}, by {}", highest.0, highest.1);
        assert!(highest.0 <= most, "{} of the meter used by {}", highest.0, highest.1);
    }
}

/// One value very often.
fn many(value: Vec<u8>, count: usize) -> Vec<u8> {
    [&b"("[..], &value, b"q\x00", &b"h\x00".repeat(count - 1), b"t"].concat()
}

/// What it took to make a line of a frame.
struct Cost {
    used: usize,
    limit: usize,
    /// `None` if the frame was refused.
    line: Option<Vec<u8>>,
    is_cut: bool,
    /// Bytes, by all handlers.
    written: usize,
}

impl Cost {
    fn of(pickle: &[u8], layout: &str) -> Cost {
        let mut unpickler = Unpickler::new(Budget::new(256 << 20));
        let defaults = Defaults::of_this_process();
        let mut line = Vec::new();
        let mut out = TextWriter::new(&mut line, MAX_FRAME_BYTES);
        let laid_out = match unpickler.unpickle(pickle) {
            Ok(value) => {
                make_log_record(value, &defaults, "192.0.2.1:9020").map(|record| lay_out(&record, layout, &mut out))
            }
            Err(_) => return Cost { line: None, ..Cost::so_far(unpickler.meter()) },
        };
        let is_cut = out.is_cut();
        Cost { line: laid_out.is_ok().then_some(line), is_cut, ..Cost::so_far(unpickler.meter()) }
    }

    /// What all handlers of a policy take for it, and write.
    fn of_all(pickle: &[u8], policy: &Arc<Policy>, outputs: &[Output]) -> Cost {
        let written = || outputs.iter().map(|output| output.totals().bytes).sum::<u64>();
        let before = written();
        let mut unpickler = RecordUnpickler::new(Budget::new(256 << 20));
        let defaults = Defaults::of_this_process();
        let value = unpickler.unpickle(pickle).unwrap();
        let mut handler = PolicyHandler::new(policy);
        handler.handle_log_record(&make_log_record(value, &defaults, "192.0.2.1:9020").unwrap());
        handler.flush();
        wait_until("all is written", || outputs.iter().all(|output| output.totals().waiting == 0));
        Cost { written: usize::try_from(written() - before).unwrap(), ..Cost::so_far(unpickler.meter()) }
    }

    fn so_far(meter: &Meter) -> Cost {
        Cost { used: meter.used(), limit: meter.limit(), line: None, is_cut: false, written: 0 }
    }

    fn check(&self, name: &str, bytes: usize) {
        assert_eq!(self.limit, meter_units(bytes), "{name}");
        // What is refused is counted and not done: whoever goes on asking is found by that.
        let asked_after_the_end = self.used.saturating_sub(self.limit);
        assert!(asked_after_the_end <= self.limit / 2, "{name}: {} of {} units", self.used, self.limit);
        let Some(line) = &self.line else { return };
        let most = (LINE_BYTES + LINE_BYTES_PER_BYTE * bytes).min(MAX_FRAME_BYTES);
        assert!(line.len() <= most + CUT.len(), "{name}: {} bytes", line.len());
        assert!(self.used <= self.limit || self.is_cut, "{name}: the meter is spent, and the line whole");
        if line.starts_with(b"{") {
            assert!(serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok(), "{name}: no JSON");
            assert!(!self.is_cut || line.windows(CUT.len()).any(|window| window == CUT.as_bytes()), "{name}");
        } else {
            // Paths of nothing are dots themselves.
            assert!(!self.is_cut || line.ends_with(CUT.as_bytes()), "{name}");
        }
    }
}

fn lay_out(record: &LogRecord<'_>, layout: &str, out: &mut TextWriter<'_>) {
    match layout {
        "JSON" => json::write(record, out),
        format => {
            let style = if format.contains('{') { Style::Brace } else { Style::Percent };
            Formatter::new(format, style, None, true).unwrap().with_color(true).format(record, out);
        }
    }
}

/// What an attacked program may have been asked to print.
pub const LAYOUTS: &[&str] = &[
    "%(relativeCreated)5d %(name)-15s %(levelname)-8s %(message)s",
    "%(asctime)s %(levelname)-8s %(x)s %(x)r %(x)5d %(message)r %(message)s",
    "{asctime} {levelname:>8} {x} {x!r:>30} {x:d} {x:.3f} {x[0]} {x[a].b} {x.real} {message:>9.9}",
    "JSON",
];

const TRACEBACK: &str = "\n  File \"/srv/app/db.py\", line 118, in commit\n    raise Error";

const CUT: &str = "...";

/// How much of a line may be written for a unit.
const BYTES_A_UNIT: usize = 32;
