//! Plans, deltas and expectations written as text.
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion_common::ScalarValue;
use datafusion_expr::Operator;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::{BinaryExpr, Column, Literal};

use crate::pipeline::{Environment, Output, Pipeline};
use crate::plan::{AggregateFunction, Call, Expression, JoinKind, Node, Plan, RelationId, SortKey};
use crate::{Delta, Result};

/// A scan of all columns of relation `id`, of types such as `int8 text`.
pub(super) fn scan(id: u64, types: &str) -> Arc<Plan> {
    let schema = schema(types.split_whitespace().map(data_type));
    let columns = (0..schema.fields().len()).collect();
    Arc::new(Plan { node: Node::Scan { relation: RelationId(id), columns }, schema })
}

pub(super) fn data_type(name: &str) -> DataType {
    match name {
        "bool" => DataType::Boolean,
        "int2" => DataType::Int16,
        "int4" => DataType::Int32,
        "int8" => DataType::Int64,
        "float4" => DataType::Float32,
        "float8" => DataType::Float64,
        "text" => DataType::Utf8,
        "bytea" => DataType::Binary,
        "date" => DataType::Date32,
        "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "interval" => DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano),
        other => {
            let digits = other.strip_prefix("numeric").unwrap();
            let (precision, scale) = digits.split_once('.').unwrap_or(("38", "0"));
            DataType::Decimal128(precision.parse().unwrap(), scale.parse().unwrap())
        }
    }
}

