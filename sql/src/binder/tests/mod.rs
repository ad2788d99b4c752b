//! What the binder makes of statements.
mod answers;
mod clauses;
mod errors;
mod expressions;
mod fixture;
mod limits;
mod parameters;
mod plans;
mod sets;
mod subqueries;
