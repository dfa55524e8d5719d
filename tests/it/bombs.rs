//! Frames whose cost would be a product of their parts: half of each is a value, or a format, and the other half names it again.
//!
//! In: how long a frame may be. Out: named frames without their length prefix. `pressure.rs` asserts what each may cost at most,
//! in units and bytes; `cargo bench --bench pressure` prints what that is in seconds.

use crate::frames::{dict, text};

/// A frame, and what it is.
pub struct Bomb {
    pub name: String,
    pub pickle: Vec<u8>,
}

/// Bombs of all kinds, of about `size` bytes each, one at a time: those of a name that is wanted.
pub fn each(size: usize, is_wanted: impl Fn(&str) -> bool, mut visit: impl FnMut(Bomb)) {
    for (name, value) in VALUES {
        let value = value((size / 2).saturating_sub(64).max(64));
        let all = format!("references to {name}");
        if is_wanted(&all) {
            visit(bomb(&all, record(&[("x", references(&value, size))])));
        }
        for conversion in CONVERSIONS {
            let name = format!("{conversion} of {name}");
            if is_wanted(&name) {
                visit(bomb(&name, conversions(conversion, &value, size)));
            }
        }
    }
    let others = [lookups, decoded, odd_records].into_iter().flat_map(|kind| kind(size));
    others.filter(|bomb| is_wanted(&bomb.name)).for_each(visit);
}

/// Makes a pickle of about so many bytes.
type Made = fn(usize) -> Vec<u8>;

