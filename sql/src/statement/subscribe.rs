//! SUBSCRIBE: the changes of a relation as they happen.
use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::Schema;
use engine::Subscription;
use futures::StreamExt;
use futures::stream::BoxStream;

use super::names::SessionNames;
use super::work::Work;
use crate::binder::{Names, name_parts};
use crate::cancel::Running;
use crate::catalog::{Relation, RelationKind};
use crate::parser::Subscribe;
use crate::response::{OutputColumn, Response};
use crate::timer::Deadline;
use crate::types::Type;
use crate::{Error, Result};

/// A relation's rows as of a tick, then its changes, without end: `tick` int8, `diff`
/// int8, then the relation's columns.
pub struct Changes {
    columns: Arc<[OutputColumn]>,
    batches: BoxStream<'static, Result<RecordBatch>>,
}

impl Changes {
    /// The columns.
    pub fn columns(&self) -> &Arc<[OutputColumn]> {
        &self.columns
    }

    /// The next changes, all of one tick, as soon as there are any. Fails with 57014 when
    /// the statement is cancelled and with 53400 when the reader has fallen too far behind.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let next = self.batches.next().await.transpose();
        if !matches!(next, Ok(Some(_))) {
            self.batches = futures::stream::empty().boxed();
        }
        next
    }
}

/// The columns of a SUBSCRIBE.
pub(crate) fn columns(names: &SessionNames, statement: &Subscribe) -> Result<Arc<[OutputColumn]>> {
    let relation = relation(names, statement)?;
    let own = ["tick", "diff"].map(|name| OutputColumn {
        name: name.to_owned(),
        ty: Type::Int8,
        origin: None,
    });
    let columns = relation.visible().map(|(_, column)| OutputColumn {
        name: column.name.clone(),
        ty: column.ty.clone(),
        origin: None,
    });
    Ok(own.into_iter().chain(columns).collect())
}

/// Starts it.
pub(crate) fn run(work: &mut Work<'_>, statement: &Subscribe) -> Result<Response> {
    let names = work.names();
    let relation = relation(&names, statement)?;
    let columns = columns(&names, statement)?;
    if work.transaction.is_own(relation.id) {
        return Err(Error::new("55000", "the relation is created in this transaction")
            .with_hint("Commit, then subscribe."));
    }
    let mut subscription = work.database.engine().subscribe(relation.id, statement.as_of)?;
    let mut first = VecDeque::new();
    let places: Vec<usize> = relation.visible().map(|(place, _)| place).collect();
    let schema = schema(&columns);
    if let Some(snapshot) = subscription.snapshot.take().filter(|_| statement.snapshot) {
        let tick = subscription.tick;
        for batch in snapshot.batches(Some(&places)) {
            let batch = batch?;
            let ones = Int64Array::from_value(1, batch.num_rows());
            first.push_back(changed(&schema, tick, ones, &batch)?);
        }
    }
    let (running, deadline) = (work.running.clone(), work.deadline.clone());
    let state = State { first, subscription, places, schema, running, _deadline: deadline };
    let batches = futures::stream::unfold(Some(state), |state| async move {
        let mut state = state?;
        match state.next().await {
            Ok(batch) => Some((Ok(batch), Some(state))),
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(Response::Subscribe(Changes { columns, batches: batches.boxed() }))
}

struct State {
    first: VecDeque<RecordBatch>,
    subscription: Subscription,
    places: Vec<usize>,
    schema: Arc<Schema>,
    running: Running,
    /// `statement_timeout` runs on until the statement ends.
    _deadline: Option<Arc<Deadline>>,
}

impl State {
    async fn next(&mut self) -> Result<RecordBatch> {
        if let Some(batch) = self.first.pop_front() {
            self.running.check()?;
            return Ok(batch);
        }
        loop {
            let subscription = &mut self.subscription;
            let next = async { Ok(subscription.next().await?) };
            let (tick, delta) = self.running.unless_stopped(next).await?;
            if delta.is_empty() {
                continue;
            }
            let weights: Int64Array = delta.weights_iter().collect();
            let rows = delta.rows().project(&self.places)?;
            return changed(&self.schema, tick, weights, &rows);
        }
    }
}

fn schema(columns: &[OutputColumn]) -> Arc<Schema> {
    let fields: Vec<_> = columns.iter().map(|column| column.ty.field(&column.name, true)).collect();
    Arc::new(Schema::new(fields))
}

fn changed(
    schema: &Arc<Schema>,
    tick: u64,
    weights: Int64Array,
    rows: &RecordBatch,
) -> Result<RecordBatch> {
    let tick = i64::try_from(tick).unwrap_or(i64::MAX);
    let ticks = Int64Array::from_value(tick, rows.num_rows());
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ticks), Arc::new(weights)];
    columns.extend(rows.columns().iter().cloned());
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn relation(names: &SessionNames, statement: &Subscribe) -> Result<Arc<Relation>> {
    let parts = name_parts(&statement.name)?;
    let (schema, name) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    let relation = names.relation(schema, name, names.search_path())?;
    match relation.kind {
        RelationKind::View => {
            Err(Error::new("42809", format!("cannot subscribe to {} \"{name}\"", relation.kind))
                .with_hint("Create a continuous view of it, and subscribe to that."))
        }
        RelationKind::System => {
            Err(Error::new("42809", format!("cannot subscribe to {} \"{name}\"", relation.kind))
                .with_hint("Query it again when it is needed."))
        }
        _ => Ok(relation),
    }
}
