//! The name of an output column without AS: PostgreSQL's `FigureColname`.
use sqlparser::ast::{self, DataType, SetExpr, TrimWhereField};

use super::identifier::fold;
use super::special::leading_names;
use crate::types::Type;

/// The name of an expression's column; `?column?` where it has none of its own.
pub(super) fn output_name(written: &ast::Expr) -> String {
    figure(written).map_or_else(|| "?column?".to_owned(), |(name, _)| name)
}

/// How good a name is: that of a type or of CASE gives way to one from inside.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Strength {
    Weak,
    Strong,
}

fn figure(written: &ast::Expr) -> Option<(String, Strength)> {
    use ast::Expr as E;
    let strong = |name: &str| Some((name.to_owned(), Strength::Strong));
    match written {
        E::Nested(inner) | E::Collate { expr: inner, .. } => figure(inner),
        E::Identifier(name) => Some((fold(name), Strength::Strong)),
        E::CompoundIdentifier(names) => Some((fold(names.last()?), Strength::Strong)),
        E::CompoundFieldAccess { root, access_chain } => {
            let last = leading_names(root, access_chain).checked_sub(1);
            match last.and_then(|last| access_chain.get(last)) {
                Some(ast::AccessExpr::Dot(name)) => figure(name),
                _ => figure(root),
            }
        }
        E::Function(call) => {
            let name = call.name.0.last()?.as_ident().map(fold)?;
            Some((name, Strength::Strong))
        }
        E::Cast { expr, data_type, .. } => Some(strongest(figure(expr), type_name(data_type))),
        E::TypedString(string) => Some((type_name(&string.data_type), Strength::Weak)),
        E::Interval(_) => Some(("interval".to_owned(), Strength::Weak)),
        E::Case { else_result, .. } => {
            let inner = else_result.as_deref().and_then(figure);
            Some(strongest(inner, "case".to_owned()))
        }
        E::Exists { negated: false, .. } => strong("exists"),
        E::Subquery(query) => first_column(&query.body),
        E::Array(_) => strong("array"),
        E::Extract { .. } => strong("extract"),
        E::Ceil { .. } => strong("ceil"),
        E::Floor { .. } => strong("floor"),
        E::Position { .. } => strong("position"),
        E::Substring { shorthand: true, .. } => strong("substr"),
        E::Substring { .. } => strong("substring"),
        E::Trim { trim_where: Some(TrimWhereField::Leading), .. } => strong("ltrim"),
        E::Trim { trim_where: Some(TrimWhereField::Trailing), .. } => strong("rtrim"),
        E::Trim { .. } => strong("btrim"),
        E::Overlay { .. } => strong("overlay"),
        E::AtTimeZone { .. } => strong("timezone"),
        E::Tuple(_) => strong("row"),
        _ => None,
    }
}

fn strongest(inner: Option<(String, Strength)>, weak: String) -> (String, Strength) {
    match inner {
        Some((name, Strength::Strong)) => (name, Strength::Strong),
        _ => (weak, Strength::Weak),
    }
}

fn first_column(body: &SetExpr) -> Option<(String, Strength)> {
    match body {
        SetExpr::Select(select) => match select.projection.first()? {
            ast::SelectItem::ExprWithAlias { alias, .. } => Some((fold(alias), Strength::Strong)),
            ast::SelectItem::UnnamedExpr(written) => figure(written),
            _ => None,
        },
        SetExpr::Query(query) => first_column(&query.body),
        SetExpr::SetOperation { left, .. } => first_column(left),
        SetExpr::Values(_) => Some(("column1".to_owned(), Strength::Strong)),
        _ => None,
    }
}

/// The type's own name, as pg_type has it.
fn type_name(written: &DataType) -> String {
    let Ok(ty) = super::data_type(written) else { return "?column?".to_owned() };
    let ty = match ty {
        Type::Array(item) => *item,
        plain => plain,
    };
    match ty.plain() {
        Type::Bool => "bool",
        Type::Int2 => "int2",
        Type::Int4 => "int4",
        Type::Int8 => "int8",
        Type::Float4 => "float4",
        Type::Float8 => "float8",
        Type::Numeric(..) | Type::BareNumeric | Type::Quotient(..) => "numeric",
        Type::Varchar(_) => "varchar",
        Type::Char(_) => "bpchar",
        Type::ByteChar => "char",
        Type::Time => "time",
        Type::Timestamp => "timestamp",
        Type::TimestampTz => "timestamptz",
        other => return other.to_string(),
    }
    .to_owned()
}
