//! Casts between types, by PostgreSQL's rules.
mod allowed;
mod array;
mod bind;
#[cfg(test)]
mod cases;
mod conversion;
mod fallible;
mod float;
mod function;
mod integer;
mod json;
mod number;
mod numeric;
mod text;
mod time;

pub use allowed::can_cast;
pub(super) use allowed::same_kind;
pub use bind::{cast, cast_in};
pub use fallible::cast_is_fallible;
pub use function::{CastFunction, style_of};