pub(super) fn schema(types: impl Iterator<Item = DataType>) -> SchemaRef {
    let fields = types.enumerate().map(|(n, kind)| Field::new(format!("c{n}"), kind, true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

pub(super) fn types(plan: &Plan) -> Vec<DataType> {
    plan.schema.fields().iter().map(|field| field.data_type().clone()).collect()
}

pub(super) fn filter(input: &Arc<Plan>, predicate: Expression) -> Arc<Plan> {
    let schema = SchemaRef::clone(&input.schema);
    Arc::new(Plan { node: Node::Filter { input: Arc::clone(input), predicate }, schema })
}

pub(super) fn project(input: &Arc<Plan>, expressions: Vec<Expression>) -> Arc<Plan> {
    let kinds = expressions.iter().map(|e| e.physical.data_type(&input.schema).unwrap());
    let schema = schema(kinds.collect::<Vec<_>>().into_iter());
    Arc::new(Plan { node: Node::Project { input: Arc::clone(input), expressions }, schema })
}

pub(super) fn union(inputs: &[&Arc<Plan>]) -> Arc<Plan> {
    let schema = SchemaRef::clone(&inputs[0].schema);
    let inputs = inputs.iter().map(|input| Arc::clone(input)).collect();
    Arc::new(Plan { node: Node::Union { inputs }, schema })
}

/// Calls such as `sum(1)`, `count(*)`, `count(distinct 2) filter 3`.
pub(super) fn aggregate(input: &Arc<Plan>, keys: &[usize], calls: &[&str]) -> Arc<Plan> {
    let calls: Vec<Call> = calls.iter().map(|text| call(text)).collect();
    let of_input = types(input);
    let mut kinds: Vec<DataType> = keys.iter().map(|key| of_input[*key].clone()).collect();
    kinds.extend(calls.iter().map(|call| result_type(call, &of_input)));
    let node = Node::Aggregate { input: Arc::clone(input), keys: keys.to_vec(), calls };
    Arc::new(Plan { node, schema: schema(kinds.into_iter()) })
}

fn call(text: &str) -> Call {
    use AggregateFunction as F;
    let (name, rest) = text.split_once('(').unwrap();
    let (argument, rest) = rest.split_once(')').unwrap();
    let function = match name {
        "count" => F::Count,
        "sum" => F::Sum,
        "avg" => F::Avg,
        "min" => F::Min,
        "max" => F::Max,
        "bool_and" => F::BoolAnd,
        "bool_or" => F::BoolOr,
        other => panic!("{other}"),
    };
    let filter = rest.trim().strip_prefix("filter ").map(|column| column.parse().unwrap());
    let distinct = argument.starts_with("distinct ");
    let argument = argument.trim_start_matches("distinct ").parse().ok();
    Call { function, argument, filter, distinct }
}

fn result_type(call: &Call, input: &[DataType]) -> DataType {
    use AggregateFunction as F;
    let argument = call.argument.map(|column| input[column].clone());
    match (call.function, argument) {
        (F::Count, _) => DataType::Int64,
        (F::Sum, Some(DataType::Int16 | DataType::Int32)) => DataType::Int64,
        (F::Sum, Some(DataType::Int64)) => DataType::Decimal128(38, 0),
        (F::Sum, Some(DataType::Decimal128(_, scale))) => DataType::Decimal128(38, scale),
        (F::Avg, Some(DataType::Float32 | DataType::Float64)) => DataType::Float64,
        (F::Avg, Some(DataType::Decimal128(_, scale))) => DataType::Decimal128(38, scale.max(16)),
        (F::Avg, Some(_)) => DataType::Decimal128(38, 16),
        (_, argument) => argument.unwrap(),
    }
}

pub(super) fn join(
    left: &Arc<Plan>,
    right: &Arc<Plan>,
    kind: JoinKind,
    on: &[(usize, usize)],
    residual: Option<Expression>,
) -> Arc<Plan> {
    let mut kinds = types(left);
    if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
        kinds.extend(types(right));
    }
    let node = Node::Join {
        left: Arc::clone(left),
        right: Arc::clone(right),
        kind,
        on: on.to_vec(),
        nulls_equal: false,
        residual,
    };
    Arc::new(Plan { node, schema: schema(kinds.into_iter()) })
}

/// Order such as `1 desc nulls first, 0`.
pub(super) fn top_k(
    input: &Arc<Plan>,
    partition: &[usize],
    order: &str,
    (skip, limit): (u64, u64),
    row_number: bool,
) -> Arc<Plan> {
    let order = order.split(',').filter(|key| !key.trim().is_empty()).map(|key| {
        let column = key.split_whitespace().next().unwrap().parse().unwrap();
        let descending = key.contains("desc");
        let nulls_first = key.contains("first") || (descending && !key.contains("last"));
        SortKey { column, options: SortOptions { descending, nulls_first } }
    });
    let order = order.collect();
    let mut kinds = types(input);
    if row_number {
        kinds.push(DataType::Int64);
    }
    let input = Arc::clone(input);
    let node = Node::TopK { input, partition: partition.to_vec(), order, skip, limit, row_number };
    Arc::new(Plan { node, schema: schema(kinds.into_iter()) })
}

pub(super) fn column(number: usize) -> Expression {
    Expression { physical: Arc::new(Column::new(&format!("c{number}"), number)), fallible: false }
}

pub(super) fn literal(value: ScalarValue) -> Expression {
    Expression { physical: Arc::new(Literal::new(value)), fallible: false }
}

pub(super) fn long(value: i64) -> Expression {
    literal(ScalarValue::Int64(Some(value)))
}

pub(super) fn binary(left: Expression, operator: Operator, right: Expression) -> Expression {
    let expression = BinaryExpr::new(left.physical, operator, right.physical);
    let physical: Arc<dyn PhysicalExpr> = Arc::new(expression.with_fail_on_overflow(true));
    Expression { physical, fallible: true }
}

/// Rows such as `+1 7 a | -2 null b`; a value is what Arrow casts from text to the type.
pub(super) fn delta(schema: &SchemaRef, text: &str) -> Delta {
    let rows: Vec<Vec<&str>> = text
        .split('|')
        .map(|row| row.split_whitespace().collect::<Vec<_>>())
        .filter(|row| !row.is_empty())
        .collect();
    let weights: Int64Array =
        rows.iter().map(|row| Some(row[0].trim_start_matches('+').parse().unwrap())).collect();
    let columns = schema.fields().iter().enumerate().map(|(number, field)| {
        let texts = rows.iter().map(|row| Some(row[number + 1]).filter(|text| *text != "null"));
        cast(&texts.collect::<StringArray>(), field.data_type()).unwrap()
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    let batch =
        RecordBatch::try_new_with_options(SchemaRef::clone(schema), columns.collect(), &options);
    Delta::new(batch.unwrap(), weights).unwrap()
}

pub(super) fn environment(pool: Option<Arc<rayon::ThreadPool>>) -> Environment<'static> {
    Environment { seed: 42, pool, append_only: &|_| false }
}

pub(super) fn append_only() -> Environment<'static> {
    Environment { seed: 42, pool: None, append_only: &|_| true }
}

/// The rows of a delta as text, each with its weight, sorted.
pub(super) fn show(delta: &Delta) -> Vec<String> {
    let columns: Vec<&ArrayRef> = delta.rows().columns().iter().collect();
    let options = FormatOptions::new().with_null("null");
    let formatters: Vec<ArrayFormatter<'_>> =
        columns.iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
    let mut rows: Vec<String> = (0..delta.len())
        .zip(delta.weights_iter())
        .map(|(row, weight)| {
            let values = formatters.iter().map(|f| f.value(row).to_string());
            format!("{weight:+} {}", values.collect::<Vec<_>>().join(" ")).trim().to_owned()
        })
        .collect();
    rows.sort();
    rows
}

pub(super) fn show_output(output: &Output) -> String {
    let mut rows = show(&output.delta);
    rows.extend(show(&output.failures).into_iter().map(|failure| format!("! {failure}")));
    rows.join(" | ")
}

/// Runs ticks, one a line, such as `1: +1 7 a | -1 8 b; 2: +1 5`, and compares what comes
/// out, a line for the start and one for each tick.
pub(super) fn check(plan: &Arc<Plan>, ticks: &str, expected: &str) {
    let found = run(plan, ticks).unwrap();
    let expected: Vec<&str> = expected.lines().map(str::trim).collect();
    assert_eq!(found, expected);
}

pub(super) fn run(plan: &Arc<Plan>, ticks: &str) -> Result<Vec<String>> {
    let mut pipeline = Pipeline::build(plan, &environment(None))?;
    let mut found = vec![show_output(&pipeline.start()?)];
    for (line, tick) in ticks.trim().lines().zip(1..) {
        let inputs: Vec<(RelationId, Delta)> = line
            .split(';')
            .map(|part| {
                let (relation, rows) = part.split_once(':').unwrap();
                let relation = RelationId(relation.trim().parse().unwrap());
                (relation, delta(&relation_schema(plan, relation).unwrap(), rows))
            })
            .collect();
        found.push(show_output(&pipeline.process(&inputs, tick)?));
    }
    Ok(found)
}

fn relation_schema(plan: &Plan, wanted: RelationId) -> Option<SchemaRef> {
    match &plan.node {
        Node::Scan { relation, .. } if *relation == wanted => Some(SchemaRef::clone(&plan.schema)),
        _ => plan.inputs().iter().find_map(|input| relation_schema(input, wanted)),
    }
}
