//! Records of one program: the same keys in the same order, mostly in the same bytes. What each of them is must not depend on
//! those before it, from which the decoder has learned what to expect, however it differs from them.

use crate::fuzz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::frames::framed;

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_record_is_the_same_after_others_that_are_nearly_like_it(
        pairs in vec(pair(), 1..10),
        records in vec(vec(change(), 0..3), 1..6),
        opening in select(OPENINGS),
    ) {
        let usual = framed(&pickled(&pairs, opening));
        let mut stream = usual.repeat(3);
        for changes in records {
            let changed = changes.into_iter().fold(pairs.clone(), Change::made_in);
            stream.extend(framed(&pickled(&changed, opening)));
            stream.extend(framed(&pickled(&changed, opening)));
        }
        stream.extend(usual);
        fuzz::stream(&stream);
    }
}

/// A key and its value, each perhaps put into the memo.
#[derive(Clone, Debug)]
struct Pair {
    key: Vec<u8>,
    key_put: Put,
    value: Written,
    value_put: Put,
}

#[derive(Clone, Debug)]
enum Written {
    Bytes(&'static [u8]),
    /// From the memo: one of those that are there, or the first that is not.
    Get(Index),
}

#[derive(Clone, Copy, Debug)]
enum Put {
    Next,
    No,
    Into(u8),
}

#[derive(Clone, Debug)]
enum Change {
    Insert(Index, Pair),
    Remove(Index),
    Replace(Index, Pair),
}

impl Change {
    fn made_in(mut pairs: Vec<Pair>, change: Change) -> Vec<Pair> {
        match change {
            Change::Insert(at, pair) => pairs.insert(at.index(pairs.len() + 1), pair),
            Change::Remove(at) if !pairs.is_empty() => drop(pairs.remove(at.index(pairs.len()))),
            Change::Replace(at, pair) if !pairs.is_empty() => {
                let at = at.index(pairs.len());
                pairs[at] = pair;
            }
            Change::Remove(_) | Change::Replace(..) => {}
        }
        pairs
    }
}

fn pickled(pairs: &[Pair], (opening, mut slots): (&[u8], u8)) -> Vec<u8> {
    let mut pickle = opening.to_vec();
    let memoize = opening.contains(&b'\x94');
    let mut put = |put: Put, pickle: &mut Vec<u8>| {
        match put {
            Put::No => return slots,
            Put::Next if memoize => pickle.push(b'\x94'),
            Put::Next => pickle.extend([b'q', slots]),
            Put::Into(slot) => pickle.extend([b'q', slot]),
        }
        slots += 1;
        slots
    };
    for pair in pairs {
        pickle.extend(&pair.key);
        let slots = put(pair.key_put, &mut pickle);
        match &pair.value {
            Written::Bytes(bytes) => pickle.extend_from_slice(bytes),
            Written::Get(slot) => pickle.extend([b'h', u8::try_from(slot.index(usize::from(slots) + 1)).unwrap()]),
        }
        put(pair.value_put, &mut pickle);
    }
    pickle.extend(b"u.");
    pickle
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => (any::<Index>(), pair()).prop_map(|(at, pair)| Change::Insert(at, pair)),
        1 => any::<Index>().prop_map(Change::Remove),
        2 => (any::<Index>(), pair()).prop_map(|(at, pair)| Change::Replace(at, pair)),
    ]
}

fn pair() -> impl Strategy<Value = Pair> {
    let value = prop_oneof![
        6 => select(SCALARS).prop_map(Written::Bytes),
        1 => select(OTHERS).prop_map(Written::Bytes),
        1 => any::<Index>().prop_map(Written::Get),
    ];
    (key(), put(), value, put()).prop_map(|(key, key_put, value, value_put)| Pair { key, key_put, value, value_put })
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    let name = select(&["msg", "args", "levelname", "levelno", "exc_text", "created", "x", "é"][..]);
    (name, select(&[b'X', b'U', b'\x8c', b'\x8d'][..])).prop_map(|(name, opcode)| {
        let length = name.len() as u8;
        let width = match opcode {
            b'X' => 4,
            b'\x8d' => 8,
            _ => 1,
        };
        let mut key = vec![opcode, length];
        key.resize(1 + width, 0);
        key.extend(name.as_bytes());
        key
    })
}

fn put() -> impl Strategy<Value = Put> {
    prop_oneof![6 => Just(Put::Next), 3 => Just(Put::No), 1 => (0..24_u8).prop_map(Put::Into)]
}

/// How a record begins, and the slot into which the next put goes.
const OPENINGS: &[(&[u8], u8)] =
    &[(b"}q\0(", 1), (b"}q\x01(", 2), (b"}(", 0), (b"\x80\x02}q\0(", 1), (b"\x80\x04\x95\0\0\0\0\0\0\0\0}\x94(", 1)];

/// By every opcode that writes one.
const SCALARS: &[&[u8]] = &[
    b"N",
    b"\x88",
    b"\x89",
    b"K\x14",
    b"M\x01\x02",
    b"J\xff\xff\xff\xff",
    b"G?\xf8\0\0\0\0\0\0",
    b"GA\xd9\x5f\x10\0\0\0\0",
    b"F1.5\n",
    b"I00\n",
    b"I12345678\n",
    b"I-7\n",
    b"L140735000000007L\n",
    b"\x8a\x02\x01\x02",
    b"\x8a\x09\x01\x02\x03\x04\x05\x06\x07\x08\x09",
    b"\x8b\x01\0\0\0\x05",
    b"U\x03abc",
    b"U\x01\xe9",
    b"T\x02\0\0\0de",
    b"S'f'\n",
    b"Vg\n",
    b"X\x02\0\0\0hi",
    b"X\x02\0\0\0\xc3\xa9",
    b"X\x03\0\0\0\xed\xa0\x80",
    b"\x8c\x00",
    b"\x8c\x04MARK",
    b"\x8d\x01\0\0\0\0\0\0\0j",
    b"C\x02k\xff",
    b"B\x01\0\0\0l",
    b"\x8e\x01\0\0\0\0\0\0\0m",
    b"\x96\x01\0\0\0\0\0\0\0n",
];

const OTHERS: &[&[u8]] =
    &[b")", b"]", b"}", b"]K\x01a", b"K\x01K\x02\x86", b"cbuiltins\nint\n", b"(lp\x03\n", b"\x8c\x01"];
