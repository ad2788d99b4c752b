//! What functions of floats refuse.
use engine::{Error, Result};

use crate::functions::operator::float::{overflow, underflow};

/// `result` of finite arguments, none of them zero: neither infinite nor zero.
pub(super) fn proper(result: f64) -> Result<f64> {
    match result {
        _ if result.is_infinite() => Err(overflow()),
        0.0 => Err(underflow()),
        _ => Ok(result),
    }
}

/// The error of an argument that the function is not defined for.
pub(super) fn out_of_domain() -> Error {
    Error::data("22003", "input is out of range")
}