/// What may be named many times, of about so many bytes.
const VALUES: &[(&str, Made)] = &[
    // Containers.
    ("a list", |bytes| [&b"("[..], &b"N".repeat(bytes.min(MANY))[..], b"l"].concat()),
    ("a list of small integers", |bytes| [&b"("[..], &b"K\x01".repeat((bytes / 2).min(MANY))[..], b"l"].concat()),
    ("a list of floats", |bytes| {
        [&b"("[..], &b"G\x3f\xb9\x99\x99\x99\x99\x99\x9a".repeat((bytes / 9).min(MANY))[..], b"l"].concat()
    }),
    ("a list of lists", |bytes| [&b"("[..], &b"]".repeat(bytes.min(MANY))[..], b"l"].concat()),
    ("a deep list", |bytes| [&b"]".repeat(bytes.min(8000) / 2)[..], &b"a".repeat(bytes.min(8000) / 2 - 1)].concat()),
    ("a list in many pieces", |bytes| {
        [&b"]\x940]\x940"[..], &b"h\0Na0h\x01Na0".repeat((bytes / 10).min(MANY))[..], b"h\0"].concat()
    }),
    ("a tuple", |bytes| [&b"("[..], &b"N".repeat(bytes.min(MANY))[..], b"t"].concat()),
    ("a dict of equal keys", |bytes| [&b"}("[..], &b"K\x01N".repeat((bytes / 3).min(MANY))[..], b"u"].concat()),
    ("a set of integers", |bytes| [&b"\x8f("[..], &integers(bytes / 5), b"\x90"].concat()),
    ("a set of equal long integers", |bytes| set_of_one(&number(1786.min(bytes / 2)), bytes / 2)),
    ("a set of colliding integers", |bytes| [&b"\x8f("[..], &colliding(bytes / 19), b"\x90"].concat()),
    ("a set of tuples", |bytes| set_of_one(&[&b"("[..], &b"K\x01".repeat(16)[..], b"t"].concat(), bytes / 2)),
    ("a Counter", |bytes| object("collections", "Counter", &[&b"}("[..], &counts(bytes / 7), b"u"].concat())),
    ("an OrderedDict", |bytes| object("collections", "OrderedDict", &[&b"}("[..], &counts(bytes / 7), b"u"].concat())),
    ("a namespace", |bytes| [&b"ctypes\nSimpleNamespace\n)R}("[..], &counts(bytes / 7)[..], b"ub"].concat()),
    // Texts and bytes.
    ("a text", |bytes| text(&ascii(bytes))),
    ("control characters", |bytes| text(&"\u{1}".repeat(bytes))),
    ("quotes", |bytes| text(&"'\"".repeat(bytes / 2))),
    ("a text that is no ASCII", |bytes| text(&"\u{20ac}".repeat(bytes / 3))),
    ("astral characters", |bytes| text(&"\u{1f426}".repeat(bytes / 4))),
    ("direction marks", |bytes| text(&"\u{202e}".repeat(bytes / 3))),
    ("surrogates", |bytes| counted(b'X', &b"\xed\xb3\xbf".repeat(bytes / 3))),
    ("bytes", |bytes| counted(b'B', &vec![0xff; bytes])),
    ("a bytearray", |bytes| object("builtins", "bytearray", &counted(b'B', &vec![b'\''; bytes]))),
    ("a text of one character", |_| text("\u{20ac}")),
    // Numbers.
    ("a long integer", |bytes| number(bytes)),
    ("a long integer of zeros", |bytes| long4(&[&vec![0; bytes - 1][..], &[0x80]].concat())),
    ("the longest integer printed", |bytes| number(1785.min(bytes))),
    ("an integer of 128 bytes", |bytes| number(128.min(bytes))),
    ("a float", |_| b"G\x7f\xef\xff\xff\xff\xff\xff\xff".to_vec()),
    ("a small float", |_| b"G\x00\x00\x00\x00\x00\x00\x00\x01".to_vec()),
    ("True", |_| b"\x88".to_vec()),
    ("a Fraction", |bytes| object("fractions", "Fraction", &[&number(bytes)[..], b"K\x01"].concat())),
    ("a Fraction of one", |bytes| object("fractions", "Fraction", &[&b"K\x01"[..], &number(bytes)[..]].concat())),
    ("a Fraction of text", |bytes| object("fractions", "Fraction", &text(&"9".repeat(8000.min(bytes))))),
    ("a Fraction of the longest integers", |bytes| object("fractions", "Fraction", &number(1785.min(bytes)).repeat(2))),
    ("a Decimal", |bytes| object("decimal", "Decimal", &text(&"9".repeat(bytes)))),
    ("a Decimal of 4300 digits", |bytes| object("decimal", "Decimal", &text(&"9".repeat(4300.min(bytes))))),
    ("a complex", |_| object("builtins", "complex", &b"G\x3f\xb9\x99\x99\x99\x99\x99\x9a".repeat(2))),
    ("a UUID", |bytes| [&b"cuuid\nUUID\n)\x81}"[..], &text("int")[..], &number(bytes), b"sb"].concat()),
    ("an address", |bytes| object("ipaddress", "IPv6Address", &number(bytes))),
    ("an interface", |_| object("ipaddress", "IPv4Interface", &text("255.255.255.255/255.255.255.255"))),
    // Names.
    ("a long class name", |bytes| [&b"cmodule\n"[..], ascii(bytes).as_bytes(), b"\n"].concat()),
    ("a long module name", |bytes| [&b"c"[..], ascii(bytes).as_bytes(), b"\nClass\n"].concat()),
    ("an object with a long class name", |bytes| [&b"cmodule\n"[..], ascii(bytes).as_bytes(), b"\n)\x81"].concat()),
    ("an object with a long module name", |bytes| [&b"c"[..], ascii(bytes).as_bytes(), b"\nClass\n)\x81"].concat()),
    ("a record with a long class name", |bytes| {
        [&b"cmodule\n"[..], ascii(bytes).as_bytes(), b"Name\nK\x01K\x02\x86\x81"].concat()
    }),
    ("an exception with a long name", |bytes| [&b"cmodule\n"[..], ascii(bytes).as_bytes(), b"Error\n)R"].concat()),
    ("a name of many parts", |bytes| [&b"cmodule\n"[..], "A.".repeat(bytes / 2).as_bytes(), b"B\n)\x81"].concat()),
    ("a function", |_| b"cmodule\nfunction\n".to_vec()),
    // Exceptions.
    ("a chain of exceptions", |bytes| chain(bytes / 29)),
    ("a short chain of exceptions", |_| chain(20)),
    ("a JSONDecodeError", |bytes| {
        object("json.decoder", "JSONDecodeError", &[&text("m")[..], &text(&ascii(bytes)), &integer(bytes)].concat())
    }),
    ("a UnicodeEncodeError", |bytes| {
        object(
            "builtins",
            "UnicodeEncodeError",
            &[&text("a")[..], &text(&ascii(bytes)), &integer(bytes - 1), &integer(bytes), &text("r")].concat(),
        )
    }),
    ("a SyntaxError", |bytes| {
        object("builtins", "SyntaxError", &[&text("m")[..], b"(", &text(&ascii(bytes)), b"K\x01t"].concat())
    }),
    ("an ExceptionGroup", |bytes| {
        object("builtins", "ExceptionGroup", &[&text("m")[..], b"(", &b"N".repeat(bytes.min(MANY)), b"l"].concat())
    }),
    ("an OSError", |_| object("builtins", "OSError", &[&b"K\x02"[..], &text("x")[..]].concat())),
    // The rest of the standard library.
    ("a path", |bytes| object("pathlib", "PosixPath", &text(&"./".repeat(bytes.min(1 << 17) / 2 - 1)))),
    ("a Windows path", |bytes| object("pathlib", "PureWindowsPath", &text(&"./".repeat(bytes.min(1 << 17) / 2 - 1)))),
    ("a path of parts", |bytes| {
        object("pathlib", "PosixPath", &[text("x"), text("").repeat(bytes.min(1 << 18) / 6)].concat())
    }),
    ("an array of characters", |bytes| array("u", 20, &b"\x01\0\0\0".repeat(bytes.min(1 << 20) / 4))),
    ("an array of bytes", |bytes| array("B", 0, &vec![1; bytes.min(1 << 20)])),
    ("an array of doubles", |bytes| array("d", 16, &0.1_f64.to_le_bytes().repeat(bytes.min(1 << 20) / 8))),
    ("an old array of characters", |bytes| {
        object("array", "array", &[&text("u")[..], b"(", &text("").repeat((bytes / 5).min(MANY)), b"l"].concat())
    }),
    ("a pattern", |bytes| object("re", "_compile", &[&text(&ascii(bytes))[..], b"K\x20"].concat())),
    ("a date", |_| object("datetime", "date", b"C\x04\x07\xe8\x01\x02")),
    ("a timedelta", |_| object("datetime", "timedelta", b"K\x01K\x02K\x03")),
    ("an aware datetime", |bytes| {
        object(
            "datetime",
            "datetime",
            &[&b"C\x0a\x07\xe8\x01\x02\x03\x04\x05\0\0\0"[..], &zone(&ascii(bytes))[..]].concat(),
        )
    }),
    ("a datetime of a zone whose class has a long name", |bytes| {
        let zone = [b"cmodule\n", ascii(bytes).as_bytes(), b"\n)\x81"].concat();
        object("datetime", "datetime", &[&b"C\x0a\x07\xe8\x01\x02\x03\x04\x05\0\0\0"[..], &zone[..]].concat())
    }),
    ("a deque", |bytes| [&b"ccollections\ndeque\n)R("[..], &b"N".repeat(bytes.min(MANY))[..], b"e"].concat()),
    ("a user's list", |bytes| [&b"cmodule\nMyList\n)\x81("[..], &b"N".repeat(bytes.min(MANY))[..], b"e"].concat()),
    ("an object of many parts", |bytes| [&b"cmodule\nPlain\n)\x81}("[..], &counts(bytes / 7)[..], b"ub"].concat()),
    ("a chain of wrapped values", |bytes| wrapped(bytes / 40)),
    ("an iterator of iterators", |bytes| {
        [&b"cbuiltins\niter\n".repeat(bytes / 18)[..], b")", &b"\x85R".repeat(bytes / 18)].concat()
    }),
    // What was found to cost much, and to print little.
    ("an address of mail", mail_address),
    ("a float that is slow to print", |_| b"G\0\x18\xbc\xd2\x67\x9f\x56\x59".to_vec()),
    ("the name of a constant", |_| b"csocket\nSOCK_CLOEXECX\n".to_vec()),
    ("the name of what is no constant of ssl", |_| b"cssl\nEAGAIN\n".to_vec()),
    ("a member of an enum", |_| b"chttp\nHTTPStatus\nM\xff\x01\x85R".to_vec()),
    ("a Counter of floats", |bytes| {
        let counts: Vec<u8> = (0..(bytes / 14).min(MANY / 2))
            .flat_map(|key| [&integer(key)[..], b"G", &(1e300 / (1.0 + key as f64)).to_be_bytes()].concat())
            .collect();
        object("collections", "Counter", &[&b"}("[..], &counts, b"u"].concat())
    }),
    ("a long name that is no ASCII", |bytes| {
        [&b"c"[..], "\u{20ac}".repeat(bytes / 3).as_bytes(), b"\nClass\n)R"].concat()
    }),
    ("a URL with a query of nothing", |bytes| {
        let query = [&b"}N("[..], &b"N".repeat(bytes.min(MANY)), b"ls"].concat();
        object("sqlalchemy.engine.url", "URL", &[&text("a")[..], b"NNNNN", &query].concat())
    }),
    ("a URL with a long user", |bytes| {
        object("sqlalchemy.engine.url", "URL", &[&text("a")[..], &text(&"/".repeat(bytes)), b"NNNN}"].concat())
    }),
    ("a scalar of a long type", |bytes| {
        let dtype = object("numpy", "dtype", &text(&"U\u{20ac}".repeat(bytes / 4)));
        object("numpy._core.multiarray", "scalar", &[&dtype[..], b"C\0"].concat())
    }),
    ("a scalar of zeros", |bytes| {
        let dtype = object("numpy", "dtype", &text("S9"));
        object("numpy._core.multiarray", "scalar", &[dtype, counted(b'B', &vec![0; bytes])].concat())
    }),
];

