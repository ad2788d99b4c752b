//! Formats: bytes of a source as rows, with what could not be read.
mod payload;
mod rejects;
mod rows;
mod shape;

pub(crate) use rows::Reader;
