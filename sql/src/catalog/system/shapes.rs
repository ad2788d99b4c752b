//! The shape of each system relation: its name, its oid, its columns.
//!
//! `shapes.txt` has a line for each: schema, name, oid, kind, then columns as `name:type`, with
//! `?` behind the types of those that may be NULL. Types that nobody has here stand as the
//! nearest that we have: vectors as arrays, expression trees as text.
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use engine::plan::RelationId;

use super::SYSTEM_IDS_FROM;
use crate::catalog::{Column, Relation, RelationKind};
use crate::types::{Reg, Type, Vector};

/// The hidden column of every system relation.
pub(super) const TABLE_OID: &str = "tableoid";

/// A system relation, and what pg_class says of its kind.
pub(super) struct Shape {
    pub(super) relation: Arc<Relation>,
    /// `r` for a table, `v` for a view.
    pub(super) kind: char,
}

/// All shapes, by schema, then name.
pub(super) static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| include_str!("shapes.txt").lines().filter_map(shape).collect());

static BY_NAME: LazyLock<HashMap<(&str, &str), usize>> = LazyLock::new(|| {
    let name = |(place, shape): (usize, &'static Shape)| {
        ((shape.relation.schema.as_str(), shape.relation.name.as_str()), place)
    };
    SHAPES.iter().enumerate().map(name).collect()
});

static BY_ID: LazyLock<HashMap<RelationId, usize>> = LazyLock::new(|| {
    SHAPES.iter().enumerate().map(|(place, shape)| (shape.relation.id, place)).collect()
});

/// The shape of this name.
pub(super) fn named(schema: &str, name: &str) -> Option<&'static Shape> {
    SHAPES.get(*BY_NAME.get(&(schema, name))?)
}

/// The shape with this id.
pub(super) fn with_id(id: RelationId) -> Option<&'static Shape> {
    SHAPES.get(*BY_ID.get(&id)?)
}

fn shape(line: &str) -> Option<Shape> {
    let mut words = line.split(' ');
    let (schema, name) = (words.next()?, words.next()?);
    let oid: u64 = words.next()?.parse().ok()?;
    let kind = words.next()?.chars().next()?;
    let relation = Relation {
        id: RelationId(SYSTEM_IDS_FROM + oid),
        schema: schema.to_owned(),
        name: name.to_owned(),
        kind: RelationKind::System,
        columns: words.map(column).chain([Some(table_oid())]).collect::<Option<_>>()?,
        key: vec![],
        query: None,
        search_path: vec![],
        text: String::new(),
        options: vec![],
        depends_on: vec![],
    };
    Some(Shape { relation: Arc::new(relation), kind })
}

/// The relation's own oid, which tools ask for beside a row's.
fn table_oid() -> Column {
    let name = TABLE_OID.to_owned();
    Column { name, ty: Type::Oid, nullable: false, default: None, hidden: true }
}

fn column(written: &str) -> Option<Column> {
    let (name, ty) = written.split_once(':')?;
    let ty = type_of(ty.trim_end_matches('?'))?;
    let nullable = written.ends_with('?');
    Some(Column { name: name.to_owned(), ty, nullable, default: None, hidden: false })
}

/// A type by the short name that PostgreSQL has for it inside.
pub(super) fn type_of(word: &str) -> Option<Type> {
    if let Some(item) = word.strip_suffix("[]") {
        return Some(Type::Array(Box::new(type_of(item)?)));
    }
    Some(match word {
        "any" => Type::Unknown,
        "bool" => Type::Bool,
        "bytea" => Type::Bytea,
        "char" => Type::ByteChar,
        "name" => Type::Name,
        "int2" => Type::Int2,
        "int4" => Type::Int4,
        "int8" => Type::Int8,
        "float4" => Type::Float4,
        "float8" => Type::Float8,
        "numeric" => Type::BareNumeric,
        "text" => Type::Text,
        "varchar" => Type::Varchar(None),
        "oid" => Type::Oid,
        "regclass" => Type::Reg(Reg::Class),
        "regtype" => Type::Reg(Reg::Type),
        "regproc" => Type::Reg(Reg::Proc),
        "regnamespace" => Type::Reg(Reg::Namespace),
        "timestamptz" => Type::TimestampTz,
        "void" => Type::Void,
        "int2vector" => Type::Vector(Vector::Int2),
        "oidvector" => Type::Vector(Vector::Oid),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_relation() {
        let lines = include_str!("shapes.txt").lines().count();
        assert_eq!(SHAPES.len(), lines);
        assert_eq!(BY_NAME.len(), lines);
        assert_eq!(BY_ID.len(), lines);
    }
}
