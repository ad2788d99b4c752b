//! A SELECT that equality over an index answers: it passes no planner when it runs.
//!
//! Found once in an optimised plan. To run it: probe the index with [`PointPlan::key`], hand the
//! rows found, with [`PointPlan::columns`] of the relation, to [`PointPlan::answer`].
use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchemaRef, ScalarValue};
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator, TableScan};
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use engine::plan::RelationId;

use crate::catalog::{Index, Relation, RelationKind};
use crate::functions::is_constant;
use crate::plan::source::relation_of;
use crate::{Error, Result};

/// A value for each placeholder, by its id: `$1`, `$2`, …, `$now`.
pub type ValueOf<'a> = &'a dyn Fn(&str) -> Option<ScalarValue>;

/// How to answer a SELECT by probing an index.
#[derive(Clone, Debug)]
pub struct PointPlan {
    /// What is read.
    pub relation: Arc<Relation>,
    /// The index to probe; the primary key's where there is none.
    pub index: Option<RelationId>,
    /// Columns of the relation that [`PointPlan::answer`] wants, in this order.
    pub columns: Vec<usize>,
    /// The schema under which it wants them.
    pub wanted: SchemaRef,
    /// Columns of the answer.
    pub schema: SchemaRef,
    key: Vec<Step>,
    conditions: Vec<Step>,
    outputs: Option<Vec<Step>>,
    limit: Option<usize>,
    input: DFSchemaRef,
}

/// An expression, planned already where it waits for no parameter.
#[derive(Clone, Debug)]
struct Step {
    expr: Expr,
    physical: Option<Arc<dyn PhysicalExpr>>,
}

impl PointPlan {
    /// The point plan that gives what `plan` does, if it is of that kind: equality with constants
    /// or parameters in all columns of the primary key or of one of `indexes`.
    pub fn find(plan: &LogicalPlan, indexes: &[Index]) -> Result<Option<Self>> {
        let Some(parts) = Parts::of(plan) else { return Ok(None) };
        let relation = relation_of(parts.scan)?;
        let columns = match &parts.scan.projection {
            Some(columns) => columns.clone(),
            None => (0..relation.columns.len()).collect(),
        };
        let equalities = parts.equalities(&columns);
        let Some((index, key, used)) = probed(relation, indexes, &equalities) else {
            return Ok(None);
        };
        let input = parts.scan.projected_schema.clone();
        let step = |expr: &Expr| Step::new(expr, &input);
        let key = key.iter().map(step).collect::<Result<Vec<_>>>()?;
        let rest = parts.conditions.iter().filter(|condition| !used.contains(condition));
        let conditions = rest.map(|condition| step(condition)).collect::<Result<Vec<_>>>()?;
        let schema = plan.schema().inner().clone();
        let plain = parts.plain(&columns).filter(|_| conditions.is_empty());
        let (columns, wanted, outputs) = match (plain, parts.outputs) {
            // The answer is what is found.
            (Some(plain), _) => (plain, schema.clone(), None),
            (None, outputs) => {
                let outputs = outputs.map(|outputs| outputs.iter().map(step).collect());
                (columns, input.inner().clone(), outputs.transpose()?)
            }
        };
        Ok(Some(Self {
            relation: relation.clone(),
            index,
            columns,
            wanted,
            schema,
            key,
            conditions,
            outputs,
            limit: parts.limit,
            input,
        }))
    }

    /// What to look up, in the order of the index; nothing where a value is NULL, which equals
    /// no value.
    pub fn key(&self, value_of: ValueOf<'_>) -> Result<Option<Vec<ScalarValue>>> {
        let mut key = Vec::with_capacity(self.key.len());
        for step in &self.key {
            let value = match &step.expr {
                Expr::Literal(value, _) => value.clone(),
                Expr::Placeholder(placeholder) => {
                    value_of(&placeholder.id).ok_or_else(|| no_parameter(&placeholder.id))?
                }
                _ => step.constant(&self.input, value_of)?,
            };
            if value.is_null() {
                return Ok(None);
            }
            key.push(value);
        }
        Ok(Some(key))
    }

