//! Random inputs: the sum of what comes out equals the naive answer after every tick.
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
};
use datafusion_expr::Operator;

use super::kit::{
    aggregate, append_only, binary, column, environment, filter, join, long, project, scan, top_k,
    union,
};
use super::naive::{Bag, Query, Row, Value, answer, float, rows};
use crate::pipeline::{Environment, Pipeline};
use crate::plan::{JoinKind, Plan, RelationId};
use crate::{Delta, Result};

/// The columns of both relations: key, number, text, decimal, float, boolean.
pub(super) const COLUMNS: &str = "int8 int4 text numeric10.2 float8 bool";

/// A sequence of numbers without pattern, the same for the same start.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 ^ self.0 >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 29
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn row(&mut self) -> Row {
        let mut row: Row = vec![Value::Null; 6];
        let mut value = |n: usize, value: fn(&mut Random) -> Value| {
            let value = value(self);
            row[n] = if self.below(8) == 0 { Value::Null } else { value };
        };
        value(0, |r| Value::Number(r.below(5).into()));
        value(1, |r| Value::Number(i128::from(r.below(9)) - 3));
        value(2, |r| Value::Text(["", "a", "b", "ab"][r.below(4) as usize].to_owned()));
        value(3, |r| Value::Number(i128::from(r.below(1000)) - 500));
        value(4, |r| float([0.1, 0.25, -3.5, 1e9][r.below(4) as usize]));
        value(5, |r| Value::Bool(r.below(2) == 0));
        row
    }
}

/// Changes of `bag` that leave no row with a negative count.
fn changes(random: &mut Random, bag: &mut Bag, count: u64, append_only: bool) -> Vec<(Row, i64)> {
    let mut changes: Vec<(Row, i64)> = vec![];
    for _ in 0..count {
        let there: Vec<&Row> = bag.keys().collect();
        let retract = !append_only && !there.is_empty() && random.below(2) == 0;
        let (row, weight) = match retract {
            true => {
                let row = there[random.below(there.len() as u64) as usize].clone();
                let most = bag[&row];
                (row, -(1 + random.below(most as u64) as i64))
            }
            false => (random.row(), 1 + random.below(3) as i64 / 2),
        };
        *bag.entry(row.clone()).or_default() += weight;
        bag.retain(|_, count| *count != 0);
        changes.push((row, weight));
    }
    // The order within a delta means nothing: retractions may stand before insertions.
    for place in (1..changes.len()).rev() {
        changes.swap(place, random.below(place as u64 + 1) as usize);
    }
    changes
}

