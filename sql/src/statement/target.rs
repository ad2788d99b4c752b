//! The relation that a statement changes, with stand-ins for its rows.
//!
//! RETURNING and DO UPDATE read rows that are not stored yet. They are bound over
//! stand-ins: relations of the same columns whose rows are given when they run.
use std::sync::Arc;

use engine::plan::RelationId;
use sqlparser::ast::{self, Ident, ObjectName, SelectItem};
use sqlparser::parser::Parser;

use super::names::SessionNames;
use crate::binder::{self, name_parts};
use crate::catalog::{Column, Relation, RelationKind};
use crate::types::Type;
use crate::{Error, Result};

/// The rows that a statement makes, in the place of its target.
pub(crate) const TARGET: RelationId = RelationId(1 << 41);

/// The rows proposed for insertion, as ON CONFLICT names them.
pub(crate) const EXCLUDED: RelationId = RelationId((1 << 41) + 1);

/// The hidden column that pairs rows of [`TARGET`] with rows of [`EXCLUDED`].
pub(crate) const PAIR: &str = "?pair?";

/// What a statement is about to do to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Insert,
    Update,
    Delete,
    Truncate,
}

impl Verb {
    /// The command's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Verb::Insert => "INSERT",
            Verb::Update => "UPDATE",
            Verb::Delete => "DELETE",
            Verb::Truncate => "TRUNCATE TABLE",
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Verb::Insert => "insert into",
            Verb::Update => "update",
            Verb::Delete => "delete from",
            Verb::Truncate => "truncate",
        }
    }
}

/// The relation of this name, if `verb` can change it.
pub(crate) fn target(names: &SessionNames, name: &ObjectName, verb: Verb) -> Result<Arc<Relation>> {
    let parts = name_parts(name)?;
    let (schema, plain) = match parts.as_slice() {
        [name] => (None, name),
        [schema, name] | [_, schema, name] => (Some(schema.as_str()), name),
        _ => return Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    };
    let relation = binder::Names::relation(names, schema, plain, names.search_path())
        .map_err(|error| error.at(span_of(name)))?;
    check(&relation, verb).map_err(|error| error.at(span_of(name)))?;
    Ok(relation)
}

fn span_of(name: &ObjectName) -> sqlparser::tokenizer::Span {
    use sqlparser::ast::Spanned;
    name.span()
}

fn check(relation: &Relation, verb: Verb) -> Result<()> {
    let (kind, name) = (relation.kind, &relation.name);
    match kind {
        RelationKind::Table => Ok(()),
        RelationKind::Stream if verb == Verb::Insert => Ok(()),
        RelationKind::Stream | RelationKind::Source if verb != Verb::Insert => {
            let word = verb.word();
            Err(Error::unsupported(format_args!("{word} on a {kind}"))
                .with_detail(format!("\"{name}\" is a {kind}: its rows are only appended."))
                .with_hint("Keep rows that change in a table."))
        }
        RelationKind::Stream | RelationKind::Source => {
            Err(Error::new("42809", format!("cannot insert into source \"{name}\""))
                .with_hint("Its connector fills it. Insert into a stream."))
        }
        RelationKind::View => {
            Err(Error::new("55000", format!("cannot {} view \"{name}\"", verb.phrase()))
                .with_detail("Views are not automatically updatable.")
                .with_hint("Change the tables that it reads."))
        }
        RelationKind::ContinuousView => {
            Err(Error::new("42809", format!("cannot change continuous view \"{name}\""))
                .with_hint("Change the tables that it reads; the view follows."))
        }
        RelationKind::System => {
            Err(Error::new("42501", format!("permission denied for table {name}")))
        }
    }
}

/// The columns that a statement can set, in order.
pub(crate) fn own_columns(relation: &Relation) -> Vec<Column> {
    relation.visible().map(|(_, column)| column.clone()).collect()
}

/// Their schema: that of rows as they are inserted.
pub(crate) fn own_schema(relation: &Relation) -> arrow::datatypes::SchemaRef {
    let fields = relation.visible().map(|(_, c)| c.ty.field(&c.name, c.nullable));
    Arc::new(arrow::datatypes::Schema::new(fields.collect::<Vec<_>>()))
}

/// A relation of the columns of `relation`, whose rows are given when it is read.
pub(crate) fn stand_in(relation: &Relation, id: RelationId, paired: bool) -> Arc<Relation> {
    let mut columns = own_columns(relation);
    for column in &mut columns {
        // A row about to be refused may stand here.
        column.nullable = true;
    }
    if paired {
        let (name, ty) = (PAIR.to_owned(), Type::Int8);
        columns.push(Column { name, ty, nullable: false, default: None, hidden: true });
    }
    Arc::new(Relation { id, kind: RelationKind::Table, columns, key: vec![], ..relation.clone() })
}

/// The name under which a stand-in is bound.
pub(crate) fn stand_in_name(id: RelationId) -> &'static str {
    if id == TARGET { "?target?" } else { "?excluded?" }
}

/// `SELECT items FROM from`, where `from` is text of our own making.
pub(crate) fn select(items: Vec<SelectItem>, from: &str) -> Result<Box<ast::Query>> {
    let text = format!("SELECT 1 FROM {from}");
    let parsed =
        Parser::new(&crate::parser::Dialect).try_with_sql(&text).and_then(|mut p| p.parse_query());
    let mut query = parsed.map_err(|error| Error::internal(format!("{text}: {error}")))?;
    if let ast::SetExpr::Select(select) = query.body.as_mut() {
        select.projection = items;
    }
    Ok(query)
}

/// A name in double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The column of a table, as an expression.
pub(crate) fn column_of(table: &str, column: &str) -> ast::Expr {
    ast::Expr::CompoundIdentifier(vec![
        Ident::with_quote('"', table),
        Ident::with_quote('"', column),
    ])
}
