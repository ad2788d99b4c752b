//! A plan that runs once as text for people: EXPLAIN.
mod expression;
mod node;

pub(crate) use node::describe;
