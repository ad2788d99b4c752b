//! Points in time in PostgreSQL's ISO style.
use super::integer::{write_padded, write_pair};
use crate::types::Zone;
use crate::types::calendar::{DAY_SECONDS, HOUR, MINUTE, SECOND, date_of, split};

const INFINITY: &[u8] = b"infinity";
const MINUS_INFINITY: &[u8] = b"-infinity";

/// Appends a date.
pub(crate) fn write_date(days: i32, out: &mut Vec<u8>) {
    match days {
        i32::MAX => out.extend_from_slice(INFINITY),
        i32::MIN => out.extend_from_slice(MINUS_INFINITY),
        days => {
            let bc = write_day(i64::from(days), out);
            write_era(bc, out);
        }
    }
}

/// Appends a time of day.
pub(crate) fn write_time(micros: i64, out: &mut Vec<u8>) {
    write_pair(micros / HOUR, out);
    out.push(b':');
    write_pair(micros / MINUTE % 60, out);
    out.push(b':');
    write_seconds(micros % MINUTE, out);
}

/// Appends a timestamp without time zone.
pub(crate) fn write_timestamp(micros: i64, out: &mut Vec<u8>) {
    if write_infinity(micros, out) {
        return;
    }
    let (days, rest) = split(micros);
    let bc = write_day(days, out);
    out.push(b' ');
    write_time(rest, out);
    write_era(bc, out);
}

/// Appends a timestamp with time zone as the clocks of `zone` show it.
pub(crate) fn write_timestamptz(micros: i64, zone: &Zone, out: &mut Vec<u8>) {
    if write_infinity(micros, out) {
        return;
    }
    let offset = zone.offset_at(micros.div_euclid(SECOND));
    // Near the end of time the local clock may leave an i64 of microseconds.
    let (days, rest) = split(micros);
    let local = rest + i64::from(offset) * SECOND;
    let day = DAY_SECONDS * SECOND;
    let bc = write_day(days + local.div_euclid(day), out);
    out.push(b' ');
    write_time(local.rem_euclid(day), out);
    write_offset(offset, out);
    write_era(bc, out);
}

/// Appends an offset of a zone, such as `+05:30`.
pub(crate) fn write_offset(offset: i32, out: &mut Vec<u8>) {
    out.push(if offset < 0 { b'-' } else { b'+' });
    let seconds = u64::from(offset.unsigned_abs());
    write_padded(seconds / 3_600, 2, out);
    if !seconds.is_multiple_of(3_600) {
        out.push(b':');
        write_padded(seconds / 60 % 60, 2, out);
    }
    if !seconds.is_multiple_of(60) {
        out.push(b':');
        write_padded(seconds % 60, 2, out);
    }
}

/// Appends seconds with what fraction they have; `micros` is below a minute.
pub(crate) fn write_seconds(micros: i64, out: &mut Vec<u8>) {
    write_pair(micros / SECOND, out);
    let fraction = (micros % SECOND).unsigned_abs();
    if fraction != 0 {
        out.push(b'.');
        write_padded(fraction, 6, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
}

/// Appends the day without its era; whether it is before Christ.
fn write_day(days: i64, out: &mut Vec<u8>) -> bool {
    let (year, month, day) = date_of(days);
    let bc = year <= 0;
    let shown = if bc { 1 - year } else { year };
    write_padded(shown.unsigned_abs(), 4, out);
    out.push(b'-');
    write_pair(month, out);
    out.push(b'-');
    write_pair(day, out);
    bc
}

fn write_era(bc: bool, out: &mut Vec<u8>) {
    if bc {
        out.extend_from_slice(b" BC");
    }
}

fn write_infinity(micros: i64, out: &mut Vec<u8>) -> bool {
    match micros {
        i64::MAX => out.extend_from_slice(INFINITY),
        i64::MIN => out.extend_from_slice(MINUS_INFINITY),
        _ => return false,
    }
    true
}
