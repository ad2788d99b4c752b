//! Reads a text piece by piece, as a pattern says.
use engine::{Error, ErrorKind, Result};

use super::field::Field;
use super::names::{DAYS, MONTHS, ROMAN, SHORT};
use super::pattern::{Named, Pattern, Piece, is_separator};
use super::reading::Reading;

/// What a text says of the fields of a pattern. What follows the last field means nothing, and a
/// text may end before the pattern does.
pub(super) fn read(pattern: &Pattern, text: &str) -> Result<Reading> {
    let mut reader =
        Reader { rest: text, exact: pattern.exact, skipped: 0, reading: Reading::default() };
    for (place, piece) in pattern.pieces.iter().enumerate() {
        if reader.rest.is_empty() {
            break;
        }
        let quoted = matches!(piece, Piece::Text(_));
        if !reader.exact && (!quoted || place == 0) {
            reader.skip_blanks();
        }
        match piece {
            Piece::Blank(_) | Piece::Separator(_) => reader.separator(),
            Piece::Text(_) => reader.character(),
            Piece::Field(named) => {
                let next = pattern.pieces.get(place + 1);
                reader.field(named, is_followed_by_separator(next))?;
                if !reader.exact {
                    reader.skipped = 0;
                    reader.skip_blanks();
                }
            }
        }
    }
    Ok(reader.reading)
}

/// Whether a number before this piece may have any length.
fn is_followed_by_separator(next: Option<&Piece>) -> bool {
    match next {
        None | Some(Piece::Blank(_) | Piece::Separator(_)) => true,
        Some(Piece::Text(one)) => !one.is_ascii_digit(),
        Some(Piece::Field(named)) => !named.field.is_number(),
    }
}

