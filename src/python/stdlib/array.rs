//! `array.array`, element by element or packed as protocols from 3 on have it.
//!
//! In: the typecode, and the elements. Out: what `array_repr` in CPython's `Modules/arraymodule.c` prints; the packed formats are those of its
//! `enum machine_format_code`.

use super::classes::ArrayElements;
use crate::base::memory::append;
use crate::base::text::{Text, encode_code_point};
use crate::decode::Value;
use crate::python::repr::Printer;
use crate::python::{float, string};
use std::fmt::Write;

impl<'a> Printer<'a, '_, '_> {
    pub(super) fn array(&mut self, typecode: Text<'a>, elements: ArrayElements<'a>) {
        self.out.push_str("array(");
        string::repr(typecode, &mut self.out);
        let is_text = typecode == *"u" || typecode == *"w";
        match elements {
            ArrayElements::Items(items) if is_text && !items.is_empty() => self.characters(&mut items.map(character)),
            ArrayElements::Packed(bytes, format @ (20 | 21)) => {
                let units = bytes.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok());
                self.characters(&mut units.map(|unit| match format {
                    20 => Some(u32::from_le_bytes(unit)),
                    _ => Some(u32::from_be_bytes(unit)),
                }));
            }
            ArrayElements::Items(items) if items.is_empty() => self.out.push_str(")"),
            ArrayElements::Items(items) => self.sequence(", [", items, "])"),
            ArrayElements::Packed([], _) => self.out.push_str(")"),
            ArrayElements::Packed(bytes, format) => {
                self.out.push_str(", ");
                self.packed_array(bytes, format);
                self.out.push_str(")");
            }
        }
    }

    /// `, 'abc')`
    fn characters(&mut self, characters: &mut dyn Iterator<Item = Option<u32>>) {
        let mut text = Vec::new();
        for character in characters {
            self.out.writer.charge(UNITS_A_PACKED_ELEMENT);
            if self.out.writer.is_cut() {
                return;
            }
            let Some(character) = character else { continue };
            if !append(&mut text, encode_code_point(character, &mut [0; 4]).as_bytes()) {
                return self.out.writer.starve();
            }
        }
        self.out.push_str(", ");
        string::repr(Text::known_valid(&text), &mut self.out);
        self.out.push_str(")");
    }

    fn packed_array(&mut self, bytes: &[u8], format: u8) {
        let size = 1_usize
            << match format {
                0 | 1 => 0,
                2..=5 => 1,
                6..=9 | 14 | 15 => 2,
                _ => 3,
            };
        self.out.push_str("[");
        let mut separator = "";
        for element in bytes.chunks_exact(size) {
            self.out.writer.charge(UNITS_A_PACKED_ELEMENT);
            if self.out.writer.is_cut() {
                break;
            }
            self.out.push_str(separator);
            self.packed_element(element, format);
            separator = ", ";
        }
        self.out.push_str("]");
    }

    /// One number, in a format of which the odd ones are big-endian.
    fn packed_element(&mut self, element: &[u8], format: u8) {
        let mut bytes = [0; 8];
        let is_big_endian = format > 1 && format % 2 == 1;
        for (index, byte) in bytes.iter_mut().take(element.len()).enumerate() {
            let from = if is_big_endian { element.iter().nth_back(index) } else { element.get(index) };
            *byte = from.copied().unwrap_or_default();
        }
        let number = u64::from_le_bytes(bytes);
        let shift = 64_u32.saturating_sub(8_u32.saturating_mul(u32::try_from(element.len()).unwrap_or(8)));
        let [b0, b1, b2, b3, ..] = bytes;
        let _ = match format {
            0 | 2 | 3 | 6 | 7 | 10 | 11 => write!(self.out, "{number}"),
            14 | 15 => return float::repr(f32::from_le_bytes([b0, b1, b2, b3]).into(), self.out.writer),
            16 | 17 => return float::repr(f64::from_bits(number), self.out.writer),
            _ => {
                let number = i64::from_le_bytes(number.wrapping_shl(shift).to_le_bytes());
                write!(self.out, "{}", number.wrapping_shr(shift))
            }
        };
    }
}

fn character(value: Value<'_>) -> Option<u32> {
    value.as_text()?.code_points().next()
}

/// What it costs to print an element of an array.
const UNITS_A_PACKED_ELEMENT: usize = 3;
