//! A regular expression that was read, and where it matches.
//!
//! Of the matches that begin first PostgreSQL takes the longest (the shortest, if the first
//! repetition is not greedy), where our engine takes the first alternative's. So the end is
//! looked for by itself, then the groups within it.
use std::ops::Range;

use engine::Result;
use regex_automata::meta::{Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

use super::options::Options;
use super::translate::{Translated, invalid, translate};

/// Memory that a compiled expression may take.
const EXPRESSION_BYTES_MAX: usize = 10 << 20;

/// Where a group matched.
pub(super) type Group = Option<Range<usize>>;

/// A compiled expression.
#[derive(Debug)]
pub(super) struct Expression {
    first: Regex,
    /// Where another match than the first alternative's may be meant.
    ends: Option<Ends>,
}

#[derive(Debug)]
struct Ends {
    /// All matches from a place on.
    all: Regex,
    /// Only a match up to the end.
    whole: Regex,
    shortest: bool,
}

impl Expression {
    /// Reads `pattern`.
    pub(super) fn new(pattern: &str, options: Options) -> Result<Self> {
        let translated = translate(pattern, options)?;
        let compile = |pattern: &str, kind| compile(pattern, &translated, kind);
        let first = compile(&translated.pattern, MatchKind::LeftmostFirst)?;
        let ends = match translated.ambiguous {
            false => None,
            true => Some(Ends {
                all: compile(&translated.pattern, MatchKind::All)?,
                whole: compile(
                    &format!("(?:{})\\z", translated.pattern),
                    MatchKind::LeftmostFirst,
                )?,
                shortest: translated.shortest,
            }),
        };
        Ok(Self { first, ends })
    }

    /// Whether it matches anywhere in `text`.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.first.is_match(text)
    }

    /// How many groups it has.
    pub(super) fn groups(&self) -> usize {
        self.first.group_info().group_len(regex_automata::PatternID::ZERO).saturating_sub(1)
    }

    /// The first match that begins at byte `from` or later: the whole, then the groups.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Vec<Group>> {
        let mut found = self.first.create_captures();
        self.first.search_captures(&Input::new(text).range(from..), &mut found);
        let whole = found.get_match()?;
        let Some(ends) = &self.ends else { return Some(groups(&found)) };
        let start = whole.start();
        let from_start = Input::new(text).range(start..).anchored(Anchored::Yes);
        let end = ends.all.search_half(&from_start.earliest(ends.shortest))?.offset();
        if end == whole.end() {
            return Some(groups(&found));
        }
        let until = text.get(..end)?;
        let within = Input::new(until).range(start..).anchored(Anchored::Yes);
        ends.whole.search_captures(&within, &mut found);
        match found.is_match() {
            true => Some(groups(&found)),
            // What stands behind the match decided: the groups are not known.
            false => {
                let unknown = std::iter::repeat_n(None, self.groups());
                Some(std::iter::once(Some(start..end)).chain(unknown).collect())
            }
        }
    }

    /// All matches, one behind the other.
    pub(super) fn find_all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Vec<Group>> + 'a {
        let mut from = Some(0);
        std::iter::from_fn(move || {
            let found = self.find(text, from?)?;
            let whole = found.first().cloned().flatten()?;
            // After a match of nothing the next begins a character later.
            from = match whole.is_empty() {
                false => Some(whole.end),
                true => {
                    let rest = text.get(whole.end..).unwrap_or("");
                    rest.chars().next().map(|one| whole.end + one.len_utf8())
                }
            };
            Some(found)
        })
    }
}

fn compile(pattern: &str, translated: &Translated, kind: MatchKind) -> Result<Regex> {
    let options = translated.options;
    Regex::builder()
        .configure(Config::new().match_kind(kind).nfa_size_limit(Some(EXPRESSION_BYTES_MAX)))
        .syntax(
            syntax::Config::new().case_insensitive(options.insensitive).dot_matches_new_line(true),
        )
        .build(pattern)
        .map_err(|error| match error.size_limit() {
            Some(_) => invalid("regular expression is too complex"),
            None => invalid(&error.to_string().replace('\n', " ")),
        })
}

fn groups(found: &Captures) -> Vec<Group> {
    found.iter().map(|group| group.map(|span| span.range())).collect()
}

/// The expression that was last used, since most calls have one for all rows.
#[derive(Default)]
pub(super) struct Last(Option<(String, Options, Expression)>);

impl Last {
    /// The expression of `pattern`.
    pub(super) fn of(&mut self, pattern: &str, options: Options) -> Result<&Expression> {
        let known =
            matches!(&self.0, Some((known, read, _)) if known == pattern && *read == options);
        if !known {
            let expression = Expression::new(pattern, options)?;
            self.0 = Some((pattern.to_owned(), options, expression));
        }
        match &self.0 {
            Some((_, _, expression)) => Ok(expression),
            None => Err(engine::Error::internal("a regular expression was lost")),
        }
    }
}
