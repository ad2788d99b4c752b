//! Bytes in hexadecimal digits.
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The places of a uuid before which a hyphen stands.
const UUID_HYPHENS: [usize; 4] = [4, 6, 8, 10];

fn push_hex(byte: u8, out: &mut Vec<u8>) {
    for digit in [byte >> 4, byte & 0xf] {
        out.extend(HEX.get(usize::from(digit)));
    }
}

/// Appends a bytea as `\x6162`.
pub(crate) fn write_bytea(value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\\x");
    out.reserve(value.len() * 2);
    for byte in value {
        push_hex(*byte, out);
    }
}

/// Appends a uuid with its hyphens.
pub(crate) fn write_uuid(value: &[u8], out: &mut Vec<u8>) {
    for (place, byte) in value.iter().enumerate() {
        if UUID_HYPHENS.contains(&place) {
            out.push(b'-');
        }
        push_hex(*byte, out);
    }
}
