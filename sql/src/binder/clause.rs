//! The clause in which an expression stands, which decides what may be in it.
use sqlparser::tokenizer::Span;

use crate::{Error, Result};

/// A clause of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clause {
    /// The list of SELECT.
    Select,
    /// ON of a join.
    JoinOn,
    /// A function in FROM.
    From,
    /// WHERE
    Where,
    /// GROUP BY
    GroupBy,
    /// HAVING
    Having,
    /// ORDER BY
    OrderBy,
    /// DISTINCT ON
    DistinctOn,
    /// LIMIT
    Limit,
    /// OFFSET
    Offset,
    /// VALUES
    Values,
    /// FILTER of an aggregate.
    Filter,
    /// The argument of an aggregate.
    AggregateArgument,
    /// Inside OVER.
    WindowDefinition,
    /// The argument of a window function.
    WindowArgument,
    /// DEFAULT of a column.
    Default,
    /// SET of an UPDATE.
    Update,
    /// RETURNING
    Returning,
}

impl Clause {
    /// As PostgreSQL's messages name it.
    pub fn name(self) -> &'static str {
        match self {
            Clause::Select => "SELECT",
            Clause::JoinOn => "JOIN conditions",
            Clause::From => "functions in FROM",
            Clause::Where => "WHERE",
            Clause::GroupBy => "GROUP BY",
            Clause::Having => "HAVING",
            Clause::OrderBy => "ORDER BY",
            Clause::DistinctOn => "DISTINCT ON",
            Clause::Limit => "LIMIT",
            Clause::Offset => "OFFSET",
            Clause::Values => "VALUES",
            Clause::Filter => "FILTER",
            Clause::AggregateArgument => "aggregate arguments",
            Clause::WindowDefinition => "window definitions",
            Clause::WindowArgument => "window function arguments",
            Clause::Default => "DEFAULT expressions",
            Clause::Update => "UPDATE",
            Clause::Returning => "RETURNING",
        }
    }

    /// As PostgreSQL's messages about a condition name it.
    pub(super) fn condition_name(self) -> &'static str {
        match self {
            Clause::JoinOn => "JOIN/ON",
            Clause::AggregateArgument | Clause::WindowArgument => "FILTER",
            other => other.name(),
        }
    }

    /// Refuses an aggregate where none may be.
    pub(super) fn check_aggregate(self, span: Span) -> Result<()> {
        match self {
            Clause::Select
            | Clause::Having
            | Clause::OrderBy
            | Clause::DistinctOn
            | Clause::WindowDefinition
            | Clause::WindowArgument => Ok(()),
            Clause::AggregateArgument => {
                Err(Error::new("42803", "aggregate function calls cannot be nested").at(span))
            }
            _ => Err(Error::new(
                "42803",
                format!("aggregate functions are not allowed in {}", self.name()),
            )
            .at(span)),
        }
    }

    /// Refuses a window function where none may be.
    pub(super) fn check_window(self, span: Span) -> Result<()> {
        match self {
            Clause::Select | Clause::OrderBy | Clause::DistinctOn => Ok(()),
            Clause::AggregateArgument => Err(Error::new(
                "42803",
                "aggregate function calls cannot contain window function calls",
            )
            .at(span)),
            Clause::WindowArgument => {
                Err(Error::new("42P20", "window function calls cannot be nested").at(span))
            }
            _ => Err(Error::new(
                "42P20",
                format!("window functions are not allowed in {}", self.name()),
            )
            .at(span)),
        }
    }
}
