//! The operators of one view, wired together.
mod build;
mod capture;
mod consolidate;
mod graph;

pub use graph::{Environment, Output, Pipeline};
