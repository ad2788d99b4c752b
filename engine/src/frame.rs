//! What a tick was made of, as a value and as bytes of the log.
//!
//! Bytes: version, time, catalog transactions, positions, then each part behind its
//! length, so that a part of a relation that has been dropped since is passed over. A
//! stream's hidden columns are not written: they follow from the arrival.
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};

use crate::codec::{get_bytes, get_u64, put_bytes, put_u64, put_within, read_batch, write_batch};
use crate::commit::{Position, hidden_fields};
use crate::plan::RelationId;
use crate::sequencer::{Arrival, Constants};
use crate::{Delta, Error, ErrorKind, Result};

const VERSION: u64 = 1;

/// One tick's outcomes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// Its time in microseconds.
    pub(crate) time: i64,
    /// What each relation gains and loses, by relation.
    pub(crate) parts: Vec<Part>,
    /// How far sources have been read.
    pub(crate) positions: Vec<Position>,
    /// Catalog transactions that become live.
    pub(crate) transactions: Vec<u64>,
}

/// What one relation gains and loses; for a table retractions come first.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) relation: RelationId,
    /// Whole rows, each of weight +1 or -1.
    pub(crate) delta: Delta,
    /// For a stream, where its hidden columns come from.
    pub(crate) arrival: Option<Arrival>,
}

impl Part {
    /// The position after the part's last row.
    pub(crate) fn next_position(&self) -> i64 {
        let first = self.arrival.as_ref().map_or(0, |arrival| arrival.position);
        first.saturating_add(i64::try_from(self.delta.len()).unwrap_or(i64::MAX))
    }
}

impl Frame {
    /// How many rows it changes.
    pub(crate) fn rows(&self) -> usize {
        self.parts.iter().map(|part| part.delta.len()).sum()
    }

    /// Appends the frame's bytes.
    pub(crate) fn write(&self, into: &mut Vec<u8>) -> Result<()> {
        put_u64(into, VERSION);
        put_u64(into, self.time.cast_unsigned());
        put_u64(into, self.transactions.len() as u64);
        self.transactions.iter().for_each(|transaction| put_u64(into, *transaction));
        put_u64(into, self.positions.len() as u64);
        for position in &self.positions {
            put_u64(into, position.relation.0);
            put_bytes(into, position.part.as_bytes());
            put_bytes(into, &position.place);
        }
        put_u64(into, self.parts.len() as u64);
        self.parts.iter().try_for_each(|part| {
            put_u64(into, part.relation.0);
            put_within(into, |into| write_part(part, into))
        })
    }

    /// Reads a frame back. Parts whose relation `schema_of` does not know are passed over.
    pub(crate) fn read(
        mut bytes: &[u8],
        schema_of: &dyn Fn(RelationId) -> Option<SchemaRef>,
        constants: &mut Constants,
    ) -> Result<Self> {
        let from = &mut bytes;
        let mut frame = Self::read_head(from)?;
        for _ in 0..get_u64(from)? {
            let relation = RelationId(get_u64(from)?);
            let body = get_bytes(from)?;
            if let Some(schema) = schema_of(relation) {
                frame.parts.push(read_part((relation, &schema), frame.time, body, constants)?);
            }
        }
        Ok(frame)
    }

    /// Reads only what stands before the parts.
    pub(crate) fn read_head(from: &mut &[u8]) -> Result<Self> {
        if get_u64(from)? != VERSION {
            return Err(corrupt("a frame of the log has an unknown version"));
        }
        let mut frame = Self { time: get_u64(from)?.cast_signed(), ..Self::default() };
        for _ in 0..get_u64(from)? {
            frame.transactions.push(get_u64(from)?);
        }
        for _ in 0..get_u64(from)? {
            let relation = RelationId(get_u64(from)?);
            let part = String::from_utf8(get_bytes(from)?.to_vec())
                .map_err(|_| corrupt("a source's part is not text"))?;
            frame.positions.push(Position { relation, part, place: get_bytes(from)?.to_vec() });
        }
        Ok(frame)
    }
}

fn write_part(part: &Part, into: &mut Vec<u8>) -> Result<()> {
    let rows = part.delta.rows();
    match &part.arrival {
        Some(arrival) => {
            put_u64(into, 1);
            put_u64(into, arrival.position.cast_unsigned());
            put_u64(into, u64::from(arrival.source.is_some()));
            put_bytes(into, arrival.source.as_deref().unwrap_or("").as_bytes());
            write_batch(&without_hidden(rows)?, into)
        }
        None => {
            let retracted = part.delta.weights_iter().take_while(|weight| *weight < 0).count();
            put_u64(into, 0);
            write_batch(&rows.slice(0, retracted), into)?;
            write_batch(&rows.slice(retracted, rows.num_rows() - retracted), into)
        }
    }
}

fn read_part(
    (relation, schema): (RelationId, &SchemaRef),
    time: i64,
    mut body: &[u8],
    constants: &mut Constants,
) -> Result<Part> {
    let from = &mut body;
    if get_u64(from)? == 0 {
        let retracted = Delta::retracted(read_batch(schema, from)?);
        let inserted = Delta::inserted(read_batch(schema, from)?);
        let delta = match (retracted.is_empty(), inserted.is_empty()) {
            (true, _) => inserted,
            (_, true) => retracted,
            _ => Delta::concat(schema, &[retracted, inserted])?,
        };
        return Ok(Part { relation, delta, arrival: None });
    }
    let position = get_u64(from)?.cast_signed();
    let known = get_u64(from)? == 1;
    let source = String::from_utf8(get_bytes(from)?.to_vec())
        .map_err(|_| corrupt("a source's name is not text"))?;
    let arrival = Arrival { position, time, source: known.then_some(source) };
    let rows = read_batch(&own_schema(schema), from)?;
    let delta = Delta::inserted(constants.hide(schema, &rows, &arrival)?);
    Ok(Part { relation, delta, arrival: Some(arrival) })
}

/// A stream's schema without its hidden columns.
pub(crate) fn own_schema(schema: &SchemaRef) -> SchemaRef {
    let own = schema.fields().len().saturating_sub(hidden_fields().len());
    let fields: Vec<_> = schema.fields().iter().take(own).cloned().collect();
    Arc::new(Schema::new(fields))
}

fn without_hidden(rows: &RecordBatch) -> Result<RecordBatch> {
    let own = rows.num_columns().saturating_sub(hidden_fields().len());
    let columns: Vec<usize> = (0..own).collect();
    Ok(rows.project(&columns)?)
}

fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", message)
}
