//! What makes the rows of each system relation.
mod all;
mod class;
mod database;
mod index;
mod information;
mod listing;
mod own;
mod routine;

pub(super) use all::fill;
