//! The canonical text of a `jsonb`: keys by length, then bytes; the last of equal keys.
use std::ops::Range;

use super::lexer::{Kind, Lexeme, Lexer, invalid};
use super::{number, string};
use crate::{Error, Result};

/// Arrays and objects inside each other.
const DEPTH_MAX: usize = 1_000;

/// The canonical text of a JSON text.
///
/// # Errors
/// 22P02 if it is no JSON, 22P05 for a character that a text cannot hold, 54001 if it is nested
/// too deeply.
pub(crate) fn canonical(text: &str) -> Result<String> {
    let mut writer = Writer { lexer: Lexer::new(text), out: String::with_capacity(text.len()) };
    writer.document()?;
    Ok(writer.out)
}

/// Whether a text is JSON, as the type `json` asks.
///
/// # Errors
/// Those of [`canonical`], except that no character is refused.
pub(crate) fn check(text: &str) -> Result<()> {
    let mut lexer = Lexer::new(text);
    let mut open = Vec::new();
    let mut lexeme = lexer.next()?;
    loop {
        let mut ended = true;
        match lexeme.kind {
            Kind::ObjectStart | Kind::ArrayStart => {
                if open.len() == DEPTH_MAX {
                    return Err(too_deep());
                }
                let object = lexeme.kind == Kind::ObjectStart;
                let next = lexer.next()?;
                if next.kind == if object { Kind::ObjectEnd } else { Kind::ArrayEnd } {
                    // Empty: a value is complete.
                } else {
                    open.push(object);
                    lexeme = if object { after_key(&mut lexer, next, true)? } else { next };
                    ended = false;
                }
            }
            Kind::String { plain: false } => string::check(lexeme.text)?,
            Kind::String { plain: true } | Kind::Number | Kind::Literal => {}
            _ => {
                return Err(unexpected("JSON value", lexeme));
            }
        }
        while ended {
            let next = lexer.next()?;
            match (open.last(), next.kind) {
                (None, Kind::End) => return Ok(()),
                (None, _) => return Err(unexpected("end of input", next)),
                (Some(true), Kind::ObjectEnd) | (Some(false), Kind::ArrayEnd) => {
                    open.pop();
                }
                (Some(true), Kind::Comma) => {
                    let key = lexer.next()?;
                    lexeme = after_key(&mut lexer, key, false)?;
                    ended = false;
                }
                (Some(false), Kind::Comma) => {
                    lexeme = lexer.next()?;
                    ended = false;
                }
                (Some(true), _) => return Err(unexpected("\",\" or \"}\"", next)),
                (Some(false), _) => return Err(unexpected("\",\" or \"]\"", next)),
            }
        }
    }
}

/// The lexeme after a key with its colon.
fn after_key<'a>(lexer: &mut Lexer<'a>, key: Lexeme<'a>, first: bool) -> Result<Lexeme<'a>> {
    match key.kind {
        Kind::String { plain: true } => {}
        Kind::String { plain: false } => string::check(key.text)?,
        _ if first => return Err(unexpected("string or \"}\"", key)),
        _ => return Err(unexpected("string", key)),
    }
    colon(lexer)?;
    lexer.next()
}

fn colon(lexer: &mut Lexer<'_>) -> Result<()> {
    let next = lexer.next()?;
    if next.kind == Kind::Colon { Ok(()) } else { Err(unexpected("\":\"", next)) }
}

fn unexpected(wanted: &str, found: Lexeme<'_>) -> Error {
    if found.kind == Kind::End {
        return invalid("The input string ended unexpectedly.");
    }
    invalid(format!("Expected {wanted}, but found \"{}\".", found.text))
}

fn too_deep() -> Error {
    Error::new("54001", "stack depth limit exceeded")
        .with_detail(format!("JSON may be nested {DEPTH_MAX} deep."))
}

struct Writer<'a> {
    lexer: Lexer<'a>,
    out: String,
}

