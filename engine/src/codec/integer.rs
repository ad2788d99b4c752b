//! Integers as bytes: what frames, manifests, lengths are made of.
//!
//! Integers are written seven bits to a byte, the low ones first, so that small numbers
//! take one byte. Reading never passes the input's end: it fails with
//! [`ErrorKind::Corrupt`], whatever the bytes are.
use crate::{Error, ErrorKind, Result};

/// Bytes that do not read back.
pub(super) fn corrupt(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}

/// Appends a number in 1 to 10 bytes.
pub fn put_u64(output: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        output.push(value as u8 | 0x80);
        value >>= 7;
    }
    output.push(value as u8);
}

/// Appends what `write` does, with its length before it as [`put_bytes`] does: the length
/// takes [`LENGTH_BYTES`] whatever it is, so that nothing is moved afterwards.
pub(crate) fn put_within<E>(
    output: &mut Vec<u8>,
    write: impl FnOnce(&mut Vec<u8>) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let start = output.len();
    output.extend_from_slice(&[0; LENGTH_BYTES]);
    write(output)?;
    let mut length = output.len() - start - LENGTH_BYTES;
    let slots = output.get_mut(start..start + LENGTH_BYTES).unwrap_or_default();
    let last = slots.len().saturating_sub(1);
    for (place, slot) in slots.iter_mut().enumerate() {
        *slot = length as u8 & 0x7f | if place < last { 0x80 } else { 0 };
        length >>= 7;
    }
    Ok(())
}

/// Bytes of a length that is written before it is known: enough for 32 GiB.
const LENGTH_BYTES: usize = 5;

/// Appends a signed number; those near zero take few bytes.
pub fn put_i64(output: &mut Vec<u8>, value: i64) {
    put_u64(output, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends a byte string with its length before it.
pub fn put_bytes(output: &mut Vec<u8>, bytes: &[u8]) {
    put_u64(output, bytes.len() as u64);
    output.extend_from_slice(bytes);
}

/// Takes one byte off the front.
pub fn get_u8(input: &mut &[u8]) -> Result<u8> {
    let Some((first, rest)) = input.split_first() else {
        return Err(corrupt("encoded data end too early"));
    };
    *input = rest;
    Ok(*first)
}

/// Takes a number that [`put_u64`] wrote off the front.
pub fn get_u64(input: &mut &[u8]) -> Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = get_u8(input)?;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            break;
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(corrupt("an encoded number has more than 64 bits"))
}

/// Takes a number that [`put_i64`] wrote off the front.
pub fn get_i64(input: &mut &[u8]) -> Result<i64> {
    let value = get_u64(input)?;
    Ok((value >> 1) as i64 ^ -((value & 1) as i64))
}

/// Takes a byte string that [`put_bytes`] wrote off the front, without a copy.
pub fn get_bytes<'a>(input: &mut &'a [u8]) -> Result<&'a [u8]> {
    let length = get_u64(input)?;
    take(input, length)
}

/// Takes `length` bytes off the front.
pub(super) fn take<'a>(input: &mut &'a [u8], length: u64) -> Result<&'a [u8]> {
    let split = usize::try_from(length).ok().and_then(|length| input.split_at_checked(length));
    let Some((taken, rest)) = split else {
        return Err(corrupt("encoded data end too early"));
    };
    *input = rest;
    Ok(taken)
}