/// As many values and references as a frame may have of each: 16 MB have room for more, and are refused for that.
const MANY: usize = 400_000;

const CONVERSIONS: &[&str] =
    &["%.0s", "%.0r", "%.0a", "%s", "%r", "%d", "%x", "%.1s", "%99s", "%.999999s", "%f", "%.1100f", "%.1100g", "%c"];

/// A record whose message applies a conversion to one value very often.
fn conversions(conversion: &str, value: &[u8], size: usize) -> Vec<u8> {
    let count = size.saturating_sub(value.len() + 500) / (conversion.len() + 2);
    let count = count.min(MANY);
    let args = [&b"("[..], value, PUT, &GET.repeat(count.max(1) - 1), b"t"].concat();
    record(&[("msg", text(&conversion.repeat(count.max(1)))), ("args", args)])
}

/// A list of one value very often.
fn references(value: &[u8], size: usize) -> Vec<u8> {
    let count = (size.saturating_sub(value.len() + 500) / GET.len()).min(MANY);
    [&b"("[..], value, PUT, &GET.repeat(count), b"l"].concat()
}

/// Formats that look keys up.
fn lookups(size: usize) -> Vec<Bomb> {
    let mut bombs = Vec::new();
    let merged = |format: &str, args: Vec<u8>| record(&[("msg", text(format)), ("args", args)]);
    let third = size / 3;
    let keys: Vec<u8> = (0..third / 12).flat_map(|key| [&text(&format!("{key:06}"))[..], b"N"].concat()).collect();
    let many = [&b"}("[..], &keys[..], b"u"].concat();
    bombs.push(bomb("keys looked up among many", merged(&"%(000000)s".repeat(third / 10), many.clone())));
    bombs.push(bomb("keys looked up in vain", merged(&"%(x)s".repeat(third / 5), many)));
    let (long, other) = ("a".repeat(size / 16), "a".repeat(size / 16 - 1) + "b");
    let alike = [&b"}("[..], &text(&long)[..], PUT, b"N", &[GET, b"N"].concat().repeat(size / 12), b"u"].concat();
    bombs.push(bomb("long keys looked up", merged(&format!("%({long})s").repeat(8), alike.clone())));
    bombs.push(bomb("long keys that are almost alike", merged(&format!("%({other})s").repeat(8), alike)));
    bombs.push(bomb("percent signs", merged(&"%%".repeat(size / 2 - 300), b"K\x01\x85".to_vec())));
    bombs.push(bomb("parentheses", merged(&"%(".repeat(size / 2 - 300), b"}K\x01K\x02s".to_vec())));
    bombs.push(bomb("empty keys", merged(&"%()s".repeat(size / 4 - 150), [&b"}"[..], &text("")[..], b"Ns"].concat())));
    bombs.push(bomb("arguments left over", merged("", [&b"("[..], &b"]".repeat(size - 600)[..], b"t"].concat())));
    let list = [&b"("[..], &b"N".repeat(size / 2)[..], b"l"].concat();
    let args = [&b"("[..], &b"N".repeat(size / 4)[..], b"t"].concat();
    bombs.push(bomb("a list as a format", record(&[("msg", list), ("args", args)])));
    for width in ["%16777215d", "%.16777215d", "%-16777215s", "%016777215f", "%.16777215f", "%.16777215e"] {
        bombs.push(bomb(width, merged(width, b"K\x01\x85".to_vec())));
        let args = [&b"("[..], &b"K\x01".repeat(size / 14)[..], b"t"].concat();
        bombs.push(bomb(&format!("many {width}"), merged(&width.repeat(size / 14), args)));
    }
    bombs
}

