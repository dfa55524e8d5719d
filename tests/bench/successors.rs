//! Records that a sender might send after one.

/// What a sender might send `nth` after `pickle`: the same but for its times and the length of its message.
pub fn successor(pickle: &[u8], nth: usize) -> Vec<u8> {
    let mut pickle = pickle.to_vec();
    for key in ["created", "msecs", "relativeCreated"] {
        let opcode = opcode_after(&pickle, key, b"GF");
        let value = &mut pickle[opcode + 1..];
        match value.iter().position(|&byte| byte == b'\n') {
            Some(end) if value[..end].is_ascii() => value[end - 1] = b'0' + (nth % 10) as u8,
            _ => value[5] ^= nth as u8,
        }
    }
    let opcode = opcode_after(&pickle, "msg", b"XUV\x8c");
    let added = nth * 5 % 16;
    let (size, text) = match pickle[opcode] {
        b'X' => (opcode + 1..opcode + 5, opcode + 5),
        b'V' => (0..0, opcode + 1),
        _ => (opcode + 1..opcode + 2, opcode + 2),
    };
    add(&mut pickle[size], added);
    if pickle[2] == FRAME {
        add(&mut pickle[3..11], added);
    }
    pickle.splice(text..text, vec![b'x'; added]);
    pickle
}

/// Where the opcode is, one of `of`, that pushes what `key` is followed by.
fn opcode_after(pickle: &[u8], key: &str, of: &[u8]) -> usize {
    let at = pickle.windows(key.len()).position(|window| window == key.as_bytes()).unwrap();
    at + key.len() + pickle[at + key.len()..].iter().position(|byte| of.contains(byte)).unwrap()
}

fn add(little_endian: &mut [u8], added: usize) {
    let mut carried = added;
    for byte in little_endian {
        carried += usize::from(*byte);
        *byte = carried as u8;
        carried >>= 8;
    }
}

const FRAME: u8 = 0x95;