struct Reader<'a> {
    rest: &'a str,
    exact: bool,
    /// Blanks that were skipped beyond those of the pattern.
    skipped: i32,
    reading: Reading,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        let trimmed = self.rest.trim_start();
        self.skipped += i32::try_from(self.rest.len() - trimmed.len()).unwrap_or(0);
        self.rest = trimmed;
    }

    fn advance(&mut self) {
        let mut characters = self.rest.chars();
        characters.next();
        self.rest = characters.as_str();
    }

    /// A separator of the pattern matches one of the text, or none.
    fn separator(&mut self) {
        if self.exact {
            return self.advance();
        }
        self.skipped -= 1;
        let is_one = |one: char| one.is_whitespace() || is_separator(one);
        if self.rest.starts_with(is_one) {
            self.advance();
            self.skipped += 1;
        }
    }

    /// A character of the pattern stands for any one of the text.
    fn character(&mut self) {
        match !self.exact && self.skipped > 0 {
            true => self.skipped -= 1,
            false => self.advance(),
        }
    }

    fn field(&mut self, named: &Named, open: bool) -> Result<()> {
        let number = |reader: &mut Self, digits: usize| reader.number(named, digits, open);
        match named.field {
            Field::Year(4) | Field::IsoYear(4) => {
                let (value, digits) = number(self, 4)?;
                self.reading.set_year(named.field, value, digits)?;
            }
            Field::Year(most) | Field::IsoYear(most) => {
                let (value, digits) = number(self, most)?;
                self.reading.set_year(named.field, partial_year(value, digits), most)?;
            }
            Field::YearWithComma => self.year_with_comma(named)?,
            Field::Meridiem { .. } => {
                let afternoon = self.word(named, &["A.M.", "P.M.", "AM", "PM"])? % 2 == 1;
                self.reading.afternoon = Some(afternoon);
            }
            Field::Era { .. } => {
                self.reading.before_christ =
                    self.word(named, &["A.D.", "B.C.", "AD", "BC"])? % 2 == 1;
            }
            Field::MonthName { full } => {
                let place = self.name(named, &MONTHS, full)?;
                self.reading.set(Field::Month, place + 1)?;
            }
            Field::DayName { full } => {
                let place = self.name(named, &DAYS, full)?;
                self.reading.set(Field::DayOfWeek, place + 1)?;
            }
            Field::RomanMonth => {
                let mut longest: Vec<&str> = ROMAN.to_vec();
                longest.sort_by_key(|name| std::cmp::Reverse(name.len()));
                let place = self.word(named, &longest)?;
                let name = longest.get(place).copied().unwrap_or("");
                let month = ROMAN.iter().position(|roman| *roman == name).unwrap_or(0);
                self.reading.set(Field::Month, month as i64 + 1)?;
            }
            Field::ZoneName | Field::ZoneOffset => {
                let name = named.name.to_uppercase();
                let message = format!("formatting field \"{name}\" is only supported in to_char");
                return Err(Error::new(ErrorKind::Invalid, "0A000", message));
            }
            Field::ZoneHour => self.zone_hour(named, open)?,
            // The ordinal of a century or quarter, and so on.
            field => {
                let (value, digits) = number(self, width(field))?;
                self.reading.set_number(field, value, digits)?;
            }
        }
        self.ordinal(named);
        Ok(())
    }

    /// Skips `th` and its like.
    fn ordinal(&mut self, named: &Named) {
        if named.ordinal.is_some() {
            self.advance();
            self.advance();
        }
    }

    /// A number of at most `digits` characters, unless nothing bounds it but what follows.
    fn number(&mut self, named: &Named, digits: usize, open: bool) -> Result<(i64, usize)> {
        let blanks = self.rest.len() - self.rest.trim_start().len();
        let text = self.rest.trim_start();
        let sign = usize::from(text.starts_with(['-', '+']));
        let run = text.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
        let most = if named.bare || open { usize::MAX } else { digits.saturating_sub(sign) };
        let end = sign + run.min(most);
        let (number, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        let used = end - sign;
        if used == 0 {
            let shown: String = match named.bare || open {
                true => text.to_owned(),
                false => text.chars().take(digits).collect(),
            };
            return Err(invalid(&first_word(&shown), named, "Value must be an integer."));
        }
        let value = number.parse::<i32>().map_err(|_| {
            let message = format!("value for \"{}\" in source string is out of range", named.name);
            Error::data("22008", message)
                .with_detail("Value must be in the range -2147483648 to 2147483647.")
        })?;
        if !(named.bare || open) && end < digits && blanks == 0 && text.chars().count() < digits {
            let message =
                format!("source string too short for \"{}\" formatting field", named.name);
            return Err(Error::data("22007", message)
                .with_detail(format!("Field requires {digits} characters, but only {end} remain."))
                .with_hint(
                    "If your source string is not fixed-width, try using the \"FM\" modifier.",
                ));
        }
        self.rest = rest;
        Ok((i64::from(value), end))
    }

    fn year_with_comma(&mut self, named: &Named) -> Result<()> {
        let wrong = || Error::data("22007", "invalid input string for \"Y,YYY\"");
        let (thousands, rest) = self.rest.split_once(',').ok_or_else(wrong)?;
        let (hundreds, rest) = rest.split_at_checked(3).ok_or_else(wrong)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
        let year = number(thousands)? * 1000 + number(hundreds)?;
        self.rest = rest;
        self.reading.set_year(named.field, year, 4)
    }

    fn zone_hour(&mut self, named: &Named, open: bool) -> Result<()> {
        let negative = self.rest.starts_with('-');
        if self.rest.starts_with(['+', '-', ' ']) {
            self.advance();
        }
        let (hours, _) = self.number(named, 2, open)?;
        self.reading.zone_negative = negative;
        self.reading.zone_hour = Some(hours);
        Ok(())
    }

    /// The place among `words` of the one that comes next, in any case.
    fn word(&mut self, named: &Named, words: &[&str]) -> Result<usize> {
        let found = words.iter().position(|word| starts_with(self.rest, word));
        match found {
            Some(place) => {
                let length = words.get(place).map_or(0, |word| word.len());
                self.rest = self.rest.get(length..).unwrap_or("");
                Ok(place)
            }
            None => Err(invalid(
                &first_word(self.rest),
                named,
                "The given value did not match any of the allowed values for this field.",
            )),
        }
    }

    /// The place of a month or day by its name, in full or its first three letters.
    fn name(&mut self, named: &Named, names: &[&str], full: bool) -> Result<i64> {
        let short: Vec<&str> = names.iter().map(|name| name.get(..SHORT).unwrap_or(name)).collect();
        let place = self.word(named, if full { names } else { &short })?;
        Ok(i64::try_from(place).unwrap_or(0))
    }
}

/// Characters that a numeric field has, where numbers follow one another.
fn width(field: Field) -> usize {
    match field {
        Field::Fraction(digits) => digits as usize,
        Field::Millisecond | Field::DayOfYear | Field::IsoDayOfYear => 3,
        Field::Microsecond => 6,
        Field::SecondsOfDay => 5,
        Field::DayOfWeek | Field::IsoDayOfWeek | Field::WeekOfMonth | Field::Quarter => 1,
        Field::JulianDay => 10,
        _ => 2,
    }
}

/// A year of fewer than four digits, in the century that brings it nearest to 2020.
fn partial_year(year: i64, digits: usize) -> i64 {
    match year {
        _ if digits >= 4 => year,
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        100..=519 => year + 2000,
        520..=999 => year + 1000,
        _ => year,
    }
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// What stands before the next blank or separator.
fn first_word(text: &str) -> String {
    text.split(|one: char| one.is_whitespace() || is_separator(one)).next().unwrap_or("").to_owned()
}

fn invalid(value: &str, named: &Named, detail: &str) -> Error {
    let message = format!("invalid value \"{value}\" for \"{}\"", named.name);
    Error::data("22007", message).with_detail(detail)
}
