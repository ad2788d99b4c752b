//! A pipeline built of a plan.
//!
//! Plans that are one and the same (behind one pointer) become one operator.
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::capture::{Captures, VERSION};
use super::graph::{Environment, Pipeline, Port, Station};
use crate::Result;
use crate::operator::Operator;
use crate::operators::{
    Aggregate, Filter, Grouping, Join, Joining, Pass, Project, Range, Ranking, TopK, Values, Window,
};
use crate::plan::{Expression, JoinKind, Node, Plan, RelationId, column_of, describe};
use crate::state::hash::Hash;

impl Pipeline {
    /// The operators of `plan`, without any state; 0A000 where one is not supported.
    pub fn build(plan: &Arc<Plan>, environment: &Environment<'_>) -> Result<Self> {
        let mut builder = Builder {
            environment,
            stations: vec![],
            scans: BTreeMap::new(),
            built: vec![],
            number: 0,
        };
        let Built { append_only, apart, .. } = builder.add(plan)?;
        let Builder { stations, scans, built, .. } = builder;
        let schema = SchemaRef::clone(&plan.schema);
        let pool = environment.pool.clone();
        let mut text = format!("state {VERSION}\n{}", describe(plan).join("\n"));
        describe_more(plan, &mut text);
        for Station { number, name, consumers, .. } in &stations {
            text.push_str(&format!("\n{number} {name} {consumers:?}"));
        }
        for (_, Built { station, append_only, .. }) in built {
            text.push_str(&format!("\n{station} {append_only}"));
        }
        let fingerprint = Hash::new(environment.seed).bytes(text.as_bytes());
        let captures = Captures::default();
        Ok(Pipeline { stations, scans, schema, pool, append_only, apart, fingerprint, captures })
    }
}

/// What the text of a plan does not say, but its state depends on.
fn describe_more(plan: &Plan, text: &mut String) {
    for field in plan.schema.fields() {
        let mut metadata: Vec<_> = field.metadata().iter().collect();
        metadata.sort();
        let (name, data_type) = (field.name(), field.data_type());
        text.push_str(&format!("\n{name} {data_type:?} {} {metadata:?}", field.is_nullable()));
    }
    match &plan.node {
        Node::Scan { columns, .. } => text.push_str(&format!(" {columns:?}")),
        Node::Values { rows } => text.push_str(&format!(" {:?}", rows.columns())),
        Node::Aggregate { keys, calls, .. } => {
            let calls = calls.iter().map(|call| (call.argument, call.filter));
            text.push_str(&format!(" {keys:?} {:?}", calls.collect::<Vec<_>>()));
        }
        Node::Join { on, .. } => text.push_str(&format!(" {on:?}")),
        Node::TopK { partition, order, .. } => {
            let order = order.iter().map(|key| key.column).collect::<Vec<_>>();
            text.push_str(&format!(" {partition:?} {order:?}"));
        }
        Node::Window { time, .. } => text.push_str(&format!(" {time}")),
        Node::Filter { .. } | Node::Project { .. } | Node::Union { .. } => {}
    }
    plan.inputs().into_iter().for_each(|input| describe_more(input, text));
}

struct Builder<'a> {
    environment: &'a Environment<'a>,
    stations: Vec<Station>,
    scans: BTreeMap<RelationId, Vec<usize>>,
    built: Vec<(*const Plan, Built)>,
    number: i32,
}

/// A plan that has its operator.
#[derive(Clone, Copy)]
struct Built {
    station: usize,
    append_only: bool,
    /// Whether no output has a row both inserted and retracted.
    apart: bool,
}

