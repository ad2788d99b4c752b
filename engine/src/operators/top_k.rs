//! The first rows of each partition in an order.
//!
//! Ties break by the whole row, so that the answer is one whatever the order of
//! arrival. A change behind the last row shown costs no more than keeping it.
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use arrow::row::SortField;

use super::division::{Division, each_shard};
use super::partition::{Entry, Partition, Range, Shown};
use crate::operator::{Context, Operator, only};
use crate::plan::SortKey;
use crate::state::hash::SHARDS;
use crate::state::key::{KeyEncoder, Keys, key_columns};
use crate::state::normal::{ordered, ordered_type};
use crate::state::row_bytes::{Encoded, RowBytes};
use crate::state::table::{PASS_ROWS, StateTable};
use crate::{Delta, Error, Result};

/// What a top-k is built of.
pub(crate) struct Ranking {
    /// Columns that part the rows.
    pub(crate) partition: Vec<usize>,
    /// The order within a partition.
    pub(crate) order: Vec<SortKey>,
    /// Which rows are shown.
    pub(crate) range: Range,
    /// The input's schema.
    pub(crate) input: SchemaRef,
    /// The same, and the row's number if that is shown.
    pub(crate) output: SchemaRef,
    /// Of the hash.
    pub(crate) seed: u64,
}

/// Its state is the rows of each partition, in order.
pub(crate) struct TopK {
    partition: Vec<usize>,
    order: Vec<usize>,
    range: Range,
    encoder: KeyEncoder,
    sorter: RowBytes,
    rows: RowBytes,
    shards: Vec<Shard>,
    schema: SchemaRef,
}

/// The partitions of one shard, by their keys' slots.
struct Shard {
    keys: StateTable,
    partitions: Vec<Partition>,
}

/// A delta, as seen by all shards.
struct Batch<'a> {
    delta: &'a Delta,
    keys: Keys,
    sorts: Encoded,
    rows: Encoded,
}

impl TopK {
    pub(crate) fn new(ranking: Ranking) -> Result<Self> {
        let Ranking { partition, order, range, input, output, seed } = ranking;
        let data_type = |number: usize| {
            let field = input.fields().get(number).map(|field| field.data_type().clone());
            field.ok_or_else(|| Error::internal("a top-k is of no column"))
        };
        let types = partition.iter().map(|n| data_type(*n)).collect::<Result<Vec<_>>>()?;
        let encoder = KeyEncoder::new(&types, seed)?;
        let fields = order.iter().map(|key| {
            let data_type = ordered_type(&data_type(key.column)?);
            Ok(SortField::new_with_options(data_type, key.options))
        });
        let sorter = RowBytes::sorted(fields.collect::<Result<_>>()?)?;
        let rows = RowBytes::new(input.fields().iter().map(|field| field.data_type().clone()))?;
        let shards = (0..SHARDS)
            .map(|_| Shard { keys: StateTable::new(&encoder, 1), partitions: vec![] })
            .collect();
        let order = order.into_iter().map(|key| key.column).collect();
        Ok(Self { partition, order, range, encoder, sorter, rows, shards, schema: output })
    }

    fn delta(&self, shown: &[Shown]) -> Result<Delta> {
        let mut columns: Vec<ArrayRef> =
            self.rows.decode(shown.iter().map(|shown| shown.entry.row()))?;
        if self.range.numbered {
            let numbers = shown.iter().map(|shown| shown.number as i64);
            columns.push(Arc::new(Int64Array::from_iter_values(numbers)));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(shown.len()));
        let schema = SchemaRef::clone(&self.schema);
        let rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Delta::new(rows, shown.iter().map(|shown| Some(shown.weight)).collect())
    }
}

impl Operator for TopK {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let delta = only(inputs)?;
        let columns = delta.rows().columns();
        let keys = self.encoder.encode(&key_columns(columns, &self.partition)?, delta.len())?;
        let order: Vec<ArrayRef> =
            self.order.iter().filter_map(|number| columns.get(*number)).map(ordered).collect();
        let sorts = self.sorter.encode(&order)?;
        let batch = Batch { delta, keys, sorts, rows: self.rows.encode(columns)? };
        let division = Division::of(batch.keys.hashes());
        let range = self.range;
        let shown = each_shard(context.pool, delta.len(), &mut self.shards, |number, shard| {
            shard.process(&batch, division.rows(number), range)
        });
        let mut deltas = vec![];
        for shown in shown {
            let shown = shown?;
            if !shown.is_empty() {
                deltas.push(self.delta(&shown)?);
            }
        }
        Delta::concat(&self.schema, &deltas)
    }

    fn state_bytes(&self) -> Vec<(&'static str, usize)> {
        let keys = self.shards.iter().map(|shard| shard.keys.bytes()).sum();
        let partitions = self.shards.iter().flat_map(|shard| &shard.partitions);
        let slots: usize = self
            .shards
            .iter()
            .map(|shard| shard.partitions.capacity() * size_of::<Partition>())
            .sum();
        let rows = slots + partitions.map(Partition::bytes).sum::<usize>();
        vec![("partitions", keys), ("rows", rows)]
    }
}

impl Shard {
    fn process(&mut self, batch: &Batch<'_>, rows: &[u32], range: Range) -> Result<Vec<Shown>> {
        self.keys.begin();
        let weights = batch.delta.weights().map(|weights| weights.values());
        let mut slots = vec![];
        for pass in rows.chunks(PASS_ROWS) {
            self.keys.touch(&batch.keys, pass, &mut slots)?;
            for (row, slot) in pass.iter().zip(&slots) {
                let slot = *slot as usize;
                if self.partitions.len() <= slot {
                    self.partitions.resize_with(slot + 1, Partition::default);
                }
                let weight = weights.map_or(Some(1), |w| w.get(*row as usize).copied());
                let entry = Entry::new(batch.sorts.get(*row), batch.rows.get(*row));
                if let Some(partition) = self.partitions.get_mut(slot) {
                    partition.add(entry, weight.unwrap_or_default(), range);
                }
            }
        }
        let mut shown = vec![];
        let mut empty = vec![];
        for touch in self.keys.touched() {
            let Some(partition) = self.partitions.get_mut(touch.slot as usize) else { continue };
            partition.settle(range, &mut shown);
            if partition.is_empty() {
                empty.push(touch.slot);
            }
        }
        empty.into_iter().for_each(|slot| self.keys.remove(slot));
        Ok(shown)
    }
}
