//! What is shown of bytes that could not be read.
use std::fmt::Write;

/// What is kept of a record.
const PAYLOAD_BYTES_MAX: usize = 1_024;

/// Bytes as text: what is no character is written `\xff`, and the end of much is left out.
pub(super) fn payload(bytes: &[u8]) -> String {
    let kept = bytes.get(..PAYLOAD_BYTES_MAX).unwrap_or(bytes);
    let mut text = String::with_capacity(kept.len());
    for chunk in kept.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                // A text cannot hold it.
                '\0' => text.push_str("\\x00"),
                letter => text.push(letter),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a text never fails.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    if kept.len() < bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::payload;

    #[test]
    fn any_bytes_can_be_shown() {
        assert_eq!(payload("a,é".as_bytes()), "a,é");
        assert_eq!(payload(b"a\xff\0b"), "a\\xff\\x00b");
        assert_eq!(payload(&[b'x'; 5_000]).chars().count(), 1_025);
    }
}
