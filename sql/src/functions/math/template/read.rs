//! `to_number`: text read by a template.
use std::iter::Peekable;
use std::str::Chars;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, Volatility};
use engine::{Error, Result};

use super::pattern::{Anchor, LastPattern, Pattern, Piece};
use crate::functions::Overload;
use crate::functions::kernel::{Definition, call, call_as, map2};
use crate::functions::operator::numeric_value::{checked, power_of_ten, rescaled};
use crate::types::{NUMERIC_PRECISION_MAX, Type};

/// What was read so far.
struct Reader<'t, 'p> {
    pattern: &'p Pattern,
    rest: Peekable<Chars<'t>>,
    is_negative: Option<bool>,
    digits: String,
    /// Digits behind the point, once it was read.
    fraction: Option<usize>,
    begun: bool,
}

/// The number's digits and how many of them stand behind the point.
fn read(pattern: &Pattern, text: &str) -> Result<(i128, i32)> {
    if pattern.scientific {
        return Err(Error::data("0A000", "\"EEEE\" not supported for input"));
    }
    if pattern.roman.is_some() {
        return Err(Error::data("0A000", "\"RN\" not supported for input"));
    }
    let mut reader = Reader {
        pattern,
        rest: text.chars().peekable(),
        is_negative: None,
        digits: String::new(),
        fraction: None,
        begun: false,
    };
    for piece in &pattern.pieces {
        if reader.rest.peek().is_none() {
            break;
        }
        reader.take(*piece);
    }
    if reader.digits.is_empty() {
        return Err(Error::data("22P02", "invalid input syntax for type numeric: \" \""));
    }
    let too_long = || Error::data("22003", "value overflows numeric format");
    let number: i128 = reader.digits.parse().map_err(|_| too_long())?;
    let scale = reader.fraction.unwrap_or_default() + pattern.shift.unwrap_or_default();
    let number = if reader.is_negative == Some(true) { -number } else { number };
    Ok((number, i32::try_from(scale).map_err(|_| too_long())?))
}

impl Reader<'_, '_> {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Nine | Piece::Zero | Piece::Point => self.digit(piece != Piece::Point),
            Piece::Group => {
                if self.rest.peek() == Some(&',') && (self.begun || !self.pattern.bare) {
                    self.rest.next();
                }
            }
            Piece::Minus if self.rest.peek() == Some(&'-') => self.sign(),
            Piece::Plus if self.rest.peek() == Some(&'+') => self.sign(),
            Piece::Sign if matches!(self.rest.peek(), Some('-' | '+')) => self.sign(),
            Piece::Ordinal(_) => {
                self.skip();
                self.skip();
            }
            Piece::Minus | Piece::Plus | Piece::Sign | Piece::Currency | Piece::Text(_) => {
                self.skip();
            }
            Piece::Anchored | Piece::Nothing => {}
        }
    }

    /// One character that is no part of a number.
    fn skip(&mut self) {
        self.rest.next_if(|one| !one.is_ascii_digit() && !".,+-".contains(*one));
    }

    fn sign(&mut self) {
        self.is_negative = self.rest.next().map(|sign| sign == '-' || sign == '<');
    }

    fn digit(&mut self, may_be_signed: bool) {
        self.rest.next_if_eq(&' ');
        let apart = self.pattern.has_minus || self.pattern.has_plus;
        if self.is_negative.is_none() && may_be_signed && self.digits.is_empty() && !apart {
            let starts = match self.rest.peek() {
                Some('<') => self.pattern.in_brackets,
                Some('-' | '+') => self.pattern.anchor != Some(Anchor::Behind),
                _ => false,
            };
            if starts {
                self.sign();
            }
        }
        match self.rest.peek().copied() {
            Some(digit) if digit.is_ascii_digit() => {
                if self.fraction.is_some_and(|read| read >= self.pattern.fraction) {
                    return;
                }
                self.digits.push(digit);
                self.begun = true;
                if let Some(read) = &mut self.fraction {
                    *read += 1;
                }
                self.rest.next();
            }
            Some('.') if self.pattern.has_point && self.fraction.is_none() => {
                self.fraction = Some(0);
                self.rest.next();
            }
            _ => {}
        }
        let is_behind = self.is_negative.is_none() && self.pattern.anchor.is_some();
        if is_behind && matches!(self.rest.peek(), Some('-' | '+')) && !self.digits.is_empty() {
            self.sign();
        }
    }
}

fn result(_: &[Type]) -> crate::Result<Type> {
    Ok(Type::BareNumeric)
}

static TO_NUMBER: Definition = Definition::new("to_number", result, |arguments| {
    let scale = arguments.result_scale();
    let mut last = LastPattern::default();
    map2(arguments, |text: &str, template: &str| {
        let (number, from) = read(last.of(template)?, text)?;
        match from <= scale {
            true => rescaled(number, from, scale),
            false => {
                let unit = power_of_ten(from - scale).filter(|unit| number % unit == 0);
                let unit = unit.ok_or_else(crate::functions::operator::numeric_value::inexact)?;
                checked(number / unit)
            }
        }
    })
});

/// A literal template decides how many digits the result has behind the point.
fn build(arguments: Vec<Expr>, types: &[Type]) -> crate::Result<Expr> {
    let Some(Expr::Literal(ScalarValue::Utf8(Some(template)), _)) = arguments.get(1) else {
        return call(&TO_NUMBER, arguments, types);
    };
    let pattern = Pattern::new(template).ok();
    let scale = pattern.map(|pattern| pattern.fraction + pattern.shift.unwrap_or_default());
    match scale.and_then(|scale| i8::try_from(scale).ok()) {
        Some(scale) if scale <= NUMERIC_PRECISION_MAX.cast_signed() => {
            let result = Type::Numeric(NUMERIC_PRECISION_MAX, scale);
            Ok(call_as(&TO_NUMBER, arguments, types, result))
        }
        _ => call(&TO_NUMBER, arguments, types),
    }
}

/// The overloads of `to_number`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![Overload {
        name: TO_NUMBER.name,
        arguments: vec![Type::Text, Type::Text],
        variadic: false,
        result: TO_NUMBER.result,
        fallible: true,
        volatility: Volatility::Immutable,
        build,
    }]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("to_number('12,454.8-', '99G999D9S')", "-12454.8"),
            ("to_number('123', '999')", "123"),
            ("to_number('$1,234.50', 'L9,999.99')", "1234.50"),
            ("to_number('-34,338,492', '99G999G999')", "-34338492"),
            ("to_number('<564646.65>', '999999.99PR')", "-564646.65"),
            ("to_number('0.01', '9.99')", "0.01"),
            ("to_number(' 7', '99')", "7"),
            ("to_number('5 4 4 4', '9 9 9 9')", "5444"),
            ("to_number('1.5', '9.999')", "1.500"),
            ("to_number('12345', '999')", "123"),
        ]);
        check_errors(&[(
            "to_number('', '999')",
            "22P02 invalid input syntax for type numeric: \" \"",
        )]);
    }
}
