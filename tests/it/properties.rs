//! What holds for every input: proptest over bytes, good frames mutated, programs of opcodes, and values.
//!
//! The promises that hold for a single frame (no panic, no more values than bytes, text that is text, memory given back) are
//! in `tests/fuzz/bodies.rs`, which the fuzzers run as well; here they meet inputs that are made rather than found. serde-pickle is
//! the second oracle: what both take, and it can represent, is equal.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use crate::fuzz;
use jackdaws::base::budget::Budget;
use jackdaws::base::limits::MAX_IN_FLIGHT_BYTES;
use jackdaws::collector::{CollectedRecord, CollectingReceiver};
use jackdaws::decode::{Error, Kind, Reason, Unpickler, Value};
use num_bigint::BigInt;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_pickle::{DeOptions, HashableValue, SerOptions, Value as Pickled};

use crate::corpus;
use crate::frames::framed;
use crate::opcodes::{any_program, honest_program, valid_program};
use crate::pythons::data;

#[test]
fn the_corpora_keep_every_promise() {
    let hostile = corpus::hostile();
    let frames = GOOD_FRAMES.iter().chain(hostile.iter().map(|input| &input.bytes));
    for frame in frames {
        fuzz::unpickle(frame);
        fuzz::frame_to_line(frame);
    }
    // Of a level name that spends its meter every line is cut elsewhere.
    let level_name =
        [b"}(X\x07\0\0\0levelnoK\x14X\x09\0\0\0levelnameU\x04INFO", &b"2\x86".repeat(18)[..], b"u."].concat();
    fuzz::frame_to_line(&framed(&level_name));
    let streams = GOOD_FRAMES.chunks(20).flat_map(|frames| [frames.concat(), frames.concat().repeat(3)]);
    streams.chain(GOOD_FRAMES.iter().map(|frame| frame.repeat(20))).for_each(|stream| fuzz::stream(&stream));
}

#[test]
fn refuses_every_proper_prefix_of_every_good_frame() {
    for frame in &*GOOD_FRAMES {
        let pickle = &frame[4..];
        let lengths = (0..pickle.len()).step_by(1 + pickle.len() / 2000);
        refuse_prefixes(pickle, lengths.chain([pickle.len() - 1]));
    }
}

#[test]
fn the_greediest_opcodes_get_no_more_memory_than_the_length_of_a_frame_allows() {
    for (opening, greedy) in [
        (&b""[..], &b"("[..]),
        (b"", b"N"),
        (b"", b"]"),
        (b"", b"N\x85"),
        (b"", b"c\n\n"),
        (b"", b"U\x01\xe9"),
        (b"", b"S'\\xe9'\n"),
        (b"N", b"\x94"),
        (b"N", b"]\x94"),
        (b"]", b"2a"),
        (b"ca\nb\n", b")R"),
    ] {
        for count in [10, 300, 4097, 16_385] {
            hold_within_bounds(&[opening, &greedy.repeat(count), b"."].concat());
        }
    }
}

#[test]
fn agrees_with_serde_pickle_on_the_good_frames_that_it_takes() {
    let compared = GOOD_FRAMES.iter().filter(|frame| agrees_with_serde_pickle(&frame[4..])).count();
    assert!(compared > 200, "only {compared} frames were compared");
}