/// What costs to decode.
fn decoded(size: usize) -> Vec<Bomb> {
    let with_x = |value: Vec<u8>| record(&[("x", value)]);
    let half = size / 2;
    let encode = b"c_codecs\nencode\n\x94";
    let mut bombs = Vec::new();
    for (name, content) in [
        ("in vain", "\u{e9}".repeat(half / 2 - 20) + "\u{20ac}"),
        ("well", "a".repeat(half - 40)),
        ("and kept", "\u{e9}".repeat(half / 2 - 20)),
    ] {
        let parts = [&encode[..], &text(&content), PUT_1, &text("latin1"), b"\x94"].concat();
        let calls = b"h\0h\x01h\x02\x86R".repeat(half / 8 - 80);
        bombs.push(bomb(&format!("a text encoded {name}"), with_x([&b"("[..], &parts[..], &calls, b"l"].concat())));
    }
    let digits = |count: usize| format!("L{}L\n", "9".repeat(count)).into_bytes();
    bombs.push(bomb(
        "integers of 4300 digits",
        with_x([&b"("[..], &digits(4300).repeat(size / 4310)[..], b"l"].concat()),
    ));
    bombs.push(bomb("a float of many digits", with_x(format!("F{}\n", "9".repeat(size - 600)).into_bytes())));
    bombs.push(bomb("short floats", with_x([&b"("[..], &b"F1.7e308\n".repeat(size / 9 - 70)[..], b"l"].concat())));
    bombs.push(bomb(
        "memo slots written again",
        with_x(b"]\x94q\x01q\x02".to_vec().into_iter().chain(b"q\x01".repeat(half - 300)).collect()),
    ));
    let puts: Vec<u8> = (0..size / 8)
        .flat_map(|n| [&b"Nr"[..], &u32::try_from(size / 8 - n).unwrap().to_le_bytes()[..], b"0"].concat())
        .collect();
    bombs.push(bomb("memo slots written backwards", with_x([&puts[..], b"N"].concat())));
    bombs.push(bomb("lines of a global", with_x([&b"("[..], &b"c\n\n".repeat(size / 3 - 200)[..], b"l"].concat())));
    bombs.push(bomb("calls", with_x([&b"(ca\nb\n\x94"[..], &b"h\0)R".repeat(size / 4 - 180)[..], b"l"].concat())));
    bombs.push(bomb("states", with_x([&b"ca\nb\n)R"[..], &b"}b".repeat(half - 300)[..]].concat())));
    bombs
}

