//! A plan: which operator stands on which, with bound columns and expressions.
//!
//! Columns are numbers into the input's schema. Types were made equal by the
//! binder: nothing here casts. Names are absent but for [`Plan::schema`].
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::SortOptions;
use arrow::datatypes::SchemaRef;
use datafusion_physical_expr::PhysicalExpr;

/// The id of a table, stream or view in the catalog; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u64);

/// An operator, its inputs, and the schema of what it puts out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The operator.
    pub node: Node,
    /// What it puts out; field names are unique within a schema.
    pub schema: SchemaRef,
}

/// An expression over the columns of an operator's input.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Evaluates a batch at once. AND and OR with a part that can fail were made CASE.
    pub physical: Arc<dyn PhysicalExpr>,
    /// Whether any row can make it fail.
    pub fallible: bool,
}

/// What an operator does.
#[derive(Clone, Debug)]
pub enum Node {
    /// The rows of a relation, these columns of it.
    Scan {
        /// Table, stream or view.
        relation: RelationId,
        /// Columns of the relation, in output order.
        columns: Vec<usize>,
    },
    /// Rows that are there from the start: a SELECT without FROM, VALUES.
    Values {
        /// The rows.
        rows: RecordBatch,
    },
    /// The rows for which the predicate is true (null counts as false).
    Filter {
        /// Where rows come from.
        input: Arc<Plan>,
        /// Boolean.
        predicate: Expression,
    },
    /// A row of expressions for each row.
    Project {
        /// Where rows come from.
        input: Arc<Plan>,
        /// One for each column put out.
        expressions: Vec<Expression>,
    },
    /// The rows of all inputs, duplicates kept (UNION ALL).
    Union {
        /// At least one; equal types.
        inputs: Vec<Arc<Plan>>,
    },
    /// One row for each group: its keys, then its calls. Without calls: DISTINCT.
    /// Without keys: one row always, also over no input.
    Aggregate {
        /// Where rows come from.
        input: Arc<Plan>,
        /// Columns of the input; NULLs are equal to one another.
        keys: Vec<usize>,
        /// What to compute over each group.
        calls: Vec<Call>,
    },
    /// Pairs of rows: the left one's columns, then the right one's.
    Join {
        /// Left input.
        left: Arc<Plan>,
        /// Right input.
        right: Arc<Plan>,
        /// Which unmatched rows are kept, or which side only.
        kind: JoinKind,
        /// Pairs of a left and a right column that must be equal; empty is a cross join.
        on: Vec<(usize, usize)>,
        /// Whether NULL keys match one another (`IS NOT DISTINCT FROM`).
        nulls_equal: bool,
        /// What else must hold of a pair, over left then right columns.
        residual: Option<Expression>,
    },
    /// The first rows of each partition in an order; ties break by the whole row.
    TopK {
        /// Where rows come from.
        input: Arc<Plan>,
        /// Columns that part the rows; empty is one partition.
        partition: Vec<usize>,
        /// The order within a partition.
        order: Vec<SortKey>,
        /// How many rows are left out first (OFFSET).
        skip: u64,
        /// How many are kept after them.
        limit: u64,
        /// Whether the row's number, from 1, stands behind the columns as int8.
        row_number: bool,
    },
    /// Each row once for each window that holds its time, with `window_start` and
    /// `window_end` (of the time's type) behind its columns. Rows without a time fall out.
    Window {
        /// Where rows come from.
        input: Arc<Plan>,
        /// The column of event time: timestamp in microseconds, with or without a zone.
        time: usize,
        /// Length of a window in microseconds.
        size: i64,
        /// From one window's start to the next; equal to `size` when tumbling.
        slide: i64,
        /// Where windows start, from 2000-01-01 00:00 modulo `slide`.
        offset: i64,
    },
}

/// Which rows a join puts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// Matching pairs.
    Inner,
    /// And left rows without a match, with NULLs.
    Left,
    /// And right rows without a match.
    Right,
    /// And both.
    Full,
    /// Left rows that have a match, once, left columns only.
    Semi,
    /// Left rows that have none, left columns only.
    Anti,
}

/// One aggregate over each group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// Which aggregate.
    pub function: AggregateFunction,
    /// The column of its argument; absent for `count(*)`.
    pub argument: Option<usize>,
    /// A boolean column: only rows where it is true are counted.
    pub filter: Option<usize>,
    /// Whether equal arguments count once.
    pub distinct: bool,
}

/// The aggregates the engine maintains. Types of arguments and results are
/// PostgreSQL's and stand in the schemas: sum(int2, int4) is int8, sum(int8) is
/// Decimal128(38, 0), sum(numeric(p, s)) Decimal128(38, s), sum(float) of its own
/// type and exactly rounded; avg(float) is double; avg(integers) and avg(numeric(p, s))
/// are Decimal128(38, t) with t of at least 16 and s, rounded as [`Mean`](crate::Mean) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AggregateFunction {
    /// Rows, or rows whose argument is not null; int8.
    Count,
    /// Sum of the arguments that are not null; null over none.
    Sum,
    /// Their mean. Numerics are taken to have all digits behind the point that their type has.
    Avg,
    /// The same of numerics whose zeros at the end of the fraction mean nothing.
    AvgTrimmed,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// Whether all are true (`bool_and`, `every`).
    BoolAnd,
    /// Whether any is true (`bool_or`).
    BoolOr,
}

/// A column to order by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortKey {
    /// Column of the input.
    pub column: usize,
    /// Direction, and where NULLs stand.
    pub options: SortOptions,
}

impl Plan {
    /// The plans this one stands on, left to right.
    pub fn inputs(&self) -> Vec<&Arc<Plan>> {
        match &self.node {
            Node::Scan { .. } | Node::Values { .. } => vec![],
            Node::Filter { input, .. }
            | Node::Project { input, .. }
            | Node::Aggregate { input, .. }
            | Node::TopK { input, .. }
            | Node::Window { input, .. } => vec![input],
            Node::Join { left, right, .. } => vec![left, right],
            Node::Union { inputs } => inputs.iter().collect(),
        }
    }

    /// The relations it reads, each once, in ascending order.
    pub fn relations(&self) -> Vec<RelationId> {
        let mut found = vec![];
        self.collect_relations(&mut found);
        found.sort_unstable();
        found.dedup();
        found
    }

    fn collect_relations(&self, found: &mut Vec<RelationId>) {
        if let Node::Scan { relation, .. } = &self.node {
            found.push(*relation);
        }
        for input in self.inputs() {
            input.collect_relations(found);
        }
    }
}
