//! Typed columns: cells by number, equality as SQL means it, hashes, builders.
mod builder;
mod cells;
mod column;
mod compare;
mod hash;

pub(crate) use builder::{Builder, Vectors};
pub(crate) use cells::{Bits, Cells, Items, View};
pub(crate) use column::{Column, columns_of};
pub(crate) use compare::Pairs;
pub(crate) use hash::Seed;
