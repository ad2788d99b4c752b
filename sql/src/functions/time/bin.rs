//! `date_bin`: the beginning of the equally long stretch of time that holds a timestamp.
use engine::{Error, ErrorKind, Result};

use super::civil::finite;
use crate::functions::Overload;
use crate::functions::kernel::{Interval, Timestamp, map3, overload};
use crate::types::calendar::DAY;

fn bin(stride: Interval, timestamp: Timestamp, origin: Timestamp) -> Result<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    if !origin.is_finite() {
        return Err(Error::data("22008", "origin out of range"));
    }
    if stride.months != 0 {
        return Err(Error::new(
            ErrorKind::Invalid,
            "0A000",
            "timestamps cannot be binned into intervals containing months or years",
        ));
    }
    let length = i128::from(stride.days) * i128::from(DAY) + i128::from(stride.micros);
    if length <= 0 {
        return Err(Error::data("22008", "stride must be greater than zero"));
    }
    let since = i128::from(timestamp.0) - i128::from(origin.0);
    finite(i128::from(timestamp.0) - since.rem_euclid(length))
}

/// The overloads of `date_bin`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("date_bin", [Interval, Timestamp, Timestamp] -> Timestamp,
            |arguments| map3(arguments, bin)),
        overload!("date_bin", [Interval, TimestampTz, TimestampTz] -> TimestampTz,
            |arguments| map3(arguments, bin)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            (
                "date_bin('15 minutes'::interval, '2020-02-11 15:44:17'::timestamp, '2001-01-01'::timestamp)",
                "2020-02-11 15:30:00",
            ),
            (
                "date_bin('15 minutes'::interval, '2020-02-11 15:44:17'::timestamp, '2001-01-01 00:02:30'::timestamp)",
                "2020-02-11 15:32:30",
            ),
            (
                "date_bin('1 day'::interval, '2000-02-11 15:44:17'::timestamp, '2001-01-01'::timestamp)",
                "2000-02-11 00:00:00",
            ),
            (
                "date_bin('1 week'::interval, '2020-02-11 15:44:17+00'::timestamptz, '2001-01-01+00'::timestamptz)",
                "2020-02-10 00:00:00+00",
            ),
            (
                "date_bin('1 day'::interval, 'infinity'::timestamp, '2001-01-01'::timestamp)",
                "infinity",
            ),
        ]);
        check_errors(&[
            (
                "date_bin('1 mon'::interval, '2020-02-11'::timestamp, '2001-01-01'::timestamp)",
                "0A000 timestamps cannot be binned into intervals containing months or years",
            ),
            (
                "date_bin('0 days'::interval, '2020-02-11'::timestamp, '2001-01-01'::timestamp)",
                "22008 stride must be greater than zero",
            ),
        ]);
    }
}
