//! The overloads of these functions.
use super::{read, write};
use crate::functions::Overload;

/// The overloads of these functions.
pub(in crate::functions::math) fn overloads() -> Vec<Overload> {
    [read::overloads(), write::overloads()].concat()
}
