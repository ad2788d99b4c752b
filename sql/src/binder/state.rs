//! What a binder carries from one part of a statement to the next.
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::Expr;
use sqlparser::ast;

use super::{Clause, Environment, Names, Scope, Typed};
use crate::types::Type;
use crate::{Error, Result};

/// The most relations in a statement, those of its views and of each use of a WITH query included.
pub const RELATIONS_MAX: usize = 512;

/// The deepest expression.
pub const EXPRESSION_DEPTH_MAX: usize = 1_000;

/// Binding goes on on a new piece of stack where less than this is left, in bytes.
const STACK_RED_ZONE_BYTES: usize = 512 << 10;

/// The size of such a piece, in bytes.
const STACK_PIECE_BYTES: usize = 8 << 20;

/// Binds one statement: its names, types and parameters.
///
/// It is made for a statement and thrown away after it; names of columns in its plans are
/// unique among all that it binds.
pub struct Binder<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) environment: &'a Environment,
    /// The path of the text that is being bound: a view's own inside a view.
    pub(super) search_path: Vec<String>,
    pub(super) parameters: Vec<Type>,
    /// Whether parameters may be used at all (not inside a view).
    pub(super) parameters_allowed: bool,
    /// One of each select that encloses the place, the innermost last.
    pub(super) frames: Vec<Frame>,
    /// Queries of WITH, the innermost last.
    pub(super) with: Vec<With>,
    pub(super) depth: usize,
    /// How many views the place is inside of.
    pub(super) views: usize,
    relations: usize,
    last_number: usize,
}

/// A select under way.
#[derive(Default)]
pub(super) struct Frame {
    /// What can be named at present.
    pub(super) scope: Scope,
    /// Named windows.
    pub(super) windows: Vec<(String, ast::WindowSpec)>,
    /// Columns of enclosing selects that were named inside it.
    pub(super) outer: Vec<Expr>,
    /// Tables of its FROM that cannot be reached here, for an error's hint.
    pub(super) unreachable: Vec<String>,
}

/// A query of WITH.
#[derive(Clone)]
pub(super) struct With {
    pub(super) name: String,
    pub(super) columns: Vec<ast::TableAliasColumnDef>,
    pub(super) query: Arc<ast::Query>,
    /// How many frames and queries of WITH its own text sees.
    pub(super) frames: usize,
    pub(super) with: usize,
    pub(super) search_path: Vec<String>,
}

impl<'a> Binder<'a> {
    /// A binder of one statement.
    pub fn new(names: &'a dyn Names, environment: &'a Environment) -> Self {
        Self {
            names,
            environment,
            search_path: environment.search_path.clone(),
            parameters: Vec::new(),
            parameters_allowed: true,
            frames: Vec::new(),
            with: Vec::new(),
            depth: 0,
            views: 0,
            relations: 0,
            last_number: 0,
        }
    }

    /// The same with types that the client gave for `$1`, `$2`, …; [`Type::Unknown`] for none.
    pub fn with_parameters(mut self, types: Vec<Type>) -> Self {
        self.parameters = types;
        self
    }

    /// Binds an expression whose names are those of `scope`.
    pub fn bind_scalar(
        &mut self,
        expression: &ast::Expr,
        scope: &Scope,
        clause: Clause,
    ) -> Result<Typed> {
        self.frames.push(Frame { scope: scope.clone(), ..Frame::default() });
        let bound = self.expression(expression, clause);
        self.frames.pop();
        bound
    }

    /// A fresh unqualified name, such as `o5`.
    pub(super) fn fresh(&mut self, letter: char) -> String {
        self.last_number += 1;
        format!("{letter}{}", self.last_number)
    }

    /// Counts a relation of the plan. Fails with 54001 above [`RELATIONS_MAX`].
    pub(super) fn count_relation(&mut self) -> Result<()> {
        self.relations += 1;
        if self.relations > RELATIONS_MAX {
            return Err(Error::new("54001", "statement is too complex").with_detail(format!(
                "It reads more than {RELATIONS_MAX} relations, those of its views included."
            )));
        }
        Ok(())
    }

    /// Runs `bind` one level deeper. Fails with 54001 below [`EXPRESSION_DEPTH_MAX`].
    pub(super) fn deeper<T>(
        &mut self,
        levels: usize,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.depth.saturating_add(levels) > EXPRESSION_DEPTH_MAX {
            return Err(Error::new("54001", "statement is too complex").with_detail(format!(
                "An expression is more than {EXPRESSION_DEPTH_MAX} levels deep."
            )));
        }
        self.depth += levels;
        let bound = stacker::maybe_grow(STACK_RED_ZONE_BYTES, STACK_PIECE_BYTES, || bind(self));
        self.depth -= levels;
        bound
    }

    /// The select under way.
    pub(super) fn frame(&mut self) -> Result<&mut Frame> {
        self.frames.last_mut().ok_or_else(|| Error::internal("no select is under way"))
    }

    /// Runs `bind` where only `scope` can be named at the innermost level.
    pub(super) fn in_scope<T>(
        &mut self,
        scope: Scope,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(T, Scope)> {
        let before = std::mem::replace(&mut self.frame()?.scope, scope);
        let bound = bind(self);
        let scope = std::mem::replace(&mut self.frame()?.scope, before);
        Ok((bound?, scope))
    }

    /// Runs `bind` below a frame of its own, and tells which outer columns it named.
    pub(super) fn nested<T>(
        &mut self,
        bind: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<(T, Vec<Expr>)> {
        self.frames.push(Frame::default());
        let bound = bind(self);
        let frame = self.frames.pop().unwrap_or_default();
        Ok((bound?, frame.outer))
    }

    /// A column named at the innermost level that frame `level` has: itself, or a reference
    /// to an enclosing select that every frame between takes note of.
    pub(super) fn reference(&mut self, value: Typed, level: usize) -> Result<Typed> {
        let inner = level + 1;
        if inner >= self.frames.len() {
            return Ok(value);
        }
        let Typed { expr, ty, span } = value;
        let Expr::Column(column) = expr else {
            return Err(Error::unsupported("a column merged by FULL JOIN … USING in a sub-select"));
        };
        let field = Arc::new(ty.field(&column.name, true));
        let outer = Expr::OuterReferenceColumn(field, column);
        for frame in self.frames.iter_mut().skip(inner) {
            if !frame.outer.contains(&outer) {
                frame.outer.push(outer.clone());
            }
        }
        Ok(Typed::new(outer, ty).at(span))
    }
}

/// A column of a plan as an expression.
pub(super) fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}
