//! Epochs: durable cuts through all rows and state, so that the log can be cut behind them.
mod epochs;
mod failure_state;
mod manifest;
mod piece;
mod view_state;
mod writing;

pub(crate) use epochs::Epochs;
pub(crate) use manifest::Manifest;
pub(crate) use piece::Unpacker;
