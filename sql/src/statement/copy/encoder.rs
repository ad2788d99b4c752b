//! Fields of text as lines of copied data.
use super::{Format, Header};

/// Writes records.
pub(crate) struct Encoder {
    format: Format,
}

impl Encoder {
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// The first line, if the format has one.
    pub(crate) fn header<'a>(&self, names: impl Iterator<Item = &'a str>, out: &mut Vec<u8>) {
        if self.format.header != Header::None {
            self.record(names.map(Some), out);
        }
    }

    /// A record, whose fields were written as text already.
    pub(crate) fn record<'a>(
        &self,
        fields: impl Iterator<Item = Option<&'a str>>,
        out: &mut Vec<u8>,
    ) {
        let from = out.len();
        let mut count = 0;
        for (column, field) in fields.enumerate() {
            if column > 0 {
                out.push(self.format.delimiter);
            }
            match field {
                None => out.extend_from_slice(self.format.null.as_bytes()),
                Some(text) if self.format.csv => self.csv(column, text, out),
                Some(text) => self.text(text, out),
            }
            count += 1;
        }
        // A line of its own with `\.` would end the data.
        if count == 1 && self.format.csv && out.get(from..) == Some(b"\\.") {
            out.truncate(from);
            out.extend_from_slice(&[self.format.quote, b'\\', b'.', self.format.quote]);
        }
        out.push(b'\n');
    }

    fn text(&self, text: &str, out: &mut Vec<u8>) {
        for byte in text.bytes() {
            let letter = match byte {
                8 => b'b',
                12 => b'f',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                11 => b'v',
                b'\\' => b'\\',
                other if other == self.format.delimiter => other,
                other => {
                    out.push(other);
                    continue;
                }
            };
            out.extend_from_slice(&[b'\\', letter]);
        }
    }

    fn csv(&self, column: usize, text: &str, out: &mut Vec<u8>) {
        let Format { quote, escape, delimiter, .. } = self.format;
        let special =
            |byte: u8| byte == quote || byte == delimiter || byte == b'\n' || byte == b'\r';
        let must = self.format.force_quote.has(column)
            || text == self.format.null
            || text.bytes().any(special);
        if !must {
            out.extend_from_slice(text.as_bytes());
            return;
        }
        out.push(quote);
        for byte in text.bytes() {
            if byte == quote || byte == escape {
                out.push(escape);
            }
            out.push(byte);
        }
        out.push(quote);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, fields: &[Option<&str>], expected: &str) {
        let mut out = vec![];
        Encoder::new(format).record(fields.iter().copied(), &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_is_written_can_be_read() {
        check(Format::text(), &[Some("a\tb"), None, Some("c\\d\n")], "a\\tb\t\\N\tc\\\\d\\n\n");
        check(Format::csv(), &[Some("a,b"), None, Some("")], "\"a,b\",,\"\"\n");
        check(Format::csv(), &[Some("say \"hi\"")], "\"say \"\"hi\"\"\"\n");
        check(Format::csv(), &[Some("\\.")], "\"\\.\"\n");
        check(Format { delimiter: b'|', ..Format::text() }, &[Some("a|b")], "a\\|b\n");
    }
}
