//! Regular expressions: PostgreSQL's, run by an engine that never backtracks.
mod all;
mod captures;
mod class;
mod every;
mod expression;
mod matches;
mod options;
mod parts;
mod replace;
mod search;
mod similar;
mod translate;

pub(super) use all::overloads;
