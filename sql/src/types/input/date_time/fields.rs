//! The fields that the pieces of a text fill: year, month, day, time, zone.
//!
//! A field that is named twice makes the text wrong, so every setter refuses a second value.
use super::clock::{Clock, read_clock};
use super::reading::{Day, Fault, Kind, Place, Reading};
use super::token::{Shape, Token, tokens};
use super::word::{Word, meaning};
use crate::types::Zone;
use crate::types::abbreviation::minutes_of;
use crate::types::calendar::{DAY, days_in_month, days_of};

/// The hours by which a zone can be away from UTC.
const OFFSET_HOURS_MAX: i32 = 15;

/// What a `t` or `j` says about the next piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Anything,
    Time,
    JulianDay,
}

/// What has been read so far.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) kind: Kind,
    pub(super) year: Option<i64>,
    /// Whether the year had two digits, so that its century is to be guessed.
    pub(super) short_year: bool,
    pub(super) month: Option<i64>,
    pub(super) month_is_word: bool,
    pub(super) day: Option<i64>,
    pub(super) day_of_year: Option<i64>,
    /// A day that is not said by year, month and day.
    special: Option<Day>,
    pub(super) clock: Option<Clock>,
    place: Option<Place>,
    afternoon: Option<bool>,
    before_christ: Option<bool>,
    weekday: bool,
    pub(super) expected: Expected,
}

impl Fields {
    /// Fills the fields from a text in lower case.
    pub(super) fn read(text: &str, kind: Kind) -> Result<Self, Fault> {
        let tokens = tokens(text).ok_or(Fault::Format)?;
        let mut fields = Self {
            kind,
            year: None,
            short_year: false,
            month: None,
            month_is_word: false,
            day: None,
            day_of_year: None,
            special: None,
            clock: None,
            place: None,
            afternoon: None,
            before_christ: None,
            weekday: false,
            expected: Expected::Anything,
        };
        for (index, token) in tokens.iter().enumerate() {
            fields.take(*token, tokens.get(index + 1))?;
        }
        Ok(fields)
    }

    fn take(&mut self, token: Token<'_>, next: Option<&Token<'_>>) -> Result<(), Fault> {
        match token.shape {
            Shape::Date => self.take_date(token.text, next.is_some()),
            Shape::Time => {
                if self.expected == Expected::JulianDay {
                    return Err(Fault::Format);
                }
                self.expected = Expected::Anything;
                self.set_clock(read_clock(token.text)?)
            }
            Shape::Offset => self.set_place(Place::Offset(offset(token.text)?)),
            Shape::Number => self.take_number(token.text),
            Shape::Word | Shape::SignedWord => {
                if self.expected == Expected::JulianDay {
                    return Err(Fault::Format);
                }
                self.take_word(token.text, next)
            }
        }
    }

    /// A date; or, once there is one, `hhmmss-zz` or the name of a zone.
    fn take_date(&mut self, text: &str, more_follows: bool) -> Result<(), Fault> {
        let zone_follows = match self.kind {
            Kind::Time => !more_follows || self.clock.is_some(),
            _ => self.has_month() && self.has_day(),
        };
        let after_t = self.expected == Expected::Time;
        if !zone_follows && self.expected == Expected::Anything {
            return self.take_date_parts(text);
        }
        self.expected = Expected::Anything;
        if !after_t && !text.starts_with(|letter: char| letter.is_ascii_digit()) {
            let zone = Zone::parse(text).ok_or_else(|| Fault::Zone(text.to_owned()))?;
            return self.set_place(Place::Zone(zone));
        }
        let (time, zone) = text
            .find('-')
            .and_then(|hyphen| text.split_at_checked(hyphen))
            .filter(|_| self.clock.is_none())
            .ok_or(Fault::Format)?;
        self.set_place(Place::Offset(offset(zone)?))?;
        self.take_run(time)
    }

