//! `CREATE [OR REPLACE] [CONTINUOUS | MATERIALIZED] VIEW`.
use sqlparser::keywords::Keyword;
use sqlparser::parser::{IsOptional, Parser};

use super::options::options;
use super::parse::{Attempt, take_words};
use super::statement::CreateView;
use super::text;

/// A CREATE of a view of either kind.
pub(super) fn create(parser: &mut Parser, sql: &str) -> Attempt<CreateView> {
    const STARTS: &[(&[&str], bool, bool)] = &[
        (&["create", "view"], false, false),
        (&["create", "or", "replace", "view"], true, false),
        (&["create", "continuous", "view"], false, true),
        (&["create", "or", "replace", "continuous", "view"], true, true),
        (&["create", "materialized", "view"], false, true),
        (&["create", "or", "replace", "materialized", "view"], true, true),
    ];
    let Some((_, or_replace, continuous)) =
        STARTS.iter().find(|(words, ..)| take_words(parser, words))
    else {
        return Ok(None);
    };
    let if_not_exists = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
    let name = parser.parse_object_name(false)?;
    let columns = parser.parse_parenthesized_column_list(IsOptional::Optional, false)?;
    let options = options(parser)?;
    parser.expect_keyword(Keyword::AS)?;
    let start = parser.peek_token().span.start;
    let query = parser.parse_query()?;
    let query_text = text::slice(sql, start, parser.get_current_token().span.end).to_owned();
    let no_data = parser.parse_keywords(&[Keyword::WITH, Keyword::NO, Keyword::DATA]);
    if !no_data {
        let _ = parser.parse_keywords(&[Keyword::WITH, Keyword::DATA]);
    }
    Ok(Some(CreateView {
        name,
        continuous: *continuous,
        or_replace: *or_replace,
        if_not_exists,
        columns,
        options,
        query,
        query_text,
        no_data,
    }))
}
