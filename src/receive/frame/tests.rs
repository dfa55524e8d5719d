//! Streams that come in pieces of any length, with memory and without.

#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, reason = "tests")]
use super::*;
use crate::base::limits::READ_BUFFER_BYTES;
use proptest::prelude::*;

/// What came out of a stream: frames, or errors in words.
type Seen = Vec<Result<Vec<u8>, &'static str>>;

fn frame_of(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_be_bytes(), body].concat()
}

fn drain(reader: &mut FrameReader, seen: &mut Seen) -> bool {
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => seen.push(Ok(frame.to_vec())),
            Ok(None) => return true,
            Err(error) => {
                seen.push(Err(error.summary()));
                if matches!(error, Error::NotAFrame { .. }) {
                    return false;
                }
            }
        }
    }
}

/// Feeds the pieces, and grants what is wanted; between any two, the buffer is taken away if `waits`, as a connection that
/// waits does.
fn feed<'a>(reader: &mut FrameReader, pieces: impl IntoIterator<Item = &'a [u8]>, waits: bool) -> Seen {
    feed_through(reader, READ_BUFFER_BYTES, pieces, waits)
}

/// The same with so much of the buffer.
fn feed_through<'a>(
    reader: &mut FrameReader,
    window: usize,
    pieces: impl IntoIterator<Item = &'a [u8]>,
    waits: bool,
) -> Seen {
    let mut seen = Seen::new();
    for mut piece in pieces {
        while !piece.is_empty() {
            if reader.is_own && reader.aside.is_none() {
                reader.lend(vec![0; READ_BUFFER_BYTES], window);
            }
            reader.grant(reader.wanted()).unwrap();
            let spare = reader.spare();
            let count = piece.len().min(spare.len());
            assert!(count > 0, "no room for more");
            spare[..count].copy_from_slice(&piece[..count]);
            reader.advance(count);
            piece = &piece[count..];
            if !drain(reader, &mut seen) {
                return seen;
            }
            if waits {
                reader.grant(reader.wanted_to_reclaim().0).unwrap();
                reader.reclaim().1.unwrap();
            }
        }
    }
    seen
}

fn reader(max_frame: usize) -> FrameReader {
    FrameReader::new(max_frame)
}

#[test]
fn finds_frames_however_they_are_split() {
    let bodies: [&[u8]; 4] = [b"}q\0.", b"", b"x", &[7; 300]];
    let stream: Vec<u8> = bodies.iter().flat_map(|body| frame_of(body)).collect();
    let expected: Seen = bodies.iter().map(|body| Ok(body.to_vec())).collect();
    for waits in [false, true] {
        assert_eq!(feed(&mut reader(300), stream.chunks(1), waits), expected, "byte by byte");
        for split in 0..=stream.len() {
            let mut reader = reader(300);
            let (first, second) = stream.split_at(split);
            assert_eq!(feed(&mut reader, [first, second], waits), expected, "split at {split}");
            assert!(reader.is_between_frames());
        }
    }
}

#[test]
fn every_prefix_of_a_frame_is_incomplete() {
    let frame = frame_of(b"}q\0(X\x01\0\0\0a.");
    for length in 0..frame.len() {
        let mut reader = reader(100);
        assert_eq!(feed(&mut reader, [&frame[..length]], false), Seen::new());
        assert_eq!(reader.is_between_frames(), length == 0);
        assert_eq!(reader.unfinished_bytes(), length);
    }
}

#[test]
fn accepts_up_to_the_limit_and_skips_what_is_longer() {
    for (length, accepted) in [(99, true), (100, true), (101, false)] {
        let mut body = vec![b'}'; length];
        body[1] = b'q';
        let stream = [frame_of(&body), frame_of(b"next")].concat();
        let first = if accepted { Ok(body) } else { Err("too long") };
        for size in [1, 2, 5, 50, stream.len()] {
            for waits in [false, true] {
                let seen = feed(&mut reader(100), stream.chunks(size), waits);
                assert_eq!(seen, [first.clone(), Ok(b"next".to_vec())], "{length} in pieces of {size}");
            }
        }
    }
}

#[test]
fn skips_more_than_any_buffer_holds() {
    let mut body = vec![0; 3 * READ_BUFFER_BYTES];
    body[..2].copy_from_slice(b"\x80\x04");
    let stream = [frame_of(&body), frame_of(b"next")].concat();
    let mut reader = reader(1000);
    assert_eq!(feed(&mut reader, stream.chunks(10_000), true), [Err("too long"), Ok(b"next".to_vec())]);
}

