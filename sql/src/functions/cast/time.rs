//! Dates, times or timestamps as each other, in the session's time zone.
use std::sync::Arc;

use arrow::array::{ArrayRef, Time64MicrosecondArray, TimestampMicrosecondArray};
use arrow::datatypes::{
    Date32Type, IntervalMonthDayNano, IntervalMonthDayNanoType, Time64MicrosecondType,
    TimestampMicrosecondType,
};

use super::conversion::Conversion;
use crate::types::calendar::{DAY, SECOND, in_range, join, split};
use crate::types::output::primitive;
use crate::types::{Moment, TextStyle, Type, Zone};
use crate::{Error, Result};

/// Converts a column of a type about time.
pub(super) fn convert(
    column: &ArrayRef,
    conversion: &Conversion,
    style: &TextStyle,
) -> Result<ArrayRef> {
    use Type::{Date, Interval, Time, Timestamp, TimestampTz};
    let zone = &style.zone;
    match (&conversion.from, &conversion.to) {
        (Date, Timestamp) => {
            conversion.try_map::<Date32Type, TimestampMicrosecondType>(column, timestamp_of_date)
        }
        (Date, TimestampTz) => conversion
            .try_map::<Date32Type, TimestampMicrosecondType>(column, |days| {
                timestamp_of_date(days).and_then(|local| to_utc(local, zone))
            }),
        (Timestamp, TimestampTz) => conversion
            .try_map::<TimestampMicrosecondType, TimestampMicrosecondType>(column, |local| {
                to_utc(local, zone)
            }),
        (TimestampTz, Timestamp) => conversion
            .try_map::<TimestampMicrosecondType, TimestampMicrosecondType>(column, |micros| {
                to_local(micros, zone)
            }),
        (Timestamp, Date) => {
            conversion.map::<TimestampMicrosecondType, Date32Type>(column, |local| date(local, 0))
        }
        (TimestampTz, Date) => conversion
            .map::<TimestampMicrosecondType, Date32Type>(column, |micros| {
                date(micros, offset(micros, zone))
            }),
        (Timestamp, Time) => time(column, conversion, &Zone::default()),
        (TimestampTz, Time) => time(column, conversion, zone),
        (Time, Interval) => conversion
            .map::<Time64MicrosecondType, IntervalMonthDayNanoType>(column, |micros| {
                IntervalMonthDayNano::new(0, 0, micros * 1_000)
            }),
        (Interval, Time) => conversion
            .map::<IntervalMonthDayNanoType, Time64MicrosecondType>(column, |value| {
                (value.nanoseconds / 1_000).rem_euclid(DAY)
            }),
        _ => Err(conversion.unknown()),
    }
}

/// Times rounded to so many digits behind the second, halves away from zero; infinities stay.
pub(super) fn rounded(column: &ArrayRef, moment: Moment, digits: u8) -> Result<ArrayRef> {
    let ty = Type::Rounded(moment, digits);
    let nearest = |micros| moment.rounded(micros, digits);
    Ok(match moment {
        Moment::Time => {
            let values: Time64MicrosecondArray =
                primitive::<Time64MicrosecondType>(column, &ty)?.unary(nearest);
            Arc::new(values)
        }
        Moment::Timestamp | Moment::TimestampTz => {
            let values: TimestampMicrosecondArray =
                primitive::<TimestampMicrosecondType>(column, &ty)?.unary(nearest);
            Arc::new(values.with_data_type(ty.arrow()))
        }
    })
}

/// Midnight of a date.
fn timestamp_of_date(days: i32) -> Result<i64> {
    match days {
        i32::MAX => Ok(i64::MAX),
        i32::MIN => Ok(i64::MIN),
        days => join(i64::from(days), 0)
            .ok_or_else(|| Error::new("22008", "date out of range for timestamp")),
    }
}

/// The moment at which the zone's clocks show `local`.
pub(crate) fn to_utc(local: i64, zone: &Zone) -> Result<i64> {
    if !is_finite(local) {
        return Ok(local);
    }
    let seconds = zone.to_utc(local.div_euclid(SECOND));
    let moment = i128::from(seconds) * i128::from(SECOND) + i128::from(local.rem_euclid(SECOND));
    in_time(moment)
}

/// What the zone's clocks show at a moment.
pub(crate) fn to_local(micros: i64, zone: &Zone) -> Result<i64> {
    if !is_finite(micros) {
        return Ok(micros);
    }
    in_time(i128::from(micros) + i128::from(offset(micros, zone)))
}

fn in_time(micros: i128) -> Result<i64> {
    i64::try_from(micros)
        .ok()
        .filter(|micros| in_range(*micros))
        .ok_or_else(|| Error::new("22008", "timestamp out of range"))
}

fn is_finite(micros: i64) -> bool {
    !matches!(micros, i64::MAX | i64::MIN)
}

/// Microseconds by which a zone is east of UTC at a moment.
fn offset(micros: i64, zone: &Zone) -> i64 {
    i64::from(zone.offset_at(micros.div_euclid(SECOND))) * SECOND
}

fn date(micros: i64, offset: i64) -> i32 {
    match micros {
        i64::MAX => i32::MAX,
        i64::MIN => i32::MIN,
        micros => {
            let (days, rest) = split(micros);
            // Timestamps reach less far than dates.
            i32::try_from(days + (rest + offset).div_euclid(DAY)).unwrap_or(i32::MAX)
        }
    }
}

/// The time of day; of the infinities it is NULL.
fn time(column: &ArrayRef, conversion: &Conversion, zone: &Zone) -> Result<ArrayRef> {
    let values = primitive::<TimestampMicrosecondType>(column, &conversion.from)?;
    let times = values.unary_opt::<_, Time64MicrosecondType>(|micros| {
        is_finite(micros).then(|| (split(micros).1 + offset(micros, zone)).rem_euclid(DAY))
    });
    Ok(Arc::new(times))
}
