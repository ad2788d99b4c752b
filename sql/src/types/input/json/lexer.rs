//! A JSON text cut into its lexemes.
use crate::{Error, Result};

/// What a lexeme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Comma,
    Colon,
    /// With its quotes; `plain` if there is no escape in it.
    String {
        plain: bool,
    },
    Number,
    Literal,
    End,
}

/// A lexeme as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

/// Where the next lexeme begins.
pub(crate) struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next lexeme.
    pub(crate) fn next(&mut self) -> Result<Lexeme<'a>> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let Some(first) = self.rest.bytes().next() else {
            return Ok(Lexeme { kind: Kind::End, text: "" });
        };
        let kind = match first {
            b'{' => Kind::ObjectStart,
            b'}' => Kind::ObjectEnd,
            b'[' => Kind::ArrayStart,
            b']' => Kind::ArrayEnd,
            b',' => Kind::Comma,
            b':' => Kind::Colon,
            b'"' => return self.string(),
            b'-' | b'0'..=b'9' => return self.number(),
            _ => return self.literal(),
        };
        Ok(self.cut(1, kind))
    }

    fn cut(&mut self, length: usize, kind: Kind) -> Lexeme<'a> {
        let (text, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        Lexeme { kind, text }
    }

    fn string(&mut self) -> Result<Lexeme<'a>> {
        let mut plain = true;
        let mut bytes = self.rest.bytes().enumerate().skip(1);
        while let Some((place, byte)) = bytes.next() {
            match byte {
                b'"' => return Ok(self.cut(place + 1, Kind::String { plain })),
                b'\\' => {
                    plain = false;
                    if bytes.next().is_none() {
                        break;
                    }
                }
                0..0x20 => {
                    return Err(invalid(format!(
                        "Character with value 0x{byte:02x} must be escaped."
                    )));
                }
                _ => {}
            }
        }
        Err(token(self.rest))
    }

    fn number(&mut self) -> Result<Lexeme<'a>> {
        let bytes = self.rest.as_bytes();
        let after_digits = |start: usize| {
            let digits = bytes.get(start..).unwrap_or_default();
            start + digits.iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let at = |place: usize| bytes.get(place).copied();
        let start = usize::from(at(0) == Some(b'-'));
        let mut valid = true;
        let mut end = match at(start) {
            Some(b'0') => start + 1,
            Some(b'1'..=b'9') => after_digits(start),
            _ => {
                valid = false;
                start
            }
        };
        if at(end) == Some(b'.') {
            let after = after_digits(end + 1);
            valid &= after > end + 1;
            end = after;
        }
        if matches!(at(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
            let after = after_digits(end + 1 + sign);
            valid &= after > end + 1 + sign;
            end = after;
        }
        let word = word_end(self.rest, end);
        if !valid || word > end {
            return Err(token(self.rest.get(..word).unwrap_or(self.rest)));
        }
        Ok(self.cut(end, Kind::Number))
    }

    fn literal(&mut self) -> Result<Lexeme<'a>> {
        let end = word_end(self.rest, 0);
        let word = self.rest.get(..end).unwrap_or("");
        if matches!(word, "true" | "false" | "null") {
            return Ok(self.cut(end, Kind::Literal));
        }
        let shown = match word {
            "" => self.rest.chars().next().map_or(1, char::len_utf8),
            word => word.len(),
        };
        Err(token(self.rest.get(..shown).unwrap_or("")))
    }
}

/// Where the letters and digits from `start` on end.
fn word_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    let is_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || **byte >= 0x80;
    start + bytes.iter().take_while(is_word).count()
}

/// 22P02 with a sentence on what is wrong.
pub(crate) fn invalid(detail: impl Into<String>) -> Error {
    Error::new("22P02", "invalid input syntax for type json").with_detail(detail)
}

/// The error of a text that is no lexeme.
pub(crate) fn token(text: &str) -> Error {
    invalid(format!("Token \"{text}\" is invalid."))
}