/// Records that are themselves odd.
fn odd_records(size: usize) -> Vec<Bomb> {
    let pairs = [&b"("[..], &text("msg")[..], &text("m"), b"\x86\x94", &b"h\x00".repeat(size / 2 - 20), b"l."].concat();
    let list = |half: usize| references(&[&b"("[..], &b"N".repeat(half)[..], b"l"].concat(), size);
    vec![
        bomb("a list of pairs", pairs),
        bomb("a record of many attributes", record_of_many_attributes(size)),
        bomb("a list as created", record(&[("created", list(size / 2))])),
        bomb("a list as msecs", record(&[("msecs", list(size / 2))])),
        bomb("a list as exc_text", record(&[("exc_text", list(size / 2))])),
        bomb("a list as levelname", record(&[("levelname", list(size / 2))])),
        bomb("a long levelname", record(&[("levelname", text(&"a".repeat(size - 600)))])),
        bomb("a chain as exc_info", record(&[("exc_info", [&b"N"[..], &chain(size / 29)[..], b"N\x87"].concat())])),
        bomb(
            "long keys in JSON",
            record(&[(
                "x",
                [
                    &b"}("[..],
                    &[&text(&"\u{1}".repeat(size / 2))[..], PUT, b"N", &[GET, b"N"].concat().repeat(size / 6 - 100)]
                        .concat()[..],
                    b"u",
                ]
                .concat(),
            )]),
        ),
        bomb(
            "keys that are lists",
            record(&[(
                "x",
                [
                    &b"}((("[..],
                    &b"N".repeat(size / 2)[..],
                    b"tt",
                    PUT,
                    b"N",
                    &[GET, b"N"].concat().repeat(size / 6 - 100),
                    b"u",
                ]
                .concat(),
            )]),
        ),
    ]
}