#[test]
fn grows_as_bytes_arrive_and_not_as_announced() {
    let mut reader = reader(1 << 20);
    let body = vec![9; 300_000];
    let frame = frame_of(&body);
    let (first, rest) = frame.split_at(READ_BUFFER_BYTES - 1);
    assert_eq!(feed(&mut reader, [first], false), Seen::new());
    assert_eq!((reader.wanted(), reader.spare().len()), (0, 1));
    assert_eq!(feed(&mut reader, [&rest[..1]], false), Seen::new());
    assert_eq!((reader.wanted(), reader.spare().len()), (frame.len() - PRIVATE_BYTES, 0));
    reader.grant(reader.wanted()).unwrap();
    assert_eq!((reader.wanted(), reader.spare().len()), (0, READ_BUFFER_BYTES));
    assert_eq!(feed(&mut reader, [&rest[1..]], false), [Ok(body)]);
    assert_eq!((reader.granted(), reader.spare().len()), (0, READ_BUFFER_BYTES));
    assert_eq!(reader.reclaim().0.unwrap().len(), READ_BUFFER_BYTES);
}

#[test]
fn wants_what_is_missing_as_soon_as_it_holds_what_is_private() {
    let frame = frame_of(&[9; 30_000]);
    let missing = frame.len() - PRIVATE_BYTES;
    for (begun, wanted) in [(PRIVATE_BYTES - 1, 0), (PRIVATE_BYTES, missing)] {
        let mut reader = reader(1 << 20);
        feed_through(&mut reader, PRIVATE_BYTES, [&frame[..begun]], false);
        assert_eq!((reader.wanted(), reader.spare().is_empty()), (wanted, wanted > 0), "{begun}");
        assert_eq!(reader.wanted_to_reclaim(), (0, 0));
        reader.reclaim().1.unwrap();
        assert_eq!(reader.wanted(), wanted, "{begun}");
        assert_eq!(feed_through(&mut reader, PRIVATE_BYTES, [&frame[begun..]], true).len(), 1);
        assert_eq!((reader.granted(), reader.bytes.capacity()), (0, 0));
    }
}

#[test]
fn wants_before_the_buffer_goes_what_it_holds_beyond_what_is_private() {
    let frame = frame_of(&[9; 200_000]);
    for begun in [1, PRIVATE_BYTES, PRIVATE_BYTES + 1, READ_BUFFER_BYTES - 1, READ_BUFFER_BYTES] {
        for waits_for_the_rest in [false, true] {
            let mut reader = reader(1 << 20);
            assert_eq!(feed(&mut reader, [&frame[..begun]], false), Seen::new());
            let (all, least) = reader.wanted_to_reclaim();
            assert_eq!(least, begun.saturating_sub(PRIVATE_BYTES), "{begun}");
            assert_eq!(all, if least > 0 { frame.len() - PRIVATE_BYTES } else { 0 }, "{begun}");
            reader.grant(if waits_for_the_rest { least } else { all }).unwrap();
            reader.reclaim().1.unwrap();
            let rest = if waits_for_the_rest { all - least } else { 0 };
            assert_eq!(
                reader.wanted(),
                if begun < PRIVATE_BYTES {
                    0
                } else if begun == PRIVATE_BYTES {
                    frame.len() - PRIVATE_BYTES
                } else {
                    rest
                }
            );
            assert!(reader.bytes.len() <= 2 * begun);
            assert_eq!(feed(&mut reader, [&frame[begun..]], true).len(), 1);
            assert_eq!((reader.granted(), reader.bytes.capacity()), (0, 0));
        }
    }
}

#[test]
fn keeps_whole_frames_that_were_not_handed_out() {
    // What had come may fill the window, its last frame be whole or not, and the first be a long one or not.
    for window in [PRIVATE_BYTES, PRIVATE_BYTES + 1, READ_BUFFER_BYTES] {
        for filled in [PRIVATE_BYTES - 1, PRIVATE_BYTES, PRIVATE_BYTES + 1, window - 1, window] {
            for first in [0, 1, PRIVATE_BYTES - 5, PRIVATE_BYTES - 4, PRIVATE_BYTES - 3] {
                let lengths = [first, 3000, 0, 200_000, 1, 5000];
                let bodies = lengths.map(|length| vec![7; length]);
                let stream: Vec<u8> = bodies.iter().flat_map(|body| frame_of(body)).collect();
                let (begun, rest) = stream.split_at(filled.min(window));
                let mut reader = reader(1 << 20);
                reader.lend(vec![0; READ_BUFFER_BYTES], window);
                reader.spare()[..begun.len()].copy_from_slice(begun);
                reader.advance(begun.len());
                let mut seen = Seen::new();
                // One frame a turn, as a connection has it whose records take long.
                for _ in 0..lengths.len() {
                    reader.grant(reader.wanted_to_reclaim().0).unwrap();
                    let (buffer, outcome) = reader.reclaim();
                    outcome.unwrap();
                    assert_eq!(buffer.unwrap().len(), READ_BUFFER_BYTES);
                    reader.lend(vec![0; READ_BUFFER_BYTES], window);
                    seen.extend(reader.next_frame().unwrap().map(|frame| Ok(frame.to_vec())));
                }
                assert_eq!(seen.len() >= 3, filled >= first + 3012, "{window} {filled} {first}");
                seen.extend(feed_through(&mut reader, window, [rest], true));
                assert!(seen.into_iter().eq(bodies.map(Ok)), "{window} {filled} {first}");
                assert!(reader.is_between_frames());
                assert_eq!((reader.granted(), reader.bytes.capacity()), (0, 0));
            }
        }
    }
}

