//! `FLUSH`, `REFRESH MATERIALIZED VIEW`: statements that wait for what is true already.
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;

use super::parse::{Attempt, take_words};
use super::statement::Statement;

/// Such a statement.
pub(super) fn flush(parser: &mut Parser) -> Attempt<Statement> {
    if take_words(parser, &["flush"]) {
        return Ok(Some(Statement::Flush));
    }
    if !take_words(parser, &["refresh", "materialized", "view"])
        && !take_words(parser, &["refresh", "continuous", "view"])
    {
        return Ok(None);
    }
    let _ = parser.parse_keyword(Keyword::CONCURRENTLY);
    let name = parser.parse_object_name(false)?;
    let _ = parser.parse_keywords(&[Keyword::WITH, Keyword::DATA]);
    Ok(Some(Statement::Refresh(name)))
}
