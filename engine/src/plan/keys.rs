//! The unique key of a plan's output, derived from its operators.
//!
//! A key's columns are never equal in two rows, where NULL equals NULL; no columns
//! mean that there is one row at most.
use datafusion_physical_expr::expressions::Column;

use super::{Expression, JoinKind, Node, Plan, RelationId};

/// Columns of the output that no two rows share, if any are known. `keys_of` knows the
/// primary keys of tables and the unique keys of views, in columns of the relation.
pub fn unique_key(
    plan: &Plan,
    keys_of: &dyn Fn(RelationId) -> Option<Vec<usize>>,
) -> Option<Vec<usize>> {
    match &plan.node {
        Node::Scan { relation, columns } => {
            places(&keys_of(*relation)?, |key| columns.iter().position(|column| column == key))
        }
        Node::Values { rows } => (rows.num_rows() <= 1).then(Vec::new),
        Node::Filter { input, .. } => unique_key(input, keys_of),
        Node::Project { input, expressions } => places(&unique_key(input, keys_of)?, |key| {
            expressions.iter().position(|expression| column_of(expression) == Some(*key))
        }),
        Node::Union { inputs } => match inputs.as_slice() {
            [only] => unique_key(only, keys_of),
            _ => None,
        },
        Node::Aggregate { keys, .. } => Some((0..keys.len()).collect()),
        Node::Join { left, right, kind, on, .. } => {
            join_key(left, right, *kind, on, &|plan| unique_key(plan, keys_of))
        }
        Node::TopK { partition, limit: 0 | 1, .. } => Some(sorted(partition.clone())),
        Node::TopK { input, partition, row_number, .. } => {
            unique_key(input, keys_of).or_else(|| {
                let number = input.schema.fields().len();
                row_number.then(|| sorted([partition.as_slice(), &[number]].concat()))
            })
        }
        Node::Window { input, size, slide, .. } => {
            let mut key = unique_key(input, keys_of)?;
            if size > slide {
                key.push(input.schema.fields().len());
            }
            Some(key)
        }
    }
}

fn join_key(
    left: &Plan,
    right: &Plan,
    kind: JoinKind,
    on: &[(usize, usize)],
    key_of: &dyn Fn(&Plan) -> Option<Vec<usize>>,
) -> Option<Vec<usize>> {
    let left_key = key_of(left);
    if matches!(kind, JoinKind::Semi | JoinKind::Anti) {
        return left_key;
    }
    let right_key = key_of(right);
    let width = left.schema.fields().len();
    let shifted = |key: &[usize]| key.iter().map(|column| column + width).collect::<Vec<_>>();
    // A side whose key is part of the join's keys gives each row of the other one partner.
    let one_right = right_key
        .as_ref()
        .is_some_and(|key| key.iter().all(|column| on.iter().any(|(_, right)| right == column)));
    let one_left = left_key
        .as_ref()
        .is_some_and(|key| key.iter().all(|column| on.iter().any(|(left, _)| left == column)));
    match (left_key, right_key) {
        (Some(key), _) if one_right && matches!(kind, JoinKind::Inner | JoinKind::Left) => {
            Some(key)
        }
        (_, Some(key)) if one_left && matches!(kind, JoinKind::Inner | JoinKind::Right) => {
            Some(shifted(&key))
        }
        (Some(left_key), Some(right_key)) => {
            // Rows without a partner on either side could both have NULLs in all of the key.
            let known = |plan: &Plan, key: &[usize]| {
                let mut fields = key.iter().filter_map(|column| plan.schema.fields().get(*column));
                fields.any(|field| !field.is_nullable())
            };
            let apart =
                kind != JoinKind::Full || known(left, &left_key) || known(right, &right_key);
            apart.then(|| [left_key, shifted(&right_key)].concat())
        }
        _ => None,
    }
}

/// Where each column of a key is found, if all are.
fn places(key: &[usize], place: impl Fn(&usize) -> Option<usize>) -> Option<Vec<usize>> {
    key.iter().map(place).collect::<Option<Vec<_>>>().map(sorted)
}

fn sorted(mut key: Vec<usize>) -> Vec<usize> {
    key.sort_unstable();
    key.dedup();
    key
}

/// The column that an expression is, if it is nothing else.
pub(crate) fn column_of(expression: &Expression) -> Option<usize> {
    expression.physical.downcast_ref::<Column>().map(Column::index)
}
