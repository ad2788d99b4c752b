//! What follows the columns of CREATE TABLE: `APPEND ONLY`, `ON CONFLICT OVERWRITE | IGNORE`.
//!
//! Also `TABLE t`, which is `SELECT * FROM t`.
use sqlparser::ast;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

use super::dialect::Dialect;
use super::options::options;
use super::parse::take_words;
use super::statement::{KeyConflict, Statement};

/// The clauses after the columns.
#[derive(Default)]
pub(super) struct Clauses {
    pub(super) append_only: bool,
    pub(super) on_conflict: Option<KeyConflict>,
    pub(super) options: Vec<(String, String)>,
}

/// The clauses that sqlparser left behind, in any order.
pub(super) fn clauses(parser: &mut Parser) -> Result<Clauses, ParserError> {
    let mut clauses = Clauses::default();
    loop {
        if take_words(parser, &["append", "only"]) {
            clauses.append_only = true;
        } else if take_words(parser, &["on", "conflict", "overwrite"]) {
            clauses.on_conflict = Some(KeyConflict::Overwrite);
        } else if take_words(parser, &["on", "conflict", "ignore"]) {
            clauses.on_conflict = Some(KeyConflict::Ignore);
        } else if parser.peek_keyword(Keyword::WITH) && clauses.options.is_empty() {
            clauses.options = options(parser)?;
            if clauses.options.is_empty() {
                return Ok(clauses);
            }
        } else {
            return Ok(clauses);
        }
    }
}

/// `TABLE t`
pub(super) fn whole(parser: &mut Parser) -> Result<Statement, ParserError> {
    parser.expect_keyword(Keyword::TABLE)?;
    let name = parser.parse_object_name(false)?;
    let mut select = Parser::new(&Dialect).try_with_sql("SELECT * FROM t")?;
    let mut query = select.parse_query()?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        for table in &mut select.from {
            if let ast::TableFactor::Table { name: place, .. } = &mut table.relation {
                *place = name.clone();
            }
        }
    }
    Ok(Statement::Sql(Box::new(ast::Statement::Query(query))))
}
