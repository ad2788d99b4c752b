//! The overloads of all functions of numbers.
use super::{
    angle, divisor, factorial, logarithm, power, random, root, round, scale, sign, template,
    width_bucket,
};
use crate::functions::Overload;

/// The overloads of all functions of numbers.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
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
        template::overloads(),
        width_bucket::overloads(),
    ]
    .concat()
}
