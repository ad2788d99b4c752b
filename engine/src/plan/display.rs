//! A plan as text, for EXPLAIN: one line an operator, inputs indented below.
use super::{AggregateFunction, Call, Expression, JoinKind, Node, Plan, RelationId};

/// The operators of a plan with their keys and state tables; relations by their numbers.
pub fn describe(plan: &Plan) -> Vec<String> {
    describe_named(plan, &|relation| format!("relation {}", relation.0))
}

/// The same, with relations by name.
pub fn describe_named(plan: &Plan, name: &dyn Fn(RelationId) -> String) -> Vec<String> {
    let mut lines = vec![];
    add(plan, name, 0, &mut lines);
    lines
}

fn add(plan: &Plan, name: &dyn Fn(RelationId) -> String, depth: usize, lines: &mut Vec<String>) {
    lines.push(format!("{}{}", "  ".repeat(depth), line(plan, name)));
    for input in plan.inputs() {
        add(input, name, depth + 1, lines);
    }
}

fn line(plan: &Plan, name: &dyn Fn(RelationId) -> String) -> String {
    match &plan.node {
        Node::Scan { relation, .. } => {
            format!("Scan {}: {}", name(*relation), columns(plan, 0..plan.schema.fields().len()))
        }
        Node::Values { rows } => format!("Values: {} rows", rows.num_rows()),
        Node::Filter { predicate, .. } => format!("Filter: {}", expression(predicate)),
        Node::Project { expressions, .. } => {
            let all: Vec<String> = expressions.iter().map(expression).collect();
            format!("Project: {}", all.join(", "))
        }
        Node::Union { .. } => "Union".to_owned(),
        Node::Aggregate { input, keys, calls } => aggregate(input, keys, calls),
        Node::Join { left, right, kind, on, nulls_equal, residual } => {
            let equal = if *nulls_equal { "IS NOT DISTINCT FROM" } else { "=" };
            let mut text = format!("{} Join", join_name(*kind));
            for (number, (l, r)) in on.iter().enumerate() {
                let (l, r) = (columns(left, [*l]), columns(right, [*r]));
                text.push_str(if number == 0 { " on " } else { " AND " });
                text.push_str(&format!("{l} {equal} {r}"));
            }
            if let Some(residual) = residual {
                text.push_str(&format!(" where {}", expression(residual)));
            }
            text + "  [state: keys, left rows, right rows]"
        }
        Node::TopK { input, partition, order, skip, limit, row_number } => {
            let keys = order.iter().map(|key| {
                let direction = if key.options.descending { " DESC" } else { "" };
                let nulls = match (key.options.descending, key.options.nulls_first) {
                    (true, false) => " NULLS LAST",
                    (false, true) => " NULLS FIRST",
                    _ => "",
                };
                format!("{}{direction}{nulls}", columns(input, [key.column]))
            });
            let mut text = format!("Top {limit}");
            if *skip > 0 {
                text.push_str(&format!(" after {skip}"));
            }
            if !partition.is_empty() {
                text.push_str(&format!(" of each {}", columns(input, partition.iter().copied())));
            }
            text.push_str(&format!(" by {}", keys.collect::<Vec<_>>().join(", ")));
            if *row_number {
                text.push_str(", numbered");
            }
            text + "  [state: partitions, rows]"
        }
        Node::Window { input, time, size, slide, offset } => {
            let time = columns(input, [*time]);
            format!("Window on {time}: size {size} us, slide {slide} us, offset {offset} us")
        }
    }
}

fn aggregate(input: &Plan, keys: &[usize], calls: &[Call]) -> String {
    let name = if calls.is_empty() { "Distinct" } else { "Aggregate" };
    let mut text = name.to_owned();
    if !keys.is_empty() {
        text.push_str(&format!(" by {}", columns(input, keys.iter().copied())));
    }
    let all: Vec<String> = calls.iter().map(|call| call_text(input, call)).collect();
    if !all.is_empty() {
        text.push_str(&format!(": {}", all.join(", ")));
    }
    let distinct = calls.iter().any(|call| call.distinct);
    text + if distinct { "  [state: groups, distinct values]" } else { "  [state: groups]" }
}

fn call_text(input: &Plan, call: &Call) -> String {
    let name = match call.function {
        AggregateFunction::Count => "count",
        AggregateFunction::Sum => "sum",
        AggregateFunction::Avg => "avg",
        AggregateFunction::Min => "min",
        AggregateFunction::Max => "max",
        AggregateFunction::BoolAnd => "bool_and",
        AggregateFunction::BoolOr => "bool_or",
    };
    let distinct = if call.distinct { "DISTINCT " } else { "" };
    let argument = call.argument.map_or("*".to_owned(), |column| columns(input, [column]));
    let filter = match call.filter {
        Some(column) => format!(" FILTER (WHERE {})", columns(input, [column])),
        None => String::new(),
    };
    format!("{name}({distinct}{argument}){filter}")
}

fn join_name(kind: JoinKind) -> &'static str {
    match kind {
        JoinKind::Inner => "Inner",
        JoinKind::Left => "Left",
        JoinKind::Right => "Right",
        JoinKind::Full => "Full",
        JoinKind::Semi => "Semi",
        JoinKind::Anti => "Anti",
    }
}

fn expression(expression: &Expression) -> String {
    expression.physical.to_string()
}

fn columns(plan: &Plan, numbers: impl IntoIterator<Item = usize>) -> String {
    let name = |number: usize| match plan.schema.fields().get(number) {
        Some(field) => field.name().clone(),
        None => format!("column {number}"),
    };
    numbers.into_iter().map(name).collect::<Vec<_>>().join(", ")
}
