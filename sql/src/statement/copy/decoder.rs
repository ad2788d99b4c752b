//! Lines of text, as they come in pieces of any size, as records of fields.
//!
//! All rules are read by one machine that first finds the end of a record, then
//! takes it apart. Bytes become text only there, so that a piece may end within a character.
//! A record that is wrong is passed over: the next one can be read, and [`Decoder::taken`]
//! tells where the wrong one stood. Fields without quotes and escapes are not copied.
use super::block::Ends;
use super::fields::{Fields, Span};
use super::{Format, Header};
use crate::{Error, Result};

/// The longest record of a COPY.
pub const RECORD_BYTES_MAX: usize = 256 << 20;

/// What is kept of a record that is too long.
const KEPT_BYTES: usize = 4 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Takes bytes, gives records.
pub struct Decoder {
    pub(super) rule: Rule,
    pub(super) format: Format,
    /// Bytes that mean something outside quotes.
    marks: Box<[bool; 256]>,
    pub(super) bytes_max: usize,
    pub(super) buffer: Vec<u8>,
    /// Where the next record begins.
    pub(super) start: usize,
    /// How far its end has been looked for.
    pub(super) seen: usize,
    pub(super) quoted: bool,
    /// The byte before was a backslash (text) or may be an escape (CSV).
    pub(super) escaped: bool,
    /// The record at hand has a quote or an escape.
    pub(super) marked: bool,
    /// Bytes of the record at hand that were thrown away, because it is too long.
    pub(super) thrown: Option<u64>,
    pub(super) line: u64,
    /// Lines that the record at hand has so far, after its first.
    pub(super) more_lines: u64,
    pub(super) header: bool,
    /// The data may begin with a byte order mark.
    pub(super) marked_order: bool,
    pub(super) ended: bool,
    /// Where `start` is, counted from the start of the data.
    pub(super) offset: u64,
    pub(super) taken: (usize, usize),
    pub(super) taken_at: (u64, u64),
    fields: Fields,
    pub(super) ends: Ends,
}

/// How records end, and what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// COPY's two formats, with their mark of the end.
    Copy,
    /// A file of CSV.
    File,
    /// Lines that are one field each.
    Lines,
}

/// A record's fields, and the line on which it began.
#[derive(Debug)]
pub struct Record<'a> {
    /// Counted from 1.
    pub line: u64,
    /// Whether it is the header.
    pub header: bool,
    text: &'a str,
    spans: &'a [Span],
}

/// A record as it stood in the data.
#[derive(Debug)]
pub struct Taken<'a> {
    /// The line on which it began, counted from 1.
    pub line: u64,
    /// The byte at which it began, counted from 0.
    pub offset: u64,
    /// Its bytes; of one that was too long, the first.
    pub bytes: &'a [u8],
}

enum End {
    /// The record ends before this byte, the next one begins there.
    At(usize, usize),
    NotYet,
}

impl<'a> Record<'a> {
    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Its fields: their text, or `None` where they are NULL.
    pub fn fields(&self) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
        let text = self.text;
        self.spans.iter().map(move |span| span.of(text))
    }

    /// One field; the outer `None` says that there is none.
    pub fn field(&self, number: usize) -> Option<Option<&'a str>> {
        self.spans.get(number).map(|span| span.of(self.text))
    }
}

impl Decoder {
    /// A decoder of COPY's data.
    pub(crate) fn new(format: Format) -> Self {
        Self::with(Rule::Copy, format, RECORD_BYTES_MAX)
    }

    /// A decoder of a file of CSV whose records are at most `bytes_max` long.
    pub fn of_file(format: Format, bytes_max: usize) -> Self {
        Self::with(Rule::File, format, bytes_max)
    }

    /// A decoder of lines, each one field, at most `bytes_max` long.
    pub fn of_lines(bytes_max: usize) -> Self {
        Self::with(Rule::Lines, Format::csv(), bytes_max)
    }

