//! Aggregation: what is computed over each group of rows.
//!
//! Without calls it is DISTINCT; without keys it is one row always. Keys are put out
//! in normal form: 0.0 for −0.0, intervals justified. A group whose result is out of
//! range is withdrawn and shown as a failure until it is back in range.
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, RecordBatchOptions,
};
use arrow::compute::prep_null_mask_filter;
use arrow::datatypes::{DataType, SchemaRef};

use super::distinct::{Distinct, Variant};
use super::division::{Division, each_shard};
use super::groups::{Batch, Groups, Place};
use crate::aggregates::{accumulator, counts_rows, ignores_distinct};
use crate::operator::{Context, Operator, only};
use crate::plan::Call;
use crate::state::hash::SHARDS;
use crate::state::key::{KeyEncoder, key_columns};
use crate::state::record::{Reader, Writer};
use crate::state::table::StateTable;
use crate::{Delta, Error, Result};

/// What an aggregate is built of.
pub(crate) struct Grouping {
    /// Columns of the input.
    pub(crate) keys: Vec<usize>,
    /// What to compute.
    pub(crate) calls: Vec<Call>,
    /// The input's schema.
    pub(crate) input: SchemaRef,
    /// The keys, then a column for each call.
    pub(crate) output: SchemaRef,
    /// Whether no row of the input is ever retracted.
    pub(crate) append_only: bool,
    /// Of the hash.
    pub(crate) seed: u64,
}

/// Its state is a row for each group, and one for each distinct value in a group.
pub(crate) struct Aggregate {
    keys: Vec<usize>,
    encoder: KeyEncoder,
    /// For each column of distinct calls: the column, and keys of group and value.
    distinct: Vec<(usize, KeyEncoder)>,
    filters: Vec<usize>,
    shards: Vec<Groups>,
    schema: SchemaRef,
}

impl Aggregate {
    pub(crate) fn new(grouping: Grouping) -> Result<Self> {
        let types = column_types(&grouping.input, &grouping.keys)?;
        let encoder = KeyEncoder::new(&types, grouping.seed)?;
        let mut distinct = vec![];
        for (argument, _) in variants(&grouping.calls) {
            let mut types = types.clone();
            types.append(&mut column_types(&grouping.input, &[argument])?);
            distinct.push((argument, KeyEncoder::new(&types, grouping.seed)?));
        }
        let mut filters: Vec<usize> =
            grouping.calls.iter().filter_map(|call| call.filter).collect();
        filters.sort_unstable();
        filters.dedup();
        let shards = (0..SHARDS)
            .map(|_| shard(&grouping, &encoder, &distinct))
            .collect::<Result<Vec<_>>>()?;
        let Grouping { keys, output: schema, .. } = grouping;
        Ok(Self { keys, encoder, distinct, filters, shards, schema })
    }

    /// For each column of a FILTER, which rows pass.
    fn masks(&self, rows: &RecordBatch) -> Result<Vec<Option<BooleanArray>>> {
        let mut masks = vec![None; self.filters.last().map_or(0, |last| last + 1)];
        for number in &self.filters {
            let column = rows.columns().get(*number).and_then(|column| column.as_boolean_opt());
            let mask = column.ok_or_else(|| Error::internal("a FILTER is not boolean"))?;
            if let Some(slot) = masks.get_mut(*number) {
                *slot = Some(match mask.null_count() {
                    0 => mask.clone(),
                    _ => prep_null_mask_filter(mask),
                });
            }
        }
        Ok(masks)
    }
}

