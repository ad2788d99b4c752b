//! The doors: the PostgreSQL wire, connectors, the binary.
//!
//! A door translates a protocol into calls of [`sql::Session`] and decides nothing.
pub mod config;
mod connectors;
pub mod demo;
mod pgwire;
mod serve;
pub mod telemetry;

pub use serve::{Server, serve};
