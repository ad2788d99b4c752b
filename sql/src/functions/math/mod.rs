//! Functions of numbers.
mod all;
mod angle;
mod divisor;
mod error;
mod factorial;
mod logarithm;
mod power;
mod random;
mod root;
mod round;
mod scale;
mod sign;
mod template;
mod width_bucket;

pub(super) use all::overloads;
pub(super) use root::rounded_root;
