//! A bracket expression, `[^a-z[:digit:]]`, in the syntax of our engine.
use std::iter::Peekable;
use std::str::Chars;

use engine::Result;

use super::translate::{invalid, push_literal};

/// Translates what follows an opening bracket, up to the closing one.
pub(super) fn translate(
    rest: &mut Peekable<Chars<'_>>,
    newline_stops: bool,
    out: &mut String,
) -> Result<()> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
        if newline_stops {
            out.push_str("\\n");
        }
    }
    let mut first = true;
    loop {
        let Some(one) = rest.next() else { return Err(unbalanced()) };
        match one {
            ']' if !first => break,
            '[' if matches!(rest.peek(), Some(':' | '.' | '=')) => named(rest, out)?,
            _ => {
                let low = member(one, rest, out)?;
                range(low, rest, out)?;
            }
        }
        first = false;
    }
    out.push(']');
    Ok(())
}

fn unbalanced() -> engine::Error {
    invalid("brackets [] not balanced")
}

/// A member: a character, or None if it was a class that is written already.
fn member(one: char, rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<Option<char>> {
    if one != '\\' {
        return Ok(Some(one));
    }
    match rest.peek() {
        Some('d') => out.push_str("0-9"),
        Some('w') => out.push_str("\\w"),
        Some('s') => out.push_str("\\s"),
        Some('D' | 'W' | 'S') => return Err(invalid("invalid escape \\ sequence")),
        _ => return super::translate::escaped(rest).map(Some),
    }
    rest.next();
    Ok(None)
}

/// Writes `low`, or the range that begins with it.
fn range(low: Option<char>, rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<()> {
    let Some(low) = low else { return Ok(()) };
    push_literal(low, out);
    let mut ahead = rest.clone();
    if ahead.next() != Some('-') || matches!(ahead.peek(), None | Some(']')) {
        return Ok(());
    }
    rest.next();
    let high = match rest.next() {
        Some('\\') => super::translate::escaped(rest)?,
        Some('[') if matches!(rest.peek(), Some('.' | '=')) => element(rest)?,
        Some(high) => high,
        None => return Err(unbalanced()),
    };
    if high < low {
        return Err(invalid("invalid character range"));
    }
    out.push('-');
    push_literal(high, out);
    Ok(())
}

/// `[:name:]`, `[.x.]` or `[=x=]`.
fn named(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<()> {
    if rest.peek() != Some(&':') {
        let low = element(rest)?;
        return range(Some(low), rest, out);
    }
    let name = until(rest, ':')?;
    out.push_str(match name.as_str() {
        "alnum" => "\\p{Alphabetic}\\p{N}",
        "alpha" => "\\p{Alphabetic}",
        "blank" => " \\t",
        "cntrl" => "\\p{Cc}",
        "digit" => "0-9",
        "graph" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
        "lower" => "\\p{Lowercase}",
        "print" => "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
        "punct" => "\\p{P}\\p{S}",
        "space" => "\\s",
        "upper" => "\\p{Uppercase}",
        "word" => "\\w",
        "xdigit" => "0-9A-Fa-f",
        "ascii" => "\\x00-\\x7f",
        _ => return Err(invalid("invalid character class")),
    });
    Ok(())
}

/// The character of `[.x.]` or `[=x=]`.
fn element(rest: &mut Peekable<Chars<'_>>) -> Result<char> {
    let mark = rest.peek().copied().unwrap_or('.');
    let name = until(rest, mark)?;
    let mut characters = name.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(invalid("invalid collating element")),
    }
}

/// What stands between two `mark`s, the second of which a closing bracket follows.
fn until(rest: &mut Peekable<Chars<'_>>, mark: char) -> Result<String> {
    rest.next();
    let mut name = String::new();
    loop {
        match rest.next() {
            Some(one) if one == mark && rest.peek() == Some(&']') => {
                rest.next();
                return Ok(name);
            }
            Some(one) => name.push(one),
            None => return Err(unbalanced()),
        }
    }
}
