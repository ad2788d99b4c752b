//! `parse`: a text becomes its statements.
//!
//! All of a text is read before any of it runs, as PostgreSQL does. Locations of tokens
//! are those in the whole text, so that a position is one in what the client sent.
use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use super::dialect::Dialect;
use super::limits::{NESTING_MAX, check_text, check_tokens};
use super::statement::{CreateTable, Parsed, Statement};
use super::syntax_error::{at_or_near, syntax_error, token_error};
use super::{
    copy, cursor, explain, flush, object, operators, reserved, show, strings, subscribe, table,
    table_as, text, view, window_table, words,
};
use crate::{Error, Result};

/// What a statement's parser returns: `None` if the statement is not one of its own.
pub(super) type Attempt<T> = std::result::Result<Option<T>, ParserError>;

static DIALECT: Dialect = Dialect;

/// The statements of a text, which may be none.
///
/// Fails with 42601 where the syntax is wrong and with 54001 where a limit is exceeded.
pub fn parse(sql: &str) -> Result<Vec<Parsed>> {
    let tokens = tokens_of(sql)?;
    let mut cursor = text::Cursor::new(sql);
    let mut statements = Vec::new();
    for tokens in tokens.split(|token| token.token == Token::SemiColon) {
        let (Some(first), Some(last)) = (edge(tokens.iter()), edge(tokens.iter().rev())) else {
            continue;
        };
        let text = cursor.slice(first.span.start, last.span.end).to_owned();
        let statement = parse_one(tokens, sql)?;
        statements.push(Parsed { statement, text });
    }
    Ok(statements)
}

/// The query that a view was made of.
///
/// Fails as [`parse`] does, and with XX000 where the text is no query.
pub fn parse_query(sql: &str) -> Result<Box<ast::Query>> {
    let mut statements = parse(sql)?;
    match (statements.pop(), statements.is_empty()) {
        (Some(Parsed { statement: Statement::Sql(statement), .. }), true) => match *statement {
            ast::Statement::Query(query) => Ok(query),
            _ => Err(Error::internal("a view's text is no query")),
        },
        _ => Err(Error::internal("a view's text is not one query")),
    }
}

/// The expression of a column's DEFAULT.
///
/// Fails as [`parse`] does.
pub fn parse_expression(sql: &str) -> Result<ast::Expr> {
    let tokens = tokens_of(sql)?;
    let mut parser = parser_of(tokens.clone());
    let expression = parser.parse_expr().map_err(|error| syntax_error(error, &tokens, sql))?;
    match parser.peek_token() {
        end if end.token == Token::EOF => Ok(expression),
        other => Err(at_or_near(&other, sql)),
    }
}

/// The tokens of a text within the limits.
fn tokens_of(sql: &str) -> Result<Vec<TokenWithSpan>> {
    check_text(sql)?;
    let tokens = Tokenizer::new(&DIALECT, sql)
        .tokenize_with_location()
        .map_err(|error| token_error(&error, sql))?;
    check_tokens(&tokens)?;
    Ok(strings::joined(tokens.iter().flat_map(operators::cut).map(words::as_name).collect()))
}

fn edge<'a>(mut tokens: impl Iterator<Item = &'a TokenWithSpan>) -> Option<&'a TokenWithSpan> {
    tokens.find(|token| !matches!(token.token, Token::Whitespace(_)))
}

fn parser_of(tokens: Vec<TokenWithSpan>) -> Parser<'static> {
    Parser::new(&DIALECT).with_recursion_limit(NESTING_MAX).with_tokens_with_locations(tokens)
}

fn parse_one(tokens: &[TokenWithSpan], sql: &str) -> Result<Statement> {
    let tokens = window_table::plain(tokens);
    let mut parser = parser_of(tokens.clone());
    let statement =
        statement(&mut parser, sql).map_err(|error| syntax_error(error, &tokens, sql))?;
    match parser.peek_token() {
        end if end.token == Token::EOF => {
            reserved::check(&statement)?;
            Ok(statement)
        }
        other => Err(at_or_near(&other, sql)),
    }
}

/// Ours first, by their first words; whatever is left is sqlparser's.
pub(super) fn statement(
    parser: &mut Parser,
    sql: &str,
) -> std::result::Result<Statement, ParserError> {
    if let Some(explain) = explain::explain(parser, sql)? {
        return Ok(Statement::Explain(Box::new(explain)));
    }
    if let Some(stream) = object::create(parser)? {
        return Ok(stream);
    }
    if let Some(table) = table_as::create(parser)? {
        return Ok(Statement::CreateTableAs(Box::new(table)));
    }
    if let Some(view) = view::create(parser, sql)? {
        return Ok(Statement::CreateView(Box::new(view)));
    }
    if let Some(drop) = object::drop(parser)? {
        return Ok(Statement::Drop(drop));
    }
    if let Some(copy) = copy::copy(parser)? {
        return Ok(Statement::Copy(Box::new(copy)));
    }
    if let Some(subscribe) = subscribe::subscribe(parser)? {
        return Ok(Statement::Subscribe(subscribe));
    }
    if let Some(show) = show::show(parser)? {
        return Ok(Statement::Show(show));
    }
    if let Some(flush) = flush::flush(parser)? {
        return Ok(flush);
    }
    if let Some(cursor) = cursor::cursor(parser)? {
        return Ok(cursor);
    }
    if take_words(parser, &["abort"]) {
        return Ok(Statement::Sql(Box::new(parser.parse_rollback()?)));
    }
    if parser.peek_keyword(Keyword::TABLE) {
        return table::whole(parser);
    }
    if take_words(parser, &["create", "unlogged", "table"]) {
        let table = parser.parse_create_table(false, false, None, false)?;
        return create_table(parser, table, true);
    }
    match parser.parse_statement()? {
        ast::Statement::CreateTable(table) => create_table(parser, table, false),
        statement => Ok(Statement::Sql(Box::new(statement))),
    }
}

fn create_table(
    parser: &mut Parser,
    table: ast::CreateTable,
    unlogged: bool,
) -> std::result::Result<Statement, ParserError> {
    let clauses = table::clauses(parser)?;
    Ok(Statement::CreateTable(Box::new(CreateTable {
        table,
        unlogged,
        append_only: clauses.append_only,
        on_conflict: clauses.on_conflict,
        options: clauses.options,
    })))
}

/// Whether the next tokens are these words; takes them if so.
pub(super) fn take_words(parser: &mut Parser, words: &[&str]) -> bool {
    let is_next = words.iter().enumerate().all(|(place, word)| {
        matches!(&parser.peek_nth_token(place).token,
            Token::Word(found) if found.quote_style.is_none()
                && found.value.eq_ignore_ascii_case(word))
    });
    if is_next {
        for _ in words {
            parser.advance_token();
        }
    }
    is_next
}
