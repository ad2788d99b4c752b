//! A template that was read: fields, and what stands between them.
use super::field::{Case, Field};

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A field.
    Field(Named),
    /// White space.
    Blank(char),
    /// Punctuation outside of quotes.
    Separator(char),
    /// Any other character, or one in quotes.
    Text(char),
}

/// A field as a template names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) field: Field,
    pub(super) case: Case,
    /// `FM` or `TM`: no zeros and blanks that only fill.
    pub(super) bare: bool,
    /// `TH` or `th` behind it.
    pub(super) ordinal: Option<Case>,
    /// Its name as written, for errors.
    pub(super) name: String,
}

/// A template.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) pieces: Vec<Piece>,
    /// `FX`: blanks and separators must be there as written.
    pub(super) exact: bool,
}

impl Pattern {
    /// Reads a template; there are no wrong ones.
    pub(super) fn new(template: &str) -> Self {
        let mut pattern = Self { pieces: vec![], exact: false };
        let mut rest = template;
        while !rest.is_empty() {
            rest = pattern.piece(rest);
        }
        pattern
    }

    /// Takes a piece off `text`.
    fn piece<'t>(&mut self, text: &'t str) -> &'t str {
        let mut rest = text;
        let mut bare = false;
        for (upper, lower) in [("FM", "fm"), ("TM", "tm"), ("FX", "fx")] {
            let Some(after) = rest.strip_prefix(upper).or_else(|| rest.strip_prefix(lower)) else {
                continue;
            };
            match upper {
                "FX" => self.exact = true,
                _ => bare = true,
            }
            rest = after;
            break;
        }
        if let Some((field, case, after)) = Field::take(rest) {
            let name = rest.strip_suffix(after).unwrap_or(rest).to_owned();
            let (ordinal, after) = match after {
                _ if after.starts_with("TH") => (Some(Case::Upper), after.get(2..)),
                _ if after.starts_with("th") => (Some(Case::Lower), after.get(2..)),
                _ if after.starts_with("SP") => (None, after.get(2..)),
                _ => (None, Some(after)),
            };
            self.pieces.push(Piece::Field(Named { field, case, bare, ordinal, name }));
            return after.unwrap_or("");
        }
        let mut characters = rest.chars();
        match characters.next() {
            Some('"') => quoted(characters.as_str(), |one| self.pieces.push(Piece::Text(one))),
            Some('\\') if characters.as_str().starts_with('"') => {
                self.pieces.push(Piece::Separator('"'));
                characters.next();
                characters.as_str()
            }
            Some(one) => {
                self.pieces.push(match one {
                    _ if is_separator(one) => Piece::Separator(one),
                    _ if one.is_whitespace() => Piece::Blank(one),
                    _ => Piece::Text(one),
                });
                characters.as_str()
            }
            None => "",
        }
    }
}

/// Takes quoted text and its closing quote, in which a backslash quotes the next character:
/// hands on each character, and gives what follows.
pub(in crate::functions) fn quoted(text: &str, each: impl FnMut(char)) -> &str {
    let mut characters = text.chars();
    let inside = std::iter::from_fn(|| match characters.next()? {
        '"' => None,
        '\\' => characters.next(),
        one => Some(one),
    });
    inside.for_each(each);
    characters.as_str()
}

/// Whether a character separates fields.
pub(super) fn is_separator(one: char) -> bool {
    one.is_ascii_punctuation()
}

/// The pattern last read, for most calls have one for all rows.
#[derive(Default)]
pub(super) struct LastPattern(Option<(String, Pattern)>);

impl LastPattern {
    /// The pattern of a template.
    pub(super) fn of(&mut self, template: &str) -> &Pattern {
        let known = self.0.take().filter(|(known, _)| known == template);
        let read = || (template.to_owned(), Pattern::new(template));
        &self.0.insert(known.unwrap_or_else(read)).1
    }
}
