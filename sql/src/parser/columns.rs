//! The parenthesised columns of CREATE STREAM, with WATERMARK FOR among them.
use sqlparser::ast::{ColumnDef, TableConstraint};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::parse::take_words;
use super::statement::Watermark;

/// What stands between the parentheses.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) columns: Vec<ColumnDef>,
    pub(super) constraints: Vec<TableConstraint>,
    pub(super) watermark: Option<Watermark>,
}

/// The columns; none without a parenthesis.
pub(super) fn columns(parser: &mut Parser) -> Result<Columns, ParserError> {
    let mut found = Columns::default();
    if !parser.consume_token(&Token::LParen) || parser.consume_token(&Token::RParen) {
        return Ok(found);
    }
    loop {
        if take_words(parser, &["watermark", "for"]) {
            let column = parser.parse_identifier()?;
            parser.expect_keyword(Keyword::AS)?;
            let expression = parser.parse_expr()?;
            found.watermark = Some(Watermark { column, expression });
        } else if let Some(constraint) = parser.parse_optional_table_constraint()? {
            found.constraints.push(constraint);
        } else {
            found.columns.push(parser.parse_column_def()?);
        }
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    parser.expect_token(&Token::RParen)?;
    Ok(found)
}
