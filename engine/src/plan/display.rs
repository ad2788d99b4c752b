//! A plan as text, for EXPLAIN: one line an operator, inputs indented below.
use super::shown::shown;
use super::{AggregateFunction, Call, Expression, JoinKind, Node, Plan, RelationId};

/// The operators of a plan with their keys and state tables, exactly: what keeps state from
/// being taken for another plan's. Relations are numbers, columns are as the schema has them.
pub fn describe(plan: &Plan) -> Vec<String> {
    let exact = Words { relation: &|relation| format!("relation {}", relation.0), readable: false };
    lines(plan, &exact)
}

/// The same for people: relations by name, expressions as SQL writes them.
pub fn describe_named(plan: &Plan, name: &dyn Fn(RelationId) -> String) -> Vec<String> {
    lines(plan, &Words { relation: name, readable: true })
}

/// An expression longer than this goes by its column's name in the operators above it.
const TEXT_BYTES_MAX: usize = 60;

/// How things are called.
struct Words<'a> {
    relation: &'a dyn Fn(RelationId) -> String,
    readable: bool,
}

fn lines(plan: &Plan, words: &Words<'_>) -> Vec<String> {
    let mut lines = vec![];
    add(plan, words, 0, &mut lines);
    lines
}

fn add(plan: &Plan, words: &Words<'_>, depth: usize, lines: &mut Vec<String>) {
    lines.push(format!("{}{}", "  ".repeat(depth), words.line(plan)));
    for input in plan.inputs() {
        add(input, words, depth + 1, lines);
    }
}

impl Words<'_> {
    fn line(&self, plan: &Plan) -> String {
        match &plan.node {
            Node::Scan { relation, .. } => {
                format!(
                    "Scan {}: {}",
                    (self.relation)(*relation),
                    self.columns(plan, 0..plan.schema.fields().len())
                )
            }
            Node::Values { rows } => format!("Values: {} rows", rows.num_rows()),
            Node::Filter { predicate, input } => {
                format!("Filter: {}", self.expression(predicate, input))
            }
            Node::Project { expressions, input } => {
                let all: Vec<String> =
                    expressions.iter().map(|each| self.expression(each, input)).collect();
                format!("Project: {}", all.join(", "))
            }
            Node::Union { .. } => "Union".to_owned(),
            Node::Aggregate { input, keys, calls } => self.aggregate(input, keys, calls),
            Node::Join { left, right, kind, on, nulls_equal, residual } => {
                let equal = if *nulls_equal { "IS NOT DISTINCT FROM" } else { "=" };
                let mut text = format!("{} Join", join_name(*kind));
                for (number, (l, r)) in on.iter().enumerate() {
                    let (l, r) = (self.columns(left, [*l]), self.columns(right, [*r]));
                    text.push_str(if number == 0 { " on " } else { " AND " });
                    text.push_str(&format!("{l} {equal} {r}"));
                }
                if let Some(residual) = residual {
                    text.push_str(&format!(" where {}", self.residual(residual, [left, right])));
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
                    format!("{}{direction}{nulls}", self.columns(input, [key.column]))
                });
                let mut text = format!("Top {limit}");
                if *skip > 0 {
                    text.push_str(&format!(" after {skip}"));
                }
                if !partition.is_empty() {
                    text.push_str(&format!(
                        " of each {}",
                        self.columns(input, partition.iter().copied())
                    ));
                }
                text.push_str(&format!(" by {}", keys.collect::<Vec<_>>().join(", ")));
                if *row_number {
                    text.push_str(", numbered");
                }
                text + "  [state: partitions, rows]"
            }
            Node::Window { input, time, size, slide, offset } => {
                let time = self.columns(input, [*time]);
                format!("Window on {time}: size {size} us, slide {slide} us, offset {offset} us")
            }
        }
    }

    fn aggregate(&self, input: &Plan, keys: &[usize], calls: &[Call]) -> String {
        let name = if calls.is_empty() { "Distinct" } else { "Aggregate" };
        let mut text = name.to_owned();
        if !keys.is_empty() {
            text.push_str(&format!(" by {}", self.columns(input, keys.iter().copied())));
        }
        let all: Vec<String> = calls.iter().map(|call| self.call_text(input, call)).collect();
        if !all.is_empty() {
            text.push_str(&format!(": {}", all.join(", ")));
        }
        let distinct = calls.iter().any(|call| call.distinct);
        text + if distinct { "  [state: groups, distinct values]" } else { "  [state: groups]" }
    }

    fn call_text(&self, input: &Plan, call: &Call) -> String {
        let name = match call.function {
            AggregateFunction::Count => "count",
            AggregateFunction::Sum => "sum",
            AggregateFunction::Avg | AggregateFunction::AvgTrimmed => "avg",
            AggregateFunction::Min => "min",
            AggregateFunction::Max => "max",
            AggregateFunction::BoolAnd => "bool_and",
            AggregateFunction::BoolOr => "bool_or",
        };
        let distinct = if call.distinct { "DISTINCT " } else { "" };
        let argument = call.argument.map_or("*".to_owned(), |column| self.columns(input, [column]));
        let filter = match call.filter {
            Some(column) => format!(" FILTER (WHERE {})", self.columns(input, [column])),
            None => String::new(),
        };
        format!("{name}({distinct}{argument}){filter}")
    }

    fn expression(&self, expression: &Expression, input: &Plan) -> String {
        match self.readable {
            true => shown(&*expression.physical, &texts(input)),
            false => expression.physical.to_string(),
        }
    }

    fn residual(&self, expression: &Expression, inputs: [&Plan; 2]) -> String {
        let columns: Vec<String> = inputs.into_iter().flat_map(texts).collect();
        match self.readable {
            true => shown(&*expression.physical, &columns),
            false => expression.physical.to_string(),
        }
    }

    fn columns(&self, plan: &Plan, numbers: impl IntoIterator<Item = usize>) -> String {
        let all = if self.readable { texts(plan) } else { names(plan) };
        let one =
            |number: usize| all.get(number).cloned().unwrap_or_else(|| format!("column {number}"));
        numbers.into_iter().map(one).collect::<Vec<_>>().join(", ")
    }
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

fn names(plan: &Plan) -> Vec<String> {
    plan.schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// What each column of a plan is, in terms of relations' columns where that is short.
fn texts(plan: &Plan) -> Vec<String> {
    let mut names = names(plan);
    let known = match &plan.node {
        Node::Project { input, expressions } => {
            let below = texts(input);
            expressions.iter().map(|each| shown(&*each.physical, &below)).collect()
        }
        Node::Aggregate { input, keys, calls } => {
            let below = texts(input);
            let words = Words { relation: &|_| String::new(), readable: true };
            let keys = keys.iter().filter_map(|key| below.get(*key).cloned());
            keys.chain(calls.iter().map(|call| words.call_text(input, call))).collect()
        }
        Node::Filter { input, .. } | Node::TopK { input, .. } => texts(input),
        Node::Join { left, right, .. } => [texts(left), texts(right)].concat(),
        Node::Scan { .. } | Node::Values { .. } | Node::Union { .. } | Node::Window { .. } => {
            vec![]
        }
    };
    for (name, text) in names.iter_mut().zip(known) {
        if text.len() <= TEXT_BYTES_MAX {
            *name = text;
        }
    }
    names
}