impl Operator for Aggregate {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let delta = only(inputs)?;
        let columns = delta.rows().columns();
        let keyed = key_columns(columns, &self.keys)?;
        let keys = self.encoder.encode(&keyed, delta.len())?;
        let mut distinct_keys = vec![];
        for (argument, encoder) in &self.distinct {
            let mut all = keyed.clone();
            all.append(&mut key_columns(columns, &[*argument])?);
            let of_values = encoder.encode(&all, delta.len())?;
            distinct_keys.push(of_values.routed(keys.hashes().to_vec()));
        }
        let filters = self.masks(delta.rows())?;
        let batch = Batch {
            delta,
            key_columns: &keyed,
            keys: &keys,
            distinct_keys: &distinct_keys,
            filters: &filters,
            operator: context.operator,
        };
        let division = Division::of(keys.hashes());
        let changes = each_shard(context.pool, delta.len(), &mut self.shards, |number, groups| {
            groups.process(&batch, division.rows(number))
        });
        let mut parts = vec![];
        for changes in changes {
            let mut changes = changes?;
            context.failures.append(std::mem::take(&mut changes.failures));
            if !changes.weights.is_empty() {
                parts.push(changes.delta(&self.schema)?);
            }
        }
        Delta::concat(&self.schema, &parts)
    }

    fn start(&mut self, _context: &mut Context<'_>) -> Result<Option<Delta>> {
        if !self.keys.is_empty() {
            return Ok(None);
        }
        let keys = self.encoder.encode(&[], 1)?;
        let division = Division::of(keys.hashes());
        let home = (0..SHARDS).find(|number| !division.rows(*number).is_empty());
        let Some(groups) = home.and_then(|number| self.shards.get_mut(number)) else {
            return Ok(None);
        };
        let columns: Vec<ArrayRef> = groups.start(&keys)?;
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let schema = SchemaRef::clone(&self.schema);
        let rows = RecordBatch::try_new_with_options(schema, columns, &options)?;
        Ok(Some(Delta::new(rows, Int64Array::from(vec![1]))?))
    }

    fn track(&mut self, shard: usize, written: bool) {
        if let Some(groups) = self.shards.get_mut(shard) {
            groups.track(written);
        }
    }

    fn capture(&mut self, shard: usize, writer: &mut Writer) -> Result<()> {
        if let Some(groups) = self.shards.get_mut(shard) {
            groups.capture(writer);
        }
        Ok(())
    }

    fn restore(&mut self, shard: usize, reader: &mut Reader<'_>) -> Result<()> {
        match self.shards.get_mut(shard) {
            Some(groups) => groups.restore(reader),
            None => Err(Error::internal("an aggregate has no such shard")),
        }
    }

    fn unwritten(&self) -> usize {
        self.shards.iter().map(Groups::unwritten).sum()
    }

    fn state_bytes(&self) -> Vec<(&'static str, usize)> {
        let mut sums = [0; 3];
        for groups in &self.shards {
            sums.iter_mut().zip(groups.bytes()).for_each(|(sum, bytes)| *sum += bytes);
        }
        let names = ["groups", "values", "distinct values"];
        names.into_iter().zip(sums).filter(|(_, bytes)| *bytes > 0).collect()
    }
}

/// Whether a call is fed by the table of distinct values.
fn is_distinct(call: &Call) -> bool {
    call.distinct && call.argument.is_some() && !ignores_distinct(call.function)
}

/// The columns of distinct calls, and for each its calls by their FILTER.
fn variants(calls: &[Call]) -> Vec<(usize, Vec<Variant>)> {
    let mut found: Vec<(usize, Vec<Variant>)> = vec![];
    for (number, call) in calls.iter().enumerate() {
        let Some(argument) = call.argument.filter(|_| is_distinct(call)) else { continue };
        if !found.iter().any(|(column, _)| *column == argument) {
            found.push((argument, vec![]));
        }
        for (_, variants) in found.iter_mut().filter(|(column, _)| *column == argument) {
            match variants.iter_mut().find(|variant| variant.filter == call.filter) {
                Some(variant) => variant.calls.push(number),
                None => variants.push(Variant { filter: call.filter, calls: vec![number] }),
            }
        }
    }
    found
}

fn column_types(schema: &SchemaRef, columns: &[usize]) -> Result<Vec<DataType>> {
    let types = columns
        .iter()
        .map(|number| schema.fields().get(*number).map(|field| field.data_type().clone()));
    types.collect::<Option<_>>().ok_or_else(|| Error::internal("an aggregate is of no column"))
}

fn shard(
    grouping: &Grouping,
    encoder: &KeyEncoder,
    distinct: &[(usize, KeyEncoder)],
) -> Result<Groups> {
    let mut calls = vec![];
    let mut words = 1;
    for (number, call) in grouping.calls.iter().enumerate() {
        let argument = match call.argument {
            Some(column) => column_types(&grouping.input, &[column])?.pop(),
            None => None,
        };
        let result = column_types(&grouping.output, &[grouping.keys.len() + number])?.pop();
        let result = result.unwrap_or(DataType::Null);
        let accumulator = accumulator(call, argument.as_ref(), &result, grouping.append_only)?;
        let offset = if counts_rows(call) { 0 } else { words };
        words += accumulator.words();
        calls.push(Place {
            accumulator,
            offset,
            argument: call.argument,
            filter: call.filter,
            distinct: is_distinct(call),
        });
    }
    let tables = variants(&grouping.calls).into_iter().zip(distinct).enumerate();
    let distinct = tables.map(|(number, ((argument, variants), (_, encoder)))| {
        Distinct::new(StateTable::new(encoder, variants.len()), number, argument, variants)
    });
    let keyless = grouping.keys.is_empty();
    Ok(Groups::new(StateTable::new(encoder, words), calls, distinct.collect(), keyless))
}
