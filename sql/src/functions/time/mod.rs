//! Functions of dates, times, timestamps and intervals.
mod age;
mod all;
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
mod template;
mod truncate;
mod unit;
mod zone;

pub(super) use all::overloads;
pub(super) use interval::divided;
pub(super) use shift::{shifted, shifted_in};
pub(super) use template::{ordinal_suffix, quoted};