proptest! {
    #![proptest_config(cases(4000))]

    #[test]
    fn arbitrary_bytes_keep_every_promise(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::unpickle(&framed(&bytes));
        fuzz::frame_to_line(&framed(&bytes));
    }

    #[test]
    fn mutated_good_frames_keep_every_promise(frame in good_frame(), mutations in vec(mutation(), 1..6)) {
        let mutated = mutations.iter().fold(frame, |frame, mutation| mutation.apply(frame));
        fuzz::unpickle(&mutated);
        fuzz::frame_to_line(&mutated);
    }

    #[test]
    fn opcodes_in_any_order_keep_every_promise(program in any_program(60)) {
        fuzz::unpickle(&framed(&program));
        fuzz::frame_to_line(&framed(&program));
    }

    #[test]
    fn a_frame_is_the_same_after_other_frames(
        frames in vec(good_frame(), 1..4),
        order in vec((any::<Index>(), prop::option::of(mutation())), 1..12),
    ) {
        let mut stream = Vec::new();
        for (index, mutation) in order {
            let frame = index.get(&frames).clone();
            let frame = mutation.iter().fold(frame, |frame, mutation| mutation.apply(frame));
            stream.extend(framed(&frame[4..]));
        }
        fuzz::stream(&stream);
    }

    /// Honest ones only: serde-pickle copies what DUP only repeats, and looks memo slots up at the end.
    #[test]
    fn agrees_with_serde_pickle_on_the_programs_that_it_takes(program in honest_program(20)) {
        agrees_with_serde_pickle(&program);
    }

    #[test]
    fn decodes_what_serde_pickle_pickles(value in value()) {
        for options in [SerOptions::new(), SerOptions::new().proto_v2()] {
            let pickle = serde_pickle::value_to_vec(&value, options).unwrap();
            let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
            let decoded = as_pickled(unpickler.unpickle(&pickle).unwrap());
            prop_assert_eq!(format!("{:?}", decoded), format!("{:?}", Some(&value)));
            prop_assert!(agrees_with_serde_pickle(&pickle));
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn accepts_every_program_whose_opcodes_have_their_operands(program in valid_program(150)) {
        prop_assert_eq!(refusal(&program), None);
        fuzz::unpickle(&framed(&program));
    }

    #[test]
    fn prints_records_of_any_attributes(attributes in valid_attributes()) {
        fuzz::frame_to_line(&framed(&attributes));
    }

    #[test]
    fn refuses_every_proper_prefix_of_a_valid_program(program in valid_program(60)) {
        refuse_prefixes(&program, 0..program.len());
    }

    #[test]
    fn holds_no_more_memory_than_the_length_of_a_frame_allows(program in valid_program(12)) {
        let (body, stop) = program.split_at(program.len() - 1);
        hold_within_bounds(&[&body.repeat(20_000 / program.len()), stop].concat());
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn splitting_a_stream_anywhere_changes_nothing(
        frames in vec(good_frame(), 1..8),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let stream = frames.concat();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).chain([0, stream.len()]).collect();
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &stream[ends[0]..ends[1]]).collect();
        prop_assert_eq!(collected(&pieces, frames.len()), collected(&[&stream], frames.len()));
    }
}

// What is asked of a pickle.

fn refusal(pickle: &[u8]) -> Option<Error> {
    Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES)).unpickle(pickle).err()
}

fn refuse_prefixes(pickle: &[u8], lengths: impl Iterator<Item = usize>) {
    for length in lengths {
        let error = refusal(&pickle[..length]).unwrap_or_else(|| panic!("{length} of {} bytes accepted", pickle.len()));
        assert_eq!(error.reason, Reason::Truncated, "{length} of {}: {error}", pickle.escape_ascii());
        assert!(error.offset <= length, "{length}: {error}");
    }
}

fn hold_within_bounds(pickle: &[u8]) {
    let budget = Budget::new(MAX_IN_FLIGHT_BYTES);
    let mut unpickler = Unpickler::new(budget.clone());
    let _ = unpickler.unpickle(pickle);
    let held = MAX_IN_FLIGHT_BYTES - budget.left();
    eprintln!(
        "RATIO {:.1} {held} {}",
        held as f64 / pickle.len() as f64,
        pickle[..pickle.len().min(40)].escape_ascii()
    );
    assert!(held <= FREE_BYTES + BYTES_HELD_PER_BYTE * pickle.len(), "{held} bytes for {}", pickle.len());
    drop(unpickler);
    assert_eq!(budget.left(), MAX_IN_FLIGHT_BYTES);
}