    fn take_word(&mut self, text: &str, next: Option<&Token<'_>>) -> Result<(), Fault> {
        if let Some(minutes) = minutes_of(text) {
            return self.set_place(Place::Offset(minutes * 60));
        }
        let Some(word) = meaning(text) else {
            let zone = Zone::parse(text).ok_or(Fault::Format)?;
            return self.set_place(Place::Zone(zone));
        };
        match word {
            Word::Ignored => Ok(()),
            Word::Month(month) => self.set_month_word(month),
            Word::Weekday if self.weekday => Err(Fault::Format),
            Word::Weekday => {
                self.weekday = true;
                Ok(())
            }
            Word::Afternoon(pm) => set(&mut self.afternoon, pm),
            Word::BeforeChrist(bc) => set(&mut self.before_christ, bc),
            Word::TimeFollows => self.expect_time(next),
            Word::JulianFollows => {
                self.expected = Expected::JulianDay;
                Ok(())
            }
            Word::Summer => match &mut self.place {
                Some(Place::Offset(offset)) => {
                    *offset += 3_600;
                    Ok(())
                }
                _ => Err(Fault::Format),
            },
            Word::AllBalls => {
                self.set_clock(Clock::default())?;
                self.set_place(Place::Offset(0))
            }
            Word::Today => self.set_special(Day::FromToday(0)),
            Word::Tomorrow => self.set_special(Day::FromToday(1)),
            Word::Yesterday => self.set_special(Day::FromToday(-1)),
            Word::Epoch => self.set_moment(Day::Epoch),
            Word::Infinity => self.set_moment(Day::Infinity),
            Word::MinusInfinity => self.set_moment(Day::MinusInfinity),
            Word::Now => self.set_moment(Day::Now),
        }
    }

    fn expect_time(&mut self, next: Option<&Token<'_>>) -> Result<(), Fault> {
        let follows = next
            .is_some_and(|token| matches!(token.shape, Shape::Number | Shape::Time | Shape::Date));
        if !follows || !(self.has_date() || self.kind == Kind::Time) {
            return Err(Fault::Format);
        }
        self.expected = Expected::Time;
        Ok(())
    }

    /// A month in letters; a number that was taken for the month is then the day.
    fn set_month_word(&mut self, month: i64) -> Result<(), Fault> {
        if let (Some(number), false, None) = (self.month, self.month_is_word, self.day)
            && (1..=31).contains(&number)
        {
            self.day = Some(number);
            self.month = None;
        }
        self.month_is_word = true;
        self.set_month(month)
    }

    pub(super) fn set_year(&mut self, year: i64, digits: usize) -> Result<(), Fault> {
        if self.has_year() {
            return Err(Fault::Format);
        }
        self.short_year = digits <= 2;
        self.year = Some(year);
        Ok(())
    }

    pub(super) fn set_month(&mut self, month: i64) -> Result<(), Fault> {
        if self.has_month() {
            return Err(Fault::Format);
        }
        self.month = Some(month);
        Ok(())
    }

    pub(super) fn set_day(&mut self, day: i64) -> Result<(), Fault> {
        if self.has_day() {
            return Err(Fault::Format);
        }
        self.day = Some(day);
        Ok(())
    }

    /// A time of day; 24:00:00 at most.
    pub(super) fn set_clock(&mut self, clock: Clock) -> Result<(), Fault> {
        if !clock.is_of_a_day() {
            return Err(Fault::Range);
        }
        set(&mut self.clock, clock)
    }

    pub(super) fn set_special(&mut self, day: Day) -> Result<(), Fault> {
        if self.has_year() || self.has_month() || self.has_day() {
            return Err(Fault::Format);
        }
        self.special = Some(day);
        Ok(())
    }

    fn set_moment(&mut self, day: Day) -> Result<(), Fault> {
        self.set_special(day)?;
        self.set_clock(Clock::default())?;
        self.set_place(Place::Offset(0))
    }

    fn set_place(&mut self, place: Place) -> Result<(), Fault> {
        set(&mut self.place, place)
    }

    /// Whether something was said that a date in one piece must stand before.
    pub(super) fn has_more_than_date(&self) -> bool {
        self.clock.is_some()
            || self.weekday
            || self.afternoon.is_some()
            || self.before_christ.is_some()
    }

    pub(super) fn has_year(&self) -> bool {
        self.year.is_some() || self.special.is_some()
    }

    pub(super) fn has_month(&self) -> bool {
        self.month.is_some() || self.day_of_year.is_some() || self.special.is_some()
    }

