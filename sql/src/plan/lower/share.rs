//! Equal operators made one: the engine builds what is behind one pointer once.
use std::sync::Arc;

use engine::plan::{Expression, Node, Plan};

/// The same plan with equal parts behind one pointer.
pub(super) fn shared(plan: &Arc<Plan>) -> Arc<Plan> {
    Shared::default().plan(plan)
}

/// Operators met so far, no two of them equal.
#[derive(Default)]
struct Shared(Vec<Arc<Plan>>);

impl Shared {
    fn plan(&mut self, plan: &Arc<Plan>) -> Arc<Plan> {
        let mut node = plan.node.clone();
        for input in inputs_mut(&mut node) {
            *input = self.plan(input);
        }
        let plan = Plan { node, schema: plan.schema.clone() };
        if let Some(known) = self.0.iter().find(|known| same(known, &plan)) {
            return Arc::clone(known);
        }
        let plan = Arc::new(plan);
        self.0.push(Arc::clone(&plan));
        plan
    }
}

fn inputs_mut(node: &mut Node) -> Vec<&mut Arc<Plan>> {
    match node {
        Node::Scan { .. } | Node::Values { .. } => vec![],
        Node::Filter { input, .. }
        | Node::Project { input, .. }
        | Node::Aggregate { input, .. }
        | Node::TopK { input, .. }
        | Node::Window { input, .. } => vec![input],
        Node::Join { left, right, .. } => vec![left, right],
        Node::Union { inputs } => inputs.iter_mut().collect(),
    }
}

/// Whether two operators put out the same columns of the same rows; their inputs are shared.
fn same(one: &Plan, other: &Plan) -> bool {
    let inputs = one.inputs();
    let others = other.inputs();
    one.schema == other.schema
        && inputs.len() == others.len()
        && inputs.iter().zip(&others).all(|(input, other)| Arc::ptr_eq(input, other))
        && same_node(&one.node, &other.node)
}

fn same_node(one: &Node, other: &Node) -> bool {
    match (one, other) {
        (
            Node::Scan { relation, columns },
            Node::Scan { relation: other, columns: other_columns },
        ) => relation == other && columns == other_columns,
        (Node::Values { rows }, Node::Values { rows: other }) => rows == other,
        (Node::Filter { predicate, .. }, Node::Filter { predicate: other, .. }) => {
            same_expression(predicate, other)
        }
        (Node::Project { expressions, .. }, Node::Project { expressions: others, .. }) => {
            expressions.len() == others.len()
                && expressions.iter().zip(others).all(|(one, other)| same_expression(one, other))
        }
        (Node::Union { .. }, Node::Union { .. }) => true,
        (
            Node::Aggregate { keys, calls, .. },
            Node::Aggregate { keys: other_keys, calls: others, .. },
        ) => keys == other_keys && calls == others,
        (
            Node::Join { kind, on, nulls_equal, residual, .. },
            Node::Join {
                kind: other_kind,
                on: other_on,
                nulls_equal: other_equal,
                residual: other_residual,
                ..
            },
        ) => {
            let same_residual = match (residual, other_residual) {
                (None, None) => true,
                (Some(one), Some(other)) => same_expression(one, other),
                _ => false,
            };
            (kind, on, nulls_equal) == (other_kind, other_on, other_equal) && same_residual
        }
        (Node::TopK { .. }, Node::TopK { .. }) => top_k(one) == top_k(other),
        (Node::Window { .. }, Node::Window { .. }) => window(one) == window(other),
        _ => false,
    }
}

fn same_expression(one: &Expression, other: &Expression) -> bool {
    one.fallible == other.fallible && one.physical.eq(&other.physical)
}

type TopK<'a> = (&'a [usize], &'a [engine::plan::SortKey], u64, u64, bool);

fn top_k(node: &Node) -> Option<TopK<'_>> {
    match node {
        Node::TopK { partition, order, skip, limit, row_number, .. } => {
            Some((partition, order, *skip, *limit, *row_number))
        }
        _ => None,
    }
}

fn window(node: &Node) -> Option<(usize, i64, i64, i64)> {
    match node {
        Node::Window { time, size, slide, offset, .. } => Some((*time, *size, *slide, *offset)),
        _ => None,
    }
}