    /// What [`PointPlan::answer`] wants of whole rows.
    pub fn project(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let columns = rows.project(&self.columns)?.columns().to_vec();
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.wanted.clone(), columns, &options)?)
    }

    /// The answer, given the rows found.
    pub fn answer(&self, rows: RecordBatch, value_of: ValueOf<'_>) -> Result<RecordBatch> {
        let mut rows = rows;
        for condition in &self.conditions {
            if rows.num_rows() == 0 {
                break;
            }
            let physical = condition.physical(&self.input, value_of)?;
            let kept = physical.evaluate(&rows)?.into_array(rows.num_rows())?;
            let Some(kept) = kept.as_boolean_opt() else {
                return Err(Error::internal("a condition that is not boolean"));
            };
            rows = filter_record_batch(&rows, &true_only(kept))?;
        }
        if let Some(limit) = self.limit.filter(|limit| *limit < rows.num_rows()) {
            rows = rows.slice(0, limit);
        }
        if Arc::ptr_eq(&self.wanted, &self.schema) {
            return Ok(rows);
        }
        let columns = match &self.outputs {
            None => rows.columns().to_vec(),
            Some(outputs) => outputs
                .iter()
                .map(|output| {
                    let physical = output.physical(&self.input, value_of)?;
                    Ok(physical.evaluate(&rows)?.into_array(rows.num_rows())?)
                })
                .collect::<Result<Vec<_>>>()?,
        };
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)?)
    }
}

impl Step {
    fn new(expr: &Expr, input: &DFSchemaRef) -> Result<Self> {
        let waits = expr.exists(|part| Ok(matches!(part, Expr::Placeholder(_))))?;
        let physical = if waits { None } else { Some(planned(expr, input)?) };
        Ok(Self { expr: expr.clone(), physical })
    }

    /// The value of an expression without columns.
    fn constant(&self, input: &DFSchemaRef, value_of: ValueOf<'_>) -> Result<ScalarValue> {
        let value = self.physical(input, value_of)?.evaluate(&row()?)?.into_array(1)?;
        Ok(ScalarValue::try_from_array(&value, 0)?)
    }

    fn physical(
        &self,
        input: &DFSchemaRef,
        value_of: ValueOf<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        if let Some(physical) = &self.physical {
            return Ok(physical.clone());
        }
        let mut missing = None;
        let filled = self.expr.clone().transform_up(|part| {
            let Expr::Placeholder(placeholder) = &part else { return Ok(Transformed::no(part)) };
            Ok(match value_of(&placeholder.id) {
                Some(value) => Transformed::yes(Expr::Literal(value, None)),
                None => {
                    missing = Some(no_parameter(&placeholder.id));
                    Transformed::no(part)
                }
            })
        })?;
        match missing {
            Some(error) => Err(error),
            None => planned(&filled.data, input),
        }
    }
}

/// An expression without the name it is given.
fn unnamed(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unnamed(&alias.expr),
        other => other,
    }
}

/// A row without columns.
fn row() -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    Ok(RecordBatch::try_new_with_options(Schema::empty().into(), vec![], &options)?)
}

fn planned(expr: &Expr, input: &DFSchemaRef) -> Result<Arc<dyn PhysicalExpr>> {
    let properties = ExecutionProps::new();
    Ok(create_physical_expr(expr, input, &properties, &PhysicalPlanningContext::default())?)
}

fn no_parameter(id: &str) -> Error {
    Error::new("42P02", format!("there is no parameter {id}"))
}

/// NULL counts as false.
fn true_only(kept: &BooleanArray) -> BooleanArray {
    kept.iter().map(|kept| Some(kept == Some(true))).collect()
}

/// A plan of the shape `[LIMIT] [columns] [conditions] scan`.
struct Parts<'a> {
    limit: Option<usize>,
    outputs: Option<&'a [Expr]>,
    /// Conjuncts, in the order in which they are to be tested.
    conditions: Vec<&'a Expr>,
    scan: &'a TableScan,
}

impl<'a> Parts<'a> {
    fn of(plan: &'a LogicalPlan) -> Option<Self> {
        let (mut plan, mut limit, mut outputs) = (plan, None, None);
        if let LogicalPlan::Limit(node) = plan {
            let (None, Some(Expr::Literal(ScalarValue::Int64(Some(rows)), _))) =
                (&node.skip, node.fetch.as_deref())
            else {
                return None;
            };
            limit = Some(usize::try_from(*rows).ok()?);
            plan = &node.input;
        }
        if let LogicalPlan::Projection(node) = plan {
            outputs = Some(node.expr.as_slice());
            plan = &node.input;
        }
        let mut filters = vec![];
        while let LogicalPlan::Filter(node) = plan {
            filters.push(&node.predicate);
            plan = &node.input;
        }
        let LogicalPlan::TableScan(scan) = plan else { return None };
        if !scan.filters.is_empty() || scan.fetch.is_some() {
            return None;
        }
        let lowest_first = filters.into_iter().rev();
        let conditions = lowest_first.flat_map(split_conjunction).collect();
        Some(Self { limit, outputs, conditions, scan })
    }

