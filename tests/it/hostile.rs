//! What an enemy sends costs little, runs nothing, and keeps no good record from being printed.
//!
//! One server, with a bounded address space, takes all of `tests/data/hostile` and the large members of each family, each on a
//! connection of its own; after each, a good record on a fresh connection must be printed. At the end its peak memory, read
//! from `/proc`, is below [`MAX_RESIDENT_KIBIBYTES`], and its working directory holds nothing that it was asked to make.

use std::fs;

use nix::unistd::{SysconfVar, sysconf};

use crate::corpus::{self, Hostile, Want};
use crate::frames::{self, dict, framed, text};
use crate::program::Program;

#[test]
fn survives_every_hostile_input_and_prints_the_good_record_after_each() {
    let enemy = Siege::start(&["--format", EVERYTHING]);
    enemy.withstand(corpus::hostile());
    enemy.end();
}

#[test]
fn survives_every_hostile_input_as_json() {
    let enemy = Siege::start(&["--json"]);
    enemy.withstand(corpus::hostile());
    enemy.end();
}

#[test]
fn survives_the_large_members_of_every_family() {
    let enemy = Siege::start(&["--format", EVERYTHING]);
    for family in FAMILIES {
        enemy.withstand(family());
    }
    enemy.end();
}

#[test]
fn survives_the_large_members_of_every_family_as_json() {
    let enemy = Siege::start(&["--json", "--escape", "all"]);
    for family in FAMILIES {
        enemy.withstand(family());
    }
    enemy.end();
}

#[test]
fn prints_a_good_record_while_a_hundred_hostile_connections_stay_open() {
    let enemy = Siege::start(&["--format", EVERYTHING]);
    let streams: Vec<_> =
        corpus::hostile().into_iter().take(100).map(|input| half_sent(&enemy.program, &input)).collect();
    enemy.expect_good_record("while they are open");
    drop(streams);
    enemy.expect_good_record("after they closed");
    enemy.end();
}

/// A server under attack.
struct Siege {
    program: Program,
}

impl Siege {
    fn start(arguments: &[&str]) -> Siege {
        let program = Program::start_within(MAX_ADDRESS_SPACE_KIBIBYTES, arguments);
        Siege { program }
    }

    fn withstand(&self, inputs: Vec<Hostile>) {
        for input in inputs {
            let before = self.cpu_ticks();
            self.program.send(&input.bytes);
            let printed = self.expect_good_record(&input.name);
            let lines = printed.iter().filter(|&&byte| byte == b'\n').count();
            let lines = u64::try_from(lines).unwrap() - 1;
            match input.want {
                Want::Accept(least) => assert!(lines >= least, "{}: {lines} lines", input.name),
                Want::Either => {}
                Want::Reject => assert_eq!(lines, 0, "{}: printed", input.name),
            }
            let spent = self.cpu_ticks() - before;
            assert!(spent <= MAX_CPU_SECONDS * ticks_per_second(), "{}: {spent} ticks of CPU", input.name);
        }
    }

    /// Sends a good record on a fresh connection, and takes all that is printed up to the end of its line.
    fn expect_good_record(&self, after: &str) -> Vec<u8> {
        let message = format!("a good record after {after}!");
        self.program.send(&frames::record(&message));
        let mut printed = self.program.take_output_through(message.as_bytes());
        printed.extend(self.program.take_output_through(b"\n"));
        printed
    }

    fn end(self) {
        let peak = self.peak_kibibytes();
        let left: Vec<_> =
            fs::read_dir(self.program.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["port"], "something ran");
        let finished = self.program.stop();
        assert!(finished.status.success(), "{:?}: {}", finished.status, finished.stderr);
        assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
        assert!(peak < MAX_RESIDENT_KIBIBYTES, "{peak} KiB of memory");
    }

    /// VmHWM of `/proc/PID/status`.
    fn peak_kibibytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    /// `utime` and `stime` of `/proc/PID/stat`, its fields 14 and 15.
    fn cpu_ticks(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.program.id())).unwrap();
        let (_, after_name) = stat.rsplit_once(") ").unwrap();
        let fields: Vec<&str> = after_name.split(' ').collect();
        [11, 12].iter().map(|&at| fields[at].parse::<u64>().unwrap()).sum()
    }
}

fn half_sent(program: &Program, input: &Hostile) -> std::net::TcpStream {
    use std::io::Write;
    let mut stream = program.connect();
    // It may be refused before all of it is sent.
    let _ = stream.write_all(&input.bytes[..input.bytes.len() / 2]);
    stream
}

