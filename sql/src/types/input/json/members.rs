//! The members of a JSON object, one after the other, without a tree.
//!
//! Values are told as they are written: whoever wants a number reads its digits, so that
//! none is rounded on the way.
use std::borrow::Cow;

use super::lexer::{Kind, Lexeme, Lexer, invalid};
use super::{canonical, string};
use crate::{Error, Result};

/// A value as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonValue<'a> {
    kind: Kind,
    written: &'a str,
}

impl<'a> JsonValue<'a> {
    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind == Kind::Literal && self.written == "null"
    }

    /// Its JSON text.
    pub fn json(self) -> &'a str {
        self.written
    }

    /// What the input function of a type is given, as `json_populate_record` does: a string
    /// without its quotes, anything else as it is written.
    ///
    /// # Errors
    /// 22P02 or 22P05 for an escape that is wrong.
    pub fn text(self) -> Result<Cow<'a, str>> {
        match self.kind {
            Kind::String { plain: true } => Ok(Cow::Borrowed(string::inner(self.written))),
            Kind::String { plain: false } => {
                let mut text = String::with_capacity(self.written.len());
                string::decode(self.written, &mut text)?;
                Ok(Cow::Owned(text))
            }
            _ => Ok(Cow::Borrowed(self.written)),
        }
    }

    /// An array as an array's text, such as `{1,"a",NULL}`; any other value is its text.
    ///
    /// # Errors
    /// Those of [`JsonValue::text`]; 0A000 for an object inside.
    pub fn array_text(self) -> Result<Cow<'a, str>> {
        if self.kind != Kind::ArrayStart {
            return self.text();
        }
        let mut lexer = Lexer::new(self.written);
        let mut text = String::with_capacity(self.written.len());
        loop {
            let lexeme = lexer.next()?;
            match lexeme.kind {
                Kind::End => return Ok(Cow::Owned(text)),
                Kind::ArrayStart => text.push('{'),
                Kind::ArrayEnd => text.push('}'),
                Kind::Literal if lexeme.text == "null" => text.push_str("NULL"),
                Kind::Comma | Kind::Number | Kind::Literal => text.push_str(lexeme.text),
                Kind::String { .. } => {
                    let value = JsonValue { kind: lexeme.kind, written: lexeme.text };
                    text.push('"');
                    for letter in value.text()?.chars() {
                        if matches!(letter, '"' | '\\') {
                            text.push('\\');
                        }
                        text.push(letter);
                    }
                    text.push('"');
                }
                Kind::ObjectStart | Kind::ObjectEnd | Kind::Colon => {
                    return Err(Error::unsupported("an object inside an array"));
                }
            }
        }
    }
}

/// Calls `take` with each member of the object that `text` is.
///
/// # Errors
/// 22P02 if it is no JSON, or no object; those of `take`.
pub fn json_members<'a>(
    text: &'a str,
    mut take: impl FnMut(Cow<'a, str>, JsonValue<'a>) -> Result<()>,
) -> Result<()> {
    let mut lexer = Lexer::new(text);
    if lexer.next()?.kind != Kind::ObjectStart {
        // What is no JSON at all is told so.
        canonical::check(text)?;
        return Err(invalid("Expected an object."));
    }
    let mut key = lexer.next()?;
    if key.kind != Kind::ObjectEnd {
        loop {
            let Kind::String { .. } = key.kind else { return Err(unexpected("string", key)) };
            let name = JsonValue { kind: key.kind, written: key.text }.text()?;
            let colon = lexer.next()?;
            if colon.kind != Kind::Colon {
                return Err(unexpected("\":\"", colon));
            }
            take(name, value(text, &mut lexer)?)?;
            let next = lexer.next()?;
            match next.kind {
                Kind::Comma => key = lexer.next()?,
                Kind::ObjectEnd => break,
                _ => return Err(unexpected("\",\" or \"}\"", next)),
            }
        }
    }
    let last = lexer.next()?;
    if last.kind == Kind::End { Ok(()) } else { Err(unexpected("end of input", last)) }
}

/// The value that comes next, whole.
fn value<'a>(text: &'a str, lexer: &mut Lexer<'a>) -> Result<JsonValue<'a>> {
    let first = lexer.next()?;
    match first.kind {
        Kind::String { .. } | Kind::Number | Kind::Literal => {
            Ok(JsonValue { kind: first.kind, written: first.text })
        }
        Kind::ObjectStart | Kind::ArrayStart => {
            let start = text.len() - lexer.left() - first.text.len();
            let mut depth = 1_usize;
            while depth > 0 {
                let next = lexer.next()?;
                match next.kind {
                    Kind::ObjectStart | Kind::ArrayStart => depth += 1,
                    Kind::ObjectEnd | Kind::ArrayEnd => depth -= 1,
                    Kind::End => return Err(unexpected("\",\"", next)),
                    _ => {}
                }
            }
            let end = text.len() - lexer.left();
            let written = text.get(start..end).unwrap_or_default();
            canonical::check(written)?;
            Ok(JsonValue { kind: first.kind, written })
        }
        _ => Err(unexpected("JSON value", first)),
    }
}

fn unexpected(wanted: &str, found: Lexeme<'_>) -> Error {
    if found.kind == Kind::End {
        return invalid("The input string ended unexpectedly.");
    }
    invalid(format!("Expected {wanted}, but found \"{}\".", found.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let mut found = vec![];
        let read = json_members(text, |name, value| {
            let shown = if value.is_null() { "~".into() } else { value.array_text()? };
            found.push(format!("{name}={shown}"));
            Ok(())
        });
        let read = read.map_or_else(|error| error.code().to_owned(), |()| found.join(" "));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn members_are_told_as_they_are_written() {
        check("{}", "");
        check(r#" {"a": 1.10, "b":"x\ty", "c":null,"d":true} "#, "a=1.10 b=x\ty c=~ d=true");
        check(r#"{"a":123456789012345678901234567890.5}"#, "a=123456789012345678901234567890.5");
        check(r#"{"a":{"b":[1,{"c":"}"}]},"d":2}"#, r#"a={"b":[1,{"c":"}"}]} d=2"#);
        check(r#"{"a":[1,null,["x\"\\",true]]}"#, r#"a={1,NULL,{"x\"\\",true}}"#);
        check(r#"{"\u0061":"\ud83d\ude00"}"#, "a=😀");
        check(r#"{"a":[{}]}"#, "0A000");
        for wrong in ["", "{", "[1]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1} x"] {
            check(wrong, "22P02");
        }
        for wrong in ["{\"a\":[1}}", "{\"a\":{1}}", "{a:1}", "{\"a\":01}", "{\"a\":nul}", "x"] {
            check(wrong, "22P02");
        }
        check(r#"{"a":"\u0000"}"#, "22P05");
    }
}