    pub(super) fn has_day(&self) -> bool {
        self.day.is_some() || self.day_of_year.is_some() || self.special.is_some()
    }

    pub(super) fn has_date(&self) -> bool {
        self.has_year() && self.has_month() && self.has_day()
    }

    /// What the fields say together.
    pub(super) fn finish(self) -> Result<Reading, Fault> {
        let year = self.full_year()?;
        let day = self.whole_day(year)?;
        let mut clock = self.clock.unwrap_or_default();
        if let Some(pm) = self.afternoon {
            if clock.hour > 12 {
                return Err(Fault::Range);
            }
            clock.hour = clock.hour % 12 + if pm { 12 } else { 0 };
        }
        let missing = match self.kind {
            // Without a day a zone's offset is not known.
            Kind::Time => {
                let unknown = matches!(self.place, Some(Place::Zone(Zone::Named(_))));
                self.clock.is_none() || (unknown && day == Day::Missing)
            }
            _ => day == Day::Missing,
        };
        if missing {
            return Err(Fault::Format);
        }
        let time = clock.total().filter(|time| *time <= DAY).ok_or(Fault::Range)?;
        Ok(Reading { day, time, place: self.place })
    }

    fn full_year(&self) -> Result<Option<i64>, Fault> {
        let Some(year) = self.year else { return Ok(None) };
        let bc = self.before_christ == Some(true);
        match year {
            ..0 => Err(Fault::Range),
            0 if bc || !self.short_year => Err(Fault::Range),
            year if bc => Ok(Some(1 - year)),
            0..70 if self.short_year => Ok(Some(year + 2_000)),
            70..100 if self.short_year => Ok(Some(year + 1_900)),
            year => Ok(Some(year)),
        }
    }

    fn whole_day(&self, year: Option<i64>) -> Result<Day, Fault> {
        if let Some(special) = self.special {
            return Ok(special);
        }
        if let (Some(year), Some(day)) = (year, self.day_of_year) {
            return Ok(Day::Date(days_of(year, 1, 1) + day - 1));
        }
        if self.month.is_some_and(|month| !(1..=12).contains(&month))
            || self.day.is_some_and(|day| !(1..=31).contains(&day))
        {
            return Err(Fault::DayOrMonth);
        }
        match (year, self.month, self.day) {
            (Some(year), Some(month), Some(day)) if day > days_in_month(year, month) => {
                Err(Fault::Range)
            }
            (Some(year), Some(month), Some(day)) => Ok(Day::Date(days_of(year, month, day))),
            _ => Ok(Day::Missing),
        }
    }
}

fn set<T>(field: &mut Option<T>, value: T) -> Result<(), Fault> {
    if field.is_some() {
        return Err(Fault::Format);
    }
    *field = Some(value);
    Ok(())
}

/// Seconds east of UTC of `+hh`, `+hhmm`, `+hh:mm` or `+hh:mm:ss`.
fn offset(text: &str) -> Result<i32, Fault> {
    let (sign, digits) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(digits), _) => (-1, digits),
        (None, Some(digits)) => (1, digits),
        (None, None) => return Err(Fault::Format),
    };
    let mut rest = digits.trim_start();
    let mut number = || {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(end)?;
        rest = after.strip_prefix(':').unwrap_or(after);
        let value = if digits.is_empty() { Ok(0) } else { digits.parse::<i32>() };
        Some((value.unwrap_or(i32::MAX), digits.len(), after.starts_with(':')))
    };
    let (first, length, more) = number().ok_or(Fault::Format)?;
    let (mut minutes, mut seconds) = (0, 0);
    let mut hours = first;
    if more {
        let (value, _, more) = number().ok_or(Fault::Format)?;
        minutes = value;
        if more {
            seconds = number().map_or(0, |(value, ..)| value);
        }
    } else if length > 2 && rest.is_empty() {
        (hours, minutes) = (first / 100, first % 100);
    }
    if hours > OFFSET_HOURS_MAX || minutes > 59 || seconds > 59 {
        return Err(Fault::Offset);
    }
    if !rest.is_empty() {
        return Err(Fault::Format);
    }
    Ok(sign * (hours * 3_600 + minutes * 60 + seconds))
}