fn ticks_per_second() -> u64 {
    u64::try_from(sysconf(SysconfVar::CLK_TCK).unwrap().unwrap()).unwrap()
}

// Families. Sizes are bytes or levels, from 10^5 to 10^7: what allocates for each byte meets the limit on values early, so that
// ten million of it differ from one million only in what is read and thrown away.

const FAMILIES: [fn() -> Vec<Hostile>; 9] =
    [nestings, floods, bombs, numbers, texts, calls, conversions, containers, many_frames];

fn nestings() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for levels in [10_000, 100_000, 1_000_000] {
        for (name, open, close) in [
            ("list-append", &b"]"[..], &b"a"[..]),
            ("list-mark", b"(", b"l"),
            ("tuple-mark", b"(", b"t"),
            ("tuple-1", b"", b"\x85"),
            ("dict-setitem", b"}K\x01", b"s"),
            ("frozenset", b"(", b"\x91"),
            ("global-reduce", b"ca\nb\n", b"\x85R"),
        ] {
            let value = [&open.repeat(levels)[..], b"]", &close.repeat(levels)].concat();
            inputs.push(input(&format!("{name} of {levels} levels"), with_x(value)));
        }
    }
    // What an object is may be asked of what it was made of, and never of what that was made of again.
    for class in CLASSES_OF_ONE.split(' ') {
        let open = format!("c{}\n", class.replace(':', "\n"));
        let value = [&open.repeat(10_000).into_bytes()[..], b")", &b"\x85R".repeat(10_000)].concat();
        inputs.push(input(&format!("{class} of 10000 levels"), with_x(value)));
        let open = format!("ccopyreg\n_reconstructor\n(ca\nb\ncbuiltins\ncomplex\n{open}");
        let value = [&open.repeat(5_000).into_bytes()[..], b")", &b"\x85RtR".repeat(5_000)].concat();
        inputs.push(input(&format!("{class} reconstructed on 5000 levels"), with_x(value)));
    }
    for levels in [100, 1_000, 4_990] {
        let wide = [b"(", &b"]".repeat(1_000_000)[..], b"e"].concat();
        let value = [&b"]".repeat(levels)[..], &wide, &b"a".repeat(levels - 1)].concat();
        inputs.push(input(&format!("a million lists below {levels} levels"), with_x(value)));
    }
    inputs
}

fn floods() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for count in [100_000, 1_000_000, 10_000_000] {
        for (name, opcode) in [
            ("MARK", &b"("[..]),
            ("NONE", b"N"),
            ("EMPTY_LIST", b"]"),
            ("EMPTY_TUPLE", b")"),
            ("DUP", b"2"),
            ("NONE and POP", b"N0"),
            ("MARK and POP_MARK", b"(1"),
            ("PROTO", b"\x80\x02"),
            ("MEMOIZE", b"N\x94"),
            ("BINPUT", b"Nq\x00"),
            ("BININT1", b"K\x01"),
            ("EMPTY_SET", b"\x8f"),
        ] {
            let mut pickle = b"N".to_vec();
            pickle.extend(opcode.repeat(count / opcode.len()));
            pickle.extend_from_slice(b".");
            inputs.push(input(&format!("flood of {name}, {count} bytes"), framed(&pickle)));
        }
    }
    for slot in [1 << 20, i32::MAX.unsigned_abs(), u32::MAX] {
        let put = [b"Nr", &slot.to_le_bytes()[..]].concat();
        inputs.push(input(&format!("LONG_BINPUT {slot}"), with_x(put)));
    }
    inputs
}