fn delta(changes: &[(Row, i64)]) -> Delta {
    let number = |n: usize| {
        changes.iter().map(move |(row, _)| match &row[n] {
            Value::Number(number) => Some(*number),
            _ => None,
        })
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(number(0).map(|v| v.map(|v| v as i64)).collect::<Int64Array>()),
        Arc::new(number(1).map(|v| v.map(|v| v as i32)).collect::<Int32Array>()),
        Arc::new(
            changes
                .iter()
                .map(|(row, _)| match &row[2] {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                })
                .collect::<StringArray>(),
        ),
        Arc::new(number(3).collect::<Decimal128Array>().with_precision_and_scale(10, 2).unwrap()),
        Arc::new(
            changes
                .iter()
                .map(|(row, _)| match &row[4] {
                    Value::Float(rank) if *rank < 0 => {
                        Some(f64::from_bits((i64::MIN - rank) as u64))
                    }
                    Value::Float(rank) => Some(f64::from_bits(*rank as u64)),
                    _ => None,
                })
                .collect::<Float64Array>(),
        ),
        Arc::new(
            changes
                .iter()
                .map(|(row, _)| match &row[5] {
                    Value::Bool(bool) => Some(*bool),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
    ];
    let rows = RecordBatch::try_new(scan(1, COLUMNS).schema.clone(), columns).unwrap();
    Delta::new(rows, changes.iter().map(|(_, weight)| Some(*weight)).collect()).unwrap()
}

fn add(bag: &mut Bag, delta: &Delta) {
    for (row, weight) in rows(delta.rows()).into_iter().zip(delta.weights_iter()) {
        *bag.entry(row).or_default() += weight;
    }
    bag.retain(|_, count| *count != 0);
}

/// Runs `plan` over random ticks and compares it with `query` after each. Now and then
/// the state is captured, a few rows between ticks, and sometimes the pipeline is lost then
/// and restored from that.
pub(super) fn check(plan: &Arc<Plan>, query: &Query) {
    for seed in 0..6 {
        run(plan, query, &environment(None), seed).unwrap();
    }
    for seed in 0..3 {
        run(plan, query, &append_only(), seed).unwrap();
    }
}

fn run(plan: &Arc<Plan>, query: &Query, environment: &Environment<'_>, seed: u64) -> Result<()> {
    let append_only = (environment.append_only)(RelationId(1));
    let mut random = Random(seed);
    let mut pipeline = Pipeline::build(plan, environment)?;
    let mut relations = [Bag::new(), Bag::new()];
    let (mut found, mut failures, mut kept) = (Bag::new(), 0, Kept::default());
    let start = pipeline.start()?;
    add(&mut found, &start.delta);
    for tick in 1..30 {
        let mut inputs = vec![];
        for (number, bag) in relations.iter_mut().enumerate() {
            for _ in 0..random.below(3) {
                let size = if random.below(4) == 0 { 20 } else { 3 };
                let count = random.below(size);
                let changes = changes(&mut random, bag, count, append_only);
                inputs.push((RelationId(number as u64 + 1), delta(&changes)));
            }
        }
        let output = pipeline.process(&inputs, tick)?;
        if pipeline.is_append_only() {
            assert!(output.delta.weights_iter().all(|weight| weight > 0), "{:?}", output.delta);
        }
        add(&mut found, &output.delta);
        failures += output.failures.weights_iter().sum::<i64>();
        let mut failed = 0;
        let expected = answer(query, &relations, &mut failed);
        assert_eq!(found, expected, "seed {seed}, tick {tick}");
        assert_eq!(failures, failed, "failures, seed {seed}, tick {tick}");
        let whole = random.below(3) > 0 && kept.capture(&mut random, &mut pipeline)?;
        if whole && random.below(2) == 0 {
            pipeline = Pipeline::build(plan, environment)?;
            let bases: Vec<u8> = kept.pieces.iter().map(|(bases, _)| *bases).collect();
            pipeline.restore(&bases, &mut |piece| Ok(kept.pieces[piece].1.clone()))?;
        }
    }
    Ok(())
}

/// Pieces of a pipeline's state, and the one that is being written.
#[derive(Default)]
struct Kept {
    pieces: Vec<(u8, Vec<u8>)>,
    under_way: Vec<u8>,
}

impl Kept {
    /// Writes some rows; whether that was all.
    fn capture(&mut self, random: &mut Random, pipeline: &mut Pipeline) -> Result<bool> {
        if random.below(10) == 0 {
            // The epoch could not be stored: its piece is lost.
            pipeline.capture_anew();
            self.under_way.clear();
        }
        let room = if random.below(3) == 0 { 1000 } else { 1 + random.below(8) };
        if pipeline.capture(room as usize, &mut self.under_way)?.is_none() {
            return Ok(false);
        }
        assert_eq!(pipeline.capture(1, &mut vec![])?, Some(1), "all is written");
        assert_eq!(pipeline.unwritten(), 0);
        let bases = pipeline.end_capture();
        self.pieces.push((bases, std::mem::take(&mut self.under_way)));
        if random.below(2) == 0 {
            let useless = |place: usize| {
                let later = self.pieces[place + 1..].iter();
                later.fold(0, |all, (bases, _)| all | bases) == u8::MAX
            };
            let first = (0..self.pieces.len()).find(|place| !useless(*place)).unwrap_or(0);
            self.pieces.drain(..first);
        }
        Ok(true)
    }
}

pub(super) fn relation(number: usize) -> Box<Query> {
    Box::new(Query::Relation(number - 1))
}

fn numbers(rows: &[&Row], column: usize) -> Vec<i128> {
    let number = |row: &&Row| match row[column] {
        Value::Number(number) => Some(number),
        _ => None,
    };
    rows.iter().filter_map(number).collect()
}

fn value(values: &[i128], value: impl Fn(&[i128]) -> i128) -> Value {
    if values.is_empty() { Value::Null } else { Value::Number(value(values)) }
}

fn divide(sum: i128, count: i128) -> i128 {
    let magnitude = (sum.abs() * 2 + count) / (count * 2);
    if sum < 0 { -magnitude } else { magnitude }
}

#[test]
fn linear_operators_equal_their_query() {
    let quotient = binary(long(12), Operator::Divide, column(0));
    let plan = project(&scan(1, COLUMNS), vec![quotient, column(2)]);
    let map = |row: &Row| match row[0] {
        Value::Number(0) => None,
        Value::Number(n) => Some(vec![Value::Number(12 / n), row[2].clone()]),
        _ => Some(vec![Value::Null, row[2].clone()]),
    };
    check(&plan, &Query::Project(relation(1), map));

    let inverse = binary(long(12), Operator::Divide, column(0));
    let half = filter(&scan(2, COLUMNS), binary(inverse, Operator::Gt, long(5)));
    let plan = union(&[&scan(1, COLUMNS), &half]);
    let predicate = |row: &Row| match row[0] {
        Value::Number(0) => None,
        Value::Number(n) => Some(12 / n > 5),
        _ => Some(false),
    };
    let filtered = Box::new(Query::Filter(relation(2), predicate));
    check(&plan, &Query::Union(relation(1), filtered));
}

#[test]
fn aggregates_equal_their_query() {
    let calls = [
        "count(*)",
        "count(1)",
        "sum(1)",
        "sum(0)",
        "sum(3)",
        "avg(1)",
        "avg(3)",
        "min(1)",
        "max(3)",
        "count(*) filter 5",
        "sum(1) filter 5",
        "max(2)",
        "min(4)",
        "sum(4)",
        "avg(4)",
    ];
    let folds: Vec<super::naive::Fold> = vec![
        |rows| Value::Number(rows.len() as i128),
        |rows| Value::Number(numbers(rows, 1).len() as i128),
        |rows| value(&numbers(rows, 1), |v| v.iter().sum()),
        |rows| value(&numbers(rows, 0), |v| v.iter().sum()),
        |rows| value(&numbers(rows, 3), |v| v.iter().sum()),
        |rows| {
            value(&numbers(rows, 1), |v| {
                divide(v.iter().sum::<i128>() * 10_i128.pow(16), v.len() as i128)
            })
        },
        |rows| {
            value(&numbers(rows, 3), |v| {
                divide(v.iter().sum::<i128>() * 10_i128.pow(14), v.len() as i128)
            })
        },
        |rows| value(&numbers(rows, 1), |v| *v.iter().min().unwrap()),
        |rows| value(&numbers(rows, 3), |v| *v.iter().max().unwrap()),
        |rows| Value::Number(passing(rows).len() as i128),
        |rows| value(&numbers(&passing(rows), 1), |v| v.iter().sum()),
        |rows| rows.iter().map(|row| row[2].clone()).max().unwrap_or(Value::Null),
        |rows| {
            let values = rows.iter().map(|row| row[4].clone());
            values.filter(|value| *value != Value::Null).min().unwrap_or(Value::Null)
        },
        |rows| floats(rows, 1),
        |rows| floats(rows, rows.iter().filter(|row| row[4] != Value::Null).count() as i64),
    ];
    for keys in [&[][..], &[0], &[2], &[0, 2], &[1, 5], &[4]] {
        let plan = aggregate(&scan(1, COLUMNS), keys, &calls);
        let query = Query::Aggregate(relation(1), keys.to_vec(), folds.clone());
        check(&plan, &query);
    }
}

/// The tests' floats are multiples of 2⁻⁴⁸ below 2⁴⁰, near enough for sums in 128 bits.
fn floats(rows: &[&Row], divisor: i64) -> Value {
    let ranks = rows.iter().filter_map(|row| match row[4] {
        Value::Float(rank) => Some(unfloat(rank)),
        _ => None,
    });
    let values: Vec<f64> = ranks.collect();
    if values.is_empty() {
        return Value::Null;
    }
    // 0.1 is the only value that is no multiple of 1/4; its multiples are exact in this unit.
    let unit = f64::from_bits((1023 - 60) << 52);
    let sum: i128 = values.iter().map(|value| (value / unit) as i128).sum();
    let quotient = sum / i128::from(divisor);
    let rest = sum % i128::from(divisor);
    // Enough bits are left below the rounding place; a rest only breaks ties.
    let scaled = quotient * 16 + (rest * 16 / i128::from(divisor)) + rest.signum();
    float(scaled as f64 * unit / 16.0 + 0.0)
}

fn unfloat(rank: i64) -> f64 {
    f64::from_bits(if rank < 0 { (i64::MIN - rank) as u64 } else { rank as u64 })
}

fn passing<'a>(rows: &[&'a Row]) -> Vec<&'a Row> {
    rows.iter().copied().filter(|row| row[5] == Value::Bool(true)).collect()
}

