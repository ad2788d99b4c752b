//! `to_char` of numbers.
use arrow::array::ArrayRef;
use engine::{Error, Result};

use super::layout::{Digits, laid_out};
use super::pattern::{LastPattern, Pattern};
use super::roman::{placed, roman};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, map2, overload};
use crate::functions::operator::numeric_value::{Rounding, power_of_ten, shortened};

/// Digits of a double that mean something.
const DOUBLE_DIGITS: usize = 15;

/// Digits of a real that mean something.
const REAL_DIGITS: usize = 6;

/// `value`, of `scale` digits behind the point, with `places` of them.
fn rounded(value: i128, scale: usize, places: usize) -> Digits {
    let drop = i32::try_from(scale.saturating_sub(places)).unwrap_or(i32::MAX);
    let value = if drop > 0 { shortened(value, drop, Rounding::Nearest) } else { value };
    let kept = scale.min(places);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = kept + 1);
    let (whole, fraction) = digits.split_at(digits.len() - kept);
    let text = match places {
        0 => whole.to_owned(),
        _ => format!("{whole}.{fraction:0<places$}"),
    };
    Digits { is_negative: value < 0, text }
}

fn decimal(pattern: &Pattern, value: i128, scale: usize) -> Result<String> {
    if let Some(is_upper) = pattern.roman {
        let whole = rounded(value, scale, 0);
        let number = whole.text.parse().ok().filter(|_| !whole.is_negative);
        return Ok(numeral(number, is_upper, pattern.bare));
    }
    if pattern.scientific {
        return Ok(scientific(value, scale, pattern.fraction));
    }
    let shifted = match pattern.shift {
        Some(places) => {
            let factor = i32::try_from(places).ok().and_then(power_of_ten);
            let product = factor.and_then(|factor| value.checked_mul(factor));
            product.ok_or_else(|| Error::data("22003", "value overflows numeric format"))?
        }
        None => value,
    };
    Ok(laid_out(pattern, &rounded(shifted, scale, pattern.fraction)))
}

/// `d.ddde+dd` with a blank or a minus before it.
fn scientific(value: i128, scale: usize, places: usize) -> String {
    let sign = if value < 0 { '-' } else { ' ' };
    let digits = value.unsigned_abs().to_string();
    let beyond = digits.len() - 1;
    let kept = match beyond > places {
        true => {
            let drop = i32::try_from(beyond - places).unwrap_or(i32::MAX);
            shortened(value.abs(), drop, Rounding::Nearest).to_string()
        }
        false => digits,
    };
    // Rounding may carry into one digit more.
    let carried = usize::from(beyond > places && kept.len() > places + 1);
    let exponent = match value {
        0 => 0,
        _ => (beyond + carried) as i64 - scale as i64,
    };
    let mantissa: String = kept.chars().take(places + 1).collect();
    let (first, rest) = mantissa.split_at(1);
    let rest = format!("{rest:0<places$}");
    let point = if places > 0 { "." } else { "" };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs())
}

fn numeral(number: Option<i64>, is_upper: bool, bare: bool) -> String {
    let numeral = roman(number);
    placed(if is_upper { numeral } else { numeral.to_ascii_lowercase() }, bare)
}

/// A float of `most` digits that mean something; those behind them are not written.
fn float(pattern: &Pattern, value: f64, most: usize) -> String {
    if let Some(is_upper) = pattern.roman {
        let whole = value.round_ties_even();
        let number = (whole.abs() < 1e9).then_some(whole as i64);
        return numeral(number, is_upper, pattern.bare);
    }
    if pattern.scientific {
        return scientific_float(pattern, value);
    }
    let factor = pattern.shift.map_or(1.0, |places| 10_f64.powi(places as i32));
    let shifted = value * factor;
    if !shifted.is_finite() {
        let text = if shifted.is_nan() { "NaN" } else { "Infinity" };
        return laid_out(pattern, &Digits { is_negative: shifted < 0.0, text: text.to_owned() });
    }
    let whole = format!("{:.0}", shifted.abs()).len();
    let places = match whole >= most {
        true => 0,
        false => pattern.fraction.min(most - whole),
    };
    let text = format!("{:.places$}", shifted.abs());
    laid_out(pattern, &Digits { is_negative: shifted.is_sign_negative(), text })
}

