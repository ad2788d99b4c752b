//! Formats: bytes of a source as rows, with what could not be read.
mod order;
mod payload;
mod rejects;
mod rows;
mod shape;

pub(crate) use order::Order;
pub(crate) use rows::Reader;
