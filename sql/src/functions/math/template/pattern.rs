//! A template of a number that was read: its pieces, and what they come to as a whole.
use engine::{Error, Result};

use crate::functions::time::quoted;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// `9`: a digit, blank before the first.
    Nine,
    /// `0`: a digit, zero before the first.
    Zero,
    /// `.` or `D`.
    Point,
    /// `,` or `G`.
    Group,
    /// `L`: the symbol of the currency, which in the C locale is a blank.
    Currency,
    /// `MI`: a minus if negative.
    Minus,
    /// `PL`: a plus if positive.
    Plus,
    /// `SG`: the sign.
    Sign,
    /// `S`: the sign at the number, whose place [`Pattern::anchor`] says.
    Anchored,
    /// `TH` (true) or `th`.
    Ordinal(bool),
    /// What means nothing by itself: `FM`, `PR`, `V`, `B`, `C`, `SP`, `RN`, `EEEE`.
    Nothing,
    /// Any other character.
    Text(char),
}

/// Where the sign of `S` stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Before the first digit.
    Before,
    /// Behind the last.
    Behind,
}

/// A template.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    pub(super) pieces: Vec<Piece>,
    /// Digits before the point.
    pub(super) whole: usize,
    /// Digits behind it.
    pub(super) fraction: usize,
    /// Digits behind `V`, by whose power of ten the number is multiplied.
    pub(super) shift: Option<usize>,
    pub(super) has_point: bool,
    /// The first place, from 0, from which zeros stand for blanks.
    pub(super) zeros_from: Option<usize>,
    /// Behind the last `0`, counted over all digits.
    pub(super) zeros_end: usize,
    /// `FM`
    pub(super) bare: bool,
    pub(super) anchor: Option<Anchor>,
    /// Digits before the `S`.
    before_anchor: usize,
    pub(super) has_minus: bool,
    pub(super) has_plus: bool,
    /// `PR`
    pub(super) in_brackets: bool,
    /// `RN` (true) or `rn`.
    pub(super) roman: Option<bool>,
    /// `EEEE`
    pub(super) scientific: bool,
}

/// Words of templates; each may be in upper or lower case, but not mixed.
const WORDS: [&str; 19] = [
    "EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", "B", "C", "D", "G", "L", "S", "V", "9",
    "0", ".",
];

impl Pattern {
    /// Reads a template. Fails with 42601 where its parts do not go together.
    pub(super) fn new(template: &str) -> Result<Self> {
        let mut pattern = Self::default();
        let mut rest = template;
        while let Some(first) = rest.chars().next() {
            rest = match first {
                '"' => quoted(rest.get(1..).unwrap_or_default(), |one| {
                    pattern.pieces.push(Piece::Text(one));
                }),
                '\\' if rest.starts_with("\\\"") => {
                    pattern.pieces.push(Piece::Text('"'));
                    rest.get(2..).unwrap_or_default()
                }
                _ => pattern.piece(rest, first)?,
            };
        }
        if pattern.anchor == Some(Anchor::Before) && pattern.whole == pattern.before_anchor {
            pattern.anchor = Some(Anchor::Behind);
        }
        Ok(pattern)
    }

