//! The objects of the catalog.
use engine::plan::RelationId;

use crate::types::Type;

/// A column of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, folded as PostgreSQL folds.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it can be NULL.
    pub nullable: bool,
    /// The text of its DEFAULT expression.
    pub default: Option<String>,
    /// Whether `*` leaves it out (a stream's `_position` and so on).
    pub hidden: bool,
}

/// What kind of relation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// Rows that are inserted, updated and deleted.
    Table,
    /// Rows that are only appended.
    Stream,
    /// A stream that a connector fills.
    Source,
    /// A plain view: its query stands where its name is used.
    View,
    /// A continuous view: the engine keeps its rows.
    ContinuousView,
    /// A relation of pg_catalog, information_schema or tidemill, made from the catalog when read.
    System,
}

/// Anything that can stand in FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Its id, never used again; of a system relation its fixed oid.
    pub id: RelationId,
    /// The schema it is in.
    pub schema: String,
    /// Its name, unique among relations and indexes of its schema.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// Its columns, hidden ones last.
    pub columns: Vec<Column>,
    /// Columns of the primary key; of a continuous view, those of its derived unique key.
    pub key: Vec<usize>,
    /// The text of its query, for views of both kinds.
    pub query: Option<String>,
    /// The search path under which `query` was bound.
    pub search_path: Vec<String>,
    /// The statement that made it.
    pub text: String,
    /// Connector options of a source, in order.
    pub options: Vec<(String, String)>,
    /// Relations that it reads; it goes when they go with CASCADE.
    pub depends_on: Vec<RelationId>,
}

/// An index on a table, a stream or a continuous view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its id, from the same numbers as relations.
    pub id: RelationId,
    /// The schema, that of its relation.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it indexes.
    pub relation: RelationId,
    /// Its columns.
    pub columns: Vec<usize>,
    /// Whether equal keys are refused.
    pub unique: bool,
    /// The statement that made it.
    pub text: String,
}
