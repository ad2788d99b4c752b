//! The digits of a number laid out as a template says.
use super::pattern::{Anchor, Pattern, Piece};
use crate::functions::time::ordinal_suffix;

/// A number that was rounded to the template's digits.
pub(super) struct Digits {
    pub(super) is_negative: bool,
    /// Without a sign, with a point where the template has digits behind it.
    pub(super) text: String,
}

/// What was written so far.
struct Layout<'p> {
    pattern: &'p Pattern,
    digits: Vec<char>,
    is_negative: bool,
    /// Places before the first digit.
    spaces: usize,
    /// Whether the sign stands already, or will not.
    signed: bool,
    in_brackets: bool,
    /// The last digit that is written of those behind the point; the point itself if none is.
    last: Option<usize>,
    /// Places over all, by which the end is known.
    places: usize,
    /// The place that is next, and the digit.
    place: usize,
    next: usize,
    /// Whether digits were written, so that groups are separated.
    begun: bool,
    out: String,
}

/// The number as the template says; `#`s where it has too many digits.
pub(super) fn laid_out(pattern: &Pattern, number: &Digits) -> String {
    let whole = pattern.whole + pattern.shift.unwrap_or_default();
    let length = number.text.find('.').unwrap_or(number.text.len());
    let text = match length > whole {
        true => {
            let rest = number.text.len().saturating_sub(length + 1);
            let mut filled = "#".repeat(whole);
            filled.push('.');
            filled + &"#".repeat(rest)
        }
        false => number.text.clone(),
    };
    let spaces = whole.saturating_sub(length);
    let digits: Vec<char> = text.chars().collect();
    let last = last_digit(pattern, &digits, spaces);
    let apart = pattern.has_plus || pattern.has_minus;
    let in_brackets = pattern.in_brackets && (number.is_negative || !pattern.bare);
    let signed = match apart {
        true => pattern.has_minus,
        false => !number.is_negative && pattern.bare && pattern.anchor.is_none(),
    };
    let mut layout = Layout {
        pattern,
        digits,
        is_negative: number.is_negative,
        spaces,
        signed,
        in_brackets,
        last,
        places: (whole + pattern.fraction + usize::from(!signed && spaces == 0)).saturating_sub(1),
        place: 0,
        next: 0,
        begun: false,
        out: String::new(),
    };
    for piece in &pattern.pieces {
        layout.put(*piece);
    }
    layout.out
}

/// With `FM`, the last digit behind the point that is no zero, or that a `0` asks for.
fn last_digit(pattern: &Pattern, digits: &[char], spaces: usize) -> Option<usize> {
    if !pattern.bare || !pattern.has_point {
        return None;
    }
    let point = digits.iter().position(|digit| *digit == '.')?;
    let last = digits.iter().rposition(|digit| *digit != '0').filter(|last| *last > point);
    let last = last.unwrap_or(point);
    Some(match pattern.zeros_end > spaces {
        true => last.max((digits.len() - 1).min(pattern.zeros_end - spaces)),
        false => last,
    })
}

impl Layout<'_> {
    fn put(&mut self, piece: Piece) {
        match piece {
            Piece::Nine | Piece::Zero | Piece::Point => self.digit(piece == Piece::Zero),
            Piece::Group if self.begun => self.out.push(','),
            Piece::Group => self.blank(),
            Piece::Currency => self.out.push(' '),
            Piece::Minus if self.is_negative => self.out.push('-'),
            Piece::Plus if !self.is_negative => self.out.push('+'),
            Piece::Minus | Piece::Plus => self.blank(),
            Piece::Sign => self.out.push(if self.is_negative { '-' } else { '+' }),
            Piece::Ordinal(is_upper) => self.ordinal(is_upper),
            Piece::Anchored | Piece::Nothing => {}
            Piece::Text(one) => self.out.push(one),
        }
    }

    fn blank(&mut self) {
        if !self.pattern.bare {
            self.out.push(' ');
        }
    }

    fn ordinal(&mut self, is_upper: bool) {
        if self.digits.first() == Some(&'#') || self.is_negative || self.pattern.has_point {
            return;
        }
        let number: String = self.digits.iter().collect();
        let suffix = ordinal_suffix(&number);
        match is_upper {
            true => self.out.push_str(&suffix.to_ascii_uppercase()),
            false => self.out.push_str(suffix),
        }
    }

    /// Whether the digit that is next is the zero of a number below one, for which nothing stands.
    fn is_hidden(&self) -> bool {
        self.pattern.zeros_from.is_none()
            && self.next == 0
            && self.digits.first() == Some(&'0')
            && self.pattern.fraction != 0
    }

    /// Whether no digit behind the point is written.
    fn ends_at_point(&self) -> bool {
        self.last.is_some_and(|last| self.digits.get(last) == Some(&'.'))
    }

    fn digit(&mut self, is_zero: bool) {
        self.begun = false;
        let zeros = self.pattern.zeros_from;
        let is_number = self.place >= self.spaces || zeros == Some(self.place);
        if !self.signed && is_number && (!self.is_hidden() || self.ends_at_point()) {
            self.sign();
        }
        if self.place >= self.spaces {
            self.number(is_zero);
        } else if zeros.is_some_and(|from| from <= self.place) {
            self.out.push('0');
            self.begun = true;
        } else {
            self.blank();
        }
        let point = usize::from(self.pattern.has_point);
        let end = match self.last {
            Some(last) if last == self.next => self.place,
            _ => self.places + usize::from(self.spaces > 0) + point,
        };
        if self.place + 1 == end {
            self.close();
        }
        self.place += 1;
    }

    /// The sign before the number.
    fn sign(&mut self) {
        match self.pattern.anchor {
            Some(Anchor::Behind) => return,
            Some(Anchor::Before) => self.out.push(if self.is_negative { '-' } else { '+' }),
            None if self.in_brackets => self.out.push(if self.is_negative { '<' } else { ' ' }),
            None if self.is_negative => self.out.push('-'),
            None => self.blank(),
        }
        self.signed = true;
    }

    /// The sign behind it.
    fn close(&mut self) {
        if self.signed && self.in_brackets {
            self.out.push(if self.is_negative { '>' } else { ' ' });
        } else if self.pattern.anchor == Some(Anchor::Behind) {
            self.out.push(if self.is_negative { '-' } else { '+' });
        }
    }

    fn number(&mut self, is_zero: bool) {
        let Some(digit) = self.digits.get(self.next).copied() else { return };
        if digit == '.' {
            self.out.push('.');
        } else if self.last.is_some_and(|last| self.next > last) && !is_zero {
            // A zero at the end, which FM leaves out.
        } else if self.is_hidden() {
            match self.ends_at_point() && self.pattern.bare {
                true => self.out.push('0'),
                false => self.blank(),
            }
        } else {
            self.out.push(digit);
            self.begun = true;
        }
        self.next += 1;
    }
}
