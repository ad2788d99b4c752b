//! `CREATE STREAM | SOURCE`, `DROP STREAM | SOURCE | [CONTINUOUS | MATERIALIZED] VIEW`.
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;

use super::columns::columns;
use super::options::options;
use super::parse::{Attempt, take_words};
use super::statement::{CreateStream, DropObjects, ObjectKind, Statement};

/// A CREATE of a stream or a source.
pub(super) fn create(parser: &mut Parser) -> Attempt<Statement> {
    const KINDS: [(&[&str], bool, bool); 4] = [
        (&["create", "stream"], false, false),
        (&["create", "source"], true, false),
        (&["create", "or", "replace", "stream"], false, true),
        (&["create", "or", "replace", "source"], true, true),
    ];
    let kind = KINDS.iter().find(|(words, ..)| take_words(parser, words));
    let Some((_, is_source, or_replace)) = kind.copied() else { return Ok(None) };
    let if_not_exists = parser.parse_keywords(&[Keyword::IF, Keyword::NOT, Keyword::EXISTS]);
    let name = parser.parse_object_name(false)?;
    let columns = columns(parser)?;
    let stream = Box::new(CreateStream {
        name,
        or_replace,
        if_not_exists,
        columns: columns.columns,
        constraints: columns.constraints,
        watermark: columns.watermark,
        options: options(parser)?,
    });
    let statement = match is_source {
        true => Statement::CreateSource(stream),
        false => Statement::CreateStream(stream),
    };
    Ok(Some(statement))
}

/// A DROP of one of our kinds of objects.
pub(super) fn drop(parser: &mut Parser) -> Attempt<DropObjects> {
    const KINDS: &[(&[&str], ObjectKind)] = &[
        (&["drop", "stream"], ObjectKind::Stream),
        (&["drop", "source"], ObjectKind::Source),
        (&["drop", "view"], ObjectKind::View),
        (&["drop", "continuous", "view"], ObjectKind::ContinuousView),
        (&["drop", "materialized", "view"], ObjectKind::ContinuousView),
    ];
    let Some((_, kind)) = KINDS.iter().find(|(words, _)| take_words(parser, words)) else {
        return Ok(None);
    };
    let if_exists = parser.parse_keywords(&[Keyword::IF, Keyword::EXISTS]);
    let names = parser.parse_comma_separated(|parser| parser.parse_object_name(false))?;
    let cascade = parser.parse_keyword(Keyword::CASCADE);
    if !cascade {
        let _ = parser.parse_keyword(Keyword::RESTRICT);
    }
    Ok(Some(DropObjects { kind: *kind, if_exists, names, cascade }))
}
