//! Flink's spelling of a window, `TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), …))`.
//!
//! It is made the plain spelling, `TUMBLE(t, ts, …)`, before the parser sees it; tokens
//! keep their places. Where the words do not have that shape, they are left alone.
use sqlparser::tokenizer::{Token, TokenWithSpan};

const FUNCTIONS: &[&str] = &["tumble", "hop", "session", "cumulate"];

/// The same tokens in the plain spelling, without space between them.
pub(super) fn plain(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut rest = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let tokens: Vec<&TokenWithSpan> = rest.by_ref().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    // Of each open parenthesis: what it is.
    let mut open: Vec<Paren> = Vec::new();
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        let next = |ahead: usize| tokens.get(place + ahead).map(|token| &token.token);
        let in_window = open.contains(&Paren::Wrapped);
        if is_word(Some(&token.token), &["table"])
            && next(1) == Some(&Token::LParen)
            && is_word(next(2), FUNCTIONS)
            && next(3) == Some(&Token::LParen)
        {
            open.push(Paren::Wrapped);
            place += 2;
            continue;
        }
        if in_window && is_word(Some(&token.token), &["table"]) && next(1) != Some(&Token::LParen) {
            place += 1;
            continue;
        }
        if in_window
            && is_word(Some(&token.token), &["descriptor"])
            && next(1) == Some(&Token::LParen)
        {
            open.push(Paren::Wrapped);
            place += 2;
            continue;
        }
        place += 1;
        match token.token {
            Token::LParen => open.push(Paren::Plain),
            Token::RParen if open.pop() == Some(Paren::Wrapped) => continue,
            _ => {}
        }
        kept.push((*token).clone());
    }
    kept
}

#[derive(PartialEq)]
enum Paren {
    /// One that stays.
    Plain,
    /// One of `TABLE(…)` or `DESCRIPTOR(…)`, which goes.
    Wrapped,
}

fn is_word(token: Option<&Token>, words: &[&str]) -> bool {
    matches!(token, Some(Token::Word(word))
        if words.iter().any(|candidate| word.value.eq_ignore_ascii_case(candidate)))
}
