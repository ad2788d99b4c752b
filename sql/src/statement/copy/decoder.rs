//! Lines of text, as they come in pieces of any size, as records of fields.
//!
//! Both formats are read by one machine that first finds the end of a record, then
//! takes it apart. Bytes become text only there, so that a piece may end within a character.
use super::{Format, Header};
use crate::{Error, Result};

/// The longest record.
pub const RECORD_BYTES_MAX: usize = 256 << 20;

/// Takes bytes, gives records.
pub(crate) struct Decoder {
    format: Format,
    buffer: Vec<u8>,
    /// Where the next record begins.
    start: usize,
    /// How far its end has been looked for.
    seen: usize,
    quoted: bool,
    /// The byte before was a backslash (text) or may be an escape (CSV).
    escaped: bool,
    line: u64,
    /// Lines that the record at hand has so far, after its first.
    more_lines: u64,
    header: bool,
    ended: bool,
}

/// A record's fields, and the line on which it began.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) line: u64,
    pub(crate) fields: Vec<Field>,
    pub(crate) header: bool,
}

/// A field's text; `None` where it is NULL.
pub(crate) type Field = Option<String>;

enum End {
    /// The record ends before this byte, the next one begins there.
    At(usize, usize),
    NotYet,
}

impl Decoder {
    pub(crate) fn new(format: Format) -> Self {
        let header = format.header != Header::None;
        Self {
            format,
            buffer: vec![],
            start: 0,
            seen: 0,
            quoted: false,
            escaped: false,
            line: 1,
            more_lines: 0,
            header,
            ended: false,
        }
    }

    /// Takes more bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.seen -= self.start;
            self.start = 0;
        }
        if self.buffer.len() + bytes.len() > RECORD_BYTES_MAX {
            return Err(Error::new("54000", "a line of COPY data is too long")
                .with_detail(format!("At most {RECORD_BYTES_MAX} bytes can be one line.")));
        }
        if !self.ended {
            self.buffer.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// The line of the record that was given last, or is next.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The next record that is whole; `last` says that no more bytes will come.
    pub(crate) fn next(&mut self, last: bool) -> Result<Option<Record>> {
        if self.ended {
            return Ok(None);
        }
        let (end, next) = match self.find_end(last)? {
            End::At(end, next) => (end, next),
            End::NotYet => return Ok(None),
        };
        let bytes = self.buffer.get(self.start..end).unwrap_or_default();
        if bytes == b"\\." {
            self.ended = true;
            return Ok(None);
        }
        let line = self.line;
        let fields =
            if self.format.csv { csv(bytes, &self.format)? } else { text(bytes, &self.format)? };
        self.start = next;
        self.seen = next;
        self.line += 1 + self.more_lines;
        self.more_lines = 0;
        Ok(Some(Record { line, fields, header: std::mem::take(&mut self.header) }))
    }

    fn find_end(&mut self, last: bool) -> Result<End> {
        while let Some(byte) = self.buffer.get(self.seen).copied() {
            if self.escaped {
                self.escaped = false;
                self.more_lines += u64::from(byte == b'\n');
            } else if self.quoted {
                let Format { quote, escape, .. } = self.format;
                if byte == escape && escape != quote {
                    self.escaped = true;
                } else if byte == quote {
                    self.quoted = false;
                } else {
                    self.more_lines += u64::from(byte == b'\n');
                }
            } else if self.format.csv && byte == self.format.quote {
                self.quoted = true;
            } else if !self.format.csv && byte == b'\\' {
                self.escaped = true;
            } else if byte == b'\n' {
                let end = self.seen;
                let carriage = end > self.start && self.buffer.get(end - 1) == Some(&b'\r');
                return Ok(End::At(end - usize::from(carriage), end + 1));
            } else if byte == b'\r' {
                match self.buffer.get(self.seen + 1) {
                    Some(b'\n') => {}
                    None if !last => return Ok(End::NotYet),
                    _ => return Ok(End::At(self.seen, self.seen + 1)),
                }
            }
            self.seen += 1;
        }
        if !last || self.start == self.buffer.len() {
            return Ok(End::NotYet);
        }
        if self.quoted {
            return Err(Error::new("22P04", "unterminated CSV quoted field"));
        }
        Ok(End::At(self.buffer.len(), self.buffer.len()))
    }
}

