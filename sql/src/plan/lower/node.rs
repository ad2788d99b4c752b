//! One operator for each node of a logical plan.
//!
//! A lowered node has the columns of its logical node, in the same order and of the same types,
//! so expressions are planned on the logical schema. Whatever has no operator is refused with
//! 0A000, the clause's name, and what to write instead.
use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::logical_expr::{Distinct, Filter, LogicalPlan, Projection, Union};
use engine::plan::{Expression, Node, Plan};

use super::expression::{columns, expression, schema};
use super::share::shared;
use super::{aggregate, join, scan, top_k, values};
use crate::plan::{STACK_BYTES, STACK_RED_ZONE_BYTES};
use crate::{Error, Result};

/// The operators that keep `plan`, which must be optimised for a view, always true.
pub fn lower(plan: &LogicalPlan) -> Result<Arc<Plan>> {
    stacker::maybe_grow(STACK_RED_ZONE_BYTES, STACK_BYTES, || Ok(shared(&lower_node(plan)?)))
}

pub(super) fn lower_node(plan: &LogicalPlan) -> Result<Arc<Plan>> {
    match plan {
        LogicalPlan::Projection(projection) => project(projection),
        LogicalPlan::Filter(filter) => match top_k::numbered(filter)? {
            Some(lowered) => Ok(lowered),
            None => lower_filter(filter),
        },
        LogicalPlan::Aggregate(node) => aggregate::aggregate(node),
        LogicalPlan::Distinct(Distinct::All(input)) => aggregate::distinct(input),
        LogicalPlan::Distinct(Distinct::On(on)) => top_k::distinct_on(on),
        LogicalPlan::Join(node) => join::join(node),
        LogicalPlan::Union(node) => union(node),
        LogicalPlan::TableScan(node) => scan::scan(node),
        LogicalPlan::EmptyRelation(node) => values::empty(node),
        LogicalPlan::Values(node) => values::values(node),
        LogicalPlan::Limit(node) => top_k::limit(node),
        // A relation has no order: ORDER BY without LIMIT says nothing about its rows.
        LogicalPlan::Sort(node) if node.fetch.is_none() => lower_node(&node.input),
        LogicalPlan::Sort(node) => top_k::sort(node),
        LogicalPlan::SubqueryAlias(node) => {
            let input = lower_node(&node.input)?;
            Ok(Arc::new(Plan { node: input.node.clone(), schema: schema(&node.schema) }))
        }
        LogicalPlan::Extension(_) => scan::extension(plan),
        other => Err(refused(other)),
    }
}

fn project(projection: &Projection) -> Result<Arc<Plan>> {
    projected(lower_node(&projection.input)?, projection)
}

/// `projection` over `input`, which has the columns of its logical input.
pub(super) fn projected(input: Arc<Plan>, projection: &Projection) -> Result<Arc<Plan>> {
    let of = projection.input.schema();
    let expressions =
        projection.expr.iter().map(|expr| expression(expr, of)).collect::<Result<Vec<_>>>()?;
    let node = Node::Project { input, expressions };
    Ok(Arc::new(Plan { node, schema: schema(&projection.schema) }))
}

fn lower_filter(filter: &Filter) -> Result<Arc<Plan>> {
    let input = lower_node(&filter.input)?;
    let predicate = expression(&filter.predicate, filter.input.schema())?;
    Ok(filtered(input, predicate))
}

/// `input`, less the rows for which `predicate` is not true.
pub(super) fn filtered(input: Arc<Plan>, predicate: Expression) -> Arc<Plan> {
    let schema = input.schema.clone();
    Arc::new(Plan { node: Node::Filter { input, predicate }, schema })
}

/// These columns of `input`, whose logical schema is `of`.
pub(super) fn picked(
    input: Arc<Plan>,
    of: &DFSchema,
    picked: &[usize],
    to: &DFSchema,
) -> Result<Arc<Plan>> {
    let expressions = columns(of, picked)?;
    Ok(Arc::new(Plan { node: Node::Project { input, expressions }, schema: schema(to) }))
}

