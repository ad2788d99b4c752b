//! The operators of one view, run once a tick in topological order.
use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use rayon::ThreadPool;
use storage::Tick;

use super::capture::Captures;
use super::consolidate::consolidate;
use crate::expression::Failures;
use crate::operator::{Context, Operator};
use crate::plan::RelationId;
use crate::{Delta, Result};

/// What a pipeline stands in.
pub struct Environment<'a> {
    /// Of every hash; drawn once per data directory.
    pub seed: u64,
    /// Where large deltas are spread; absent: in the caller's thread. What comes out has
    /// the same bytes either way.
    pub pool: Option<Arc<ThreadPool>>,
    /// Whether rows of a relation are never retracted, so that less need be kept.
    pub append_only: &'a dyn Fn(RelationId) -> bool,
}

/// What came of a tick.
#[derive(Clone, Debug)]
pub struct Output {
    /// What changed in the view. No row stands in it both inserted and retracted;
    /// where all weights have one sign, equal rows may stand in it more than once.
    pub delta: Delta,
    /// What changed in the rows on which it fails, in [`crate::failure_schema`].
    pub failures: Delta,
}

/// The operators that keep one plan true.
pub struct Pipeline {
    /// In topological order; the last one's output is the view.
    pub(super) stations: Vec<Station>,
    /// Which stations scan a relation.
    pub(super) scans: BTreeMap<RelationId, Vec<usize>>,
    pub(super) schema: SchemaRef,
    pub(super) pool: Option<Arc<ThreadPool>>,
    /// Whether no row of the view is ever retracted.
    pub(super) append_only: bool,
    /// Whether the last operator puts no row out both inserted and retracted.
    pub(super) apart: bool,
    /// Of the plan, and of the form in which state is written; state fits no other.
    pub(crate) fingerprint: u64,
    pub(super) captures: Captures,
}

/// An operator, what waits at its ports, and where its output goes.
pub(super) struct Station {
    pub(super) operator: Box<dyn Operator>,
    /// Its number in the plan, in preorder.
    pub(super) number: i32,
    /// What it is, for those who ask what its state takes.
    pub(super) name: &'static str,
    pub(super) ports: Vec<Port>,
    /// Stations and their ports.
    pub(super) consumers: Vec<(usize, usize)>,
}

/// Deltas that wait for an operator.
pub(super) struct Port {
    pub(super) schema: SchemaRef,
    pub(super) waiting: Vec<Delta>,
}

impl Pipeline {
    /// What stands before any input: VALUES, the one row of an aggregate without keys.
    /// Called once in a pipeline's life, before anything else.
    pub fn start(&mut self) -> Result<Output> {
        self.run(0, true)
    }

    /// Folds what changed in relations (whole rows of each) and says what changes in the
    /// view. A relation may be named more than once; those that are not scanned are passed
    /// over. After an error the pipeline is of no more use.
    pub fn process(&mut self, inputs: &[(RelationId, Delta)], tick: Tick) -> Result<Output> {
        for (relation, delta) in inputs.iter().filter(|(_, delta)| !delta.is_empty()) {
            for station in self.scans.get(relation).into_iter().flatten() {
                let port = self.stations.get_mut(*station).and_then(|s| s.ports.first_mut());
                if let Some(port) = port {
                    port.waiting.push(delta.clone());
                }
            }
        }
        self.run(tick, false)
    }

    /// Whether no row of the view is ever retracted.
    pub fn is_append_only(&self) -> bool {
        self.append_only
    }

    /// The schema of the view.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Bytes of state, for each table of each operator: the operator's number in the
    /// plan, its name, the table's name, its bytes.
    pub fn state_bytes(&self) -> Vec<(i32, &'static str, &'static str, usize)> {
        let mut found = vec![];
        for station in &self.stations {
            for (table, bytes) in station.operator.state_bytes() {
                found.push((station.number, station.name, table, bytes));
            }
        }
        found
    }

    fn run(&mut self, tick: Tick, starting: bool) -> Result<Output> {
        let mut failures = Failures::default();
        let mut last = vec![];
        for number in 0..self.stations.len() {
            let pool = self.pool.clone();
            let Some(station) = self.stations.get_mut(number) else { break };
            let mut context = Context {
                tick,
                operator: station.number,
                pool: pool.as_deref(),
                failures: &mut failures,
            };
            let output = station.step(starting, &mut context)?;
            let consumers = station.consumers.clone();
            for (consumer, port) in consumers {
                let port = self.stations.get_mut(consumer).and_then(|s| s.ports.get_mut(port));
                if let Some(port) = port {
                    port.waiting.extend(output.iter().cloned());
                }
            }
            last = output;
        }
        // At the start an aggregate puts out its row, then what its first input makes of it.
        let apart = self.apart && !starting;
        let delta = Delta::concat(&self.schema, &last)?;
        let delta = if apart { delta } else { consolidate(delta)? };
        let failures = consolidate(failures.finish()?)?;
        Ok(Output { delta, failures })
    }
}

impl Station {
    /// Runs the operator if anything waits for it; its outputs are not empty.
    fn step(&mut self, starting: bool, context: &mut Context<'_>) -> Result<Vec<Delta>> {
        let mut outputs = vec![];
        if starting {
            outputs.extend(self.operator.start(context)?);
        }
        if self.ports.iter().any(|port| !port.waiting.is_empty()) {
            let inputs = self.ports.iter_mut().map(Port::take).collect::<Result<Vec<_>>>()?;
            outputs.push(self.operator.process(&inputs, context)?);
        }
        outputs.retain(|delta| !delta.is_empty());
        Ok(outputs)
    }
}

impl Port {
    fn take(&mut self) -> Result<Delta> {
        let waiting = std::mem::take(&mut self.waiting);
        let schema = waiting.first().map_or_else(|| SchemaRef::clone(&self.schema), Delta::schema);
        Delta::concat(&schema, &waiting)
    }
}
