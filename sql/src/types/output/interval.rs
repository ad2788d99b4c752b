//! An interval in the style `postgres`: `1 year 2 mons 3 days 04:05:06.789`.
use arrow::datatypes::IntervalMonthDayNano;

use super::date_time::write_seconds;
use super::integer::{write_i64, write_padded};
use crate::types::calendar::{HOUR, MINUTE};

/// Appends an interval. After a negative part, a positive one shows its sign.
pub(crate) fn write_interval(value: IntervalMonthDayNano, out: &mut Vec<u8>) {
    let start = out.len();
    let mut negative_before = false;
    let months = i64::from(value.months);
    for (count, unit) in
        [(months / 12, "year"), (months % 12, "mon"), (i64::from(value.days), "day")]
    {
        if count == 0 {
            continue;
        }
        separate(start, out);
        if negative_before && count > 0 {
            out.push(b'+');
        }
        write_i64(count, out);
        out.push(b' ');
        out.extend_from_slice(unit.as_bytes());
        if count != 1 {
            out.push(b's');
        }
        negative_before = count < 0;
    }
    let micros = value.nanoseconds / 1_000;
    if micros != 0 || out.len() == start {
        separate(start, out);
        if micros < 0 {
            out.push(b'-');
        } else if negative_before {
            out.push(b'+');
        }
        let micros = micros.saturating_abs();
        write_padded((micros / HOUR).unsigned_abs(), 2, out);
        out.push(b':');
        write_padded((micros / MINUTE % 60).unsigned_abs(), 2, out);
        out.push(b':');
        write_seconds(micros % MINUTE, out);
    }
}

fn separate(start: usize, out: &mut Vec<u8>) {
    if out.len() > start {
        out.push(b' ');
    }
}
