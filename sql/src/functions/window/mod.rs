//! Window functions: what stands before OVER and is no aggregate.
mod definition;
mod edge;
mod rank;
mod shift;
mod tile;

use super::WindowOverload;

/// The overloads of all window functions.
pub(super) fn overloads() -> Vec<WindowOverload> {
    [edge::overloads(), rank::overloads(), shift::overloads(), tile::overloads()].concat()
}
