//! Epochs: durable cuts through all rows, so that the log can be cut behind them.
mod epochs;
mod manifest;

pub(crate) use epochs::Epochs;
pub(crate) use manifest::Manifest;