fn bombs() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for levels in [100, 10_000, 150_000] {
        // Each level holds the one below it twice, by DUP, or by memo.
        let doubled = [b"]", &b"2\x86".repeat(levels)[..]].concat();
        inputs.push(input(&format!("DUP TUPLE2, {levels} levels"), with_x(doubled)));
        let mut shared = b"(]\x94".to_vec();
        for level in 0..u32::try_from(levels).unwrap() {
            let slot = level.to_le_bytes();
            shared.extend([b"j", &slot[..], b"j", &slot, b"\x86\x94"].concat());
        }
        inputs.push(input(&format!("memo TUPLE2, {levels} levels"), with_x([&shared[..], b"l"].concat())));
        let mut laughs = b"(]\x94(K\x01K\x02K\x03e".to_vec();
        for level in 0..u32::try_from(levels / 10).unwrap() {
            let again = [b"j", &level.to_le_bytes()[..]].concat().repeat(10);
            laughs.extend([b"]\x94(", &again[..], b"e"].concat());
        }
        inputs.push(input(&format!("laughs, {} levels", levels / 10), with_x([&laughs[..], b"l"].concat())));
    }
    // A text of a megabyte, which the args hold a thousand times.
    let mut pickle = [b"(", &text(&"y".repeat(1_000_000))[..], b"\x94"].concat();
    pickle.extend(b"h\x00".repeat(999));
    let args = [&pickle[..], b"t"].concat();
    inputs.push(input("a megabyte a thousand times", merged(&"%s".repeat(1000), args)));
    // What is deep and comes after many others, which the args hold very often.
    for levels in [64, 65, 70, 1_000] {
        let deep = [&b"]".repeat(levels)[..], &b"a".repeat(levels - 1), b"q\x00"].concat();
        let args = [b"(", &b"]0".repeat(900_000)[..], &deep, &b"h\x00".repeat(99_999), b"t"].concat();
        let name = format!("{levels} levels after 900000 lists, a hundred thousand times");
        inputs.push(input(&name, merged(&"%s".repeat(100_000), args)));
    }
    inputs
}

fn numbers() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for digits in [4_300, 4_301, 100_000, 1_000_000, 10_000_000] {
        let nines = "9".repeat(digits);
        inputs.push(input(&format!("INT of {digits} digits"), with_x(format!("I{nines}\n").into_bytes())));
        inputs.push(input(&format!("LONG of {digits} digits"), with_x(format!("L{nines}L\n").into_bytes())));
        inputs.push(input(&format!("FLOAT of {digits} digits"), with_x(format!("F{nines}\n").into_bytes())));
        let length = u32::try_from(digits).unwrap().to_le_bytes();
        let long4 = [b"\x8b", &length[..], &vec![0x7f; digits]].concat();
        inputs.push(input(&format!("LONG4 of {digits} bytes"), with_x(long4)));
    }
    for created in [f64::NAN, f64::INFINITY, -1e300, 1e300, 1e18, -1e15] {
        for key in ["created", "msecs", "relativeCreated"] {
            let frame = frames::record_with(key, frames::float(created));
            inputs.push(input(&format!("{key} {created}"), frame));
        }
    }
    let many = [&b"](\x8a\xff"[..], &[0x55; 255], b"e"].concat();
    inputs.push(input("LONG1 of 255 bytes", with_x(many)));
    inputs
}

fn texts() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    let every = &["x", "msg", "exc_text", "levelname"][..];
    for (length, keys) in [(100_000, every), (1_000_000, every), (10_000_000, &["msg"])] {
        for (name, unit) in [
            ("plain", "a"),
            ("control", "\u{1}"),
            ("newlines", "\n"),
            ("quotes", "'"),
            ("bidi", "\u{202e}"),
            ("astral", "\u{1f426}"),
        ] {
            let content = unit.repeat(length / unit.len());
            for &key in keys {
                let frame = frames::record_with(key, text(&content));
                inputs.push(input(&format!("{name} of {length} bytes as {key}"), frame));
            }
        }
        let size = u32::try_from(length).unwrap().to_le_bytes();
        let bytes = [b"B", &size[..], &vec![0xff; length]].concat();
        inputs.push(input(&format!("BINBYTES of {length}"), with_x(bytes)));
        let surrogates = b"\xed\xb3\xbf".repeat(length / 3);
        let size = u32::try_from(surrogates.len()).unwrap().to_le_bytes();
        inputs.push(input(&format!("surrogates of {length} bytes"), with_x([b"X", &size[..], &surrogates].concat())));
        let size = u32::try_from(length).unwrap().to_le_bytes();
        inputs.push(input(&format!("BINSTRING of {length}"), with_x([b"T", &size[..], &vec![0xff; length]].concat())));
        let escapes = "\\x41".repeat(length / 4);
        inputs.push(input(&format!("STRING of {length}"), with_x(format!("S'{escapes}'\n").into_bytes())));
        let escapes = "\\u0041".repeat(length / 6);
        inputs.push(input(&format!("UNICODE of {length}"), with_x(format!("V{escapes}\n").into_bytes())));
    }
    inputs
}

