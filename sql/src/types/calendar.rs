//! The proleptic Gregorian calendar in days since 1970, with PostgreSQL's ranges.
//!
//! Years count astronomically here: year 0 is 1 BC. Nothing knows time zones.

/// Microseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// Microseconds of a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// Microseconds of an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// Microseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// Seconds of a day.
pub(crate) const DAY_SECONDS: i64 = 86_400;

/// 2000-01-01 in days since 1970: where PostgreSQL's wire counts from.
pub(crate) const WIRE_EPOCH_DAYS: i32 = 10_957;
/// 2000-01-01 in microseconds since 1970.
pub(crate) const WIRE_EPOCH_MICROS: i64 = WIRE_EPOCH_DAYS as i64 * DAY;

/// 4714-11-24 BC, the first date.
pub(crate) const DATE_MIN: i32 = -2_440_588;
/// 5874897-12-31, the last date.
pub(crate) const DATE_MAX: i32 = 2_145_042_905;
/// The first timestamp.
pub(crate) const TIMESTAMP_MIN: i64 = DATE_MIN as i64 * DAY;
/// The last timestamp: i64::MAX is infinity (PostgreSQL ends 29 years later).
pub(crate) const TIMESTAMP_MAX: i64 = i64::MAX - 1;

/// Days since 1970 of a date whose month and day are within their ranges.
pub(crate) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // The year begins in March here, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of a day since 1970.
pub(crate) fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Days of a month of a year.
pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Whether a year has 366 days.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The day that holds a timestamp, with the microseconds into it.
pub(crate) fn split(micros: i64) -> (i64, i64) {
    (micros.div_euclid(DAY), micros.rem_euclid(DAY))
}

/// A timestamp of a day and microseconds into it; none if it is out of range.
pub(crate) fn join(days: i64, micros: i64) -> Option<i64> {
    let joined = i128::from(days) * i128::from(DAY) + i128::from(micros);
    i64::try_from(joined).ok().filter(|joined| in_range(*joined))
}

/// Whether a timestamp is finite here, and not before PostgreSQL's first.
pub(crate) fn in_range(micros: i64) -> bool {
    (TIMESTAMP_MIN..=TIMESTAMP_MAX).contains(&micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_nine_centuries_comes_back() {
        for days in (DATE_MIN..DATE_MIN + 1_000).chain(-160_000..170_000) {
            let (year, month, day) = date_of(i64::from(days));
            assert_eq!(days_of(year, month, day), i64::from(days));
            assert!((1..=12).contains(&month) && day <= days_in_month(year, month));
        }
        assert_eq!(date_of(0), (1970, 1, 1));
        assert_eq!(date_of(i64::from(DATE_MIN)), (-4713, 11, 24));
        assert_eq!(date_of(i64::from(DATE_MAX)), (5_874_897, 12, 31));
    }
}
