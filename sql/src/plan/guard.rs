//! Guards: what can fail is evaluated where its author put it, after what was put before it.
//!
//! `x <> 0 AND 1/x > 2` must not fail. So before the logical rules run, every filter, projection
//! and join with an expression that can fail is closed ([`Opaque`]); afterwards it is opened, and
//! AND and OR whose right side can fail become CASE, which evaluates the right side only on the
//! rows that the left side left undecided. No rule runs on them after that.
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, Result as DataFusionResult};
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, Filter, LogicalPlan, Projection};

use super::fallible::fallible;
use super::guard_join::close_join;
use super::opaque::{Opaque, computes_fallible};
use super::short_circuit::short_circuit;
use crate::Result;

/// The plan with all that can fail closed to rules.
pub(super) fn close(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up(close_node)?.data)
}

/// The plan opened again, and whether anything was closed; AND and OR are CASE where they must.
pub(super) fn open(plan: LogicalPlan) -> Result<(LogicalPlan, bool)> {
    let opened = plan.transform_up(|node| match Opaque::opened(&node) {
        Some(inner) => Ok(Transformed::yes(inner.clone())),
        None => Ok(Transformed::no(node)),
    })?;
    Ok((opened.data, opened.transformed))
}

/// The plan with CASE for AND and OR whose right side can fail.
pub(super) fn order(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(plan.transform_up(short_circuit)?.data)
}

fn close_node(plan: LogicalPlan) -> DataFusionResult<Transformed<LogicalPlan>> {
    // LIMIT counts once, whatever moves.
    if matches!(plan, LogicalPlan::Limit(_)) || !computes_fallible(&plan) {
        return Ok(Transformed::no(plan));
    }
    let closed = match plan {
        LogicalPlan::Filter(filter) => close_filter(filter)?,
        LogicalPlan::Projection(projection) => close_projection(projection)?,
        LogicalPlan::Join(join) => return close_join(join).map(Transformed::yes),
        other => Opaque::close(other),
    };
    Ok(Transformed::yes(closed))
}

/// Conjuncts that cannot fail stay open, below.
fn close_filter(filter: Filter) -> DataFusionResult<LogicalPlan> {
    let schema = filter.input.schema().clone();
    let (closed, open) = part(filter.predicate, &schema);
    let mut plan = filter.input;
    if let Some(open) = open {
        plan = LogicalPlan::Filter(Filter::try_new(open, plan)?).into();
    }
    Ok(match closed {
        Some(closed) => Opaque::close(LogicalPlan::Filter(Filter::try_new(closed, plan)?)),
        None => plan.as_ref().clone(),
    })
}

/// The conjuncts that can fail, and those that cannot.
pub(super) fn part(predicate: Expr, schema: &DFSchema) -> (Option<Expr>, Option<Expr>) {
    let (closed, open): (Vec<Expr>, Vec<Expr>) =
        split_conjunction_owned(predicate).into_iter().partition(|expr| fallible(expr, schema));
    (conjunction(closed), conjunction(open))
}

