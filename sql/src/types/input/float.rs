//! Floats from text.
use super::fault::{invalid, trimmed};
use crate::{Error, Result};

/// Reads a real.
pub(crate) fn float4(text: &str) -> Result<f32> {
    if let Some(special) = special(text) {
        return Ok(special as f32);
    }
    let number = number(text, "real")?;
    let value: f32 = number.parse().map_err(|_| invalid("real", text))?;
    let lost = value == 0.0 && has_digits(number);
    if value.is_infinite() || lost { Err(out_of_range("real", number)) } else { Ok(value) }
}

/// Reads a double precision.
pub(crate) fn float8(text: &str) -> Result<f64> {
    if let Some(special) = special(text) {
        return Ok(special);
    }
    let number = number(text, "double precision")?;
    let value: f64 = number.parse().map_err(|_| invalid("double precision", text))?;
    let lost = value == 0.0 && has_digits(number);
    if value.is_infinite() || lost {
        Err(out_of_range("double precision", number))
    } else {
        Ok(value)
    }
}

/// The characters of a number: what the standard library reads beyond them is refused.
fn number<'a>(text: &'a str, type_name: &str) -> Result<&'a str> {
    let number = trimmed(text);
    let plain = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if plain { Ok(number) } else { Err(invalid(type_name, text)) }
}

fn special(text: &str) -> Option<f64> {
    let number = trimmed(text);
    let last = number.bytes().last()?;
    if !last.is_ascii_alphabetic() {
        return None;
    }
    let (sign, word) = match number.strip_prefix('-') {
        Some(word) => (-1.0, word),
        None => (1.0, number.strip_prefix('+').unwrap_or(number)),
    };
    if number.eq_ignore_ascii_case("nan") {
        Some(f64::NAN)
    } else if word.eq_ignore_ascii_case("infinity") || word.eq_ignore_ascii_case("inf") {
        Some(sign * f64::INFINITY)
    } else {
        None
    }
}

fn has_digits(number: &str) -> bool {
    number
        .bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
        .any(|byte| matches!(byte, b'1'..=b'9'))
}

fn out_of_range(type_name: &str, number: &str) -> Error {
    Error::new("22003", format!("\"{number}\" is out of range for type {type_name}"))
}
