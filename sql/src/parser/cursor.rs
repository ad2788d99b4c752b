//! `FETCH`, `MOVE`: with FROM or IN before the cursor, or without.
//!
//! sqlparser's own FETCH wants FROM, and it knows no MOVE.
use sqlparser::ast::{self, FetchDirection, FetchPosition, ValueWithSpan};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::parse::{Attempt, take_words};
use super::statement::{MoveCursor, Statement};

/// A FETCH or a MOVE.
pub(super) fn cursor(parser: &mut Parser) -> Attempt<Statement> {
    let moves = take_words(parser, &["move"]);
    if !moves && !take_words(parser, &["fetch"]) {
        return Ok(None);
    }
    // One word alone is a name, even if it is a direction elsewhere.
    let direction = match parser.peek_nth_token(1).token {
        Token::EOF => None,
        _ => direction(parser)?,
    };
    let _ = parser.parse_one_of_keywords(&[Keyword::FROM, Keyword::IN]);
    let name = parser.parse_identifier()?;
    let direction = direction.unwrap_or(FetchDirection::Next);
    Ok(Some(match moves {
        true => Statement::Move(MoveCursor { name, direction }),
        false => Statement::Sql(Box::new(ast::Statement::Fetch {
            name,
            direction,
            position: FetchPosition::From,
            into: None,
        })),
    }))
}

fn direction(parser: &mut Parser) -> Result<Option<FetchDirection>, ParserError> {
    const WORDS: [Keyword; 9] = [
        Keyword::NEXT,
        Keyword::PRIOR,
        Keyword::FIRST,
        Keyword::LAST,
        Keyword::ABSOLUTE,
        Keyword::RELATIVE,
        Keyword::ALL,
        Keyword::FORWARD,
        Keyword::BACKWARD,
    ];
    if let Some((limit, back)) = count(parser)? {
        return Ok(Some(match back {
            true => FetchDirection::Backward { limit: Some(limit) },
            false => FetchDirection::Count { limit },
        }));
    }
    let Some(word) = parser.parse_one_of_keywords(&WORDS) else { return Ok(None) };
    Ok(Some(match word {
        Keyword::NEXT => FetchDirection::Next,
        Keyword::PRIOR => FetchDirection::Prior,
        Keyword::FIRST => FetchDirection::First,
        Keyword::LAST => FetchDirection::Last,
        Keyword::ALL => FetchDirection::All,
        Keyword::ABSOLUTE => FetchDirection::Absolute { limit: number(parser)? },
        Keyword::RELATIVE => FetchDirection::Relative { limit: number(parser)? },
        _ => along(parser, word == Keyword::BACKWARD)?,
    }))
}

/// What follows FORWARD or BACKWARD; a negative number turns it round.
fn along(parser: &mut Parser, backward: bool) -> Result<FetchDirection, ParserError> {
    if parser.parse_keyword(Keyword::ALL) {
        return Ok(match backward {
            true => FetchDirection::BackwardAll,
            false => FetchDirection::ForwardAll,
        });
    }
    let count = count(parser)?;
    let turned = count.as_ref().is_some_and(|(_, turned)| *turned);
    let limit = count.map(|(limit, _)| limit);
    Ok(match backward != turned {
        true => FetchDirection::Backward { limit },
        false => FetchDirection::Forward { limit },
    })
}

/// A number of rows, and whether it is negative.
fn count(parser: &mut Parser) -> Result<Option<(ValueWithSpan, bool)>, ParserError> {
    let negative = parser.consume_token(&Token::Minus);
    if !negative {
        let _ = parser.consume_token(&Token::Plus);
    }
    match parser.peek_token().token {
        Token::Number(..) => Ok(Some((parser.parse_number_value()?, negative))),
        _ if negative => Ok(Some((number(parser)?, negative))),
        _ => Ok(None),
    }
}

fn number(parser: &mut Parser) -> Result<ValueWithSpan, ParserError> {
    let _ = parser.consume_token(&Token::Minus);
    parser.parse_number_value()
}