    fn with(rule: Rule, format: Format, bytes_max: usize) -> Self {
        let mut marks = Box::new([false; 256]);
        let quote = if format.csv { format.quote } else { b'\\' };
        let marked = if rule == Rule::Lines { &[b'\n'][..] } else { &[b'\n', b'\r', quote] };
        for mark in marked {
            marks.iter_mut().skip(usize::from(*mark)).take(1).for_each(|mark| *mark = true);
        }
        let header = format.header != Header::None;
        Self {
            rule,
            format,
            marks,
            bytes_max,
            buffer: vec![],
            start: 0,
            seen: 0,
            quoted: false,
            escaped: false,
            marked: false,
            thrown: None,
            line: 1,
            more_lines: 0,
            header,
            marked_order: rule != Rule::Copy,
            ended: false,
            offset: 0,
            taken: (0, 0),
            taken_at: (1, 0),
            fields: Fields::default(),
            ends: Ends::default(),
        }
    }

    /// Goes on behind a record: the next byte pushed is the one at `offset`, on `line`.
    pub fn resume(&mut self, offset: u64, line: u64) {
        self.buffer.clear();
        (self.start, self.seen, self.offset, self.line) = (0, 0, offset, line);
        self.forget_record();
        self.header = offset == 0 && self.format.header != Header::None;
        self.marked_order = offset == 0 && self.rule != Rule::Copy;
    }

