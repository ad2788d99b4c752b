//! A block: records without quotes and escapes, read many at once.
//!
//! Where nothing in a stretch of data needs care (no quote, no carriage return, all of it
//! text, as many fields in each record) its fields are found in one pass. What is anything
//! else is left to [`Decoder::next`], which also finds what is wrong with it.
use memchr::{memchr2_iter, memchr3, memrchr};

use super::Format;
use super::decoder::{Decoder, Rule, Taken};

/// Bytes that are looked at for one block.
const BLOCK_BYTES_MAX: usize = 1 << 20;

/// Records of as many fields each, in the order of the data.
#[derive(Debug)]
pub struct Block<'a> {
    text: &'a str,
    /// Where each field ends; the next one begins a byte behind it.
    ends: &'a [u32],
    width: usize,
    format: &'a Format,
    line: u64,
    offset: u64,
}

/// Space for the places of fields, used again for the next block.
#[derive(Debug, Default)]
pub(super) struct Ends(Vec<u32>);

impl<'a> Block<'a> {
    /// How many records there are: at least one.
    pub fn len(&self) -> usize {
        self.ends.len() / self.width
    }

    /// Whether there are none, which is never.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One field of each record: its text, or `None` where it is NULL.
    pub fn column(&self, column: usize) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
        let Block { text, ends, width, format, .. } = *self;
        let keeps = format.csv && format.force_not_null.has(column);
        let null = (!keeps).then_some(format.null.as_str());
        // The first field of all has no end before it; of the others, the one before.
        let first = (column == 0).then_some(0);
        let skipped = if column == 0 { width - 1 } else { column - 1 };
        let before = ends.iter().skip(skipped).step_by(width).map(|end| *end as usize + 1);
        let own = ends.iter().skip(column).step_by(width).map(|end| *end as usize);
        first.into_iter().chain(before).zip(own).map(move |(start, end)| {
            let field = text.get(start..end).unwrap_or_default();
            (null != Some(field)).then_some(field)
        })
    }

    /// The field `column` of one record as it stands there.
    pub fn field(&self, record: usize, column: usize) -> &'a str {
        let end = record * self.width + column;
        let ends = self.ends;
        let start = end.checked_sub(1).and_then(|before| ends.get(before));
        let start = start.map_or(0, |before| *before as usize + 1);
        let end = ends.get(end).map_or(start, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The line on which the first record begins; each record is one line.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// One record as it stood in the data.
    pub fn taken(&self, record: usize) -> Taken<'a> {
        let end_of = |record: usize| self.ends.get(record * self.width + self.width - 1);
        let before = record.checked_sub(1).and_then(end_of);
        let start = before.map_or(0, |end| *end as usize + 1);
        let end = end_of(record).map_or(start, |end| *end as usize);
        let bytes = self.text.as_bytes().get(start..end).unwrap_or_default();
        Taken { line: self.line + record as u64, offset: self.offset + start as u64, bytes }
    }
}

/// What a block may hold.
struct Bounds {
    width: usize,
    most: usize,
    bytes_max: usize,
}

impl Ends {
    /// Finds the fields of the records at the front of `text`, and says how many bytes they
    /// take. It stops before a record of another width, or one that is too long.
    fn find(&mut self, text: &[u8], delimiter: u8, bounds: &Bounds) -> usize {
        let Bounds { width, most, bytes_max } = *bounds;
        self.0.clear();
        let (mut fields, mut records, mut taken) = (0, 0, 0);
        for end in memchr2_iter(delimiter, b'\n', text) {
            self.0.push(end as u32);
            fields += 1;
            if text.get(end) == Some(&b'\n') {
                if fields != width || end - taken > bytes_max {
                    break;
                }
                (fields, records, taken) = (0, records + 1, end + 1);
                if records == most {
                    break;
                }
            }
        }
        self.0.truncate(records * width);
        taken
    }
}