/// Each asks for `touch ran` in its own way; the last ones for much memory.
fn calls() -> Vec<Hostile> {
    let command = text("touch ran");
    let values: Vec<(&str, Vec<u8>)> = vec![
        ("REDUCE", [b"cos\nsystem\n(", &command[..], b"tR"].concat()),
        ("NEWOBJ", [b"cos\nsystem\n(", &command[..], b"t\x81"].concat()),
        ("NEWOBJ_EX", [b"cos\nsystem\n(", &command[..], b"t}\x92"].concat()),
        ("OBJ", [b"(cos\nsystem\n", &command[..], b"o"].concat()),
        ("INST", [b"(", &command[..], b"ios\nsystem\n"].concat()),
        ("STACK_GLOBAL", [&text("os")[..], &text("system"), b"\x93(", &command, b"tR"].concat()),
        ("BUILD", [b"cos\nsystem\n)R}(", &text("__setstate__")[..], b"cos\nsystem\nu", b"b"].concat()),
        ("bytes of a number", b"c__builtin__\nbytes\n(J\xff\xff\xff\x7ftR".to_vec()),
        ("range", b"c__builtin__\nlist\n(c__builtin__\nrange\n(J\xff\xff\xff\x7ftRtR".to_vec()),
        ("timedelta", b"cdatetime\ntimedelta\n(J\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7ftR".to_vec()),
        ("datetime", b"cdatetime\ndatetime\n(C\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfftR".to_vec()),
        ("decimal", [b"cdecimal\nDecimal\n(", &text("1E+999999999")[..], b"tR"].concat()),
        ("fraction", b"cfractions\nFraction\n(K\x01K\x00tR".to_vec()),
    ];
    let named = |(name, value)| input(name, with_x(value));
    let mut inputs: Vec<Hostile> = values.into_iter().map(named).collect();
    for count in [10_000, 100_000] {
        let call = [b"cos\nsystem\n(", &command[..], b"tR"].concat();
        let list = [b"](", &call.repeat(count / 10)[..], b"e"].concat();
        inputs.push(input(&format!("{} calls", count / 10), with_x(list)));
        let chain = [b"N", &b"ca\nb\n(tR0".repeat(count)[..]].concat();
        inputs.push(input(&format!("{count} calls, popped"), with_x(chain)));
        let states = [b"ca\nb\n)R", &b"}b".repeat(count)[..]].concat();
        inputs.push(input(&format!("{count} BUILDs"), with_x(states)));
    }
    inputs
}

fn conversions() -> Vec<Hostile> {
    let one = b"K\x01\x85".to_vec();
    let mut inputs = Vec::new();
    for message in [
        "%999999999s",
        "%.999999999f",
        "%99999999999999999999d",
        "%.2147483647d",
        "%-2147483647s",
        "%(",
        "%",
        "%(a",
        "%((((((",
        "%*d",
        "%#.999999999g",
        "%c",
        "%z",
    ] {
        inputs.push(input(&format!("msg {message}"), merged(message, one.clone())));
    }
    for star in [i32::MAX, i32::MIN, 100_000_000] {
        let args = [b"(", &frames::integer(star)[..], &frames::integer(star), b"K\x01t"].concat();
        inputs.push(input(&format!("msg %*.*f of {star}"), merged("%*.*f", args)));
    }
    for count in [100_000, 1_000_000] {
        inputs.push(input(&format!("{count} of %s"), merged(&"%s".repeat(count), one.clone())));
        inputs.push(input(
            &format!("{count} of %1000s"),
            merged(&"%(a)1000s".repeat(count), [b"}", &text("a")[..], b"K\x01s"].concat()),
        ));
        let lists = [b"(", &b"]".repeat(count)[..], b"t"].concat();
        inputs.push(input(&format!("{count} of %s with a list each"), merged(&"%s".repeat(count), lists)));
        inputs.push(input(&format!("{count} of %%"), merged(&"%%".repeat(count), one.clone())));
        inputs.push(input(
            &format!("{count} parentheses"),
            merged(&format!("%{}", "(".repeat(count)), b"}K\x01K\x02s".to_vec()),
        ));
    }
    inputs
}

