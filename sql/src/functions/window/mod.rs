//! Window functions: what stands before OVER and is no aggregate.
mod all;
mod definition;
mod edge;
mod rank;
mod shift;
mod tile;

pub(super) use all::overloads;