/// What a receiver collects of a connection on which these pieces are sent, each by a call and a packet of its own.
fn collected(pieces: &[&[u8]], count: usize) -> Vec<String> {
    let receiver = CollectingReceiver::start().unwrap();
    let mut stream = TcpStream::connect(receiver.addr()).unwrap();
    stream.set_nodelay(true).unwrap();
    for piece in pieces {
        stream.write_all(piece).unwrap();
        thread::yield_now();
    }
    let records = receiver.wait_for(count, PATIENCE).unwrap();
    let shown =
        |record: &CollectedRecord| format!("{} {:?}", record.message(), record.attributes().collect::<Vec<_>>());
    records.iter().map(shown).collect()
}

/// False if serde-pickle refuses the pickle or cannot represent it.
fn agrees_with_serde_pickle(pickle: &[u8]) -> bool {
    let mut unpickler = Unpickler::new(Budget::new(MAX_IN_FLIGHT_BYTES));
    let Some(ours) = unpickler.unpickle(pickle).ok().and_then(as_pickled) else { return false };
    let Ok(theirs) = serde_pickle::value_from_slice(pickle, DeOptions::new().decode_strings()) else { return false };
    assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{}", pickle.escape_ascii());
    true
}

/// The value as serde-pickle has it; `None` if it is more than a tree of builtins.
fn as_pickled(value: Value<'_>) -> Option<Pickled> {
    as_pickled_within(value, MAX_TREE_DEPTH)
}

fn as_pickled_within(value: Value<'_>, depth: usize) -> Option<Pickled> {
    let depth = depth.checked_sub(1)?;
    let element = |value| as_pickled_within(value, depth);
    let hashable = |value| as_pickled_within(value, depth)?.into_hashable().ok();
    Some(match value.kind() {
        Kind::None => Pickled::None,
        Kind::Bool(value) => Pickled::Bool(value),
        Kind::Int(value) => Pickled::I64(value),
        Kind::BigInt(bytes) => {
            let wide = BigInt::from_signed_bytes_le(bytes);
            i64::try_from(&wide).map_or(Pickled::Int(wide), Pickled::I64)
        }
        Kind::Float(value) => Pickled::F64(value),
        Kind::Str(text) => Pickled::String(text.as_str()?.to_owned()),
        Kind::Bytes(bytes) | Kind::ByteArray(bytes) => Pickled::Bytes(bytes.to_vec()),
        Kind::Tuple(items) => Pickled::Tuple(items.map(element).collect::<Option<_>>()?),
        Kind::List(items) => Pickled::List(items.map(element).collect::<Option<_>>()?),
        Kind::Dict(pairs) => {
            let mut dict = BTreeMap::new();
            for (key, value) in pairs {
                // Of equal keys (1 and True) the first stays, and the last value.
                dict.insert(hashable(key)?, element(value)?);
            }
            Pickled::Dict(dict)
        }
        Kind::Set(items) => Pickled::Set(items.map(hashable).collect::<Option<_>>()?),
        Kind::FrozenSet(items) => Pickled::FrozenSet(items.map(hashable).collect::<Option<_>>()?),
        _ => return None,
    })
}

// Inputs.

/// No files are written: what is found goes into the corpus.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

/// A good frame of moderate length, with its length prefix.
fn good_frame() -> impl Strategy<Value = Vec<u8>> {
    any::<Index>().prop_map(|index| index.get(&SHORT_FRAMES).to_vec())
}

/// A record of all the attributes that formats name, with any values.
fn valid_attributes() -> impl Strategy<Value = Vec<u8>> {
    let names =
        ["msg", "args", "x", "exc_text", "stack_info", "levelno", "levelname", "created", "msecs", "lineno", "name"];
    vec(valid_program(25), names.len()).prop_map(move |values| {
        let mut pickle = b"}".to_vec();
        for (name, value) in names.iter().zip(values) {
            pickle.extend(crate::frames::text(name));
            pickle.extend_from_slice(&value[..value.len() - 1]);
            pickle.push(b's');
        }
        pickle.push(b'.');
        pickle
    })
}

