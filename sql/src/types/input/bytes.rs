//! Bytes from text, in hexadecimal digits or with escapes.
use crate::{Error, Result};

/// Appends the bytes that a bytea's text means; on an error some may have been appended.
pub(crate) fn read_bytea(text: &str, out: &mut Vec<u8>) -> Result<()> {
    match text.strip_prefix("\\x") {
        Some(digits) => read_hex(digits, out),
        None => read_escaped(text, out),
    }
}

fn read_hex(digits: &str, out: &mut Vec<u8>) -> Result<()> {
    let odd = || Error::new("22023", "invalid hexadecimal data: odd number of digits");
    let mut letters = digits.chars();
    while let Some(letter) = letters.next() {
        if matches!(letter, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = hex_digit(letter)?;
        let low = hex_digit(letters.next().ok_or_else(odd)?)?;
        out.push(high << 4 | low);
    }
    Ok(())
}

/// The value of a hexadecimal digit.
fn hex_digit(letter: char) -> Result<u8> {
    letter
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or_else(|| Error::new("22023", format!("invalid hexadecimal digit: \"{letter}\"")))
}

fn read_escaped(text: &str, out: &mut Vec<u8>) -> Result<()> {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => return Ok(()),
            [b'\\', b'\\', rest @ ..] => {
                out.push(b'\\');
                rest
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest
            }
            [b'\\', ..] => return Err(Error::new("22P02", "invalid input syntax for type bytea")),
            [byte, rest @ ..] => {
                out.push(*byte);
                rest
            }
        };
    }
}
