//! An interval while its parts are being added up.
use arrow::datatypes::IntervalMonthDayNano;

use super::Unit;
use crate::types::calendar::{DAY, HOUR, MINUTE, SECOND};
use crate::types::input::date_time::Fault;

/// Days that stand for a month where a fraction of one is asked for.
const DAYS_PER_MONTH: i64 = 30;

/// Months, days and microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    pub(super) months: i64,
    pub(super) days: i64,
    pub(super) micros: i64,
}

impl Amount {
    /// Adds `value` + `fraction` of a unit; fractions flow down into smaller units.
    pub(super) fn add(&mut self, value: i64, fraction: f64, unit: Unit) -> Result<(), Fault> {
        match unit {
            Unit::Microsecond => self.add_micros(value, fraction, 1),
            Unit::Millisecond => self.add_micros(value, fraction, 1_000),
            Unit::Second => self.add_micros(value, fraction, SECOND),
            Unit::Minute => self.add_micros(value, fraction, MINUTE),
            Unit::Hour => self.add_micros(value, fraction, HOUR),
            Unit::Day => self.add_days(value, fraction, 1),
            Unit::Week => self.add_days(value, fraction, 7),
            Unit::Month => {
                self.add_months(in_i32(value).ok_or(Fault::Range)?, 1)?;
                self.add_days(0, fraction, DAYS_PER_MONTH)
            }
            // PostgreSQL reads no quarters here.
            Unit::Quarter => Err(Fault::Format),
            Unit::Year => self.add_years(value, fraction, 1),
            Unit::Decade => self.add_years(value, fraction, 10),
            Unit::Century => self.add_years(value, fraction, 100),
            Unit::Millennium => self.add_years(value, fraction, 1_000),
        }
    }

    fn add_micros(&mut self, value: i64, fraction: f64, scale: i64) -> Result<(), Fault> {
        self.micros = value
            .checked_mul(scale)
            .and_then(|value| self.micros.checked_add(value))
            .ok_or(Fault::Range)?;
        let rest = fraction * scale as f64;
        // Unlike everywhere else, a half is rounded towards zero.
        let whole = rest.trunc();
        let step = if (rest - whole).abs() > 0.5 { rest.signum() } else { 0.0 };
        self.micros = self.micros.checked_add((whole + step) as i64).ok_or(Fault::Range)?;
        Ok(())
    }

    fn add_days(&mut self, value: i64, fraction: f64, scale: i64) -> Result<(), Fault> {
        let days = value.checked_mul(scale).and_then(|days| self.days.checked_add(days));
        self.days = days.and_then(in_i32).ok_or(Fault::Range)?;
        if fraction == 0.0 {
            return Ok(());
        }
        let rest = fraction * scale as f64;
        self.days = in_i32(self.days + rest.trunc() as i64).ok_or(Fault::Range)?;
        self.add_micros(0, rest.fract(), DAY)
    }

    fn add_months(&mut self, value: i64, scale: i64) -> Result<(), Fault> {
        let months = value.checked_mul(scale).and_then(|months| self.months.checked_add(months));
        self.months = months.ok_or(Fault::Range)?;
        Ok(())
    }

    fn add_years(&mut self, value: i64, fraction: f64, scale: i64) -> Result<(), Fault> {
        let years = value.checked_mul(scale).and_then(in_i32).ok_or(Fault::Range)?;
        self.add_months(years, 12)?;
        let months = (fraction * scale as f64 * 12.0).round_ties_even();
        self.add_months(months as i64, 1)
    }

    /// The same with all signs turned.
    pub(super) fn negated(self) -> Result<Self, Fault> {
        let turned = |part: i64| part.checked_neg().ok_or(Fault::WholeInterval);
        Ok(Self {
            months: turned(self.months)?,
            days: turned(self.days)?,
            micros: turned(self.micros)?,
        })
    }

    /// The interval; an error if its parts do not fit.
    pub(super) fn finish(self) -> Result<IntervalMonthDayNano, Fault> {
        Ok(IntervalMonthDayNano {
            months: i32::try_from(self.months).map_err(|_| Fault::WholeInterval)?,
            days: i32::try_from(self.days).map_err(|_| Fault::WholeInterval)?,
            nanoseconds: self.micros.checked_mul(1_000).ok_or(Fault::WholeInterval)?,
        })
    }
}

fn in_i32(value: i64) -> Option<i64> {
    i32::try_from(value).ok().map(i64::from)
}
