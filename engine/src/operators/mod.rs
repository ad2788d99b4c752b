//! The operators, one for each kind of node.
mod aggregate;
mod distinct;
mod division;
mod filter;
mod group_records;
mod groups;
mod join;
mod partition;
mod pass;
mod project;
mod top_k;
mod values;
mod window;

pub(crate) use aggregate::{Aggregate, Grouping};
pub(crate) use filter::Filter;
pub(crate) use join::{Join, Joining};
pub(crate) use partition::Range;
pub(crate) use pass::Pass;
pub(crate) use project::Project;
pub(crate) use top_k::{Ranking, TopK};
pub(crate) use values::Values;
pub(crate) use window::Window;

#[cfg(test)]
mod tests;
