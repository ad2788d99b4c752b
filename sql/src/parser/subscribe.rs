//! `SUBSCRIBE [TO] view [AS OF tick] [WITH (snapshot = false)]`.
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

use super::options::options;
use super::parse::{Attempt, take_words};
use super::statement::Subscribe;

/// A SUBSCRIBE.
pub(super) fn subscribe(parser: &mut Parser) -> Attempt<Subscribe> {
    if !take_words(parser, &["subscribe"]) {
        return Ok(None);
    }
    let _ = parser.parse_keyword(Keyword::TO);
    let name = parser.parse_object_name(false)?;
    let as_of = match parser.parse_keywords(&[Keyword::AS, Keyword::OF]) {
        true => Some(parser.parse_literal_uint()?),
        false => None,
    };
    let start = parser.peek_token();
    let mut snapshot = true;
    for (option, value) in options(parser)? {
        let is_true = match value.to_lowercase().as_str() {
            "true" | "on" | "1" => true,
            "false" | "off" | "0" => false,
            _ => return parser.expected("true or false", start),
        };
        match option.as_str() {
            "snapshot" => snapshot = is_true,
            _ => {
                return Err(ParserError::ParserError(format!(
                    "unrecognized SUBSCRIBE option \"{option}\""
                )));
            }
        }
    }
    Ok(Some(Subscribe { name, as_of, snapshot }))
}
