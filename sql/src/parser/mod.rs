//! Text becomes statements: sqlparser's, plus those it lacks.
mod columns;
mod copy;
mod cursor;
mod dialect;
mod explain;
mod flush;
mod limits;
mod literal;
mod object;
mod operators;
mod options;
mod parse;
mod precedence;
mod reserved;
mod show;
mod statement;
mod strings;
mod subscribe;
mod syntax_error;
mod table;
mod table_as;
mod text;
mod view;
mod window_table;
mod words;

pub use copy::{Copy, CopyEnd, CopyOption, CopySource, OptionValue};
pub use dialect::Dialect;
pub use limits::{NESTING_MAX, OPERATORS_MAX, TEXT_BYTES_MAX, TOKENS_MAX};
pub use parse::{parse, parse_expression, parse_query};
pub use statement::*;

#[cfg(test)]
mod precedence_test;
#[cfg(test)]
mod tests;