#[test]
fn what_is_held_is_private_or_was_granted_when_the_buffer_goes_after_each_frame() {
    let lengths = [1000, 20_000, 30_000, 300_000, 5, 40_000];
    let stream = [lengths.map(|length| frame_of(&vec![b'x'; length])).concat(), vec![0; 3]].concat();
    let (mut reader, mut rest, mut seen) = (reader(1 << 20), &stream[..], Vec::new());
    // As much as a connection has claimed: it gives that back when nothing is granted any more.
    let mut claimed = 0;
    while !rest.is_empty() || seen.len() < lengths.len() {
        if reader.aside.is_none() && reader.is_own {
            reader.lend(vec![0; READ_BUFFER_BYTES], READ_BUFFER_BYTES);
        }
        claimed += reader.wanted();
        reader.grant(reader.wanted()).unwrap();
        let (spare, ahead) = (reader.spare(), rest);
        let count = ahead.len().min(spare.len());
        spare[..count].copy_from_slice(&ahead[..count]);
        reader.advance(count);
        rest = &ahead[count..];
        seen.extend(reader.next_frame().unwrap().map(<[u8]>::len));
        claimed = if reader.granted() == 0 { 0 } else { claimed } + reader.wanted_to_reclaim().0;
        reader.grant(reader.wanted_to_reclaim().0).unwrap();
        assert!(reader.reclaim().0.is_some());
        let held = reader.bytes.capacity();
        assert!(held <= PRIVATE_BYTES + claimed, "{held} bytes, {claimed} claimed: {seen:?}");
    }
    assert_eq!(seen, lengths);
    assert_eq!((reader.bytes.capacity(), reader.granted()), (3, 0));
}

#[test]
fn a_long_beginning_of_a_frame_is_not_copied_whenever_a_buffer_is_lent() {
    for (begun, stays) in [(PRIVATE_BYTES - 1, false), (PRIVATE_BYTES, true), (PRIVATE_BYTES + 1, true)] {
        let mut reader = reader(1 << 20);
        let frame = frame_of(&[9; 200_000]);
        feed(&mut reader, [&frame[..begun]], true);
        reader.grant(reader.wanted()).unwrap();
        let place = reader.bytes.as_ptr();
        reader.lend(vec![0; READ_BUFFER_BYTES], READ_BUFFER_BYTES);
        assert_eq!(reader.bytes.as_ptr() == place, stays, "{begun}");
        assert!(!reader.spare().is_empty());
    }
}

#[test]
fn knows_how_long_the_frame_is() {
    let frame = frame_of(&[9; 1000]);
    let too_long = frame_of(&[b"}q", &[9; 2000][..]].concat());
    for (stream, begun, length) in [(&frame, 3, 0), (&frame, 4, 1000), (&frame, 1003, 1000), (&frame, 1004, 0)] {
        let mut reader = reader(1000);
        feed(&mut reader, [&stream[..begun]], false);
        assert_eq!(reader.length(), length, "{begun}");
    }
    let mut reader = reader(1000);
    feed(&mut reader, [&too_long[..2005]], false);
    assert_eq!(reader.length(), 2002);
}

