//! What a caller asks the sequencer to do at once: changes of rows and of definitions.
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use storage::Tick;

use crate::plan::{Plan, RelationId};

/// Rows from which on the bytes of an insertion are counted before it is let in.
const COUNTED_ROWS_MIN: usize = 1_000;

/// A part of one frame: it happens wholly or not at all.
#[derive(Debug, Default)]
pub struct Commit {
    /// Changes of rows, applied in order.
    pub changes: Vec<Change>,
    /// Relations that must not have changed since the tick (SERIALIZABLE); else 40001.
    pub unchanged: Option<(Tick, Vec<RelationId>)>,
    /// Changes of the catalog that become live with this frame.
    pub catalog: Option<CatalogChange>,
    /// What `_source` is to say of inserted stream rows: the connector that brought them.
    pub source: Option<String>,
    /// How far sources have been read with these changes; durable with them.
    pub positions: Vec<Position>,
    /// How far sources must have been read before it; else 40001. So commits can be handed
    /// over one behind the other: where one is refused, those that follow it are too.
    pub follows: Vec<Position>,
}

impl Commit {
    /// Whether it adds rows, or state that is made of rows.
    pub(crate) fn grows(&self) -> bool {
        let adds = |change: &Change| !matches!(change, Change::Delete { .. });
        let derives =
            |new: &Definition| matches!(new, Definition::View { .. } | Definition::Index { .. });
        let mut created = self.catalog.iter().flat_map(|catalog| &catalog.create);
        self.changes.iter().any(adds) || created.any(derives)
    }

    /// Bytes of the rows it adds, as far as it is large; a small one's are not worth counting.
    pub(crate) fn bytes(&self) -> usize {
        let inserted = self.changes.iter().filter_map(|change| match change {
            Change::Insert { rows, .. } if rows.num_rows() >= COUNTED_ROWS_MIN => Some(rows),
            _ => None,
        });
        let columns = inserted.flat_map(RecordBatch::columns);
        columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).sum()
    }
}

/// How far one part of a source has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The source.
    pub relation: RelationId,
    /// Which part of it: a file, a partition.
    pub part: String,
    /// Where to go on, in the connector's own terms; empty forgets the part.
    pub place: Vec<u8>,
}

/// A change of the rows of one table or stream.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds rows. For a stream: without its hidden columns, which the sequencer fills in.
    Insert {
        /// Table or stream.
        relation: RelationId,
        /// In the relation's schema (a stream's without hidden columns).
        rows: RecordBatch,
        /// What to do where the primary key is there already.
        conflict: OnConflict,
    },
    /// Takes rows away, by value: each must be there, or the commit loses its race (40001).
    Delete {
        /// A table.
        relation: RelationId,
        /// Whole rows as they were read.
        old: RecordBatch,
    },
    /// Puts new rows in the place of old ones, pairwise; all old rows go first.
    Update {
        /// A table.
        relation: RelationId,
        /// Whole rows as they were read.
        old: RecordBatch,
        /// As many rows.
        new: RecordBatch,
    },
}

/// What an insertion does where its primary key is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// 23505, and the whole commit fails.
    Error,
    /// The new row is left out.
    Ignore,
    /// The new row replaces the old one.
    Overwrite,
}

/// What became of a commit.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The tick that holds it; for a commit without changes, the last published one.
    pub tick: Tick,
    /// One for each change, in order.
    pub applied: Vec<Applied>,
}

/// What became of one change.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Rows inserted, deleted or updated.
    pub rows: u64,
    /// For an insertion under [`OnConflict::Ignore`] that left rows out: the numbers of those kept.
    pub kept: Option<Vec<u32>>,
}

/// Definitions that come and go with one frame.
#[derive(Clone, Debug, Default)]
pub struct CatalogChange {
    /// The id under which the records were staged.
    pub transaction: u64,
    /// What is new, each after what it stands on.
    pub create: Vec<Definition>,
    /// What goes, each before what it stands on.
    pub drop: Vec<RelationId>,
}

/// A relation or an index, as the engine knows it.
#[derive(Clone, Debug)]
pub enum Definition {
    /// Rows that are inserted, updated and deleted.
    Table {
        /// Its id.
        id: RelationId,
        /// Its columns.
        schema: SchemaRef,
        /// The primary key's columns; empty: rows are a bag.
        key: Vec<usize>,
    },
    /// Rows that are only appended.
    Stream {
        /// Its id.
        id: RelationId,
        /// Its columns, the hidden ones ([`hidden_fields`]) last.
        schema: SchemaRef,
    },
    /// Rows that the engine keeps equal to a plan's.
    View {
        /// Its id.
        id: RelationId,
        /// What it must always equal.
        plan: Arc<Plan>,
    },
    /// Another way from column values to rows.
    Index {
        /// Its id, from the same numbers as relations.
        id: RelationId,
        /// The table, stream or view it is of.
        relation: RelationId,
        /// Its columns, in order.
        columns: Vec<usize>,
        /// Whether equal keys are refused (tables only; 23505).
        unique: bool,
    },
}

impl Definition {
    /// The id of what it defines.
    pub fn id(&self) -> RelationId {
        match self {
            Definition::Table { id, .. }
            | Definition::Stream { id, .. }
            | Definition::View { id, .. }
            | Definition::Index { id, .. } => *id,
        }
    }
}

/// What sets apart the ids of rejected rows from those of their streams.
const REJECTED: u64 = 1 << 40;

/// Where a source's rows that could not be read are inserted, in
/// [`rejected_schema`](crate::rejected_schema), by the commit that moves its position past
/// them. The error relation shows them until the source, which is a stream, is dropped.
pub fn rejected(source: RelationId) -> RelationId {
    RelationId(source.0 | REJECTED)
}

/// The source whose rejected rows have this id.
pub(crate) fn source_of(rejected: RelationId) -> Option<RelationId> {
    (rejected.0 & REJECTED != 0).then_some(RelationId(rejected.0 & !REJECTED))
}

/// The hidden columns that stand behind a stream's own, in this order: `_position`
/// (int8, from 1 in arrival order), `_arrived` (timestamptz, the tick's time),
/// `_lateness` (int8 microseconds behind the stream's running maximum, null without a
/// watermark), `_source` (text, null for INSERT and COPY), `_headers` (text, null
/// where the source has none).
pub fn hidden_fields() -> Vec<arrow::datatypes::Field> {
    use arrow::datatypes::{DataType, Field, TimeUnit};
    vec![
        Field::new("_position", DataType::Int64, false),
        Field::new(
            "_arrived",
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            false,
        ),
        Field::new("_lateness", DataType::Int64, true),
        Field::new("_source", DataType::Utf8, true),
        Field::new("_headers", DataType::Utf8, true),
    ]
}
