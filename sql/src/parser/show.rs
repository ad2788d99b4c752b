//! `SHOW STREAMS`, `SHOW TABLES FROM schema LIKE 'pattern'`: lists of objects.
//!
//! A SHOW of a setting is sqlparser's.
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;

use super::parse::{Attempt, take_words};
use super::statement::{Listing, Show};

const LISTINGS: &[(&[&str], Listing)] = &[
    (&["show", "tables"], Listing::Tables),
    (&["show", "streams"], Listing::Streams),
    (&["show", "sources"], Listing::Sources),
    (&["show", "views"], Listing::Views),
    (&["show", "continuous", "views"], Listing::ContinuousViews),
    (&["show", "materialized", "views"], Listing::ContinuousViews),
    (&["show", "indexes"], Listing::Indexes),
    (&["show", "schemas"], Listing::Schemas),
    (&["show", "databases"], Listing::Databases),
    (&["show", "functions"], Listing::Functions),
    (&["show", "columns"], Listing::Columns),
    (&["show", "create"], Listing::Create),
];

/// A SHOW that lists objects.
pub(super) fn show(parser: &mut Parser) -> Attempt<Show> {
    let Some((_, listing)) = LISTINGS.iter().find(|(words, _)| take_words(parser, words)) else {
        return Ok(None);
    };
    let of = if *listing == Listing::Create {
        let _ =
            ["table", "stream", "source", "view"].iter().any(|kind| take_words(parser, &[kind]))
                || take_words(parser, &["continuous", "view"])
                || take_words(parser, &["materialized", "view"]);
        Some(parser.parse_object_name(false)?)
    } else if parser.parse_one_of_keywords(&[Keyword::FROM, Keyword::IN]).is_some() {
        Some(parser.parse_object_name(false)?)
    } else {
        None
    };
    let like = match parser.parse_keyword(Keyword::LIKE) {
        true => Some(parser.parse_literal_string()?),
        false => None,
    };
    Ok(Some(Show { listing: *listing, of, like }))
}