    fn piece<'t>(&mut self, text: &'t str, first: char) -> Result<&'t str> {
        if first == ',' {
            self.refuse_scientific()?;
            self.pieces.push(Piece::Group);
            return Ok(text.get(1..).unwrap_or_default());
        }
        let starts = |word: &&&str| {
            text.starts_with(**word) || text.starts_with(word.to_ascii_lowercase().as_str())
        };
        let Some(word) = WORDS.iter().find(starts) else {
            self.pieces.push(Piece::Text(first));
            return Ok(text.get(first.len_utf8()..).unwrap_or_default());
        };
        let is_upper = text.starts_with(word);
        let piece = self.word(word, is_upper)?;
        self.pieces.push(piece);
        Ok(text.get(word.len()..).unwrap_or_default())
    }

    fn word(&mut self, word: &str, is_upper: bool) -> Result<Piece> {
        if word != "FM" {
            self.refuse_scientific()?;
        }
        Ok(match word {
            "9" | "0" => return self.digit(word == "0"),
            "." | "D" => {
                if self.has_point {
                    return Err(wrong("multiple decimal points"));
                }
                if self.shift.is_some() {
                    return Err(wrong("cannot use \"V\" and decimal point together"));
                }
                self.has_point = true;
                Piece::Point
            }
            "G" => Piece::Group,
            "L" => Piece::Currency,
            "TH" => Piece::Ordinal(is_upper),
            "S" | "MI" | "PL" | "SG" | "PR" => return self.sign(word),
            "V" => {
                if self.has_point {
                    return Err(wrong("cannot use \"V\" and decimal point together"));
                }
                self.shift.get_or_insert_default();
                Piece::Nothing
            }
            "FM" => {
                self.bare = true;
                Piece::Nothing
            }
            "RN" => {
                self.roman = Some(is_upper);
                Piece::Nothing
            }
            "EEEE" => {
                let has_sign = self.anchor.is_some() || self.has_minus || self.has_plus;
                let other = has_sign || self.in_brackets || self.bare || self.roman.is_some();
                if other || self.shift.is_some() {
                    return Err(wrong("\"EEEE\" is incompatible with other formats").with_detail(
                        "\"EEEE\" may only be used together with digit and decimal point \
                             patterns.",
                    ));
                }
                self.scientific = true;
                Piece::Nothing
            }
            _ => Piece::Nothing,
        })
    }

    fn digit(&mut self, is_zero: bool) -> Result<Piece> {
        if self.in_brackets {
            let digit = if is_zero { 0 } else { 9 };
            return Err(wrong(&format!("\"{digit}\" must be ahead of \"PR\"")));
        }
        if is_zero {
            if !self.has_point && self.zeros_from.is_none() {
                self.zeros_from = Some(self.whole);
            }
            match self.has_point {
                true => self.fraction += 1,
                false => self.whole += 1,
            }
            self.zeros_end = self.whole + self.fraction;
            return Ok(Piece::Zero);
        }
        match (&mut self.shift, self.has_point) {
            (Some(shift), _) => *shift += 1,
            (None, true) => self.fraction += 1,
            (None, false) => self.whole += 1,
        }
        Ok(Piece::Nine)
    }

    fn sign(&mut self, word: &str) -> Result<Piece> {
        let has_other = self.has_minus || self.has_plus;
        if word == "S" {
            if self.anchor.is_some() {
                return Err(wrong("cannot use \"S\" twice"));
            }
            if has_other || self.in_brackets {
                return Err(wrong("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together"));
            }
            self.before_anchor = self.whole;
            self.anchor = Some(if self.has_point { Anchor::Behind } else { Anchor::Before });
            return Ok(Piece::Anchored);
        }
        if word == "PR" {
            if self.anchor.is_some() || has_other {
                return Err(wrong("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together"));
            }
            self.in_brackets = true;
            return Ok(Piece::Nothing);
        }
        if self.anchor.is_some() {
            return Err(wrong(&format!("cannot use \"S\" and \"{word}\" together")));
        }
        self.has_minus |= word != "PL";
        self.has_plus |= word != "MI";
        Ok(match word {
            "MI" => Piece::Minus,
            "PL" => Piece::Plus,
            _ => Piece::Sign,
        })
    }

    fn refuse_scientific(&self) -> Result<()> {
        match self.scientific {
            true => Err(wrong("\"EEEE\" must be the last pattern used")),
            false => Ok(()),
        }
    }
}

fn wrong(message: &str) -> Error {
    Error::data("42601", message)
}

/// The pattern last read, for most calls have one for all rows.
#[derive(Default)]
pub(super) struct LastPattern(Option<(String, Pattern)>);

impl LastPattern {
    /// The pattern of a template.
    pub(super) fn of(&mut self, template: &str) -> Result<&Pattern> {
        let known = self.0.take().filter(|(known, _)| known == template);
        let read = match known {
            Some(known) => known,
            None => (template.to_owned(), Pattern::new(template)?),
        };
        Ok(&self.0.insert(read).1)
    }
}
