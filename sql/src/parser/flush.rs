//! `FLUSH`.
use sqlparser::parser::Parser;

use super::parse::take_words;

/// Whether the statement is FLUSH.
pub(super) fn flush(parser: &mut Parser) -> bool {
    take_words(parser, &["flush"])
}