/// What cannot fail is computed below, in the open, so that filters can pass.
pub(super) fn close_projection(projection: Projection) -> DataFusionResult<LogicalPlan> {
    let schema = projection.input.schema();
    let outputs: Vec<Column> = projection.schema.columns();
    let mut below: Vec<Expr> = vec![];
    let mut above: Vec<Expr> = vec![];
    for (expr, output) in projection.expr.iter().zip(&outputs) {
        if fallible(expr, schema) {
            above.push(expr.clone());
            continue;
        }
        below.push(expr.clone());
        above.push(Expr::Column(output.clone()));
    }
    for column in
        projection.expr.iter().filter(|expr| fallible(expr, schema)).flat_map(Expr::column_refs)
    {
        let column = Expr::Column(column.clone());
        if !below.contains(&column) {
            below.push(column);
        }
    }
    // A name that would mean two columns then is the reason to leave it in one piece.
    let two = Projection::try_new(below, projection.input.clone())
        .and_then(|below| Projection::try_new(above, LogicalPlan::Projection(below).into()));
    Ok(Opaque::close(LogicalPlan::Projection(match two {
        Ok(above) if above.schema.columns() == outputs => above,
        _ => projection,
    })))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::common::JoinType;
    use datafusion::functions_aggregate::expr_fn::{count, sum};
    use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, col, lit};

    use crate::plan::testing::Memory;

    /// Half of `x` are zero or NULL: AND's lucky path for few true rows is not taken.
    fn memory() -> Arc<Memory> {
        let rows: Vec<Vec<Option<i32>>> = vec![
            vec![Some(1), Some(0), Some(1)],
            vec![Some(2), None, Some(1)],
            vec![Some(3), Some(1), Some(2)],
            vec![Some(4), Some(2), Some(2)],
            vec![Some(5), Some(4), None],
        ];
        let rows: Vec<&[Option<i32>]> = rows.iter().map(Vec::as_slice).collect();
        Arc::new(
            Memory::default()
                .table("t", &["id", "x", "k"], &rows)
                .table(
                    "u",
                    &["a", "b"],
                    &[&[Some(1), Some(0)], &[Some(22), Some(1)], &[Some(3), None]],
                )
                .texts("s", "w", &["1", "x", "22"]),
        )
    }

    fn check(plan: impl Fn(&Memory) -> LogicalPlan, expected: &str) {
        let memory = memory();
        let answer = memory.answer(plan(&memory));
        let text = match &answer {
            Ok(rows) => rows.replace('\n', ", "),
            Err(error) => format!("{} {}", error.code(), error.message()),
        };
        assert_eq!(text, expected);
    }

    fn done(builder: LogicalPlanBuilder) -> LogicalPlan {
        builder.build().unwrap()
    }

    fn quotient() -> Expr {
        lit(4) / col("t.x")
    }

    #[test]
    fn what_stands_before_a_division_keeps_it_from_failing() {
        check(
            |m| {
                let condition = col("t.x").not_eq(lit(0)).and(quotient().gt(lit(1)));
                done(m.scan("t", "t").filter(condition).unwrap().project([col("t.id")]).unwrap())
            },
            "3, 4",
        );
        check(
            |m| {
                let condition = col("t.x").eq(lit(0)).or(quotient().gt(lit(1)));
                done(m.scan("t", "t").filter(condition).unwrap().project([col("t.id")]).unwrap())
            },
            "1, 3, 4",
        );
        check(
            |m| {
                let shown = col("t.x").not_eq(lit(0)).and(quotient().gt(lit(1))).alias("o1");
                done(m.scan("t", "t").project([col("t.id"), shown]).unwrap())
            },
            "1 false, 2 -, 3 true, 4 true, 5 false",
        );
    }

    #[test]
    fn a_division_that_nothing_keeps_fails() {
        check(
            |m| done(m.scan("t", "t").filter(quotient().gt(lit(1))).unwrap()),
            "22012 division by zero",
        );
    }

    #[test]
    fn a_filter_does_not_move_into_a_computed_column() {
        check(
            |m| {
                let inner = m
                    .scan("t", "t")
                    .filter(col("t.x").gt(lit(0)))
                    .unwrap()
                    .project([col("t.id").alias("o1"), quotient().alias("o2")])
                    .unwrap();
                done(inner.filter(col("o2").gt(lit(1))).unwrap().project([col("o1")]).unwrap())
            },
            "3, 4",
        );
    }

    #[test]
    fn a_filter_does_not_move_into_a_branch_of_a_union() {
        check(
            |m| {
                let one = m
                    .scan("t", "t")
                    .filter(col("t.x").gt(lit(1)))
                    .unwrap()
                    .project([quotient().alias("o1")])
                    .unwrap();
                let other = m.scan("u", "u").project([col("u.a").alias("o1")]).unwrap();
                let both = one.union(done(other)).unwrap();
                done(both.filter(col("o1").gt(lit(1))).unwrap())
            },
            "2, 22, 3",
        );
    }

    #[test]
    fn a_filter_is_not_inferred_through_a_join_key() {
        check(
            |m| {
                let texts = m
                    .scan("s", "s")
                    .filter(col("s.w").not_eq(lit("x")))
                    .unwrap()
                    .project([cast(col("s.w"), arrow::datatypes::DataType::Int32).alias("y")])
                    .unwrap();
                let joined = m.scan("u", "u").join_on(
                    done(texts),
                    JoinType::Inner,
                    [col("u.a").eq(col("y"))],
                );
                done(joined.unwrap().filter(col("u.a").gt(lit(5))).unwrap())
            },
            "22 1 22",
        );
    }

    #[test]
    fn a_left_join_keeps_rows_whose_condition_stops_before_a_division() {
        check(
            |m| {
                let on = col("u.b").gt(lit(0)).and((lit(1) / col("u.b")).eq(lit(1)));
                let joined = m.scan("t", "t").join_on(
                    done(m.scan("u", "u")),
                    JoinType::Left,
                    [on.and(col("t.id").eq(lit(1)))],
                );
                done(joined.unwrap().project([col("t.id"), col("u.a")]).unwrap())
            },
            "1 22, 2 -, 3 -, 4 -, 5 -",
        );
    }

    #[test]
    fn an_inner_join_divides_after_its_keys_matched() {
        check(
            |m| {
                let on = col("t.id").eq(col("u.a")).and((lit(4) / col("t.x")).gt(lit(1)));
                let right = m.scan("u", "u").filter(col("u.a").gt(lit(1))).unwrap();
                let joined = m.scan("t", "t").join_on(done(right), JoinType::Inner, [on]);
                done(joined.unwrap().project([col("t.id")]).unwrap())
            },
            "3",
        );
    }

    #[test]
    fn a_filter_on_a_group_key_does_not_move_into_it() {
        check(
            |m| {
                let grouped = m
                    .scan("t", "t")
                    .filter(col("t.x").not_eq(lit(0)))
                    .unwrap()
                    .project([quotient().alias("g1"), col("t.id").alias("x1")])
                    .unwrap()
                    .aggregate([col("g1")], [count(col("x1")).alias("o1")])
                    .unwrap();
                done(grouped.filter(col("g1").gt(lit(1))).unwrap())
            },
            "2 1, 4 1",
        );
    }

    #[test]
    fn an_aggregate_over_guarded_rows_is_guarded() {
        check(
            |m| {
                let rows = m
                    .scan("t", "t")
                    .filter(col("t.x").not_eq(lit(0)))
                    .unwrap()
                    .project([cast(quotient(), arrow::datatypes::DataType::Int64).alias("x1")])
                    .unwrap();
                done(rows.aggregate(Vec::<Expr>::new(), [sum(col("x1")).alias("o1")]).unwrap())
            },
            "7",
        );
    }
}