#[test]
fn gives_up_on_other_protocols_and_says_which() {
    let little_endian = [&4_u32.to_le_bytes()[..], b"}q\0."].concat();
    let cases: [(&[u8], &str); 12] = [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "an HTTP request: \"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\""),
        (b"\x16\x03\x01\x02\x00\x01\x00", "a TLS client hello: \"\\x16\\x03\\x01\\x02\\x00\\x01\\x00\""),
        (b"SSH-2.0-OpenSSH_9.2", "an SSH banner"),
        (b"<34>1 2003-10-11T22:14:15", "syslog"),
        (b"{\"a\": 1}", "JSON"),
        (b"some text", "text"),
        (b"\x78\x9c\x01\x02\xff\xfe\xfd\xfc", "zlib"),
        (b"\x1f\x8b\x08\0\xff\xfe\xfd\xfc", "gzip"),
        (b"}q\0(X\x04\0\0\0name", "a pickle without its length"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0", "a pickle without its length"),
        (&little_endian, "a length in little-endian order"),
        (b"\xff\xff\xff\xff\x1b[2J", ": \"\\xff\\xff\\xff\\xff\\x1b[2J\""),
    ];
    for (stream, expected) in cases {
        for split in [1, 4, 5, stream.len()] {
            let mut reader = reader(1 << 16);
            reader.lend(vec![0; READ_BUFFER_BYTES], READ_BUFFER_BYTES);
            let mut error = None;
            for piece in [&stream[..split], &stream[split..]] {
                reader.spare()[..piece.len()].copy_from_slice(piece);
                reader.advance(piece.len());
                error = error.or(reader.next_frame().err());
            }
            let error = error.unwrap();
            assert!(matches!(error, Error::NotAFrame { .. }), "{error}");
            assert!(split < stream.len() || error.to_string().contains(expected), "{error}");
        }
    }
}

#[test]
fn waits_for_the_first_bytes_of_a_long_frame_before_it_decides() {
    let mut reader = reader(1000);
    assert_eq!(feed(&mut reader, [&b"\x00\x10\x00\x00"[..]], true), Seen::new());
    assert_eq!(feed(&mut reader, [&b"\x80"[..]], true), Seen::new());
    assert_eq!(feed(&mut reader, [&b"\x03"[..]], true), [Err("too long")]);
}

proptest! {
    #[test]
    fn survives_any_bytes_in_any_pieces(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..50),
        max_frame in 0_usize..300,
        waits: bool,
    ) {
        let mut reader = FrameReader::new(max_frame);
        for frame in feed(&mut reader, pieces.iter().map(Vec::as_slice), waits).into_iter().flatten() {
            prop_assert!(frame.len() <= max_frame);
        }
    }

    #[test]
    fn round_trips_frames_in_any_pieces(
        bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..20),
        size in 1_usize..500,
        waits: bool,
    ) {
        let stream: Vec<u8> = bodies.iter().flat_map(|body| frame_of(body)).collect();
        let expected: Seen = bodies.into_iter().map(Ok).collect();
        prop_assert_eq!(feed(&mut reader(400), stream.chunks(size), waits), expected);
    }

    #[test]
    fn round_trips_frames_that_are_larger_than_any_buffer(
        lengths in prop::collection::vec(0_usize..200_000, 1..5),
        size in 10_000_usize..100_000,
        window in PRIVATE_BYTES..=READ_BUFFER_BYTES,
        waits: bool,
    ) {
        let bodies = lengths.iter().map(|length| vec![7; *length]);
        let stream: Vec<u8> = bodies.clone().flat_map(|body| frame_of(&body)).collect();
        let mut reader = reader(1 << 20);
        let seen = feed_through(&mut reader, window, stream.chunks(size), waits);
        prop_assert!(seen.into_iter().eq(bodies.map(Ok)));
        prop_assert_eq!(reader.granted(), 0);
    }
}

#[test]
fn a_buffer_that_cannot_be_taken_back_now_and_then_serves_the_frames_after_that_too() {
    let bodies: Vec<Vec<u8>> = [40_000, 300, 30_000, 0, 20_000, 64_000].map(|length| vec![b'x'; length]).to_vec();
    let stream: Vec<u8> = bodies.iter().flat_map(|body| frame_of(body)).collect();
    for piece in [1000, 7777, 20_000, 40_304, 50_000] {
        for taken_back in 0..32 {
            let (mut reader, mut seen, mut turns) = (reader(64_000), Seen::new(), 0);
            let mut rest = &stream[..];
            while !rest.is_empty() {
                if reader.is_own && reader.aside.is_none() {
                    reader.lend(vec![0; READ_BUFFER_BYTES], READ_BUFFER_BYTES);
                }
                reader.grant(reader.wanted()).unwrap();
                let spare = reader.spare();
                let count = piece.min(rest.len()).min(spare.len());
                assert!(count > 0, "no room after {} frames, pieces of {piece}, {taken_back:b}", seen.len());
                spare[..count].copy_from_slice(&rest[..count]);
                reader.advance(count);
                rest = &rest[count..];
                assert!(drain(&mut reader, &mut seen));
                let (all, least) = reader.wanted_to_reclaim();
                reader.grant(if turns % 2 == 0 { all } else { least }).unwrap();
                // Else the system has no memory to copy what it holds.
                if taken_back >> (turns % 5) & 1 == 1 {
                    reader.reclaim().1.unwrap();
                }
                turns += 1;
            }
            assert!(seen.iter().flatten().eq(bodies.iter()), "{} frames", seen.len());
            assert_eq!(reader.granted(), 0);
        }
    }
}
