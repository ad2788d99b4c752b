//! A join: pairs of rows with equal keys of which the residual is true.
//!
//! NULL keys match nothing unless told so. Where rows are kept without a match, each
//! appears with NULLs exactly while no row of the other side matches it. A pair on
//! which the residual fails is a failure and no match.
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema, SchemaRef};

use super::pairs::{PAIRS_MAX, Shape, Side};
use super::shard::{Found, Input, Shard};
use crate::operator::{Context, Operator};
use crate::operators::division::{Division, each_shard};
use crate::plan::{Expression, JoinKind};
use crate::state::hash::SHARDS;
use crate::state::key::{KeyEncoder, key_columns};
use crate::state::record::{Reader, Writer};
use crate::state::row_bytes::RowBytes;
use crate::{Delta, Error, Result};

/// What a join is built of.
pub(crate) struct Joining {
    /// Which rows are put out.
    pub(crate) kind: JoinKind,
    /// Columns that must be equal.
    pub(crate) on: Vec<(usize, usize)>,
    /// Whether NULLs are.
    pub(crate) nulls_equal: bool,
    /// What else must hold.
    pub(crate) residual: Option<Expression>,
    /// Of the left and the right input.
    pub(crate) inputs: [SchemaRef; 2],
    /// What is put out.
    pub(crate) output: SchemaRef,
    /// Of the hash.
    pub(crate) seed: u64,
}

/// A row as it was written: its bytes, how often it is there, how many rows match it.
pub(super) type Written<'a> = (&'a [u8], i64, i64);

/// Its state is the rows of both sides, by key.
pub(crate) struct Join {
    shape: Shape,
    keys: [Vec<usize>; 2],
    nulls_equal: bool,
    encoder: KeyEncoder,
    shards: Vec<Shard>,
}

impl Join {
    pub(crate) fn new(joining: Joining) -> Result<Self> {
        let Joining { kind, on, nulls_equal, residual, inputs, output, seed } = joining;
        let [left, right] = &inputs;
        let keys = [on.iter().map(|(l, _)| *l).collect(), on.iter().map(|(_, r)| *r).collect()];
        let types = on.iter().map(|(l, r)| {
            let (l, r) = (left.fields().get(*l)?, right.fields().get(*r)?);
            (l.data_type() == r.data_type()).then(|| l.data_type().clone())
        });
        let types: Vec<DataType> = types
            .collect::<Option<_>>()
            .ok_or_else(|| Error::internal("the keys of a join are of different types"))?;
        let encoder = KeyEncoder::new(&types, seed)?;
        let rows = |schema: &SchemaRef| {
            RowBytes::new(schema.fields().iter().map(|field| field.data_type().clone()))
        };
        let rows = [rows(left)?, rows(right)?];
        let fields = left.fields().iter().chain(right.fields());
        let paired = Schema::new(fields.map(Arc::clone).collect::<Vec<_>>());
        let shards = (0..SHARDS).map(|_| Shard::new(&encoder)).collect();
        let shape =
            Shape { kind, residual, rows, schemas: inputs, paired: Arc::new(paired), output };
        Ok(Self { shape, keys, nulls_equal, encoder, shards })
    }

    /// Rows that were captured, each once.
    fn decoded(&self, side: Side, rows: &[Written<'_>]) -> Result<Delta> {
        let missing = || Error::internal("a join has two sides");
        let codec = self.shape.rows.get(side.at()).ok_or_else(missing)?;
        let schema = self.shape.schemas.get(side.at()).ok_or_else(missing)?;
        let columns = codec.decode(rows.iter().map(|(bytes, ..)| *bytes))?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let rows = RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?;
        Ok(Delta::inserted(rows))
    }

    fn input<'a>(&self, side: Side, delta: &'a Delta) -> Result<Input<'a>> {
        let missing = || Error::internal("a join has two sides");
        let columns = delta.rows().columns();
        let numbers = self.keys.get(side.at()).ok_or_else(missing)?;
        let keyed = key_columns(columns, numbers)?;
        let keys = self.encoder.encode(&keyed, delta.len())?;
        let rows = self.shape.rows.get(side.at()).ok_or_else(missing)?.encode(columns)?;
        let has_null = !self.nulls_equal && keyed.iter().any(|column| column.null_count() > 0);
        let unmatchable = has_null.then(|| {
            (0..delta.len()).map(|row| keyed.iter().any(|column| column.is_null(row))).collect()
        });
        Ok(Input { side, delta, keys, rows, unmatchable })
    }
}

impl Operator for Join {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let [left, right] = inputs else {
            return Err(Error::internal("a join has two inputs"));
        };
        let left = self.input(Side::Left, left)?;
        let right = self.input(Side::Right, right)?;
        let divisions = (Division::of(left.keys.hashes()), Division::of(right.keys.hashes()));
        let (shape, operator) = (&self.shape, context.operator);
        let rows = left.delta.len() + right.delta.len();
        let found = each_shard(context.pool, rows, &mut self.shards, |number, shard| {
            let mut found = Found { operator, ..Found::default() };
            shard.process(shape, &left, divisions.0.rows(number), &mut found)?;
            shard.process(shape, &right, divisions.1.rows(number), &mut found)?;
            Ok::<_, Error>(found)
        });
        let mut deltas = vec![];
        for found in found {
            let mut found = found?;
            deltas.append(&mut found.deltas);
            context.failures.append(found.failures);
        }
        Delta::concat(&self.shape.output, &deltas)
    }

    fn track(&mut self, shard: usize, written: bool) {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.track(&self.shape, written);
        }
    }

    fn capture(&mut self, shard: usize, writer: &mut Writer) -> Result<()> {
        if let Some(shard) = self.shards.get_mut(shard) {
            shard.capture(writer);
        }
        Ok(())
    }

    fn restore(&mut self, shard: usize, reader: &mut Reader<'_>) -> Result<()> {
        let mut sides: [Vec<Written<'_>>; 2] = Default::default();
        while !reader.is_empty() {
            let kind = reader.number()?;
            match sides.get_mut(kind as usize) {
                Some(rows) => rows.push((reader.bytes()?, reader.signed()?, reader.signed()?)),
                None => match self.shards.get_mut(shard) {
                    Some(shard) => shard.restore_key(kind, reader)?,
                    None => return Err(Error::internal("a join has no such shard")),
                },
            }
        }
        for (side, rows) in [Side::Left, Side::Right].into_iter().zip(sides) {
            for rows in rows.chunks(PAIRS_MAX) {
                let delta = self.decoded(side, rows)?;
                let input = self.input(side, &delta)?;
                if let Some(shard) = self.shards.get_mut(shard) {
                    shard.restore_rows(&self.shape, &input, rows)?;
                }
            }
        }
        Ok(())
    }

    fn unwritten(&self) -> usize {
        self.shards.iter().map(Shard::unwritten).sum()
    }

    fn state_bytes(&self) -> Vec<(&'static str, usize)> {
        let mut sums = [0; 3];
        for shard in &self.shards {
            sums.iter_mut().zip(shard.bytes()).for_each(|(sum, bytes)| *sum += bytes);
        }
        ["keys", "left rows", "right rows"].into_iter().zip(sums).collect()
    }
}
