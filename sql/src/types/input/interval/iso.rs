//! Intervals of ISO 8601: `P1Y2M3DT4H5M6.7S`, `P0001-02-03T04:05:06`.
use super::Unit;
use super::amount::Amount;
use crate::types::input::date_time::Fault;

/// Reads one; `text` begins with P.
pub(super) fn read(text: &str) -> Result<Amount, Fault> {
    let mut rest = text.strip_prefix('P').ok_or(Fault::Format)?;
    if rest.is_empty() {
        return Err(Fault::Format);
    }
    let mut amount = Amount::default();
    let mut in_time = false;
    let mut given = false;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('T') {
            if in_time {
                return Err(Fault::Format);
            }
            in_time = true;
            rest = after;
            continue;
        }
        let (value, fraction, after) = number(rest)?;
        let Some(letter) = after.chars().next().filter(char::is_ascii_uppercase) else {
            if given {
                return Err(Fault::Format);
            }
            return read_alternative(rest, in_time);
        };
        let unit = match (letter, in_time) {
            ('Y', false) => Unit::Year,
            ('M', false) => Unit::Month,
            ('W', false) => Unit::Week,
            ('D', false) => Unit::Day,
            ('H', true) => Unit::Hour,
            ('M', true) => Unit::Minute,
            ('S', true) => Unit::Second,
            ('T', false) => {
                // A date in the alternative form, such as 0001-02-03T….
                return read_alternative(rest, in_time);
            }
            _ => return Err(Fault::Format),
        };
        amount.add(value, fraction, unit)?;
        given = true;
        rest = after.get(1..).unwrap_or("");
    }
    Ok(amount)
}

/// `yyyy-mm-ddThh:mm:ss`, or either half.
fn read_alternative(text: &str, in_time: bool) -> Result<Amount, Fault> {
    let (date, time) = match text.split_once('T') {
        _ if in_time => ("", text),
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    let mut amount = Amount::default();
    add_parts(&mut amount, date, '-', [Unit::Year, Unit::Month, Unit::Day])?;
    add_parts(&mut amount, time, ':', [Unit::Hour, Unit::Minute, Unit::Second])?;
    Ok(amount)
}

fn add_parts(amount: &mut Amount, text: &str, mark: char, units: [Unit; 3]) -> Result<(), Fault> {
    if text.is_empty() {
        return Ok(());
    }
    let mut rest = text;
    for unit in units {
        let (value, fraction, after) = number(rest)?;
        amount.add(value, fraction, unit)?;
        match after.strip_prefix(mark) {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(()),
            None => return Err(Fault::Format),
        }
    }
    Err(Fault::Format)
}

/// A number with sign and fraction, and what follows it.
fn number(text: &str) -> Result<(i64, f64, &str), Fault> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .unwrap_or(digits.len());
    let (written, after) = digits.split_at_checked(end).ok_or(Fault::Format)?;
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return Err(Fault::Format);
    }
    let value: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Fault::Range)? };
    let part: f64 = format!("0.{fraction}").parse().map_err(|_| Fault::Format)?;
    Ok(if negative { (-value, -part, after) } else { (value, part, after) })
}
