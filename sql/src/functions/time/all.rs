//! Every overload over dates, times, timestamps, intervals.
use super::{
    age, arithmetic, bin, extract, interval, justify, make, shift, template, truncate, zone,
};
use crate::functions::Overload;

/// The overloads of all operators and functions of time.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
    [
        age::overloads(),
        arithmetic::overloads(),
        bin::overloads(),
        extract::overloads(),
        interval::overloads(),
        justify::overloads(),
        make::overloads(),
        shift::overloads(),
        template::overloads(),
        truncate::overloads(),
        zone::overloads(),
    ]
    .concat()
}