/// A change to a frame, behind its length prefix.
#[derive(Clone, Debug)]
enum Mutation {
    Delete(Index, usize),
    Insert(Index, Vec<u8>),
    Replace(Index, u8),
    Splice(Index, Vec<u8>, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), 1..20_usize).prop_map(|(at, count)| Mutation::Delete(at, count)),
        2 => (at(), any_program(4)).prop_map(|(at, opcodes)| Mutation::Insert(at, opcodes[..opcodes.len() - 1].to_vec())),
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        1 => (at(), good_frame(), at()).prop_map(|(at, other, from)| Mutation::Splice(at, other, from)),
    ]
}

impl Mutation {
    fn apply(&self, mut frame: Vec<u8>) -> Vec<u8> {
        let (Mutation::Delete(at, _) | Mutation::Insert(at, _) | Mutation::Replace(at, _) | Mutation::Splice(at, ..)) =
            self;
        let at = 4 + at.index(frame.len() - 3);
        let tail = frame.split_off(at);
        match self {
            Mutation::Delete(_, count) => frame.extend(tail.iter().skip(*count)),
            Mutation::Insert(_, bytes) => frame.extend(bytes.iter().chain(&tail)),
            Mutation::Replace(_, byte) => frame.extend([*byte].iter().chain(tail.iter().skip(1))),
            Mutation::Splice(_, other, from) => frame.extend_from_slice(&other[4 + from.index(other.len() - 3)..]),
        }
        frame
    }
}

fn value() -> impl Strategy<Value = Pickled> {
    let leaf = prop_oneof![scalar().prop_map(HashableValue::into_value), any::<f64>().prop_map(Pickled::F64)];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Pickled::List),
            vec(inner.clone(), 0..6).prop_map(Pickled::Tuple),
            proptest::collection::btree_map(hashable(), inner, 0..6).prop_map(Pickled::Dict),
            proptest::collection::btree_set(hashable(), 0..6).prop_map(Pickled::Set),
            proptest::collection::btree_set(hashable(), 0..6).prop_map(Pickled::FrozenSet),
        ]
    })
}

fn hashable() -> impl Strategy<Value = HashableValue> {
    scalar().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(HashableValue::Tuple),
            proptest::collection::btree_set(inner, 0..4).prop_map(HashableValue::FrozenSet),
        ]
    })
}

/// Floats only as far as serde-pickle's order of keys is one.
fn scalar() -> impl Strategy<Value = HashableValue> {
    let integer = any::<i128>().prop_map(|wide| match i64::try_from(wide) {
        Ok(value) => HashableValue::I64(value),
        Err(_) => HashableValue::Int(BigInt::from(wide) * BigInt::from(wide)),
    });
    prop_oneof![
        Just(HashableValue::None),
        any::<bool>().prop_map(HashableValue::Bool),
        any::<i64>().prop_map(HashableValue::I64),
        any::<i16>().prop_map(|value| HashableValue::I64(value.into())),
        integer,
        any::<i32>().prop_map(|value| HashableValue::F64(f64::from(value) + 0.5)),
        vec(any::<u8>(), 0..300).prop_map(HashableValue::Bytes),
        any::<String>().prop_map(HashableValue::String),
    ]
}

static GOOD_FRAMES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut names: Vec<_> = fs::read_dir(data("good/frames")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort_unstable();
    names.iter().map(|name| fs::read(name).unwrap()).collect()
});

static SHORT_FRAMES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| GOOD_FRAMES.iter().filter(|frame| frame.len() < 10_000).cloned().collect());

/// What an unpickler takes at first: room for 256 elements of each kind.
const FREE_BYTES: usize = 36 << 10;

/// Two bytes of a pickle can make an object of 80 bytes, and buffers grow to twice what is needed.
const BYTES_HELD_PER_BYTE: usize = 80;

/// Beyond this a value is no tree, but contains itself.
const MAX_TREE_DEPTH: usize = 100;

/// For what takes milliseconds, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
