//! An interval's text, read from its end, so that a unit is known before its number.
use arrow::datatypes::IntervalMonthDayNano;

use super::amount::Amount;
use super::{Unit, iso};
use crate::types::input::date_time::{Clock, Fault, Shape, Token, read_clock, tokens};

/// Characters of the longest text that is looked at.
const LETTERS_MAX: usize = 128;

/// What a text means where it names no unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain {
    /// What a number at the end counts.
    pub(crate) unit: Unit,
    /// Whether `2:03` are minutes with seconds.
    pub(crate) clock_of_minutes: bool,
}

impl Default for Plain {
    fn default() -> Self {
        Self { unit: Unit::Second, clock_of_minutes: false }
    }
}

/// Reads an interval in any of PostgreSQL's forms.
///
/// # Errors
/// 22007 if it is not written as one, 22008 or 22015 if a part is out of range.
pub(crate) fn interval(text: &str, plain: Plain) -> crate::Result<IntervalMonthDayNano> {
    read(text, plain).and_then(Amount::finish).map_err(|fault| match fault {
        Fault::Range | Fault::Interval => Fault::Interval.error("interval", text),
        fault => fault.error("interval", text),
    })
}

fn read(text: &str, plain: Plain) -> Result<Amount, Fault> {
    if text.len() > LETTERS_MAX {
        return Err(Fault::Format);
    }
    let lower = text.to_ascii_lowercase();
    let read = tokens(&lower).ok_or(Fault::Format).and_then(|tokens| read_plain(&tokens, plain));
    match read {
        Err(Fault::Format) if text.starts_with('P') => iso::read(text),
        read => read,
    }
}

/// The time that a clock's text means.
fn time(text: &str, plain: Plain) -> Result<i64, Fault> {
    let clock = read_clock(text)?;
    if plain.clock_of_minutes && text.matches(':').count() == 1 && !text.contains('.') {
        let clock =
            Clock { hour: 0, minute: clock.hour, second: clock.minute, micros: clock.micros };
        let total = (clock.minute < 60).then(|| clock.total()).flatten();
        return total.ok_or(Fault::Range);
    }
    clock.total().ok_or(Fault::Range)
}

/// What has been read, from the end.
struct Reader {
    amount: Amount,
    /// The unit of the next number to the left.
    unit: Option<Unit>,
    /// Whether `ago` stands where that unit should.
    after_ago: bool,
    /// The parts that were given, one bit each: none may be given twice.
    given: u32,
    negate: bool,
}

const TIME_BITS: u32 = 0b1_1111;

fn read_plain(tokens: &[Token<'_>], plain: Plain) -> Result<Amount, Fault> {
    let mut reader =
        Reader { amount: Amount::default(), unit: None, after_ago: false, given: 0, negate: false };
    for token in tokens.iter().rev() {
        match token.shape {
            Shape::Time => {
                let micros = time(token.text, plain)?;
                reader.add_clock(micros)?;
            }
            Shape::Offset => reader.take_signed(token.text, plain)?,
            Shape::Date | Shape::Number => reader.take_number(token.text, plain.unit)?,
            Shape::Word => reader.take_word(token.text)?,
            Shape::SignedWord => return Err(Fault::Format),
        }
    }
    if reader.given == 0 {
        return Err(Fault::Format);
    }
    if reader.negate { reader.amount.negated() } else { Ok(reader.amount) }
}

impl Reader {
    fn add_clock(&mut self, micros: i64) -> Result<(), Fault> {
        self.claim(TIME_BITS)?;
        self.unit = Some(Unit::Day);
        self.after_ago = false;
        self.amount.add(micros, 0.0, Unit::Microsecond)
    }

    /// `+4:05` or a number with its sign.
    fn take_signed(&mut self, text: &str, plain: Plain) -> Result<(), Fault> {
        let (sign, rest) = text.split_at_checked(1).ok_or(Fault::Format)?;
        let rest = rest.trim_start();
        if rest.contains(':')
            && let Ok(total) = time(rest, plain)
        {
            return self.add_clock(if sign == "-" { -total } else { total });
        }
        self.take_number(&format!("{sign}{rest}"), plain.unit)
    }

    fn take_number(&mut self, text: &str, last: Unit) -> Result<(), Fault> {
        let unit = self.unit.filter(|_| !self.after_ago).or((!self.after_ago).then_some(last));
        let unit = unit.ok_or(Fault::Format)?;
        // What stands before hours are days, as in `1 2 hours`.
        self.unit = Some(if unit == Unit::Hour { Unit::Day } else { unit });
        let negative = text.starts_with('-');
        let digits = text.trim_start_matches(['+', '-']);
        if let Some((years, months)) = digits.split_once('-') {
            return self.add_years_months(years, months, negative);
        }
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) => (whole, fraction_of(fraction)?),
            None => (digits, 0.0),
        };
        let value = if whole.is_empty() { 0 } else { number(whole)? };
        let (value, fraction) = if negative { (-value, -fraction) } else { (value, fraction) };
        self.claim(bits(unit, fraction != 0.0))?;
        self.amount.add(value, fraction, unit)
    }

    /// `years-months`, as in SQL's standard.
    fn add_years_months(&mut self, years: &str, months: &str, negative: bool) -> Result<(), Fault> {
        let (years, months) = (number(years)?, number(months)?);
        if months >= 12 {
            return Err(Fault::Range);
        }
        self.unit = Some(Unit::Month);
        self.claim(bits(Unit::Month, false))?;
        let total = years.checked_mul(12).and_then(|years| years.checked_add(months));
        let total = total.ok_or(Fault::Range)?;
        self.amount.add(if negative { -total } else { total }, 0.0, Unit::Month)
    }

    fn take_word(&mut self, word: &str) -> Result<(), Fault> {
        if word == "ago" {
            self.negate = true;
            self.after_ago = true;
            return Ok(());
        }
        self.unit = Some(Unit::parse(word).ok_or(Fault::Format)?);
        self.after_ago = false;
        Ok(())
    }

    fn claim(&mut self, bits: u32) -> Result<(), Fault> {
        if self.given & bits != 0 {
            return Err(Fault::Format);
        }
        self.given |= bits;
        Ok(())
    }
}

fn bits(unit: Unit, has_fraction: bool) -> u32 {
    match unit {
        Unit::Microsecond => 0b1,
        Unit::Millisecond => 0b10,
        Unit::Second if has_fraction => 0b111,
        Unit::Second => 0b100,
        Unit::Minute => 0b1000,
        Unit::Hour => 0b1_0000,
        Unit::Day => 0b10_0000,
        Unit::Week => 0b100_0000,
        Unit::Month | Unit::Quarter => 0b1000_0000,
        Unit::Year => 0b1_0000_0000,
        Unit::Decade => 0b10_0000_0000,
        Unit::Century => 0b100_0000_0000,
        Unit::Millennium => 0b1000_0000_0000,
    }
}

fn number(text: &str) -> Result<i64, Fault> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Format);
    }
    text.parse().map_err(|_| Fault::Range)
}

fn fraction_of(text: &str) -> Result<f64, Fault> {
    if text.is_empty() {
        return Ok(0.0);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::Format);
    }
    format!("0.{text}").parse().map_err(|_| Fault::Format)
}
