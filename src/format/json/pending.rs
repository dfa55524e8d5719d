//! What is yet to be appended to a line, gathered.

use crate::base::text::{Text, TextWriter};

/// What is yet to be appended to the line, together: that costs as much for one byte as for a hundred.
pub struct Pending<'o, 'b> {
    pub out: &'o mut TextWriter<'b>,
    pub bytes: [u8; GATHERED_BYTES],
    pub length: usize,
}

impl<'o, 'b> Pending<'o, 'b> {
    pub fn new(out: &'o mut TextWriter<'b>) -> Pending<'o, 'b> {
        Pending { out, bytes: [0; GATHERED_BYTES], length: 0 }
    }

    /// The bytes that may still be written.
    pub fn remaining(&self) -> usize {
        self.out.remaining().saturating_sub(self.length)
    }

    pub fn push(&mut self, text: &[u8]) {
        if self.length.saturating_add(text.len()) > GATHERED_BYTES {
            self.append();
        }
        if text.len() > GATHERED_BYTES {
            self.out.push(Text::known_valid(text));
        } else {
            self.put(text);
        }
    }

    /// Puts text for which there is room.
    #[inline(always)]
    pub fn put(&mut self, text: &[u8]) {
        let end = self.length.wrapping_add(text.len());
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(text);
            self.length = end;
        }
    }

    pub fn append(&mut self) {
        self.out.push(Text::known_valid(self.bytes.get(..self.length).unwrap_or_default()));
        self.length = 0;
    }
}

/// Room for most of a line.
pub const GATHERED_BYTES: usize = 1024;
