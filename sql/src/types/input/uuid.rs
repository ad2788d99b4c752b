//! Uuids from text.
use super::fault::invalid;
use crate::Result;

/// Reads a uuid: 32 hexadecimal digits, in braces or not, a hyphen after any four of them.
pub(crate) fn uuid(text: &str) -> Result<[u8; 16]> {
    read(text.as_bytes()).ok_or_else(|| invalid("uuid", text))
}

fn read(text: &[u8]) -> Option<[u8; 16]> {
    let (mut rest, braces) = match text {
        [b'{', rest @ ..] => (rest, true),
        rest => (rest, false),
    };
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().enumerate() {
        let [high, low, after @ ..] = rest else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
        rest = after;
        if let ([b'-', after @ ..], true, true) = (rest, place % 2 == 1, place < 15) {
            rest = after;
        }
    }
    match (rest, braces) {
        ([], false) | ([b'}'], true) => Some(bytes),
        _ => None,
    }
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
