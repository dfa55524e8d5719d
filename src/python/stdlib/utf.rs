//! Text in UTF-16 and UTF-32, as arrays and NumPy's scalars hold it, lone surrogates among it.

use crate::base::text::encode_code_point;

/// UTF-16 as text, and whether the most significant byte is the first.
pub(super) fn utf_16(bytes: &[u8], is_big_endian: bool) -> Vec<u8> {
    let units = bytes.chunks_exact(2).filter_map(|unit| <[u8; 2]>::try_from(unit).ok());
    let units = units.map(|unit| if is_big_endian { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) });
    let code_points = char::decode_utf16(units);
    text_of(code_points.map(|decoded| decoded.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from)))
}

/// UTF-32 as text, and whether the most significant byte is the first.
pub(super) fn utf_32(bytes: &[u8], is_big_endian: bool) -> Vec<u8> {
    let units = bytes.chunks_exact(4).filter_map(|unit| <[u8; 4]>::try_from(unit).ok());
    text_of(units.map(|unit| if is_big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) }))
}

fn text_of(code_points: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut text = Vec::new();
    for code_point in code_points {
        text.extend_from_slice(encode_code_point(code_point, &mut [0; 4]).as_bytes());
    }
    text
}
