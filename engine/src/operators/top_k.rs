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
use crate::state::changed::{Changed, Next};
use crate::state::hash::SHARDS;
use crate::state::key::{KeyEncoder, Keys, key_columns};
use crate::state::normal::{ordered, ordered_type};
use crate::state::record::{Reader, Writer};
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
    input: SchemaRef,
    schema: SchemaRef,
}

/// How many captured rows are taken back at once.
const RESTORED_ROWS_MAX: usize = 8192;

/// The partitions of one shard, by their keys' slots.
struct Shard {
    keys: StateTable,
    partitions: Vec<Partition>,
    changed: Changed<Entry>,
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
            .map(|_| Shard {
                keys: StateTable::new(&encoder, 1),
                partitions: vec![],
                changed: Changed::default(),
            })
            .collect();
        let order = order.into_iter().map(|key| key.column).collect();
        Ok(Self { partition, order, range, encoder, sorter, rows, shards, input, schema: output })
    }

    fn batch<'a>(&self, delta: &'a Delta) -> Result<Batch<'a>> {
        let columns = delta.rows().columns();
        let keys = self.encoder.encode(&key_columns(columns, &self.partition)?, delta.len())?;
        let order: Vec<ArrayRef> =
            self.order.iter().filter_map(|number| columns.get(*number)).map(ordered).collect();
        let sorts = self.sorter.encode(&order)?;
        Ok(Batch { delta, keys, sorts, rows: self.rows.encode(columns)? })
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
        let batch = self.batch(delta)?;
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

    fn track(&mut self, shard: usize, written: bool) {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.changed.track(written);
        }
    }

    fn capture(&mut self, shard: usize, writer: &mut Writer) -> Result<()> {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.capture(writer);
        }
        Ok(())
    }

    fn restore(&mut self, shard: usize, reader: &mut Reader<'_>) -> Result<()> {
        let mut rows = vec![];
        while !reader.is_empty() {
            rows.push((reader.bytes()?, reader.signed()?));
        }
        for rows in rows.chunks(RESTORED_ROWS_MAX) {
            let columns = self.rows.decode(rows.iter().map(|(bytes, _)| *bytes))?;
            let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
            let schema = SchemaRef::clone(&self.input);
            let decoded = RecordBatch::try_new_with_options(schema, columns, &options)?;
            let delta = Delta::inserted(decoded);
            let batch = self.batch(&delta)?;
            if let Some(shard) = self.shards.get_mut(shard) {
                shard.restore(&batch, rows, self.range)?;
            }
        }
        Ok(())
    }

    fn unwritten(&self) -> usize {
        self.shards.iter().map(|shard| shard.changed.len(shard.partitions.len())).sum()
    }

    fn state_bytes(&self) -> Vec<(&'static str, usize)> {
        let keys = self.shards.iter().map(|shard| shard.keys.bytes()).sum();
        let partitions = self.shards.iter().flat_map(|shard| &shard.partitions);
        let slots: usize = self
            .shards
            .iter()
            .map(|shard| shard.partitions.capacity() * size_of::<Partition>())
            .sum();
        let changed = self.shards.iter().map(|shard| shard.changed.bytes()).sum::<usize>();
        let rows = slots + partitions.map(Partition::bytes).sum::<usize>() + changed;
        vec![("partitions", keys), ("rows", rows)]
    }
}

impl Shard {
    /// Writes rows that have changed since they were written: bytes and weight, which is
    /// zero for what is gone. A partition that went and came has another place; the row's
    /// change there is the later one.
    fn capture(&mut self, writer: &mut Writer) {
        let partitions = &self.partitions;
        let rows = |slot: u32| partitions.get(slot as usize).map(Partition::rows);
        while !writer.is_full() {
            match self.changed.next(partitions.len(), rows) {
                None => break,
                Some(Next::Nothing) => writer.pass(),
                Some(Next::Value(_, entry, count)) => {
                    writer.row();
                    writer.bytes(entry.row());
                    writer.signed(count);
                }
            }
        }
    }

    /// Takes rows back, as they were captured.
    fn restore(&mut self, batch: &Batch<'_>, rows: &[(&[u8], i64)], range: Range) -> Result<()> {
        self.keys.begin();
        let numbers: Vec<u32> = (0..rows.len() as u32).collect();
        let mut slots = vec![];
        self.keys.touch(&batch.keys, &numbers, &mut slots)?;
        for ((number, slot), (row, count)) in numbers.iter().zip(&slots).zip(rows) {
            let slot = *slot as usize;
            if self.partitions.len() <= slot {
                self.partitions.resize_with(slot + 1, Partition::default);
            }
            if let Some(partition) = self.partitions.get_mut(slot) {
                partition.restore(Entry::new(batch.sorts.get(*number), row), *count, range);
            }
        }
        self.settle(range);
        Ok(())
    }

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
                self.changed.push(slot as u32, || entry.clone());
                if let Some(partition) = self.partitions.get_mut(slot) {
                    partition.add(entry, weight.unwrap_or_default(), range);
                }
            }
        }
        Ok(self.settle(range))
    }

    /// Says what came into view and what left it in the touched partitions.
    fn settle(&mut self, range: Range) -> Vec<Shown> {
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
        shown
    }
}