    /// Columns of the relation that the outputs are, where they are nothing else.
    fn plain(&self, columns: &[usize]) -> Option<Vec<usize>> {
        let Some(outputs) = self.outputs else { return Some(columns.to_vec()) };
        outputs.iter().map(|output| self.place(unnamed(output), columns)).collect()
    }

    /// The column of the relation that an expression is, if it is one.
    fn place(&self, expr: &Expr, columns: &[usize]) -> Option<usize> {
        let Expr::Column(column) = expr else { return None };
        columns.get(self.scan.projected_schema.maybe_index_of_column(column)?).copied()
    }

    /// Columns of the relation that must equal a constant: their numbers, the constants, and the
    /// conjuncts that say so.
    fn equalities(&self, columns: &[usize]) -> Vec<Equality<'a>> {
        let place = |expr: &Expr| self.place(expr, columns);
        let equality = |conjunct: &&'a Expr| {
            let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = *conjunct else {
                return None;
            };
            let (column, value) = match (place(left), place(right)) {
                (Some(column), None) => (column, right.as_ref()),
                (None, Some(column)) => (column, left.as_ref()),
                _ => return None,
            };
            is_constant(value).then_some(Equality { column, value, conjunct })
        };
        self.conditions.iter().filter_map(equality).collect()
    }
}

/// A column that must equal a constant.
struct Equality<'a> {
    column: usize,
    value: &'a Expr,
    conjunct: &'a Expr,
}

/// Which index to probe, with what, and the conjuncts that this answers.
type Probe<'a> = (Option<RelationId>, Vec<Expr>, Vec<&'a Expr>);

/// The primary key if all of it is given, or else the longest index, a unique one first.
fn probed<'a>(
    relation: &Relation,
    indexes: &[Index],
    equalities: &[Equality<'a>],
) -> Option<Probe<'a>> {
    let of = |index: Option<RelationId>, columns: &[usize]| -> Option<Probe<'a>> {
        let found = columns
            .iter()
            .map(|column| equalities.iter().find(|equality| equality.column == *column))
            .collect::<Option<Vec<_>>>()?;
        let key = found.iter().map(|equality| equality.value.clone()).collect();
        let used = found.iter().map(|equality| equality.conjunct).collect();
        (!columns.is_empty()).then_some((index, key, used))
    };
    let keyed = matches!(relation.kind, RelationKind::Table | RelationKind::ContinuousView);
    if keyed && let Some(found) = of(None, &relation.key) {
        return Some(found);
    }
    let mut candidates: Vec<&Index> =
        indexes.iter().filter(|index| index.relation == relation.id).collect();
    candidates.sort_by_key(|index| (!index.unique, usize::MAX - index.columns.len(), index.id));
    candidates.into_iter().find_map(|index| of(Some(index.id), &index.columns))
}

#[cfg(test)]
mod tests {
    use datafusion::common::ScalarValue;
    use datafusion::logical_expr::expr::Placeholder;
    use datafusion::logical_expr::{Expr, LogicalPlan, col, lit};

    use super::*;
    use crate::plan::testing::{Memory, lines};
    use crate::plan::{Purpose, optimize};
    use crate::types::Type;

    fn memory() -> Memory {
        let s = |value: i32| Some(value);
        let rows: [&[Option<i32>]; 3] =
            [&[s(1), s(10), s(0)], &[s(2), s(10), None], &[s(3), None, s(7)]];
        Memory::default().table("t", &["id", "k", "v"], &rows).keyed("t")
    }

    fn parameter(number: usize) -> Expr {
        let field = Type::Int4.field("", true);
        Expr::Placeholder(Placeholder::new_with_field(format!("${number}"), Some(field.into())))
    }

    fn index(columns: &[usize]) -> Index {
        Index {
            id: RelationId(100),
            schema: "public".to_owned(),
            name: "i".to_owned(),
            relation: RelationId(1),
            columns: columns.to_vec(),
            unique: false,
            text: String::new(),
        }
    }

