//! A string of JSON with its escapes.
use super::lexer::invalid;
use crate::{Error, Result};

/// Appends what a string with quotes and escapes means.
pub(super) fn decode(quoted: &str, out: &mut String) -> Result<()> {
    let mut rest = inner(quoted);
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let mut letters = escape.chars();
        let letter = match letters.next() {
            Some(letter @ ('"' | '\\' | '/')) => letter,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let (letter, after) = decode_unicode(letters.as_str())?;
                out.push(letter);
                rest = after;
                continue;
            }
            Some(other) => return Err(invalid_escape(other)),
            None => return Err(invalid("The input string ended unexpectedly.")),
        };
        out.push(letter);
        rest = letters.as_str();
    }
    out.push_str(rest);
    Ok(())
}

/// Checks the escapes of a string with quotes, as `json` does: code points are not looked at.
pub(super) fn check(quoted: &str) -> Result<()> {
    let mut rest = inner(quoted);
    while let Some((_, escape)) = rest.split_once('\\') {
        let mut letters = escape.chars();
        match letters.next() {
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't') => rest = letters.as_str(),
            Some('u') => rest = four_digits(letters.as_str())?.1,
            Some(other) => return Err(invalid_escape(other)),
            None => return Err(invalid("The input string ended unexpectedly.")),
        }
    }
    Ok(())
}

/// Appends a string with quotes, and escapes where they are needed.
pub(super) fn encode(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if letter < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// A string without its quotes.
pub(super) fn inner(quoted: &str) -> &str {
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(quoted)
}

fn invalid_escape(letter: char) -> Error {
    invalid(format!("Escape sequence \"\\{letter}\" is invalid."))
}

/// The character after `\u`, of which those above 16 bits are written in two parts.
fn decode_unicode(text: &str) -> Result<(char, &str)> {
    let (first, rest) = four_digits(text)?;
    let low = || invalid("Unicode low surrogate must follow a high surrogate.");
    match first {
        0 => Err(Error::new("22P05", "unsupported Unicode escape sequence")
            .with_detail("\\u0000 cannot be converted to text.")),
        0xd800..0xdc00 => {
            let (second, rest) = four_digits(rest.strip_prefix("\\u").ok_or_else(low)?)?;
            if (0xd800..0xdc00).contains(&second) {
                return Err(invalid("Unicode high surrogate must not follow a high surrogate."));
            }
            if !(0xdc00..0xe000).contains(&second) {
                return Err(low());
            }
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            char::from_u32(code).map(|letter| (letter, rest)).ok_or_else(low)
        }
        code => char::from_u32(code).map(|letter| (letter, rest)).ok_or_else(low),
    }
}

fn four_digits(text: &str) -> Result<(u32, &str)> {
    text.split_at_checked(4)
        .filter(|(digits, _)| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(|(digits, rest)| Some((u32::from_str_radix(digits, 16).ok()?, rest)))
        .ok_or_else(|| invalid("\"\\u\" must be followed by four hexadecimal digits."))
}