    /// Takes more bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.ended {
            return;
        }
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.seen -= self.start;
            self.start = 0;
        }
        self.taken = (0, 0);
        match &mut self.thrown {
            None => self.buffer.extend_from_slice(bytes),
            Some(thrown) => {
                // Its start is kept, and its end.
                let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
                *thrown += end as u64;
                self.buffer.extend_from_slice(bytes.get(end..).unwrap_or_default());
            }
        }
    }

    /// The line of the record that is next.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Where the record that is next begins, in bytes from the start of the data.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The record that was given last, or was wrong; gone with the next [`Decoder::push`].
    pub fn taken(&self) -> Taken<'_> {
        let (line, offset) = self.taken_at;
        let bytes = self.buffer.get(self.taken.0..self.taken.1).unwrap_or_default();
        let kept = if bytes.len() > self.bytes_max { self.kept_bytes() } else { bytes.len() };
        Taken { line, offset, bytes: bytes.get(..kept).unwrap_or(bytes) }
    }

    /// The next record that is whole; `last` says that no more bytes will come.
    pub fn next(&mut self, last: bool) -> Result<Option<Record<'_>>> {
        if self.ended || !self.pass_order_mark(last) {
            return Ok(None);
        }
        if self.thrown.is_some() {
            return self.pass_long(last);
        }
        let (end, next) = match self.find_end(last) {
            End::At(end, next) if !self.is_too_long(end) => (end, next),
            End::At(end, next) if !self.has_lines(end) => {
                self.take_record(end, next);
                return Err(self.too_long());
            }
            End::At(..) => return self.give_up(self.too_long(), last),
            End::NotYet if self.is_too_long(self.seen) => {
                return self.give_up(self.too_long(), last);
            }
            End::NotYet if last && self.start < self.buffer.len() => {
                let error = Error::new("22P04", "unterminated CSV quoted field");
                return self.give_up(error, last);
            }
            End::NotYet => return Ok(None),
        };
        let marked = self.marked;
        let header = std::mem::take(&mut self.header);
        self.take_record(end, next);
        let bytes = self.buffer.get(self.taken.0..end).unwrap_or_default();
        if self.rule == Rule::Copy && bytes == b"\\." {
            self.ended = true;
            return Ok(None);
        }
        let (text, spans) = match self.rule {
            Rule::Lines => self.fields.whole(bytes)?,
            _ => self.fields.split(bytes, &self.format, marked)?,
        };
        Ok(Some(Record { line: self.taken_at.0, header, text, spans }))
    }

    fn is_too_long(&self, end: usize) -> bool {
        end - self.start > self.bytes_max
    }

    fn has_lines(&self, end: usize) -> bool {
        self.buffer.get(self.start..end).is_some_and(|record| record.contains(&b'\n'))
    }

    /// Whether it is known that no byte order mark stands here any more.
    fn pass_order_mark(&mut self, last: bool) -> bool {
        if self.marked_order {
            let bytes = self.buffer.get(self.start..).unwrap_or_default();
            if !last && bytes.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(bytes) {
                return false;
            }
            self.marked_order = false;
            if bytes.starts_with(BYTE_ORDER_MARK) {
                self.start += BYTE_ORDER_MARK.len();
                self.seen = self.start;
                self.offset += BYTE_ORDER_MARK.len() as u64;
            }
        }
        true
    }

    /// Passes over the record at hand, which ends before `end`.
    fn take_record(&mut self, end: usize, next: usize) {
        self.taken = (self.start, end);
        self.taken_at = (self.line, self.offset);
        self.offset += (next - self.start) as u64 + self.thrown.unwrap_or(0);
        self.line += 1 + self.more_lines;
        self.start = next;
        self.seen = next;
        self.forget_record();
    }

    fn forget_record(&mut self) {
        (self.quoted, self.escaped, self.marked) = (false, false, false);
        self.more_lines = 0;
        self.thrown = None;
    }

    /// A record whose end cannot be found: only its first line is wrong, as far as is known,
    /// and what follows it is read anew.
    fn give_up(&mut self, error: Error, last: bool) -> Result<Option<Record<'_>>> {
        let bytes = self.buffer.get(self.start..).unwrap_or_default();
        self.header = false;
        self.more_lines = 0;
        if let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let end = self.start + end;
            self.take_record(end, end + 1);
            return Err(error);
        }
        if last {
            let end = self.buffer.len();
            self.take_record(end, end);
            return Err(error);
        }
        let kept = bytes.len().min(self.kept_bytes());
        self.thrown = Some((bytes.len() - kept) as u64);
        self.buffer.truncate(self.start + kept);
        self.seen = self.buffer.len();
        Ok(None)
    }

    /// Passes over what is left of a line that is too long, once its end is there.
    fn pass_long(&mut self, last: bool) -> Result<Option<Record<'_>>> {
        let rest = self.buffer.get(self.seen..).unwrap_or_default();
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => self.take_record(self.seen + end, self.seen + end + 1),
            None if last => self.take_record(self.buffer.len(), self.buffer.len()),
            None => return Ok(None),
        }
        Err(self.too_long())
    }

    fn kept_bytes(&self) -> usize {
        KEPT_BYTES.min(self.bytes_max)
    }

    fn too_long(&self) -> Error {
        let what = if self.rule == Rule::Copy { "COPY data" } else { "a file" };
        Error::new("54000", format!("a line of {what} is too long"))
            .with_detail(format!("At most {} bytes can be one line.", self.bytes_max))
    }

    fn find_end(&mut self, last: bool) -> End {
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
            } else if !self.marks.get(usize::from(byte)).copied().unwrap_or_default() {
                let rest = self.buffer.get(self.seen..).unwrap_or_default();
                let marks = &self.marks;
                let is_mark = |b: &u8| marks.get(usize::from(*b)).copied().unwrap_or_default();
                self.seen += rest.iter().position(is_mark).unwrap_or(rest.len());
                continue;
            } else if byte == b'\n' {
                let end = self.seen;
                let carriage = end > self.start && self.buffer.get(end - 1) == Some(&b'\r');
                return End::At(end - usize::from(carriage), end + 1);
            } else if byte == b'\r' {
                match self.buffer.get(self.seen + 1) {
                    Some(b'\n') => {}
                    None if !last => return End::NotYet,
                    _ => return End::At(self.seen, self.seen + 1),
                }
            } else {
                self.marked = true;
                self.quoted = self.format.csv;
                self.escaped = !self.format.csv;
            }
            self.seen += 1;
        }
        if !last || self.quoted || self.start == self.buffer.len() {
            return End::NotYet;
        }
        End::At(self.buffer.len(), self.buffer.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a whole file in pieces of every size; wrong records are written as their code
    /// with the line, byte and length of what was passed over.
    fn check_file(new: &dyn Fn() -> Decoder, input: &[u8], expected: &str) {
        for piece in 1..=input.len().max(1) {
            let mut decoder = new();
            let mut written = vec![];
            for (number, bytes) in input.chunks(piece).enumerate() {
                decoder.push(bytes);
                read_on(&mut decoder, false, &mut written);
                // Whoever stops here goes on at the last record's end.
                let (offset, line) = (decoder.offset(), decoder.line());
                let read = input.len().min((number + 1) * piece);
                assert!(offset <= read as u64);
                if decoder.thrown.is_none() && number % 3 == 0 {
                    decoder.resume(offset, line);
                    decoder.push(&input[usize::try_from(offset).unwrap()..read]);
                    read_on(&mut decoder, false, &mut written);
                }
            }
            read_on(&mut decoder, true, &mut written);
            assert_eq!(written.join(" "), expected, "{input:?} in pieces of {piece}");
            assert_eq!(decoder.offset(), input.len() as u64);
        }
    }

    fn read_on(decoder: &mut Decoder, last: bool, written: &mut Vec<String>) {
        loop {
            let failed = match decoder.next(last) {
                Ok(None) => return,
                Ok(Some(record)) => {
                    written.push(write(&record));
                    continue;
                }
                Err(error) => error.code(),
            };
            let Taken { line, offset, bytes } = decoder.taken();
            written.push(format!("{failed}@{line}+{offset}:{}", bytes.len()));
        }
    }

    #[test]
    fn files_are_read_the_same_in_pieces_of_every_size() {
        let csv = || Decoder::of_file(Format::csv(), 64);
        check_file(&csv, b"a,b\r\n1,\r\n", r#"1:"a"|"b" 2:"1"|~"#);
        check_file(&csv, b"\xef\xbb\xbfa\nb", r#"1:"a" 2:"b""#);
        check_file(&csv, b"\xef\xbb\xbf", "");
        check_file(&csv, b"\xef\xbba\n", "22021@1+0:3");
        check_file(&csv, "\"one\ntwo\",é\nx\n".as_bytes(), r#"1:"one\ntwo"|"é" 3:"x""#);
        check_file(&csv, b"\\.\nx\n", r#"1:"\\." 2:"x""#);
        let header = || Decoder::of_file(Format { header: Header::Skip, ..Format::csv() }, 64);
        check_file(&header, b"x,y\n1,2\n", r#"1h:"x"|"y" 2:"1"|"2""#);
    }

    #[test]
    fn a_wrong_record_stops_none_around_it() {
        let csv = || Decoder::of_file(Format::csv(), 16);
        check_file(&csv, b"a\n\xff\nb\n", r#"1:"a" 22021@2+2:1 3:"b""#);
        check_file(&csv, b"a\0\nb\n", r#"22021@1+0:2 2:"b""#);
        check_file(&csv, b"0123456789abcdefg\nb\n", r#"54000@1+0:16 2:"b""#);
        check_file(&csv, b"0123456789abcdefghijklmnopqrst\nb", r#"54000@1+0:16 2:"b""#);
        check_file(&csv, b"a\n0123456789abcdefghijklmnopqrst", r#"1:"a" 54000@2+2:16"#);
        // A quote that is never closed spoils its line, not the file.
        check_file(&csv, b"a,\"b\nc\nd\n", r#"22P04@1+0:4 2:"c" 3:"d""#);
        check_file(
            &csv,
            b"\"b\nc\n0123456789abcde\n\"f\"\n",
            r#"54000@1+0:2 2:"c" 3:"0123456789abcde" 4:"f""#,
        );
        let lines = || Decoder::of_lines(16);
        check_file(&lines, b"{\"a\": 1}\r\n\n[]", r#"1:"{\"a\": 1}" 2:"" 3:"[]""#);
    }

    #[test]
    fn a_line_longer_than_memory_is_thrown_away_as_it_comes() {
        let mut decoder = Decoder::of_file(Format::csv(), 8 << 10);
        for _ in 0..1_000 {
            decoder.push(&[b'x'; 4 << 10]);
            assert!(decoder.next(false).unwrap().is_none());
            assert!(decoder.buffer.len() <= 12 << 10);
            assert_eq!((decoder.offset(), decoder.line()), (0, 1), "nothing is passed over yet");
        }
        decoder.push(b"\nb\n");
        assert_eq!(decoder.next(false).unwrap_err().code(), "54000");
        assert_eq!(decoder.taken().bytes.len(), KEPT_BYTES);
        assert_eq!(decoder.offset(), 1_000 * (4 << 10) + 1);
        assert_eq!(decoder.next(false).unwrap().unwrap().field(0), Some(Some("b")));
    }

    /// Decodes `input` in one piece and byte by byte; both must give the same.
    fn check(format: &Format, input: &str, expected: &str) {
        for piece in [input.len().max(1), 1, 3] {
            let mut decoder = Decoder::new(format.clone());
            let mut written = vec![];
            let outcome = (|| {
                for bytes in input.as_bytes().chunks(piece) {
                    decoder.push(bytes);
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

    fn write(record: &Record<'_>) -> String {
        let fields: Vec<String> = record
            .fields()
            .map(|field| field.map_or("~".to_owned(), |text| format!("{text:?}")))
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
