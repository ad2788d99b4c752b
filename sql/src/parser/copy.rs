//! `COPY … FROM STDIN` or `TO STDOUT`, with the options of both of PostgreSQL's spellings.
//!
//! A file or program of the server is read as such, for the statement to be refused by name.
//!
//! sqlparser's own COPY wants its data behind it and lacks options: this one is whole.
use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{IsOptional, Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::parse::{Attempt, take_words};

/// A COPY between a relation, or a query, and the client.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// Whether rows come in.
    pub from: bool,
    /// What is copied.
    pub source: CopySource,
    /// Where rows come from or go to.
    pub end: CopyEnd,
    /// Its options, in order.
    pub options: Vec<CopyOption>,
}

/// The other end of a COPY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyEnd {
    /// STDIN or STDOUT: the client.
    Client,
    /// A file of the server's machine.
    File,
    /// A program on the server's machine.
    Program,
}

/// What is copied.
#[derive(Clone, Debug, PartialEq)]
pub enum CopySource {
    /// A relation.
    Table {
        /// Its name.
        name: ast::ObjectName,
        /// Those of its columns that are copied; none: all.
        columns: Vec<ast::Ident>,
    },
    /// A query's rows.
    Query(Box<ast::Query>),
}

/// One option of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyOption {
    /// Its name in lower case: `format`, `delimiter`, `null`, `header`, `quote`, `escape`,
    /// `force_quote`, `force_not_null`, `force_null`, `encoding`, `freeze`.
    pub name: String,
    /// Its value as written.
    pub value: OptionValue,
}

/// What an option was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// Nothing: true.
    None,
    /// A word, a number or a text.
    Text(String),
    /// `*`
    All,
    /// A list of names.
    Names(Vec<String>),
}

/// A COPY.
pub(super) fn copy(parser: &mut Parser) -> Attempt<Copy> {
    if !take_words(parser, &["copy"]) {
        return Ok(None);
    }
    let source = if parser.consume_token(&Token::LParen) {
        let query = parser.parse_query()?;
        parser.expect_token(&Token::RParen)?;
        CopySource::Query(query)
    } else {
        let name = parser.parse_object_name(false)?;
        let columns = parser.parse_parenthesized_column_list(IsOptional::Optional, false)?;
        CopySource::Table { name, columns }
    };
    let from = match parser.parse_one_of_keywords(&[Keyword::FROM, Keyword::TO]) {
        Some(Keyword::FROM) if matches!(source, CopySource::Query(_)) => {
            let token = parser.peek_token();
            return parser.expected("TO", token);
        }
        Some(Keyword::FROM) => true,
        Some(_) => false,
        None => {
            let token = parser.peek_token();
            return parser.expected("FROM or TO", token);
        }
    };
    let end = end(parser, from)?;
    let _ = parser.parse_keyword(Keyword::WITH);
    let options = if parser.consume_token(&Token::LParen) {
        let options = parser.parse_comma_separated(option)?;
        parser.expect_token(&Token::RParen)?;
        options
    } else {
        old_options(parser)?
    };
    Ok(Some(Copy { from, source, end, options }))
}

/// `STDIN`, `STDOUT`, `'file'`, `PROGRAM 'command'`
fn end(parser: &mut Parser, from: bool) -> Result<CopyEnd, ParserError> {
    let is_text = |token: &Token| {
        matches!(token, Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_))
    };
    if parser.parse_keyword(if from { Keyword::STDIN } else { Keyword::STDOUT }) {
        return Ok(CopyEnd::Client);
    }
    let is_program = parser.parse_keyword(Keyword::PROGRAM);
    if is_text(&parser.peek_token().token) {
        parser.advance_token();
        return Ok(if is_program { CopyEnd::Program } else { CopyEnd::File });
    }
    let token = parser.peek_token();
    parser.expected(if from { "STDIN" } else { "STDOUT" }, token)
}

/// `name [value]`
fn option(parser: &mut Parser) -> Result<CopyOption, ParserError> {
    let name = parser.parse_identifier()?.value.to_lowercase();
    let value = match parser.peek_token().token {
        Token::Comma | Token::RParen => OptionValue::None,
        Token::Mul => {
            parser.advance_token();
            OptionValue::All
        }
        Token::LParen => {
            let columns = parser.parse_parenthesized_column_list(IsOptional::Mandatory, false)?;
            OptionValue::Names(columns.iter().map(crate::binder::fold).collect())
        }
        _ => OptionValue::Text(text(parser)?),
    };
    Ok(CopyOption { name, value })
}

fn text(parser: &mut Parser) -> Result<String, ParserError> {
    let token = parser.next_token();
    match token.token {
        Token::Word(word) => Ok(word.value),
        Token::Number(digits, _) => Ok(digits),
        Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) => Ok(text),
        _ => parser.expected("a value", token),
    }
}

/// The spelling before PostgreSQL 9.0: words without commas.
fn old_options(parser: &mut Parser) -> Result<Vec<CopyOption>, ParserError> {
    const WORDS: &[(&[&str], &str)] = &[
        (&["csv"], "format"),
        (&["binary"], "format"),
        (&["header"], "header"),
        (&["delimiter"], "delimiter"),
        (&["null"], "null"),
        (&["quote"], "quote"),
        (&["escape"], "escape"),
        (&["force", "quote"], "force_quote"),
        (&["force", "not", "null"], "force_not_null"),
        (&["force", "null"], "force_null"),
        (&["encoding"], "encoding"),
        (&["freeze"], "freeze"),
    ];
    let mut options = vec![];
    while let Some((words, name)) = WORDS.iter().find(|(words, _)| take_words(parser, words)) {
        let value = match *name {
            "format" => OptionValue::Text(words.concat()),
            "header" | "freeze" => OptionValue::None,
            "force_quote" | "force_not_null" | "force_null" => {
                if parser.consume_token(&Token::Mul) {
                    OptionValue::All
                } else {
                    let columns = parser.parse_comma_separated(Parser::parse_identifier)?;
                    OptionValue::Names(columns.iter().map(crate::binder::fold).collect())
                }
            }
            _ => {
                let _ = parser.parse_keyword(Keyword::AS);
                OptionValue::Text(text(parser)?)
            }
        };
        options.push(CopyOption { name: (*name).to_owned(), value });
    }
    Ok(options)
}
