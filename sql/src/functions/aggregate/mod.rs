//! Aggregates: each as DataFusion calls it, over rows that do not change.
mod accumulator;
mod all;
mod arrays;
mod average;
mod bits;
mod bools;
mod collected;
mod count;
mod definition;
mod distinct;
mod extreme;
mod float;
mod groups;
mod intervals;
mod ordered;
mod ordered_set;
mod state;
mod strings;
mod sum;
mod variance;

pub(super) use all::overloads;
pub(super) use average::zeros_mean_nothing;
pub(crate) use definition::arguments_of;
pub(crate) use ordered_set::ORDERED_SETS;
