//! The fields of one record, as places in a text.
//!
//! A record without quotes and escapes is its own text; of others the fields are copied.
use super::Format;
use crate::{Error, Result};

/// Where a field stands in the text of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    start: usize,
    end: usize,
    null: bool,
}

impl Span {
    /// The field's text; `None` where it is NULL.
    pub(super) fn of(self, text: &str) -> Option<&str> {
        if self.null { None } else { text.get(self.start..self.end) }
    }
}

/// Space for the fields of a record, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Fields {
    spans: Vec<Span>,
    text: String,
    value: Vec<u8>,
}

impl Fields {
    /// A record that is one field.
    pub(super) fn whole<'a>(&'a mut self, bytes: &'a [u8]) -> Result<(&'a str, &'a [Span])> {
        self.spans.clear();
        let text = utf8(bytes)?;
        self.spans.push(Span { start: 0, end: text.len(), null: false });
        Ok((text, &self.spans))
    }

    /// The fields of a record; `marked` says that there are quotes or escapes in it.
    pub(super) fn split<'a>(
        &'a mut self,
        bytes: &'a [u8],
        format: &Format,
        marked: bool,
    ) -> Result<(&'a str, &'a [Span])> {
        self.spans.clear();
        if !marked {
            let text = utf8(bytes)?;
            self.plain(text, format);
            return Ok((text, &self.spans));
        }
        self.text.clear();
        self.value.clear();
        if format.csv {
            self.csv(bytes, format)?
        } else {
            self.escaped(bytes, format)?
        }
        Ok((&self.text, &self.spans))
    }

    fn plain(&mut self, text: &str, format: &Format) {
        let null = format.null.as_bytes();
        let mut start = 0;
        for field in text.as_bytes().split(|byte| *byte == format.delimiter) {
            let end = start + field.len();
            let null =
                field == null && !(format.csv && format.force_not_null.has(self.spans.len()));
            self.spans.push(Span { start, end, null });
            start = end + 1;
        }
    }

    /// Makes the value at hand a field.
    fn push(&mut self, null: bool) -> Result<()> {
        let start = self.text.len();
        self.text.push_str(utf8(&self.value)?);
        self.value.clear();
        self.spans.push(Span { start, end: self.text.len(), null });
        Ok(())
    }

    fn escaped(&mut self, bytes: &[u8], format: &Format) -> Result<()> {
        let mut raw = vec![];
        let mut rest = bytes.iter().copied().peekable();
        loop {
            match rest.next() {
                Some(byte) if byte != format.delimiter && byte != b'\\' => {
                    raw.push(byte);
                    self.value.push(byte);
                }
                Some(b'\\') => {
                    raw.push(b'\\');
                    let before = rest.len();
                    unescape(&mut rest, &mut self.value);
                    let taken = before - rest.len();
                    let from = bytes.len() - before;
                    raw.extend_from_slice(bytes.get(from..from + taken).unwrap_or_default());
                }
                end => {
                    let null = raw == format.null.as_bytes();
                    if null {
                        self.value.clear();
                    }
                    self.push(null)?;
                    raw.clear();
                    if end.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn csv(&mut self, bytes: &[u8], format: &Format) -> Result<()> {
        let mut was_quoted = false;
        let mut quoted = false;
        let mut rest = bytes.iter().copied().peekable();
        loop {
            match rest.next() {
                Some(byte) if quoted => {
                    let escapes = byte == format.escape
                        && rest.peek().is_some_and(|n| *n == format.quote || *n == format.escape);
                    if escapes {
                        self.value.extend(rest.next());
                    } else if byte == format.quote {
                        quoted = false;
                    } else {
                        self.value.push(byte);
                    }
                }
                Some(byte) if byte == format.quote => {
                    quoted = true;
                    was_quoted = true;
                }
                Some(byte) if byte != format.delimiter => self.value.push(byte),
                end => {
                    let column = self.spans.len();
                    let null = self.value == format.null.as_bytes()
                        && if was_quoted {
                            format.force_null.has(column)
                        } else {
                            !format.force_not_null.has(column)
                        };
                    self.push(null)?;
                    was_quoted = false;
                    if end.is_none() {
                        return Ok(());
                    }
                }
            }
        }
    }
}

type Bytes<'a> = std::iter::Peekable<std::iter::Copied<std::slice::Iter<'a, u8>>>;

/// What follows a backslash.
fn unescape(rest: &mut Bytes<'_>, value: &mut Vec<u8>) {
    let digit = |byte: u8, radix: u32| char::from(byte).to_digit(radix);
    match rest.next() {
        None => value.push(b'\\'),
        Some(b'b') => value.push(8),
        Some(b'f') => value.push(12),
        Some(b'n') => value.push(b'\n'),
        Some(b'r') => value.push(b'\r'),
        Some(b't') => value.push(b'\t'),
        Some(b'v') => value.push(11),
        Some(first @ b'0'..=b'7') => {
            let mut number = u32::from(first - b'0');
            for _ in 0..2 {
                let Some(next) = rest.peek().and_then(|byte| digit(*byte, 8)) else { break };
                number = number * 8 + next;
                rest.next();
            }
            value.push((number & 0xff).to_le_bytes().first().copied().unwrap_or_default());
        }
        Some(b'x') if rest.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) => {
            let mut number = 0;
            for _ in 0..2 {
                let Some(next) = rest.peek().and_then(|byte| digit(*byte, 16)) else { break };
                number = number * 16 + next;
                rest.next();
            }
            value.push(number.to_le_bytes().first().copied().unwrap_or_default());
        }
        Some(other) => value.push(other),
    }
}

/// Bytes as text: 22021 where they are none, or hold a NUL.
fn utf8(bytes: &[u8]) -> Result<&str> {
    let invalid = |first: u8| {
        let message = format!("invalid byte sequence for encoding \"UTF8\": 0x{first:02x}");
        Error::new("22021", message)
    };
    if bytes.contains(&0) {
        return Err(invalid(0));
    }
    std::str::from_utf8(bytes)
        .map_err(|error| invalid(bytes.get(error.valid_up_to()).copied().unwrap_or_default()))
}