fn distinct(rows: &[&Row], column: usize) -> Vec<i128> {
    let mut values = numbers(rows, column);
    values.sort_unstable();
    values.dedup();
    values
}

#[test]
fn distinct_aggregates_equal_their_query() {
    let calls = [
        "count(distinct 1)",
        "sum(distinct 1)",
        "count(distinct 1) filter 5",
        "count(distinct 2)",
        "max(distinct 2)",
        "bool_and(5)",
        "bool_or(5)",
    ];
    let folds: Vec<super::naive::Fold> = vec![
        |rows| Value::Number(distinct(rows, 1).len() as i128),
        |rows| value(&distinct(rows, 1), |v| v.iter().sum()),
        |rows| Value::Number(distinct(&passing(rows), 1).len() as i128),
        |rows| {
            let mut texts: Vec<&Value> =
                rows.iter().map(|row| &row[2]).filter(|text| **text != Value::Null).collect();
            texts.sort();
            texts.dedup();
            Value::Number(texts.len() as i128)
        },
        |rows| rows.iter().map(|row| row[2].clone()).max().unwrap_or(Value::Null),
        |rows| {
            let values: Vec<_> = rows.iter().map(|row| row[5].clone()).collect();
            values.into_iter().filter(|value| *value != Value::Null).min().unwrap_or(Value::Null)
        },
        |rows| rows.iter().map(|row| row[5].clone()).max().unwrap_or(Value::Null),
    ];
    for keys in [&[][..], &[0], &[2, 3]] {
        let plan = aggregate(&scan(1, COLUMNS), keys, &calls);
        check(&plan, &Query::Aggregate(relation(1), keys.to_vec(), folds.clone()));
    }
}