fn text(bytes: &[u8], format: &Format) -> Result<Vec<Field>> {
    let mut fields = vec![];
    let mut raw = vec![];
    let mut value = vec![];
    let mut rest = bytes.iter().copied().peekable();
    loop {
        match rest.next() {
            Some(byte) if byte != format.delimiter && byte != b'\\' => {
                raw.push(byte);
                value.push(byte);
            }
            Some(b'\\') => {
                raw.push(b'\\');
                let before = rest.len();
                unescape(&mut rest, &mut value);
                let taken = before - rest.len();
                let from = bytes.len() - before;
                raw.extend_from_slice(bytes.get(from..from + taken).unwrap_or_default());
            }
            end => {
                let null = raw == format.null.as_bytes();
                fields.push(if null { None } else { Some(utf8(std::mem::take(&mut value))?) });
                raw.clear();
                value.clear();
                if end.is_none() {
                    return Ok(fields);
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

fn csv(bytes: &[u8], format: &Format) -> Result<Vec<Field>> {
    let mut fields = vec![];
    let mut value = vec![];
    let mut was_quoted = false;
    let mut quoted = false;
    let mut rest = bytes.iter().copied().peekable();
    loop {
        let byte = rest.next();
        match byte {
            Some(byte) if quoted => {
                let escapes = byte == format.escape
                    && rest.peek().is_some_and(|n| *n == format.quote || *n == format.escape);
                if escapes {
                    value.extend(rest.next());
                } else if byte == format.quote {
                    quoted = false;
                } else {
                    value.push(byte);
                }
            }
            Some(byte) if byte == format.quote => {
                quoted = true;
                was_quoted = true;
            }
            Some(byte) if byte != format.delimiter => value.push(byte),
            end => {
                let column = fields.len();
                let null = value == format.null.as_bytes()
                    && if was_quoted {
                        format.force_null.has(column)
                    } else {
                        !format.force_not_null.has(column)
                    };
                fields.push(if null { None } else { Some(utf8(std::mem::take(&mut value))?) });
                value.clear();
                was_quoted = false;
                if end.is_none() {
                    return Ok(fields);
                }
            }
        }
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String> {
    let invalid = |first: u8| {
        let message = format!("invalid byte sequence for encoding \"UTF8\": 0x{first:02x}");
        Error::new("22021", message)
    };
    if bytes.contains(&0) {
        return Err(invalid(0));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        invalid(error.as_bytes().get(at).copied().unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `input` in one piece and byte by byte; both must give the same.
    fn check(format: &Format, input: &str, expected: &str) {
        for piece in [input.len().max(1), 1, 3] {
            let mut decoder = Decoder::new(format.clone());
            let mut written = vec![];
            let outcome = (|| {
                for bytes in input.as_bytes().chunks(piece) {
                    decoder.push(bytes)?;
                    while let Some(record) = decoder.next(false)? {
                        written.push(write(&record));
                    }
                }
                while let Some(record) = decoder.next(true)? {
                    written.push(write(&record));
                }
                Ok(())
            })();
            if let Err(error) = outcome {
                let error: Error = error;
                written.push(error.code().to_owned());
            }
            assert_eq!(written.join(" "), expected, "{input:?} in pieces of {piece}");
        }
    }

    fn write(record: &Record) -> String {
        let fields: Vec<String> = record
            .fields
            .iter()
            .map(|field| field.as_ref().map_or("~".to_owned(), |text| format!("{text:?}")))
            .collect();
        format!("{}{}:{}", record.line, if record.header { "h" } else { "" }, fields.join("|"))
    }

    #[test]
    fn text_is_read_as_postgresql_reads_it() {
        let text = Format::text();
        check(&text, "a\tb\n1\t\\N\n", r#"1:"a"|"b" 2:"1"|~"#);
        check(&text, "a\r\nb\r\n", r#"1:"a" 2:"b""#);
        check(&text, "no newline", r#"1:"no newline""#);
        check(&text, "\n\n", r#"1:"" 2:"""#);
        check(&text, "a\\\tb\\\nc\\\\\n", r#"1:"a\tb\nc\\""#);
        check(&text, "\\101\\x42\\t\\q\n", r#"1:"AB\tq""#);
        check(&text, "a\n\\.\nb\n", r#"1:"a""#);
        check(&text, "\\\\N\n", r#"1:"\\N""#);
        check(&text, "é\tß\n", r#"1:"é"|"ß""#);
        check(&text, "\\377\n", "22021");
        check(&text, "", "");
    }

    #[test]
    fn csv_is_read_as_postgresql_reads_it() {
        let csv = Format::csv();
        check(&csv, "a,b\n1,\n", r#"1:"a"|"b" 2:"1"|~"#);
        check(&csv, "\"\",x\n", r#"1:""|"x""#);
        check(&csv, "\"a\"\"b\",\"c,d\"\n", r#"1:"a\"b"|"c,d""#);
        check(&csv, "\"one\ntwo\",x\nlast,y\n", r#"1:"one\ntwo"|"x" 3:"last"|"y""#);
        check(&csv, "a\"b,c\"d\n", r#"1:"ab,cd""#);
        check(&csv, "\\.\nx", "");
        check(&csv, "\"open\n", "22P04");
        let header = Format { header: Header::Skip, ..Format::csv() };
        check(&header, "x,y\n1,2\n", r#"1h:"x"|"y" 2:"1"|"2""#);
        let escape = Format { escape: b'\\', ..Format::csv() };
        check(&escape, "\"a\\\"b\",c\n", r#"1:"a\"b"|"c""#);
        let null = Format { null: "NA".to_owned(), ..Format::csv() };
        check(&null, "NA,\"NA\",\n", r#"1:~|"NA"|"""#);
    }
}