pub fn record_of_many_attributes(size: usize) -> Vec<u8> {
    let keys: Vec<u8> = (0..size / 20).flat_map(|key| [&text(&format!("k{key:07}"))[..], b"N"].concat()).collect();
    let whole = dict(&[]);
    [&whole[..whole.len() - 1], b"(", &keys, b"u."].concat()
}

/// A record with these attributes besides, or instead of, the usual ones.
fn record(attributes: &[(&str, Vec<u8>)]) -> Vec<u8> {
    dict(attributes)
}

fn bomb(name: &str, pickle: Vec<u8>) -> Bomb {
    Bomb { name: name.to_owned(), pickle }
}

fn integer(number: usize) -> Vec<u8> {
    crate::frames::integer(i32::try_from(number).unwrap())
}

fn integers(count: usize) -> Vec<u8> {
    (0..count.min(MANY)).flat_map(integer).collect()
}

/// Keys and counts.
fn counts(count: usize) -> Vec<u8> {
    (0..count.min(MANY / 2)).flat_map(|number| [&integer(number)[..], b"K\x01"].concat()).collect()
}

/// Multiples of 2^61-1, the modulus of CPython's hash of numbers.
fn colliding(count: usize) -> Vec<u8> {
    let multiple = |number: usize| (u128::try_from(number).unwrap() + 1) * ((1 << 61) - 1);
    (0..count.min(MANY)).flat_map(|number| [&b"\x8a\x10"[..], &multiple(number).to_le_bytes()[..]].concat()).collect()
}

fn set_of_one(element: &[u8], bytes: usize) -> Vec<u8> {
    [&b"\x8f("[..], element, PUT_1, &b"h\x01".repeat((bytes.saturating_sub(element.len()) / 2).min(MANY)), b"\x90"]
        .concat()
}

/// LONG4
fn long4(bytes: &[u8]) -> Vec<u8> {
    counted(0x8b, bytes)
}

fn counted(opcode: u8, bytes: &[u8]) -> Vec<u8> {
    [&[opcode], &u32::try_from(bytes.len()).unwrap().to_le_bytes()[..], bytes].concat()
}

/// A call of a class.
fn object(module: &str, name: &str, args: &[u8]) -> Vec<u8> {
    [format!("c{module}\n{name}\n").as_bytes(), b"(", args, b"tR"].concat()
}

/// The last character of its name is what makes quotes needed.
pub fn mail_address(bytes: usize) -> Vec<u8> {
    let name = ascii(bytes - 1) + "(";
    let state = [text("_display_name"), text(&name), text("_username"), text("b"), text("_domain"), text("c")];
    [&b"cemail.headerregistry\nAddress\n)\x81}("[..], &state.concat(), b"ub"].concat()
}

fn array(typecode: &str, format: u8, bytes: &[u8]) -> Vec<u8> {
    let parts = [&b"carray\narray\n"[..], &text(typecode)[..], &[b'K', format], &counted(b'B', bytes)].concat();
    object("array", "_array_reconstructor", &parts)
}

fn zone(key: &str) -> Vec<u8> {
    let getter = object("builtins", "getattr", &[&b"czoneinfo\nZoneInfo\n"[..], &text("_unpickle")[..]].concat());
    [&getter[..], b"(", &text(key), b"\x88tR"].concat()
}

/// An exception whose argument is one whose argument is one …
fn chain(levels: usize) -> Vec<u8> {
    [&b"c__builtin__\nException\n".repeat(levels)[..], b")R", &b"\x85R".repeat(levels - 1)].concat()
}

/// A list of a class of its own that holds one that holds one …
fn wrapped(levels: usize) -> Vec<u8> {
    let open = [&b"ccollections\nUserList\n)\x81}"[..], &text("data")[..]].concat();
    [&open.repeat(levels)[..], b"N", &b"sb".repeat(levels)].concat()
}

fn number(length: usize) -> Vec<u8> {
    long4(&[&vec![0x55; length - 1][..], &[0x15]].concat())
}

fn ascii(length: usize) -> String {
    "a".repeat(length)
}

/// BINPUT into a slot, and BINGET from it.
const PUT: &[u8] = b"q\0";
const GET: &[u8] = b"h\0";
const PUT_1: &[u8] = b"q\x01";