#[test]
fn an_aggregate_over_an_aggregate_equals_its_query() {
    let inner = aggregate(&scan(1, COLUMNS), &[0], &["count(*)", "max(1)"]);
    let plan = aggregate(&inner, &[1], &["count(*)", "min(2)"]);
    let query = Query::Aggregate(
        Box::new(Query::Aggregate(
            relation(1),
            vec![0],
            vec![|rows| Value::Number(rows.len() as i128), |rows| {
                value(&numbers(rows, 1), |v| *v.iter().max().unwrap())
            }],
        )),
        vec![1],
        vec![|rows| Value::Number(rows.len() as i128), |rows| {
            value(&numbers(rows, 2), |v| *v.iter().min().unwrap())
        }],
    );
    check(&plan, &query);
    let distinct =
        aggregate(&union(&[&scan(1, COLUMNS), &scan(2, COLUMNS)]), &[0, 1, 2, 3, 4, 5], &[]);
    let both = Box::new(Query::Union(relation(1), relation(2)));
    check(&distinct, &Query::Aggregate(both, vec![0, 1, 2, 3, 4, 5], vec![]));
}

const KINDS: [JoinKind; 6] = [
    JoinKind::Inner,
    JoinKind::Left,
    JoinKind::Right,
    JoinKind::Full,
    JoinKind::Semi,
    JoinKind::Anti,
];

fn equal(left: &Value, right: &Value) -> bool {
    left == right && *left != Value::Null
}

#[test]
fn joins_by_key_equal_their_query() {
    for kind in KINDS {
        let (left, right) = (scan(1, COLUMNS), scan(2, COLUMNS));
        let query = |matches| Query::Join(relation(1), relation(2), kind, matches, (6, 6));
        let plan = join(&left, &right, kind, &[(0, 0)], None);
        check(&plan, &query(|l, r| Some(equal(&l[0], &r[0]))));
        let plan = join(&left, &right, kind, &[(2, 2), (0, 0)], None);
        check(&plan, &query(|l, r| Some(equal(&l[0], &r[0]) && equal(&l[2], &r[2]))));
    }
}

