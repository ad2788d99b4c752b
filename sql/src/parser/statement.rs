//! A statement as it was written.
//!
//! Names are as sqlparser gives them: folding is the binder's. What sqlparser knows is
//! kept in its own syntax tree; our statements are structs of their own.
use sqlparser::ast;

use super::copy::Copy;

/// One statement with the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// What it says.
    pub statement: Statement,
    /// Its text, without the semicolon and the space around.
    pub text: String,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// One that sqlparser reads.
    Sql(Box<ast::Statement>),
    /// `CREATE TABLE`
    CreateTable(Box<CreateTable>),
    /// `CREATE TABLE … AS`
    CreateTableAs(Box<CreateTableAs>),
    /// `CREATE STREAM`
    CreateStream(Box<CreateStream>),
    /// `CREATE SOURCE`
    CreateSource(Box<CreateStream>),
    /// `CREATE [CONTINUOUS | MATERIALIZED] VIEW`
    CreateView(Box<CreateView>),
    /// `DROP STREAM | SOURCE | [CONTINUOUS | MATERIALIZED] VIEW`
    Drop(DropObjects),
    /// `COPY`
    Copy(Box<Copy>),
    /// `SUBSCRIBE`
    Subscribe(Subscribe),
    /// `SHOW STREAMS` and its like
    Show(Show),
    /// `FLUSH`: waits until everything written before is in every view
    Flush,
    /// `EXPLAIN`
    Explain(Box<Explain>),
    /// `REFRESH MATERIALIZED VIEW name`, of a continuous view
    Refresh(ast::ObjectName),
    /// `MOVE`
    Move(MoveCursor),
}

/// `MOVE [direction] [FROM | IN] cursor`.
#[derive(Clone, Debug, PartialEq)]
pub struct MoveCursor {
    /// The cursor.
    pub name: ast::Ident,
    /// Over which rows.
    pub direction: ast::FetchDirection,
}

/// `EXPLAIN`.
#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    /// Its options in order, in lower case, with their values where those are written.
    pub options: Vec<(String, Option<String>)>,
    /// What is explained.
    pub explained: Explained,
}

/// What an EXPLAIN explains.
#[derive(Clone, Debug, PartialEq)]
pub enum Explained {
    /// A statement.
    Statement(Box<Statement>),
    /// A continuous view that there is.
    Relation(ast::ObjectName),
}

/// What becomes of a row whose primary key exists already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyConflict {
    /// The newer row takes the place of the older.
    Overwrite,
    /// The older row stays.
    Ignore,
}

/// `CREATE TABLE`, with the clauses that PostgreSQL does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    /// PostgreSQL's part.
    pub table: ast::CreateTable,
    /// `UNLOGGED`
    pub unlogged: bool,
    /// `APPEND ONLY`
    pub append_only: bool,
    /// `ON CONFLICT OVERWRITE | IGNORE`
    pub on_conflict: Option<KeyConflict>,
    /// `WITH (…)`, in order.
    pub options: Vec<(String, String)>,
}

/// `CREATE TABLE … AS query`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTableAs {
    /// Its name.
    pub name: ast::ObjectName,
    /// Whether an existing one is left as it is.
    pub if_not_exists: bool,
    /// Names for its columns, if given.
    pub columns: Vec<ast::Ident>,
    /// What it is filled with.
    pub query: Box<ast::Query>,
    /// Whether it is filled.
    pub with_data: bool,
}

/// `WATERMARK FOR column AS expression`
#[derive(Clone, Debug, PartialEq)]
pub struct Watermark {
    /// The column of event time.
    pub column: ast::Ident,
    /// How far event time has come, given a row.
    pub expression: ast::Expr,
}

/// `CREATE STREAM` or `CREATE SOURCE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateStream {
    /// Its name.
    pub name: ast::ObjectName,
    /// Whether it is to take the place of an existing one.
    pub or_replace: bool,
    /// Whether an existing one is left as it is.
    pub if_not_exists: bool,
    /// Its columns, in order.
    pub columns: Vec<ast::ColumnDef>,
    /// Its table constraints.
    pub constraints: Vec<ast::TableConstraint>,
    /// Its event time.
    pub watermark: Option<Watermark>,
    /// `WITH (…)`, in order.
    pub options: Vec<(String, String)>,
}

/// `CREATE [CONTINUOUS | MATERIALIZED] VIEW`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateView {
    /// Its name.
    pub name: ast::ObjectName,
    /// Whether the engine keeps its rows: CONTINUOUS, which MATERIALIZED is another word for.
    pub continuous: bool,
    /// Whether it takes the place of an existing one.
    pub or_replace: bool,
    /// Whether an existing one is left as it is.
    pub if_not_exists: bool,
    /// Names for its columns, if given.
    pub columns: Vec<ast::Ident>,
    /// `WITH (…)`, in order.
    pub options: Vec<(String, String)>,
    /// Its query.
    pub query: Box<ast::Query>,
    /// The text of its query.
    pub query_text: String,
    /// Whether `WITH NO DATA` was said.
    pub no_data: bool,
}

/// What kind of object a DROP names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// `STREAM`
    Stream,
    /// `SOURCE`
    Source,
    /// `VIEW`
    View,
    /// `CONTINUOUS VIEW` or `MATERIALIZED VIEW`
    ContinuousView,
}

/// `DROP` of one of our kinds of objects.
#[derive(Clone, Debug, PartialEq)]
pub struct DropObjects {
    /// What is dropped.
    pub kind: ObjectKind,
    /// Whether missing ones are passed over.
    pub if_exists: bool,
    /// Which ones.
    pub names: Vec<ast::ObjectName>,
    /// Whether what depends on them goes as well.
    pub cascade: bool,
}

/// `SUBSCRIBE [TO] view [AS OF tick] [WITH (snapshot = false)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subscribe {
    /// Whose changes are sent.
    pub name: ast::ObjectName,
    /// The tick after which they are sent.
    pub as_of: Option<u64>,
    /// Whether the rows there are at the start are sent first.
    pub snapshot: bool,
}

/// Which objects a SHOW lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// `SHOW TABLES`
    Tables,
    /// `SHOW STREAMS`
    Streams,
    /// `SHOW SOURCES`
    Sources,
    /// `SHOW VIEWS`
    Views,
    /// `SHOW CONTINUOUS VIEWS`, `SHOW MATERIALIZED VIEWS`
    ContinuousViews,
    /// `SHOW INDEXES`
    Indexes,
    /// `SHOW SCHEMAS`
    Schemas,
    /// `SHOW DATABASES`
    Databases,
    /// `SHOW FUNCTIONS`
    Functions,
    /// `SHOW COLUMNS FROM relation`
    Columns,
    /// `SHOW CREATE … relation`
    Create,
}

/// `SHOW STREAMS` and its like.
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// What is listed.
    pub listing: Listing,
    /// The schema or relation that it is about (`FROM`, `IN` or `CREATE`).
    pub of: Option<ast::ObjectName>,
    /// `LIKE 'pattern'`
    pub like: Option<String>,
}
