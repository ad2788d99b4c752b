//! Joins: both inputs kept by key, each change met with the other side.
mod bag;
mod operator;
mod pairs;
mod shard;

pub(crate) use operator::{Join, Joining};