#[test]
fn joins_with_a_residual_equal_their_query() {
    for kind in KINDS {
        let (left, right) = (scan(1, COLUMNS), scan(2, COLUMNS));
        // 12 / left.0 > right.1, which fails for a left.0 of zero.
        let quotient = binary(long(12), Operator::Divide, column(0));
        let residual = binary(quotient, Operator::Gt, as_long(column(7)));
        let plan = join(&left, &right, kind, &[(2, 2)], Some(residual.clone()));
        let matches = |l: &Row, r: &Row| {
            if !equal(&l[2], &r[2]) {
                return Some(false);
            }
            match (&l[0], &r[1]) {
                (Value::Number(0), _) => None,
                (Value::Number(l), Value::Number(r)) => Some(12 / l > *r),
                _ => Some(false),
            }
        };
        check(&plan, &Query::Join(relation(1), relation(2), kind, matches, (6, 6)));
        let plan = join(&left, &right, kind, &[], Some(residual));
        let matches = |l: &Row, r: &Row| match (&l[0], &r[1]) {
            (Value::Number(0), _) => None,
            (Value::Number(l), Value::Number(r)) => Some(12 / l > *r),
            _ => Some(false),
        };
        check(&plan, &Query::Join(relation(1), relation(2), kind, matches, (6, 6)));
    }
}

fn as_long(expression: crate::plan::Expression) -> crate::plan::Expression {
    use datafusion_physical_expr::expressions::CastExpr;
    let cast = CastExpr::new(expression.physical, arrow::datatypes::DataType::Int64, None);
    crate::plan::Expression { physical: Arc::new(cast), fallible: false }
}

#[test]
fn cross_and_self_joins_equal_their_query() {
    let (left, right) = (scan(1, COLUMNS), scan(2, COLUMNS));
    let plan = join(&left, &right, JoinKind::Inner, &[], None);
    let query = Query::Join(relation(1), relation(2), JoinKind::Inner, |_, _| Some(true), (6, 6));
    check(&plan, &query);
    for kind in KINDS {
        let plan = join(&left, &left, kind, &[(0, 1)][..0], None);
        let query = Query::Join(relation(1), relation(1), kind, |_, _| Some(true), (6, 6));
        check(&plan, &query);
        let plan = join(&left, &scan(1, COLUMNS), kind, &[(0, 0)], None);
        let matches = |l: &Row, r: &Row| Some(equal(&l[0], &r[0]));
        check(&plan, &Query::Join(relation(1), relation(1), kind, matches, (6, 6)));
    }
}

#[test]
fn what_stands_on_a_join_equals_its_query() {
    for kind in KINDS {
        let (left, right) = (scan(1, COLUMNS), scan(2, COLUMNS));
        let joined = join(&left, &right, kind, &[(0, 0)], None);
        let matches: super::naive::Matches = |l, r| Some(equal(&l[0], &r[0]));
        let query = || Box::new(Query::Join(relation(1), relation(2), kind, matches, (6, 6)));
        let plan = aggregate(&joined, &[0], &["count(*)", "max(1)", "min(2)", "max(2)"]);
        let folds: Vec<super::naive::Fold> = vec![
            |rows| Value::Number(rows.len() as i128),
            |rows| value(&numbers(rows, 1), |v| *v.iter().max().unwrap()),
            |rows| {
                let texts = rows.iter().map(|row| row[2].clone());
                texts.filter(|text| *text != Value::Null).min().unwrap_or(Value::Null)
            },
            |rows| rows.iter().map(|row| row[2].clone()).max().unwrap_or(Value::Null),
        ];
        check(&plan, &Query::Aggregate(query(), vec![0], folds));
        let plan = top_k(&joined, &[0], "1 desc nulls last, 4", (0, 2), true);
        let order = vec![(1, true, false), (4, false, false)];
        check(&plan, &Query::TopK(query(), vec![0], order, (0, 2), true));
    }
}

#[test]
fn the_first_rows_equal_their_query() {
    let ranges = [(0, 1), (0, 3), (2, 2), (0, 0), (1, 1000)];
    for (skip, limit) in ranges {
        for numbered in [false, true] {
            let sizes = (skip as u64, limit as u64);
            let plan = top_k(&scan(1, COLUMNS), &[], "1 desc nulls last, 4", sizes, numbered);
            let order = vec![(1, true, false), (4, false, false)];
            let query = Query::TopK(relation(1), vec![], order, (skip, limit), numbered);
            check(&plan, &query);
            let plan = top_k(&scan(1, COLUMNS), &[0], "2 nulls first", sizes, numbered);
            let order = vec![(2, false, true)];
            let query = Query::TopK(relation(1), vec![0], order, (skip, limit), numbered);
            check(&plan, &query);
        }
    }
}
