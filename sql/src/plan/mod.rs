//! From a bound plan to one that is run once, or kept true by the engine.
mod check;
mod describe;
pub(crate) mod equal_keys;
pub(crate) mod fallible;
mod guard;
mod guard_join;
mod limits;
mod lower;
pub(crate) mod opaque;
mod optimize;
mod push_filters;
pub(crate) mod rules;
mod short_circuit;
pub mod source;
#[cfg(test)]
pub(crate) mod testing;
mod ties;

pub(crate) use describe::describe;
pub use lower::lower;
pub use optimize::{Purpose, optimize};
pub(crate) use optimize::{STACK_BYTES, STACK_RED_ZONE_BYTES};
