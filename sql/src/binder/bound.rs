//! What binding gives: a plan with the columns it returns, an expression with its type.
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan};
use sqlparser::tokenizer::Span;

use crate::types::Type;

/// A bound query.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The plan. Its schema has one column for each of `columns`, in order, of unique names.
    pub plan: LogicalPlan,
    /// What it returns.
    pub columns: Vec<OutputColumn>,
    /// The types of `$1`, `$2`, …; [`Type::Unknown`] where nothing says so yet.
    pub parameters: Vec<Type>,
}

/// A column that a query returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// Its name as PostgreSQL gives it; names may repeat.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The plan's column.
    pub column: Column,
}

/// An expression with its type.
#[derive(Clone, Debug, PartialEq)]
pub struct Typed {
    /// The expression. A literal or parameter of type [`Type::Unknown`] is text or untyped.
    pub expr: Expr,
    /// Its type.
    pub ty: Type,
    /// Where it was written; empty where that is not known.
    pub span: Span,
}

impl Typed {
    /// An expression of a type.
    pub fn new(expr: Expr, ty: Type) -> Self {
        Self { expr, ty, span: Span::empty() }
    }

    /// The same at a place, unless it has one.
    pub(super) fn at(mut self, span: Span) -> Self {
        if self.span == Span::empty() {
            self.span = span;
        }
        self
    }
}