fn containers() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for count in [10_000_u32, 100_000, 400_000] {
        let numbers: Vec<u8> = (0..count).flat_map(|number| [b"J", &number.to_le_bytes()[..]].concat()).collect();
        inputs.push(input(&format!("list of {count}"), with_x([b"](", &numbers[..], b"e"].concat())));
        inputs.push(input(&format!("set of {count}"), with_x([b"\x8f(", &numbers[..], b"\x90"].concat())));
        inputs.push(input(&format!("frozenset of {count}"), with_x([b"(", &numbers[..], b"\x91"].concat())));
        inputs.push(input(&format!("dict of {}", count / 2), with_x([b"}(", &numbers[..], b"u"].concat())));
        // Equal keys, and keys that hash alike in CPython.
        let equal = b"K\x01N".repeat(usize::try_from(count / 2).unwrap());
        inputs.push(input(&format!("dict of {} equal keys", count / 2), with_x([b"}(", &equal[..], b"u"].concat())));
        let alike: Vec<u8> = (0..count / 2).flat_map(colliding_key).collect();
        inputs
            .push(input(&format!("dict of {} colliding keys", count / 2), with_x([b"}(", &alike[..], b"u"].concat())));
        let attributes: Vec<u8> =
            (0..count / 2).flat_map(|number| [&text(&format!("k{number}"))[..], b"N"].concat()).collect();
        let pickle = dict(&[]);
        let whole = [&pickle[..pickle.len() - 1], b"(", &attributes, b"u."].concat();
        inputs.push(input(&format!("record of {} attributes", count / 2), framed(&whole)));
    }
    inputs
}

/// A multiple of 2^61-1, the modulus of CPython's hash of numbers, and None.
fn colliding_key(number: u32) -> Vec<u8> {
    let multiple = (u128::from(number) + 1) * ((1 << 61) - 1);
    [b"\x8a\x10", &multiple.to_le_bytes()[..], b"N"].concat()
}

fn many_frames() -> Vec<Hostile> {
    let mut inputs = Vec::new();
    for count in [10_000, 100_000] {
        inputs.push(stream(&format!("{count} empty frames"), [0; 4].repeat(count), Want::Reject));
        inputs.push(stream(&format!("{count} frames of a dot"), framed(b".").repeat(count), Want::Reject));
        let least = u64::try_from(count).unwrap();
        inputs.push(stream(&format!("{count} empty dicts"), framed(b"}.").repeat(count), Want::Accept(least)));
        let mut mixed = framed(b"\xff.");
        mixed.extend(frames::record("between"));
        inputs.push(stream(
            &format!("{count} good and bad in turn"),
            mixed.repeat(count / 10),
            Want::Accept(least / 10),
        ));
    }
    // Longer than --max-frame, once like a pickle, once not.
    let announced = 20_000_000_u32.to_be_bytes();
    let body = [b"}(", &b"N".repeat(20_000_000 - 2)[..]].concat();
    let mut skipped = [&announced[..], &body].concat();
    skipped.extend(frames::record("after the long one"));
    inputs.push(stream("a frame too long, then a good one", skipped, Want::Accept(1)));
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    inputs.push(stream("an HTTP request", request, Want::Reject));
    inputs
}

/// A frame that may be printed or refused.
fn input(name: &str, bytes: Vec<u8>) -> Hostile {
    stream(name, bytes, Want::Either)
}

fn stream(name: &str, bytes: Vec<u8>, want: Want) -> Hostile {
    Hostile { name: name.to_owned(), bytes, want }
}

/// A good record with one attribute more.
fn with_x(value: Vec<u8>) -> Vec<u8> {
    frames::record_with("x", value)
}

/// A good record whose message is still to be merged.
fn merged(message: &str, args: Vec<u8>) -> Vec<u8> {
    framed(&dict(&[("msg", text(message)), ("args", args)]))
}

/// Shows what families attack. The message comes last, so that a line ends in it.
const EVERYTHING: &str =
    "%(asctime)s %(relativeCreated)5d %(msecs)03d %(levelname)-8s %(name)s %(x)s %(x)r %(x)5d %(message)r %(message)s";

/// Issue 3 asks for less than 128 MiB.
const MAX_RESIDENT_KIBIBYTES: u64 = 128 << 10;

/// Threads' stacks and arenas need more than what they come to use.
const MAX_ADDRESS_SPACE_KIBIBYTES: u32 = 2 << 20;

/// CPU, not wall clock, for one input; without optimisation everything costs many times as much.
const MAX_CPU_SECONDS: u64 = if cfg!(debug_assertions) { 20 } else { 1 };

/// What may be made of one thing, or looks as if it were.
const CLASSES_OF_ONE: &str = "array:array builtins:complex builtins:getattr builtins:iter builtins:range builtins:reversed \
    builtins:slice builtins:type collections:Counter collections:OrderedDict collections:defaultdict collections:deque \
    datetime:datetime datetime:timedelta datetime:timezone decimal:Decimal fractions:Fraction functools:partial \
    functools:reduce inspect:Signature ipaddress:IPv4Address numpy:dtype operator:getitem pathlib:PosixPath re:_compile \
    types:GenericAlias types:SimpleNamespace uuid:UUID zoneinfo:ZoneInfo socket:AddressFamily signal:Signals";
