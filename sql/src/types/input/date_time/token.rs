//! A text about time, cut into pieces by their shape alone.
//!
//! The shapes are PostgreSQL's, since which texts are dates follows from them: `12-25-2001` is
//! one piece, `Jan 5` are two, `-05` after a time is the offset of a zone.

/// The most pieces that a text may have.
const TOKENS_MAX: usize = 25;

/// What a piece looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Digits, perhaps with one point.
    Number,
    /// Digits with colons.
    Time,
    /// Parts with hyphens, slashes or points between them; or the name of a zone.
    Date,
    /// Letters.
    Word,
    /// A sign with digits.
    Offset,
    /// A sign with letters, such as `-infinity`.
    SignedWord,
}

/// A piece, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) shape: Shape,
    pub(crate) text: &'a str,
}

/// The pieces of a text in lower case; none if some character has no place in it.
pub(crate) fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut cursor = Cursor { text, place: 0 };
    let mut found = Vec::with_capacity(6);
    while let Some(byte) = cursor.peek() {
        let start = cursor.place;
        let shape = match byte {
            b' ' | b'\t'..=b'\r' => {
                cursor.place += 1;
                continue;
            }
            b'0'..=b'9' => cursor.after_digit(),
            b'.' => {
                cursor.place += 1;
                cursor.skip(|byte| byte.is_ascii_digit());
                Shape::Number
            }
            b'+' | b'-' => cursor.after_sign()?,
            byte if byte.is_ascii_alphabetic() => cursor.after_letter(),
            byte if byte.is_ascii_punctuation() => {
                cursor.place += 1;
                continue;
            }
            _ => return None,
        };
        if found.len() == TOKENS_MAX {
            return None;
        }
        found.push(Token { shape, text: text.get(start..cursor.place)? });
    }
    Some(found)
}

struct Cursor<'a> {
    text: &'a str,
    place: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.place += 1;
        }
    }

    fn after_digit(&mut self) -> Shape {
        self.skip(|byte| byte.is_ascii_digit());
        match self.peek() {
            Some(b':') => {
                self.skip(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
                Shape::Time
            }
            Some(mark @ (b'-' | b'/' | b'.')) => {
                self.place += 1;
                if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    self.skip(|byte| byte.is_ascii_alphanumeric() || byte == mark);
                    return Shape::Date;
                }
                self.skip(|byte| byte.is_ascii_digit());
                if self.peek() == Some(mark) {
                    self.skip(|byte| byte.is_ascii_digit() || byte == mark);
                    Shape::Date
                } else if mark == b'.' {
                    Shape::Number
                } else {
                    Shape::Date
                }
            }
            _ => Shape::Number,
        }
    }

    fn after_sign(&mut self) -> Option<Shape> {
        self.place += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        let next = self.peek()?;
        if next.is_ascii_digit() {
            self.skip(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
            Some(Shape::Offset)
        } else if next.is_ascii_alphabetic() {
            self.skip(|byte| byte.is_ascii_alphabetic());
            Some(Shape::SignedWord)
        } else {
            None
        }
    }

    /// Words, and what may be a month first (`jan-5-2013`) or a zone (`america/new_york`).
    fn after_letter(&mut self) -> Shape {
        let start = self.place;
        self.skip(|byte| byte.is_ascii_alphabetic());
        let joined = match self.peek() {
            Some(b'-' | b'/' | b'.') => true,
            Some(byte) if byte == b'+' || byte.is_ascii_digit() => {
                !self.text.get(start..self.place).is_some_and(super::word::is_known)
            }
            _ => false,
        };
        if !joined {
            return Shape::Word;
        }
        self.skip(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':')
        });
        Shape::Date
    }
}