impl Builder<'_> {
    fn add(&mut self, plan: &Arc<Plan>) -> Result<Built> {
        let address = Arc::as_ptr(plan);
        if let Some((_, built)) = self.built.iter().find(|(other, _)| *other == address) {
            return Ok(*built);
        }
        let number = self.number;
        self.number += 1;
        let inputs =
            plan.inputs().into_iter().map(|input| self.add(input)).collect::<Result<Vec<_>>>()?;
        let below = inputs.iter().all(|input| input.append_only);
        let append_only = match &plan.node {
            Node::Scan { relation, .. } => (self.environment.append_only)(*relation),
            Node::Values { .. } => true,
            Node::Filter { .. } | Node::Project { .. } | Node::Union { .. } => below,
            Node::Window { .. } => below,
            Node::Aggregate { calls, keys, .. } => below && calls.is_empty() && !keys.is_empty(),
            // What a row matches stays, so what it put out does.
            Node::Join { kind: JoinKind::Inner | JoinKind::Semi, .. } => below,
            Node::Join { .. } | Node::TopK { .. } => false,
        };
        let apart = append_only
            || match &plan.node {
                // Each group, each partition says once what it was and what it is.
                Node::Aggregate { .. } | Node::TopK { .. } => true,
                Node::Filter { .. } | Node::Window { .. } => inputs.iter().all(|input| input.apart),
                Node::Project { input, expressions } => {
                    inputs.iter().all(|input| input.apart) && keeps_all(input, expressions)
                }
                _ => false,
            };
        let (operator, name) = self.operator(plan, below)?;
        let station = self.stations.len();
        let port = |schema: &SchemaRef| Port { schema: SchemaRef::clone(schema), waiting: vec![] };
        let ports = match &plan.node {
            Node::Scan { .. } | Node::Union { .. } => vec![port(&plan.schema)],
            _ => plan.inputs().iter().map(|input| port(&input.schema)).collect(),
        };
        for (place, input) in inputs.iter().enumerate() {
            let place = if matches!(plan.node, Node::Union { .. }) { 0 } else { place };
            if let Some(below) = self.stations.get_mut(input.station) {
                below.consumers.push((station, place));
            }
        }
        if let Node::Scan { relation, .. } = &plan.node {
            self.scans.entry(*relation).or_default().push(station);
        }
        self.stations.push(Station { operator, number, name, ports, consumers: vec![] });
        let built = Built { station, append_only, apart };
        self.built.push((address, built));
        Ok(built)
    }

    fn operator(
        &self,
        plan: &Plan,
        append_only: bool,
    ) -> Result<(Box<dyn Operator>, &'static str)> {
        let output = SchemaRef::clone(&plan.schema);
        Ok(match &plan.node {
            Node::Scan { columns, .. } => (Box::new(Pass::scan(columns.clone(), output)), "scan"),
            Node::Values { rows } => {
                let rows = RecordBatch::try_new_with_options(
                    output,
                    rows.columns().to_vec(),
                    &arrow::array::RecordBatchOptions::new().with_row_count(Some(rows.num_rows())),
                )?;
                (Box::new(Values::new(rows)), "values")
            }
            Node::Filter { predicate, .. } => (Box::new(Filter::new(predicate.clone())), "filter"),
            Node::Project { expressions, .. } => {
                (Box::new(Project::new(expressions.clone(), output)), "project")
            }
            Node::Union { .. } => (Box::new(Pass::union(output)), "union"),
            Node::Aggregate { input, keys, calls } => {
                let grouping = Grouping {
                    keys: keys.clone(),
                    calls: calls.clone(),
                    input: SchemaRef::clone(&input.schema),
                    output,
                    append_only,
                    seed: self.environment.seed,
                };
                (Box::new(Aggregate::new(grouping)?), "aggregate")
            }
            Node::Join { left, right, kind, on, nulls_equal, residual } => {
                let joining = Joining {
                    kind: *kind,
                    on: on.clone(),
                    nulls_equal: *nulls_equal,
                    residual: residual.clone(),
                    inputs: [left, right].map(|input| SchemaRef::clone(&input.schema)),
                    output,
                    seed: self.environment.seed,
                };
                (Box::new(Join::new(joining)?), "join")
            }
            Node::TopK { input, partition, order, skip, limit, row_number } => {
                let ranking = Ranking {
                    partition: partition.clone(),
                    order: order.clone(),
                    range: Range { skip: *skip, limit: *limit, numbered: *row_number, append_only },
                    input: SchemaRef::clone(&input.schema),
                    output,
                    seed: self.environment.seed,
                };
                (Box::new(TopK::new(ranking)?), "top-k")
            }
            Node::Window { time, size, slide, offset, .. } => {
                (Box::new(Window::new(*time, (*size, *slide, *offset), output)?), "window")
            }
        })
    }
}

/// Whether rows that differ still do: every column of the input is put out as it is.
fn keeps_all(input: &Plan, expressions: &[Expression]) -> bool {
    let put_out =
        |number| expressions.iter().any(|expression| column_of(expression) == Some(number));
    (0..input.schema.fields().len()).all(put_out)
}
