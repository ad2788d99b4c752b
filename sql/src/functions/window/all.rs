//! The overloads of all window functions.
use super::{edge, rank, shift, tile};
use crate::functions::WindowOverload;

/// The overloads of all window functions.
pub(in crate::functions) fn overloads() -> Vec<WindowOverload> {
    [edge::overloads(), rank::overloads(), shift::overloads(), tile::overloads()].concat()
}
