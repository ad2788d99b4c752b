//! Whether some row can make an expression fail.
//!
//! What is not known to be safe counts as fallible: that costs speed, never an error that the
//! statement's author did not ask for.
use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, ExprSchemable};

use crate::functions;

/// Whether some row can make `expr` fail, given the columns of its input.
pub(crate) fn fallible(expr: &Expr, schema: &DFSchema) -> bool {
    let mut found = false;
    // The closure never fails, so neither does the walk; were it to, the answer is "can fail".
    let walked = expr.apply(|part| {
        let function = matches!(part, Expr::ScalarFunction(_));
        found = if function { functions::fallible(part) } else { node_can_fail(part, schema) };
        Ok(match (found, function) {
            (true, _) => TreeNodeRecursion::Stop,
            // The functions' own answer is about the arguments too.
            (false, true) => TreeNodeRecursion::Jump,
            (false, false) => TreeNodeRecursion::Continue,
        })
    });
    found || walked.is_err()
}

fn node_can_fail(expr: &Expr, schema: &DFSchema) -> bool {
    match expr {
        safe if functions::is_safe(safe) => false,
        Expr::TryCast(_)
        // Of a call over rows only its arguments are evaluated row by row.
        | Expr::AggregateFunction(_)
        | Expr::WindowFunction(_) => false,
        Expr::Like(like) | Expr::SimilarTo(like) => {
            !matches!(like.pattern.as_ref(), Expr::Literal(..))
        }
        Expr::Cast(cast) => match cast.expr.get_type(schema) {
            Ok(from) => !safe_cast(&from, cast.field.data_type()),
            Err(_) => true,
        },
        _ => true,
    }
}

/// Casts by Arrow that hold every value of `from`.
fn safe_cast(from: &DataType, to: &DataType) -> bool {
    use DataType::{Boolean, Float32, Float64, Int8, Int16, Int32, Int64, Null, UInt64, Utf8};
    from == to
        || matches!(
            (from, to),
            (Null, _)
                | (Int8, Int16 | Int32 | Int64)
                | (Int16, Int32 | Int64)
                | (Int32, Int64)
                | (Int8 | Int16 | Int32 | Int64 | Float32, Float64)
                | (Boolean | Int8 | Int16 | Int32 | Int64, Utf8)
                // Only numbers of rows are unsigned here, and there are never 2^63 rows.
                | (UInt64, Int64)
        )
}
