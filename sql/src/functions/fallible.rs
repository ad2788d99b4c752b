//! Whether an expression can fail for some row.
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, Operator, ScalarUDF};

use super::cast::CastFunction;
use super::kernel::{Fallible, definition_of};
use crate::catalog::system::is_safe_catalog_function;

/// Whether some row makes `expr` fail. True also where that is not known, thus of all functions
/// that are not ours.
pub fn fallible(expr: &Expr) -> bool {
    let mut found = false;
    let walked = expr.apply(|part| {
        if fails_itself(part) {
            found = true;
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found || walked.is_err()
}

/// Whether it never fails where its parts do not, whatever its columns are.
pub(crate) fn is_safe(expr: &Expr) -> bool {
    match expr {
        Expr::Alias(_)
        | Expr::Column(_)
        | Expr::Literal(..)
        | Expr::Placeholder(_)
        | Expr::Not(_)
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotTrue(_)
        | Expr::IsNotFalse(_)
        | Expr::IsNotUnknown(_)
        | Expr::Between(_)
        | Expr::Case(_)
        | Expr::InList(_)
        | Expr::OuterReferenceColumn(..) => true,
        Expr::BinaryExpr(binary) => matches!(
            binary.op,
            Operator::Eq
                | Operator::NotEq
                | Operator::Lt
                | Operator::LtEq
                | Operator::Gt
                | Operator::GtEq
                | Operator::IsDistinctFrom
                | Operator::IsNotDistinctFrom
                | Operator::And
                | Operator::Or
        ),
        _ => false,
    }
}

/// Whether it can fail though its parts do not.
fn fails_itself(expr: &Expr) -> bool {
    match expr {
        safe if is_safe(safe) => false,
        Expr::ScalarFunction(call) => match definition_of(&call.func) {
            None => match cast_of(&call.func) {
                Some(cast) => cast.is_fallible(),
                None => call.func.name() != "coalesce" && !is_safe_catalog_function(&call.func),
            },
            Some((definition, types)) => match definition.fallible {
                Fallible::Never => false,
                Fallible::Always => true,
                Fallible::Unless(harmless) => !harmless(&call.args, types),
            },
        },
        _ => true,
    }
}

/// Whether it is a literal or a parameter, as it is or in another type that holds its every
/// value: a driver gives a small number as a smallint, whatever it is compared with.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(..) | Expr::Placeholder(_) => true,
        Expr::ScalarFunction(call) => {
            let cast = cast_of(&call.func);
            cast.is_some_and(|cast| !cast.is_fallible()) && call.args.iter().all(is_constant)
        }
        _ => false,
    }
}

fn cast_of(function: &ScalarUDF) -> Option<&CastFunction> {
    let inner: &dyn std::any::Any = function.inner().as_ref();
    inner.downcast_ref()
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;
    use crate::functions::overloads;
    use crate::types::Type;

    fn check(symbol: &str, arguments: Vec<Expr>, types: &[Type], expected: bool) {
        let kind = |ty: &Type| std::mem::discriminant(ty);
        let overload = overloads(symbol).iter().find(|overload| {
            overload.arguments.iter().map(kind).eq(types.iter().map(|ty| match ty {
                Type::Numeric(..) => kind(&Type::BareNumeric),
                other => kind(other),
            }))
        });
        let built = (overload.unwrap().build)(arguments, types).unwrap();
        assert_eq!(fallible(&built), expected, "{built}");
    }

    #[test]
    fn operators_say_whether_they_can_fail() {
        use Type::{Float8, Int4, Numeric};
        check("+", vec![col("a"), col("b")], &[Int4, Int4], true);
        check("/", vec![col("a"), lit(2_i32)], &[Int4, Int4], false);
        check("/", vec![col("a"), lit(0_i32)], &[Int4, Int4], true);
        check("%", vec![col("a"), lit(-1_i32)], &[Int4, Int4], true);
        check("/", vec![col("a"), col("b")], &[Int4, Int4], true);
        check("=", vec![col("a"), col("b")], &[Float8, Float8], false);
        check("+", vec![col("a"), col("b")], &[Numeric(10, 2), Numeric(8, 3)], false);
        check("+", vec![col("a"), col("b")], &[Numeric(38, 2), Numeric(8, 3)], true);
        check("*", vec![col("a"), col("b")], &[Numeric(18, 2), Numeric(20, 3)], false);
        check("<", vec![col("a"), col("b")], &[Numeric(38, 0), Numeric(20, 3)], false);
    }

    #[test]
    fn a_part_that_can_fail_makes_the_whole_fail() {
        let division =
            (overloads("/")[0].build)(vec![col("a"), col("b")], &[Type::Int2, Type::Int2]);
        let division = division.unwrap();
        assert!(fallible(&division.clone().eq(lit(1_i16)).and(lit(true))));
        assert!(fallible(&division.is_null()));
        assert!(!fallible(&col("a").eq(lit(1)).and(col("b").is_null())));
    }
}
