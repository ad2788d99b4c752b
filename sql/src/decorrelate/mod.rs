//! Sub-selects taken out of expressions: the dependent join, pushed down until nothing depends.
//!
//! A sub-select that reads columns of the select around it is computed once for each distinct
//! row of those columns, the *domain*, and joined back to the select around it, where NULL equals
//! NULL. `Unnested` is a plan after the domain was pushed down it: the domain's columns, then
//! its own. Where a join, a semi join or a grouped join says the same, no domain is made.
mod decorrelation;
mod direct;
mod domain;
mod exists;
mod joins;
mod membership;
mod need;
mod plans;
mod quantified;
mod scalar;
mod single_row;
#[cfg(test)]
mod tests;
mod unnest;
mod unnest_join;

pub(crate) use decorrelation::decorrelate;
