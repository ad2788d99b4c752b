//! A pattern of LIKE, read once for many rows.
//!
//! Most patterns are a text with `%` at its ends, which are searched for as bytes; the rest is
//! matched step by step, going back to the last `%` only.
use engine::{Error, Result};

/// What matches a part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// This character.
    One(char),
    /// `_`: any character.
    Any,
    /// `%`: any run of characters.
    Run,
}

/// A pattern that was read.
#[derive(Debug)]
pub(super) enum Pattern {
    Equal(String),
    Start(String),
    End(String),
    Inside(String),
    Steps(Vec<Step>),
}

impl Pattern {
    /// Reads a pattern in which `escape`, if any, makes the next character an ordinary one.
    pub(super) fn new(pattern: &str, escape: Option<char>) -> Result<Self> {
        let mut steps = vec![];
        let mut characters = pattern.chars();
        while let Some(one) = characters.next() {
            steps.push(match one {
                _ if Some(one) == escape => match characters.next() {
                    Some(next) => Step::One(next),
                    None => return Err(unfinished()),
                },
                '%' => Step::Run,
                '_' => Step::Any,
                _ => Step::One(one),
            });
        }
        steps.dedup_by(|one, before| *one == Step::Run && *before == Step::Run);
        Ok(Self::of_steps(steps))
    }

    fn of_steps(steps: Vec<Step>) -> Self {
        let plain = |steps: &[Step]| -> Option<String> {
            let character = |step: &Step| match step {
                Step::One(one) => Some(*one),
                _ => None,
            };
            steps.iter().map(character).collect()
        };
        let (inner, starts) = match steps.as_slice() {
            [Step::Run, inner @ ..] => (inner, true),
            inner => (inner, false),
        };
        let (inner, ends) = match inner {
            [inner @ .., Step::Run] => (inner, true),
            inner => (inner, false),
        };
        match (plain(inner), starts, ends) {
            (None, ..) => Self::Steps(steps),
            (Some(text), false, false) => Self::Equal(text),
            (Some(text), false, true) => Self::Start(text),
            // A lone % was taken for a start.
            (Some(text), true, false) if text.is_empty() => Self::Inside(text),
            (Some(text), true, false) => Self::End(text),
            (Some(text), true, true) => Self::Inside(text),
        }
    }

    /// Whether all of `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Equal(whole) => text == whole,
            Self::Start(start) => text.starts_with(start.as_str()),
            Self::End(end) => text.ends_with(end.as_str()),
            Self::Inside(part) => text.contains(part.as_str()),
            Self::Steps(steps) => steps_match(steps, text),
        }
    }
}

fn steps_match(mut steps: &[Step], text: &str) -> bool {
    let mut rest = text.chars();
    // After the last %: the steps behind it, and where the text may go on.
    let mut retry: Option<(&[Step], std::str::Chars<'_>)> = None;
    loop {
        let stuck = match steps.split_first() {
            Some((Step::Run, after)) => {
                steps = after;
                retry = Some((after, rest.clone()));
                continue;
            }
            Some((step, after)) => match rest.next() {
                None => return false,
                Some(next) if *step == Step::Any || *step == Step::One(next) => {
                    steps = after;
                    false
                }
                Some(_) => true,
            },
            None if rest.as_str().is_empty() => return true,
            None => true,
        };
        if stuck {
            let Some((after, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            steps = after;
            rest = from.clone();
        }
    }
}

fn unfinished() -> Error {
    Error::data("22025", "LIKE pattern must not end with escape character")
}