/// A key with the places of its entry and of the entry's end in the text.
struct Entry {
    key: String,
    place: Range<usize>,
}

impl Writer<'_> {
    fn document(&mut self) -> Result<()> {
        let first = self.lexer.next()?;
        self.value(first, 0)?;
        let last = self.lexer.next()?;
        if last.kind == Kind::End { Ok(()) } else { Err(unexpected("end of input", last)) }
    }

    fn value(&mut self, lexeme: Lexeme<'_>, depth: usize) -> Result<()> {
        match lexeme.kind {
            Kind::ObjectStart | Kind::ArrayStart if depth == DEPTH_MAX => Err(too_deep()),
            Kind::ObjectStart => self.object(depth + 1),
            Kind::ArrayStart => self.array(depth + 1),
            Kind::String { plain: true } | Kind::Literal => {
                self.out.push_str(lexeme.text);
                Ok(())
            }
            Kind::String { plain: false } => {
                let mut text = String::new();
                string::decode(lexeme.text, &mut text)?;
                string::encode(&text, &mut self.out);
                Ok(())
            }
            Kind::Number => number::write(lexeme.text, &mut self.out),
            _ => Err(unexpected("JSON value", lexeme)),
        }
    }

    fn array(&mut self, depth: usize) -> Result<()> {
        self.out.push('[');
        let mut next = self.lexer.next()?;
        if next.kind == Kind::ArrayEnd {
            self.out.push(']');
            return Ok(());
        }
        loop {
            self.value(next, depth)?;
            next = self.lexer.next()?;
            match next.kind {
                Kind::Comma => self.out.push_str(", "),
                Kind::ArrayEnd => break,
                _ => return Err(unexpected("\",\" or \"]\"", next)),
            }
            next = self.lexer.next()?;
        }
        self.out.push(']');
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<()> {
        self.out.push('{');
        let start = self.out.len();
        let mut entries = Vec::new();
        let mut next = self.lexer.next()?;
        let mut wanted = "string or \"}\"";
        if next.kind == Kind::ObjectEnd {
            self.out.push('}');
            return Ok(());
        }
        loop {
            let Kind::String { .. } = next.kind else {
                return Err(unexpected(wanted, next));
            };
            let mut key = String::new();
            string::decode(next.text, &mut key)?;
            colon(&mut self.lexer)?;
            let from = self.out.len();
            string::encode(&key, &mut self.out);
            self.out.push_str(": ");
            let value = self.lexer.next()?;
            self.value(value, depth)?;
            entries.push(Entry { key, place: from..self.out.len() });
            let end = self.lexer.next()?;
            match end.kind {
                Kind::Comma => self.out.push_str(", "),
                Kind::ObjectEnd => break,
                _ => return Err(unexpected("\",\" or \"}\"", end)),
            }
            next = self.lexer.next()?;
            wanted = "string";
        }
        self.arrange(start, entries);
        self.out.push('}');
        Ok(())
    }

    /// Puts the entries written since `start` into their order, one for each key.
    fn arrange(&mut self, start: usize, mut entries: Vec<Entry>) {
        let order = |left: &Entry, right: &Entry| {
            (left.key.len(), &left.key).cmp(&(right.key.len(), &right.key))
        };
        if entries.is_sorted_by(|left, right| order(left, right).is_lt()) {
            return;
        }
        // The sort is stable, so the last of equal keys is the one written last.
        entries.sort_by(order);
        let written = self.out.split_off(start);
        let mut first = true;
        for (index, entry) in entries.iter().enumerate() {
            if entries.get(index + 1).is_some_and(|next| next.key == entry.key) {
                continue;
            }
            if !first {
                self.out.push_str(", ");
            }
            first = false;
            let place = entry.place.start - start..entry.place.end - start;
            self.out.push_str(written.get(place).unwrap_or(""));
        }
    }
}
