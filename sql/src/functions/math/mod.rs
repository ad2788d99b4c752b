//! Functions of numbers.
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
mod width_bucket;

use super::Overload;
pub(super) use root::rounded_root;

/// The overloads of all functions of numbers.
pub(super) fn overloads() -> Vec<Overload> {
    [
        angle::overloads(),
        divisor::overloads(),
        factorial::overloads(),
        logarithm::overloads(),
        power::overloads(),
        random::overloads(),
        root::overloads(),
        round::overloads(),
        scale::overloads(),
        sign::overloads(),
        width_bucket::overloads(),
    ]
    .concat()
}