fn scientific_float(pattern: &Pattern, value: f64) -> String {
    let places = pattern.fraction;
    if !value.is_finite() {
        let filled = |count: usize| "#".repeat(count);
        return format!(" {}.{}", filled(pattern.whole), filled(places + 4));
    }
    let sign = if value.is_sign_negative() { '-' } else { ' ' };
    let text = format!("{:.places$e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{mantissa}e{exponent_sign}{:02}", exponent.abs())
}

fn integers<T>(arguments: &Arguments<'_>) -> Result<ArrayRef>
where
    T: for<'a> crate::functions::kernel::Read<'a> + Into<i128>,
{
    let mut last = LastPattern::default();
    map2(arguments, |value: T, template: &str| decimal(last.of(template)?, value.into(), 0))
}

/// The overloads of `to_char` of numbers.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("to_char", [Int4, Text] -> Text, integers::<i32>),
        overload!("to_char", [Int8, Text] -> Text, integers::<i64>),
        overload!("to_char", [BareNumeric, Text] -> Text, |arguments| {
            let scale = usize::try_from(arguments.scale(0)).unwrap_or_default();
            let mut last = LastPattern::default();
            map2(arguments, |value: i128, template: &str| {
                decimal(last.of(template)?, value, scale)
            })
        }),
        overload!("to_char", [Float8, Text] -> Text, |arguments| {
            let mut last = LastPattern::default();
            map2(arguments, |value: f64, template: &str| {
                Ok(float(last.of(template)?, value, DOUBLE_DIGITS))
            })
        }),
        overload!("to_char", [Float4, Text] -> Text, |arguments| {
            let mut last = LastPattern::default();
            map2(arguments, |value: f32, template: &str| {
                Ok(float(last.of(template)?, value.into(), REAL_DIGITS))
            })
        }),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("to_char(1234.5, '9999.99')", " 1234.50"),
            ("to_char(1234.5, 'FM9,999.00')", "1,234.50"),
            ("to_char(-12, 'S999')", " -12"),
            ("to_char(12, '000')", " 012"),
            ("to_char(12345678, '999')", " ###"),
            ("to_char(-1, '9PR')", "<1>"),
            ("to_char(1, '9th')", " 1st"),
            ("to_char(485, 'RN')", "        CDLXXXV"),
            ("to_char(485, 'FMrn')", "cdlxxxv"),
            ("to_char(0.1, '0.9')", " 0.1"),
            ("to_char(0.1, '9.9')", "  .1"),
            ("to_char(0, 'FM9.9')", "0."),
            ("to_char(12.34, 'L99.99')", "  12.34"),
            ("to_char(12, '99V999')", " 12000"),
            ("to_char(-485, '999MI')", "485-"),
            ("to_char(485, 'SG999')", "+485"),
            ("to_char(485, '\"Good number:\"999')", "Good number: 485"),
            ("to_char(125.8::float4, '999D9')", " 125.8"),
            ("to_char(100000::float8, '9.99EEEE')", " 1.00e+05"),
            ("to_char(0.00048590::numeric, '9.999EEEE')", " 4.859e-04"),
            ("to_char(9.996, '9.99EEEE')", " 1.00e+01"),
            ("to_char('NaN'::float8, '999')", " NaN"),
        ]);
        check_errors(&[
            ("to_char(1, '9.9.9')", "42601 multiple decimal points"),
            ("to_char(1, '9SS')", "42601 cannot use \"S\" twice"),
        ]);
    }
}