impl Decoder {
    /// The records that are next, up to `most` of them, if they have `width` fields each and
    /// can be read at once; else [`Decoder::next`] reads what is next.
    pub fn block(&mut self, width: usize, most: usize) -> Option<Block<'_>> {
        let busy = self.ended || self.header || self.marked_order || self.thrown.is_some();
        // A record of one field may be the mark of the end.
        if busy || self.rule == Rule::Lines || width < 2 || most == 0 {
            return None;
        }
        let start = self.start;
        let data = self.buffer.get(start..).unwrap_or_default();
        let text = clean(data.get(..data.len().min(BLOCK_BYTES_MAX))?, &self.format);
        let bounds = Bounds { width, most, bytes_max: self.bytes_max };
        let taken = self.ends.find(text.as_bytes(), self.format.delimiter, &bounds);
        let records = self.ends.0.len() / width;
        if records == 0 {
            return None;
        }
        let (line, offset) = (self.line, self.offset);
        self.taken = (start, start + taken - 1);
        self.taken_at = (line, offset);
        (self.start, self.seen) = (start + taken, start + taken);
        (self.line, self.offset) = (line + records as u64, offset + taken as u64);
        (self.quoted, self.escaped, self.marked, self.more_lines) = (false, false, false, 0);
        let text = text.get(..taken)?;
        Some(Block { text, ends: &self.ends.0, width, format: &self.format, line, offset })
    }
}

/// The lines at the front of `data` in which every byte is what it seems.
fn clean<'a>(data: &'a [u8], format: &Format) -> &'a str {
    let special = if format.csv { format.quote } else { b'\\' };
    let end = memchr3(special, b'\r', 0, data).unwrap_or(data.len());
    let lines = data.get(..end).unwrap_or_default();
    let lines = lines.get(..memrchr(b'\n', lines).map_or(0, |end| end + 1)).unwrap_or_default();
    std::str::from_utf8(lines).unwrap_or_else(|error| {
        let valid = lines.get(..error.valid_up_to()).unwrap_or_default();
        std::str::from_utf8(valid).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statement::copy::Header;

    /// What comes out, record by record or by blocks where there are any.
    fn decode(mut decoder: Decoder, input: &[u8], piece: usize, blocks: bool) -> Vec<String> {
        let mut written = vec![];
        for (number, bytes) in input.chunks(piece).enumerate() {
            decoder.push(bytes);
            let last = (number + 1) * piece >= input.len();
            loop {
                if blocks && let Some(block) = decoder.block(2, 3) {
                    assert!((1..=3).contains(&block.len()) && !block.is_empty());
                    for record in 0..block.len() {
                        let Taken { line, offset, bytes } = block.taken(record);
                        let fields: Vec<_> = (0..2)
                            .map(|column| block.column(column).nth(record).unwrap())
                            .collect();
                        let raw = [block.field(record, 0), block.field(record, 1)];
                        assert!(fields.iter().zip(raw).all(|(f, raw)| f.is_none_or(|f| f == raw)));
                        written.push(format!("{line}+{offset} {bytes:?} {fields:?}"));
                    }
                    continue;
                }
                let outcome = match decoder.next(last) {
                    Ok(None) => break,
                    Ok(Some(record)) => format!("{:?}", record.fields().collect::<Vec<_>>()),
                    Err(error) => error.to_string(),
                };
                let Taken { line, offset, bytes } = decoder.taken();
                written.push(format!("{line}+{offset} {bytes:?} {outcome}"));
            }
        }
        written.push(format!("{}+{}", decoder.line(), decoder.offset()));
        written
    }

    #[test]
    fn blocks_are_what_record_by_record_gives() {
        let csv = Format::csv();
        let formats = [
            csv.clone(),
            Format { null: "a".to_owned(), ..csv.clone() },
            Format { header: Header::Skip, delimiter: b';', ..csv },
            Format::text(),
        ];
        let alphabet: [&[u8]; 14] = [
            b"a",
            b"b",
            b",",
            b",",
            b";",
            b"\t",
            b"\n",
            b"\n",
            b"a,b\n",
            b"a\tb\n",
            b"\"",
            b"\r",
            b"\\",
            "é".as_bytes(),
        ];
        let mut state = 11_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        for round in 0..3_000 {
            // Marks are seldom in some, so that there are blocks.
            let letters = if round % 3 == 0 { alphabet.len() } else { 10 };
            let mut input: Vec<u8> = vec![];
            (0..draw(60)).for_each(|_| input.extend_from_slice(alphabet[draw(letters)]));
            if draw(8) == 0 {
                input.extend_from_slice([&b"\xff\n"[..], b"\0\n", b"\\.\n"][draw(3)]);
            }
            let format = &formats[draw(formats.len())];
            let piece = 1 + draw(input.len().max(1));
            let new: [&dyn Fn() -> Decoder; 2] =
                [&|| Decoder::new(format.clone()), &|| Decoder::of_file(format.clone(), 9)];
            for new in new {
                let expected = decode(new(), &input, piece, false);
                assert_eq!(decode(new(), &input, piece, true), expected, "{input:?} by {piece}");
            }
        }
    }
}
