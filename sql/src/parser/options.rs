//! `WITH (name = value, …)` of our own statements.
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// The options of WITH, in order; none without the clause.
///
/// A name may have parts (`properties.topic`); a value is a word, a number or a string.
pub(super) fn options(parser: &mut Parser) -> Result<Vec<(String, String)>, ParserError> {
    let mut options = Vec::new();
    let starts = matches!(parser.peek_nth_token(1).token, Token::LParen);
    if !(starts && parser.parse_keyword(Keyword::WITH)) {
        return Ok(options);
    }
    parser.expect_token(&Token::LParen)?;
    loop {
        options.push(option(parser)?);
        if !parser.consume_token(&Token::Comma) {
            break;
        }
    }
    parser.expect_token(&Token::RParen)?;
    Ok(options)
}

fn option(parser: &mut Parser) -> Result<(String, String), ParserError> {
    let mut name = word(parser)?;
    while parser.consume_token(&Token::Period) {
        name.push('.');
        name.push_str(&word(parser)?);
    }
    if !parser.consume_token(&Token::Eq) {
        return Ok((name, "true".to_owned()));
    }
    Ok((name, value(parser)?))
}

fn word(parser: &mut Parser) -> Result<String, ParserError> {
    let token = parser.next_token();
    match token.token {
        Token::Word(word) if word.quote_style.is_some() => Ok(word.value),
        Token::Word(word) => Ok(word.value.to_lowercase()),
        Token::SingleQuotedString(text) => Ok(text),
        _ => parser.expected("an option", token),
    }
}

fn value(parser: &mut Parser) -> Result<String, ParserError> {
    let sign = if parser.consume_token(&Token::Minus) { "-" } else { "" };
    let token = parser.next_token();
    match token.token {
        Token::Number(digits, _) => Ok(format!("{sign}{digits}")),
        Token::Word(word) if sign.is_empty() => Ok(word.value),
        Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) if sign.is_empty() => {
            Ok(text)
        }
        _ => parser.expected("a value", token),
    }
}
