//! What sqlparser reads without a part of it: `interval(2) '…'`, `trim(trailing from x)`.
use sqlparser::ast::{Expr, TrimWhereField, TypedString};
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::parse::Attempt;

/// Such an expression, if the next tokens are one.
pub(super) fn special(parser: &mut Parser) -> Attempt<Expr> {
    let Token::Word(word) = &parser.peek_token_ref().token else { return Ok(None) };
    let is_call = parser.peek_nth_token_ref(1).token == Token::LParen;
    match word.keyword {
        Keyword::INTERVAL if is_call => interval(parser).map(Some),
        Keyword::TRIM if is_call => trim(parser),
        _ => Ok(None),
    }
}

/// An interval literal whose type has a precision.
fn interval(parser: &mut Parser) -> Result<Expr, sqlparser::parser::ParserError> {
    let data_type = parser.parse_data_type()?;
    let value = parser.parse_value()?;
    Ok(Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }))
}

/// `trim([where] FROM text)`: FROM follows at once.
fn trim(parser: &mut Parser) -> Attempt<Expr> {
    let place = |place: usize| match &parser.peek_nth_token_ref(place).token {
        Token::Word(word) => word.keyword,
        _ => Keyword::NoKeyword,
    };
    let (words, trim_where) = match (place(2), place(3)) {
        (Keyword::FROM, _) => (3, None),
        (Keyword::LEADING, Keyword::FROM) => (4, Some(TrimWhereField::Leading)),
        (Keyword::TRAILING, Keyword::FROM) => (4, Some(TrimWhereField::Trailing)),
        (Keyword::BOTH, Keyword::FROM) => (4, Some(TrimWhereField::Both)),
        _ => return Ok(None),
    };
    for _ in 0..words {
        parser.advance_token();
    }
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_token(&Token::RParen)?;
    Ok(Some(Expr::Trim { expr, trim_where, trim_what: None, trim_characters: None }))
}
