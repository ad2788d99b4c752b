//! `CREATE TABLE [IF NOT EXISTS] name [(column, …)] AS query [WITH [NO] DATA]`.
use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{IsOptional, Parser};

use super::parse::{Attempt, take_words};
use super::statement::{CreateTableAs, Statement};
use super::table;

/// A CREATE TABLE whose columns are a query's.
pub(super) fn create(parser: &mut Parser) -> Attempt<CreateTableAs> {
    // Up to AS it may be any CREATE TABLE.
    let head = parser.maybe_parse(|parser| {
        if !take_words(parser, &["create", "table"]) {
            let token = parser.peek_token();
            return parser.expected("CREATE TABLE", token);
        }
        let if_not_exists = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
        let name = parser.parse_object_name(false)?;
        let columns = parser.parse_parenthesized_column_list(IsOptional::Optional, false)?;
        parser.expect_keyword(Keyword::AS)?;
        Ok((if_not_exists, name, columns))
    })?;
    let Some((if_not_exists, name, columns)) = head else { return Ok(None) };
    let query = match parser.peek_keyword(Keyword::TABLE) {
        true => whole(parser)?,
        false => parser.parse_query()?,
    };
    let with_data = !parser.parse_keywords(&[Keyword::WITH, Keyword::NO, Keyword::DATA]);
    if with_data {
        let _ = parser.parse_keywords(&[Keyword::WITH, Keyword::DATA]);
    }
    Ok(Some(CreateTableAs { name, if_not_exists, columns, query, with_data }))
}

/// `TABLE t`
fn whole(parser: &mut Parser) -> Result<Box<ast::Query>, sqlparser::parser::ParserError> {
    match table::whole(parser)? {
        Statement::Sql(statement) => match *statement {
            ast::Statement::Query(query) => Ok(query),
            _ => parser.expected("a query", parser.peek_token()),
        },
        _ => parser.expected("a query", parser.peek_token()),
    }
}
