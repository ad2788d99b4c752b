//! `EXPLAIN [(option [value], …)] statement | name`.
use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::parse::{Attempt, statement, take_words};
use super::statement::{Explain, Explained};

/// The options of PostgreSQL's, by which a parenthesis is told from a query's.
const OPTIONS: [&str; 10] = [
    "analyze", "analyse", "buffers", "costs", "format", "settings", "summary", "timing", "verbose",
    "wal",
];

/// Words with which what is explained is a statement and no name.
const STATEMENTS: [&str; 12] = [
    "create", "declare", "delete", "drop", "execute", "insert", "merge", "refresh", "select",
    "update", "values", "with",
];

/// An EXPLAIN.
pub(super) fn explain(parser: &mut Parser, sql: &str) -> Attempt<Explain> {
    if !take_words(parser, &["explain"]) {
        return Ok(None);
    }
    let mut options = vec![];
    if parser.peek_token_ref().token == Token::LParen && is_option(&parser.peek_nth_token(1).token)
    {
        parser.advance_token();
        options = parser.parse_comma_separated(option)?;
        parser.expect_token(&Token::RParen)?;
    } else {
        for word in ["analyze", "verbose"] {
            if take_words(parser, &[word]) {
                options.push((word.to_owned(), None));
            }
        }
    }
    let is_statement = match &parser.peek_token_ref().token {
        Token::LParen => true,
        Token::Word(word) if word.keyword == Keyword::TABLE => true,
        Token::Word(word) => {
            word.quote_style.is_none()
                && STATEMENTS.contains(&word.value.to_ascii_lowercase().as_str())
        }
        _ => false,
    };
    let explained = match is_statement {
        true => Explained::Statement(Box::new(statement(parser, sql)?)),
        false => Explained::Relation(name(parser)?),
    };
    Ok(Some(Explain { options, explained }))
}

fn is_option(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none()
        && OPTIONS.contains(&word.value.to_ascii_lowercase().as_str()))
}

fn name(parser: &mut Parser) -> Result<ast::ObjectName, ParserError> {
    let _ = take_words(parser, &["continuous", "view"]) || take_words(parser, &["view"]);
    parser.parse_object_name(false)
}

/// A name, and the value behind it if there is one.
fn option(parser: &mut Parser) -> Result<(String, Option<String>), ParserError> {
    let name = parser.parse_identifier()?.value.to_ascii_lowercase();
    let value = match &parser.peek_token_ref().token {
        Token::Word(word) => Some(word.value.to_ascii_lowercase()),
        Token::Number(digits, _) => Some(digits.clone()),
        Token::SingleQuotedString(text) => Some(text.to_ascii_lowercase()),
        _ => None,
    };
    if value.is_some() {
        parser.advance_token();
    }
    Ok((name, value))
}
