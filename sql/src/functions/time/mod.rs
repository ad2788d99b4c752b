//! Functions of dates, times, timestamps and intervals.
mod age;
mod arithmetic;
mod bin;
mod civil;
mod extract;
mod interval;
mod interval_parts;
mod justify;
mod make;
mod parts;
mod shift;
mod truncate;
mod unit;
mod zone;

use super::Overload;

/// The overloads of all operators and functions of time.
pub(super) fn overloads() -> Vec<Overload> {
    [
        age::overloads(),
        arithmetic::overloads(),
        bin::overloads(),
        extract::overloads(),
        interval::overloads(),
        justify::overloads(),
        make::overloads(),
        shift::overloads(),
        truncate::overloads(),
        zone::overloads(),
    ]
    .concat()
}
