//! A row-at-a-time interpreter that knows nothing of deltas: what views must equal.
use std::cmp::Ordering;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};

use crate::plan::JoinKind;

/// A value; text, numbers (decimals by their unscaled digits) and NULL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(i128),
    /// A float, by its rank in the order of floats.
    Float(i64),
    Text(String),
}

pub(super) type Row = Vec<Value>;

/// A bag of rows: each with how often it is there.
pub(super) type Bag = BTreeMap<Row, i64>;

/// A query over two relations; functions see a row and may fail.
pub(super) enum Query {
    Relation(usize),
    Filter(Box<Query>, fn(&Row) -> Option<bool>),
    Project(Box<Query>, fn(&Row) -> Option<Row>),
    Union(Box<Query>, Box<Query>),
    Aggregate(Box<Query>, Vec<usize>, Vec<Fold>),
    Join(Box<Query>, Box<Query>, JoinKind, Matches, (usize, usize)),
    /// Partition, order (column, descending, nulls first), skip, limit, numbered.
    TopK(Box<Query>, Vec<usize>, Vec<(usize, bool, bool)>, (usize, usize), bool),
}

/// Whether a left and a right row match; `None` fails.
pub(super) type Matches = fn(&Row, &Row) -> Option<bool>;

/// What to compute of the rows of a group, given one by one as often as they are there.
pub(super) type Fold = fn(&[&Row]) -> Value;

/// The answer, and how many rows (or pairs) failed.
pub(super) fn answer(query: &Query, relations: &[Bag], failed: &mut i64) -> Bag {
    match query {
        Query::Relation(number) => relations[*number].clone(),
        Query::Filter(input, predicate) => {
            let rows = answer(input, relations, failed).into_iter();
            rows.filter(|(row, count)| {
                predicate(row).unwrap_or_else(|| {
                    *failed += count;
                    false
                })
            })
            .collect()
        }
        Query::Project(input, map) => {
            let mut bag = Bag::new();
            for (row, count) in answer(input, relations, failed) {
                match map(&row) {
                    Some(row) => *bag.entry(row).or_default() += count,
                    None => *failed += count,
                }
            }
            bag
        }
        Query::Union(left, right) => {
            let mut bag = answer(left, relations, failed);
            for (row, count) in answer(right, relations, failed) {
                *bag.entry(row).or_default() += count;
            }
            bag
        }
        Query::Aggregate(input, keys, folds) => {
            aggregate(&answer(input, relations, failed), keys, folds)
        }
        Query::Join(left, right, kind, matches, widths) => {
            let (left, right) = (answer(left, relations, failed), answer(right, relations, failed));
            join((&left, &right), *kind, *matches, *widths, failed)
        }
        Query::TopK(input, partition, order, range, numbered) => {
            top_k(&answer(input, relations, failed), partition, order, *range, *numbered)
        }
    }
}

fn aggregate(input: &Bag, keys: &[usize], folds: &[Fold]) -> Bag {
    let mut groups: BTreeMap<Row, Vec<&Row>> = BTreeMap::new();
    if keys.is_empty() {
        groups.insert(vec![], vec![]);
    }
    for (row, count) in input {
        let key = keys.iter().map(|key| row[*key].clone()).collect();
        let rows = groups.entry(key).or_default();
        rows.extend(std::iter::repeat_n(row, *count as usize));
    }
    let row = |(mut key, rows): (Row, Vec<&Row>)| {
        key.extend(folds.iter().map(|fold| fold(&rows)));
        (key, 1)
    };
    groups.into_iter().map(row).collect()
}

fn join(
    (left, right): (&Bag, &Bag),
    kind: JoinKind,
    matches: Matches,
    (left_width, right_width): (usize, usize),
    failed: &mut i64,
) -> Bag {
    use JoinKind as K;
    let mut bag = Bag::new();
    let mut add = |row: Row, count: i64| *bag.entry(row).or_default() += count;
    let mut matched_right: Vec<bool> = vec![false; right.len()];
    for (l, l_count) in left {
        let mut matched = false;
        for ((r, r_count), matched_right) in right.iter().zip(&mut matched_right) {
            match matches(l, r) {
                None => *failed += l_count * r_count,
                Some(false) => {}
                Some(true) => {
                    matched = true;
                    *matched_right = true;
                    if !matches!(kind, K::Semi | K::Anti) {
                        add([l.clone(), r.clone()].concat(), l_count * r_count);
                    }
                }
            }
        }
        match kind {
            K::Semi if matched => add(l.clone(), *l_count),
            K::Anti if !matched => add(l.clone(), *l_count),
            K::Left | K::Full if !matched => {
                add([l.clone(), vec![Value::Null; right_width]].concat(), *l_count);
            }
            _ => {}
        }
    }
    if matches!(kind, K::Right | K::Full) {
        for ((r, count), _) in right.iter().zip(matched_right).filter(|(_, matched)| !matched) {
            add([vec![Value::Null; left_width], r.clone()].concat(), *count);
        }
    }
    bag
}

fn top_k(
    input: &Bag,
    partition: &[usize],
    order: &[(usize, bool, bool)],
    (skip, limit): (usize, usize),
    numbered: bool,
) -> Bag {
    let mut parts: BTreeMap<Row, Vec<&Row>> = BTreeMap::new();
    for (row, count) in input {
        let key = partition.iter().map(|column| row[*column].clone()).collect();
        parts.entry(key).or_default().extend(std::iter::repeat_n(row, *count as usize));
    }
    let mut bag = Bag::new();
    for rows in parts.values_mut() {
        rows.sort_by(|left, right| compare(left, right, order));
        for (number, row) in rows.iter().enumerate().skip(skip).take(limit) {
            let mut row: Row = (*row).clone();
            if numbered {
                row.push(Value::Number(number as i128 + 1));
            }
            *bag.entry(row).or_default() += 1;
        }
    }
    bag
}

fn compare(left: &Row, right: &Row, order: &[(usize, bool, bool)]) -> Ordering {
    for (column, descending, nulls_first) in order {
        let (l, r) = (&left[*column], &right[*column]);
        let ordering = match (l == &Value::Null, r == &Value::Null) {
            (true, true) => Ordering::Equal,
            (true, false) if *nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if *nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ if *descending => r.cmp(l),
            _ => l.cmp(r),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
    left.cmp(right)
}

/// The rows of a batch.
pub(super) fn rows(batch: &RecordBatch) -> Vec<Row> {
    let value = |array: &dyn Array, row: usize| match array.data_type() {
        _ if array.is_null(row) => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int64 => Value::Number(array.as_primitive::<Int64Type>().value(row).into()),
        DataType::Int32 => Value::Number(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Decimal128(..) => {
            Value::Number(array.as_primitive::<Decimal128Type>().value(row))
        }
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Value::Text(array.as_string::<i32>().value(row).to_owned()),
        other => panic!("{other}"),
    };
    let row = |row| batch.columns().iter().map(|column| value(column.as_ref(), row)).collect();
    (0..batch.num_rows()).map(row).collect()
}

/// A float; the tests' are finite and not −0.0.
pub(super) fn float(value: f64) -> Value {
    let bits = value.to_bits() as i64;
    Value::Float(if bits < 0 { i64::MIN - bits } else { bits })
}
