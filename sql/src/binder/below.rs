//! The projection below an aggregate or a window.
//!
//! The node above it then reads columns only: what can fail is computed in one place, and
//! lowering finds keys and arguments by name.
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::Expr;

use super::Binder;
use super::state::column;
use crate::Result;

/// The projection below an aggregate or a window, as it grows.
#[derive(Default)]
pub(super) struct Below {
    pub(super) expressions: Vec<Expr>,
    /// Expressions that have a name there already.
    named: Vec<(Expr, String)>,
}

impl Below {
    /// Lets a column through.
    pub(super) fn keep(&mut self, expr: &Expr) {
        if !self.expressions.contains(expr) {
            self.expressions.push(expr.clone());
        }
    }

    /// The column of an expression; a constant stays as it is.
    pub(super) fn column(&mut self, binder: &mut Binder<'_>, expr: Expr) -> Expr {
        match &expr {
            Expr::Literal(..) => expr,
            Expr::Column(_) => {
                self.keep(&expr);
                expr
            }
            _ => {
                if let Some((_, name)) = self.named.iter().find(|(own, _)| *own == expr) {
                    return column(name);
                }
                let name = binder.fresh('x');
                self.expressions.push(expr.clone().alias(&name));
                self.named.push((expr, name.clone()));
                column(&name)
            }
        }
    }

    /// A function whose arguments are columns or constants.
    pub(super) fn over_columns(&mut self, binder: &mut Binder<'_>, function: Expr) -> Result<Expr> {
        let rewritten =
            function.map_children(|part| Ok(Transformed::yes(self.column(binder, part))))?;
        Ok(rewritten.data)
    }
}
