//! How a regular expression is read: the letters of a flags argument or of `(?…)`.
use engine::{Error, Result};

/// The options, all off at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Options {
    /// `i`: letters match in both cases.
    pub(super) insensitive: bool,
    /// `x`: white space and comments mean nothing.
    pub(super) expanded: bool,
    /// `n`, `p`: `.` and negated brackets match no newline.
    pub(super) newline_stops: bool,
    /// `n`, `w`: `^` and `$` match at newlines.
    pub(super) line_anchors: bool,
    /// `q`: all characters are ordinary.
    pub(super) literal: bool,
    /// `g`: all matches, where a function can have them.
    pub(super) global: bool,
}

impl Options {
    /// Reads the letters of a flags argument.
    pub(super) fn parse(letters: &str) -> Result<Self> {
        letters.chars().try_fold(Self::default(), |options, letter| {
            if letter == 'g' {
                return Ok(Self { global: true, ..options });
            }
            options.with(letter).ok_or_else(|| {
                let message = format!("invalid regular expression option: \"{letter}\"");
                Error::data("22023", message)
            })
        })
    }

    /// With another letter, if there is such an option.
    pub(super) fn with(self, letter: char) -> Option<Self> {
        Some(match letter {
            'i' => Self { insensitive: true, ..self },
            'c' => Self { insensitive: false, ..self },
            'x' => Self { expanded: true, ..self },
            't' => Self { expanded: false, ..self },
            'n' | 'm' => Self { newline_stops: true, line_anchors: true, ..self },
            'p' => Self { newline_stops: true, line_anchors: false, ..self },
            'w' => Self { newline_stops: false, line_anchors: true, ..self },
            's' => Self { newline_stops: false, line_anchors: false, ..self },
            'q' => Self { literal: true, ..self },
            'e' => self,
            _ => return None,
        })
    }
}
