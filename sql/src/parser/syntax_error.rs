//! A parser's error in PostgreSQL's words: 42601, `syntax error at or near "…"`.
use sqlparser::parser::ParserError;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, TokenizerError};

use super::limits::{NESTING_MAX, too_complex};
use super::text;
use crate::Error;

/// The error of a statement whose tokens are `tokens`, of the text `sql`.
pub(super) fn syntax_error(error: ParserError, tokens: &[TokenWithSpan], sql: &str) -> Error {
    let message = match error {
        ParserError::RecursionLimitExceeded => {
            return too_complex(format!("It nests more than {NESTING_MAX} levels deep."));
        }
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
    };
    let location = location_of(&message);
    let found = location.and_then(|location| {
        tokens.iter().find(|token| token.span.start == location && is_visible(&token.token))
    });
    match (found, location) {
        (Some(token), _) => at_or_near(token, sql),
        (None, Some(_)) => at_end(sql),
        (None, None) if message.ends_with("found: EOF") => at_end(sql),
        // One of our own, which says all.
        (None, None) if message.starts_with(char::is_lowercase) => Error::new("42601", message),
        (None, None) => Error::new("42601", format!("syntax error: {}", lower_first(&message))),
    }
}

/// The error of a text that cannot be cut into tokens.
pub(super) fn token_error(error: &TokenizerError, sql: &str) -> Error {
    let near = sql.get(text::offset(sql, error.location)..).unwrap_or_default();
    let message = if error.message.contains("Unterminated string literal") {
        format!("unterminated quoted string at or near \"{near}\"")
    } else if error.message.contains("multi-line comment") {
        "unterminated /* comment".to_owned()
    } else if error.message.contains("close delimiter") {
        format!("unterminated quoted identifier at or near \"{near}\"")
    } else if error.message.contains("dollar") {
        format!("unterminated dollar-quoted string at or near \"{near}\"")
    } else {
        format!("syntax error: {}", lower_first(&error.message))
    };
    Error::new("42601", message).at(Span::new(error.location, error.location))
}

/// The error of a token that cannot stand where it does.
pub(super) fn at_or_near(token: &TokenWithSpan, sql: &str) -> Error {
    if token.token == Token::EOF {
        return at_end(sql);
    }
    let near = text::slice(sql, token.span.start, token.span.end);
    Error::new("42601", format!("syntax error at or near \"{near}\"")).at(token.span)
}

/// The error of a statement that ends too early.
fn at_end(sql: &str) -> Error {
    let lines = sql.split('\n').count().max(1);
    let column = sql.rsplit('\n').next().map_or(0, |line| line.chars().count());
    let end = Location::new(
        u64::try_from(lines).unwrap_or(u64::MAX),
        u64::try_from(column).unwrap_or(u64::MAX).saturating_add(1),
    );
    Error::new("42601", "syntax error at end of input").at(Span::new(end, end))
}

fn is_visible(token: &Token) -> bool {
    !matches!(token, Token::Whitespace(_) | Token::EOF)
}

/// The place at the end of sqlparser's message: ` at Line: 1, Column: 8`.
fn location_of(message: &str) -> Option<Location> {
    let (_, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some(Location::new(line.trim().parse().ok()?, column.trim().parse().ok()?))
}

fn lower_first(message: &str) -> String {
    let mut letters = message.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect::<String>())
}