fn union(node: &Union) -> Result<Arc<Plan>> {
    let mut inputs = Vec::with_capacity(node.inputs.len());
    for input in &node.inputs {
        let lowered = lower_node(input)?;
        match &lowered.node {
            Node::Union { inputs: nested } => inputs.extend(nested.iter().cloned()),
            _ => inputs.push(lowered),
        }
    }
    Ok(Arc::new(Plan { node: Node::Union { inputs }, schema: schema(&node.schema) }))
}

fn refused(plan: &LogicalPlan) -> Error {
    let (what, hint) = match plan {
        LogicalPlan::Window(_) => (
            "a window function in a continuous view".to_owned(),
            "Use GROUP BY with an aggregate; \
             row_number() is kept with a condition on it such as row_number <= 10.",
        ),
        LogicalPlan::Subquery(_) => (
            "this form of LATERAL in a continuous view".to_owned(),
            "Write it as a join with a grouped sub-select.",
        ),
        LogicalPlan::Unnest(_) => {
            ("unnest() in a continuous view".to_owned(), "Insert one row for each element instead.")
        }
        LogicalPlan::RecursiveQuery(_) => (
            "WITH RECURSIVE in a continuous view".to_owned(),
            "Run the recursive query as a SELECT over the view.",
        ),
        other => (
            format!("{} in a continuous view", other.display()),
            "Run it as a SELECT over a simpler view.",
        ),
    };
    Error::unsupported(what).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use datafusion::common::JoinType;
    use datafusion::functions_aggregate::expr_fn::{count, max};
    use datafusion::functions_window::expr_fn::row_number;
    use datafusion::logical_expr::{ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, col, lit};
    use expect_test::{Expect, expect};

    use crate::plan::testing::{Memory, shape};
    use crate::plan::{Purpose, lower, optimize};

    fn check(plan: impl Fn(&Memory) -> LogicalPlanBuilder, expected: Expect) {
        let memory =
            Memory::default().table("t", &["id", "x", "k"], &[]).table("u", &["a", "b"], &[]);
        let lowered = optimize(plan(&memory).build().unwrap(), Purpose::View)
            .and_then(|plan: LogicalPlan| lower(&plan));
        match lowered {
            Ok(plan) => {
                let names = plan.schema.fields().iter().map(|f| f.name().as_str());
                let names: Vec<_> = names.collect();
                expected.assert_eq(&format!("{}\n{}", names.join(" "), shape(&plan)));
            }
            Err(error) => expected.assert_eq(&format!(
                "{} {}; {}",
                error.code(),
                error.message(),
                error.hint().unwrap_or_default()
            )),
        }
    }

    #[test]
    fn filters_stand_on_scans_of_what_is_read() {
        check(
            |m| {
                let condition = col("t.x").gt(lit(1)).and((lit(1) / col("t.x")).gt(lit(0)));
                m.scan("t", "t")
                    .filter(condition)
                    .unwrap()
                    .project([col("t.k").alias("o1")])
                    .unwrap()
            },
            expect![[r#"
                o1
                Project k@1
                  Filter 1 / x@0 > 0 (fallible)
                    Filter x@0 > 1
                      Scan 1 [1, 2]"#]],
        );
    }

    #[test]
    fn groups_read_columns() {
        check(
            |m| {
                m.scan("t", "t")
                    .aggregate(
                        [col("t.k")],
                        [
                            count(lit(1i64)).alias("o1"),
                            max(col("t.x"))
                                .filter(col("t.id").gt(lit(3)))
                                .build()
                                .unwrap()
                                .alias("o2"),
                            count(col("t.x")).distinct().build().unwrap().alias("o3"),
                        ],
                    )
                    .unwrap()
            },
            expect![[r#"
                k o1 o2 o3
                Aggregate [2] Count(), Max(1) if 3, Count(distinct 1)
                  Project id@0, x@1, k@2, id@0 > 3
                    Scan 1 [0, 1, 2]"#]],
        );
    }

    #[test]
    fn joins_have_keys_and_a_residual() {
        check(
            |m| {
                let on = col("t.k").eq(col("u.a")).and(col("t.x").lt(col("u.b")));
                let right = m.scan("u", "u").build().unwrap();
                m.scan("t", "t").join_on(right, JoinType::Left, [on]).unwrap()
            },
            expect![[r#"
                id x k a b
                Join Left [(2, 0)] if x@1 < b@4
                  Scan 1 [0, 1, 2]
                  Scan 2 [0, 1]"#]],
        );
        check(
            |m| {
                let right = m.scan("u", "u").build().unwrap();
                let on = (col("t.k") + lit(1)).eq(col("u.a"));
                m.scan("t", "t").join_on(right, JoinType::LeftSemi, [on]).unwrap()
            },
            expect![[r#"
                id x k
                Project id@0, x@1, k@2
                  Join Semi [(3, 0)]
                    Project id@0, x@1, k@2, k@2 + 1 (fallible)
                      Scan 1 [0, 1, 2]
                    Scan 2 [0]"#]],
        );
        check(
            |m| {
                let right = m.scan("u", "u").build().unwrap();
                m.scan("t", "t")
                    .cross_join(right)
                    .unwrap()
                    .filter(col("t.k").lt(col("u.a")))
                    .unwrap()
            },
            expect![[r#"
                id x k a b
                Join Inner [] if a@3 > k@2
                  Scan 1 [0, 1, 2]
                  Scan 2 [0, 1]"#]],
        );
    }

    #[test]
    fn an_order_is_kept_only_under_a_limit() {
        check(
            |m| m.scan("u", "u").sort([col("u.b").sort(false, true)]).unwrap(),
            expect![[r#"
                a b
                Scan 2 [0, 1]"#]],
        );
        check(
            |m| {
                let sorted = m.scan("u", "u").sort([col("u.b").sort(false, true)]).unwrap();
                sorted.limit(2, Some(3)).unwrap()
            },
            expect![[r#"
                a b
                TopK [] by 1 desc, 0 skip 2 limit 3
                  Scan 2 [0, 1]"#]],
        );
    }

    #[test]
    fn a_bounded_row_number_is_a_top_k() {
        let numbered = |m: &Memory| {
            let number = row_number()
                .partition_by(vec![col("t.k")])
                .order_by(vec![col("t.x").sort(false, true)])
                .build()
                .unwrap()
                .alias("w1");
            m.scan("t", "t").window([number]).unwrap()
        };
        let big = |builder: LogicalPlanBuilder| {
            let number =
                datafusion::logical_expr::cast(col("w1"), arrow::datatypes::DataType::Int64);
            builder.project([col("t.id").alias("o1"), number.alias("o2")]).unwrap()
        };
        check(
            |m| big(numbered(m)).filter(col("o2").lt_eq(lit(3i64))).unwrap(),
            expect![[r#"
                o1 o2
                Project id@0, CAST(w1@1 AS Int64)
                  Project id@0, w1@3
                    Project id@0, x@1, k@2, CAST(row_number@3 AS UInt64)
                      TopK [2] by 1 desc, 0 skip 0 limit 3 numbered
                        Scan 1 [0, 1, 2]"#]],
        );
        check(
            |m| {
                let condition = col("o2").eq(lit(2i64)).and(col("o1").gt(lit(7)));
                big(numbered(m)).filter(condition).unwrap()
            },
            expect![[r#"
                o1 o2
                Project id@0, CAST(w1@1 AS Int64)
                  Project id@0, w1@3
                    Filter id@0 > 7 AND w1@3 >= 2
                      Project id@0, x@1, k@2, CAST(row_number@3 AS UInt64)
                        TopK [2] by 1 desc, 0 skip 0 limit 2 numbered
                          Scan 1 [0, 1, 2]"#]],
        );
        check(
            |m| big(numbered(m)),
            expect![
                "0A000 a window function in a continuous view is not supported; Use GROUP BY with an aggregate; row_number() is kept with a condition on it such as row_number <= 10."
            ],
        );
    }

    #[test]
    fn names_are_unique_and_rows_without_a_relation_are_values() {
        check(
            |m| {
                let one = m.scan("u", "u").project([col("u.a"), col("u.b").alias("b")]).unwrap();
                let other = LogicalPlanBuilder::empty(true)
                    .project([lit(1).alias("a"), lit(2).alias("b")])
                    .unwrap();
                one.union(other.build().unwrap()).unwrap()
            },
            expect![[r#"
                a b
                Union
                  Project a@0, b@1
                    Scan 2 [0, 1]
                  Project 1, 2
                    Values 1"#]],
        );
    }
}
