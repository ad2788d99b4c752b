//! From DataFusion's logical plan to the engine's: the one place that sees both worlds.
mod aggregate;
mod expression;
mod join;
mod node;
mod scan;
mod share;
mod top_k;
mod values;

pub use node::lower;