    /// The index that is probed, the key, and the answer to `rows` of the table.
    fn check(condition: Expr, indexes: &[Index], rows: &[u32], expected: &str) {
        let memory = memory();
        let plan = memory.scan("t", "t").filter(condition).unwrap();
        let plan: LogicalPlan = plan.project([col("t.v"), col("t.id")]).unwrap().build().unwrap();
        let plan = optimize(plan, Purpose::Read).unwrap();
        let Some(point) = PointPlan::find(&plan, indexes).unwrap() else {
            assert_eq!(expected, "none");
            return;
        };
        let values = |id: &str| match id {
            "$1" => Some(ScalarValue::Int32(Some(1))),
            "$2" => Some(ScalarValue::Int32(None)),
            "$3" => Some(ScalarValue::Int16(Some(2))),
            _ => None,
        };
        let key = match point.key(&values) {
            Ok(key) => format!("{key:?}"),
            Err(error) => error.message().to_owned(),
        };
        let relation = memory.relation("t");
        let batch = memory.batches(&relation, Some(&point.columns)).unwrap().next().unwrap();
        let rows = arrow::array::UInt32Array::from(rows.to_vec());
        let found = arrow::compute::take_record_batch(&batch.unwrap(), &rows).unwrap();
        let answer = point.answer(found, &values).map(|batch| lines(&batch).join(", "));
        let answer = answer.unwrap_or_else(|error| error.message().to_owned());
        let index = point.index.map(|id| id.0);
        assert_eq!(format!("{index:?} {key}: {answer}"), expected);
    }

    use crate::read::Relations;

    #[test]
    fn equality_with_the_primary_key_is_a_point() {
        check(col("t.id").eq(lit(2)), &[], &[1], "None Some([Int32(2)]): - 2");
        check(col("t.id").eq(parameter(1)), &[], &[0], "None Some([Int32(1)]): 0 1");
        check(parameter(2).eq(col("t.id")), &[], &[], "None None: ");
        check(parameter(4).eq(col("t.id")), &[], &[], "None there is no parameter $4: ");
    }

    #[test]
    fn a_parameter_of_a_smaller_type_is_a_key() {
        let small = Expr::Placeholder(Placeholder::new_with_field(
            "$3".to_owned(),
            Some(Type::Int2.field("", true).into()),
        ));
        let cast = |from, to, value| {
            crate::functions::cast::cast(value, from, to, crate::functions::CastContext::Implicit)
        };
        let same = cast(&Type::Int2, &Type::Int4, small.clone()).unwrap();
        check(col("t.id").eq(same), &[], &[1], "None Some([Int32(2)]): - 2");
        let column = cast(&Type::Int4, &Type::Int8, col("t.id")).unwrap();
        let large = cast(&Type::Int2, &Type::Int8, small).unwrap();
        check(column.eq(large), &[], &[], "none");
    }

    #[test]
    fn what_the_key_does_not_say_is_tested_afterwards() {
        let positive = col("t.id").eq(lit(3)).and(col("t.v").gt(lit(0)));
        check(positive.clone(), &[], &[2], "None Some([Int32(3)]): 7 3");
        check(positive, &[], &[1], "None Some([Int32(3)]): ");
        let other = col("t.id").eq(lit(1)).and(col("t.k").eq(parameter(2)));
        check(other, &[], &[0], "None Some([Int32(1)]): ");
        let division = col("t.id").eq(lit(1)).and((lit(1) / col("t.v")).gt(lit(0)));
        check(division, &[], &[0], "None Some([Int32(1)]): division by zero");
    }

    #[test]
    fn an_index_needs_all_of_its_columns() {
        let condition = col("t.k").eq(lit(10)).and(col("t.v").eq(lit(0)));
        check(condition.clone(), &[], &[], "none");
        check(condition.clone(), &[index(&[1])], &[0, 1], "Some(100) Some([Int32(10)]): 0 1");
        let both = "Some(100) Some([Int32(0), Int32(10)]): 0 1";
        check(condition, &[index(&[2, 1])], &[0], both);
        check(col("t.k").eq(lit(10)), &[index(&[2, 1])], &[], "none");
        check(col("t.id").gt(lit(1)), &[index(&[1])], &[], "none");
        check(col("t.id").eq(lit(1)).or(col("t.id").eq(lit(2))), &[], &[], "none");
    }
}
