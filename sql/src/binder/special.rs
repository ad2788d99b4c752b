//! Functions with a grammar of their own: EXTRACT, SUBSTRING … FROM, AT TIME ZONE, ARRAY[…],
//! casts.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, lit};
use sqlparser::ast::{self, CastKind, CeilFloorKind, DateTimeField, ObjectName, TrimWhereField};

use super::identifier::name_parts;
use super::set_returning::as_array;
use super::{Binder, Clause, Typed, data_type};
use crate::functions::CastContext;
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds such an expression.
    pub(super) fn special(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        use ast::Expr as E;
        match written {
            E::Extract { field, expr, .. } => {
                let field = text(&field_name(field));
                self.named("extract", &[expr], vec![field], clause)
            }
            E::Ceil { expr, field } => self.rounding("ceil", expr, field, clause),
            E::Floor { expr, field } => self.rounding("floor", expr, field, clause),
            E::Position { expr, r#in } => self.named("position", &[r#in, expr], vec![], clause),
            E::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), clause)
            }
            E::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    Some(TrimWhereField::Both) | None => "btrim",
                };
                let mut parts = vec![expr.as_ref()];
                parts.extend(trim_what.as_deref());
                parts.extend(trim_characters.iter().flatten());
                self.named(name, &parts, vec![], clause)
            }
            E::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                let mut parts = vec![expr.as_ref(), overlay_what, overlay_from];
                parts.extend(overlay_for.as_deref());
                self.named("overlay", &parts, vec![], clause)
            }
            E::AtTimeZone { timestamp, time_zone } => {
                self.named("timezone", &[time_zone, timestamp], vec![], clause)
            }
            E::Array(array) => self.array(&array.elem, clause),
            other => Err(Error::internal(format!("{other} has no grammar of its own"))),
        }
    }

    /// The call of `name` with the bound arguments `first`, then the written ones.
    fn named(
        &mut self,
        name: &str,
        written: &[&ast::Expr],
        first: Vec<Typed>,
        clause: Clause,
    ) -> Result<Typed> {
        let mut arguments = first;
        for part in written {
            arguments.push(self.expression(part, clause)?);
        }
        self.call_named(name, arguments)
    }

    fn rounding(
        &mut self,
        name: &str,
        written: &ast::Expr,
        field: &CeilFloorKind,
        clause: Clause,
    ) -> Result<Typed> {
        match field {
            CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                self.named(name, &[written], vec![], clause)
            }
            CeilFloorKind::Scale(scale) => {
                let value = self.expression(written, clause)?;
                let scale = self.literal(&scale.value)?;
                self.call_named(name, vec![value, scale])
            }
            CeilFloorKind::DateTimeField(field) => {
                Err(Error::unsupported(format!("{name}(… TO {field})"))
                    .with_hint("Write date_trunc(…)."))
            }
        }
    }

    fn substring(
        &mut self,
        written: &ast::Expr,
        from: Option<&ast::Expr>,
        length: Option<&ast::Expr>,
        clause: Clause,
    ) -> Result<Typed> {
        let mut arguments = vec![self.expression(written, clause)?];
        match (from, length) {
            (Some(from), length) => {
                arguments.push(self.expression(from, clause)?);
                if let Some(length) = length {
                    arguments.push(self.expression(length, clause)?);
                }
            }
            (None, Some(length)) => {
                arguments
                    .push(Typed::new(Expr::Literal(ScalarValue::Int32(Some(1)), None), Type::Int4));
                arguments.push(self.expression(length, clause)?);
            }
            (None, None) => {}
        }
        self.call_named("substring", arguments)
    }

    fn array(&mut self, items: &[ast::Expr], clause: Clause) -> Result<Typed> {
        if items.is_empty() {
            return Err(Error::new("42P18", "cannot determine type of empty array").with_hint(
                "Explicitly cast to the desired type, for example ARRAY[]::integer[].",
            ));
        }
        let items =
            items.iter().map(|item| self.expression(item, clause)).collect::<Result<Vec<_>>>()?;
        let (items, ty) = self.unify(items, "ARRAY")?;
        if matches!(ty, Type::Array(_)) {
            return Err(Error::unsupported("an array of more than one dimension"));
        }
        let values: Option<Vec<ScalarValue>> = items
            .iter()
            .map(|item| match &item.expr {
                Expr::Literal(value, _) => Some(value.clone()),
                _ => None,
            })
            .collect();
        let Some(values) = values else {
            return self.call_named("array", items);
        };
        let list = ScalarValue::new_list(&values, &ty.arrow(), true);
        Ok(Typed::new(Expr::Literal(ScalarValue::List(list), None), Type::Array(Box::new(ty))))
    }

    /// Binds `array[index]`, or `json[key]`, which is `json -> key`.
    pub(super) fn element(
        &mut self,
        root: &ast::Expr,
        chain: &[ast::AccessExpr],
        clause: Clause,
    ) -> Result<Typed> {
        // A column with its table's name before it is part of the chain to the parser.
        let dots = leading_names(root, chain);
        let names = chain.iter().take(dots).filter_map(|access| match access {
            ast::AccessExpr::Dot(ast::Expr::Identifier(name)) => Some(name.clone()),
            _ => None,
        });
        let mut value = match root {
            ast::Expr::Identifier(first) if dots > 0 => {
                let names = std::iter::once(first.clone()).chain(names).collect();
                self.expression(&ast::Expr::CompoundIdentifier(names), clause)?
            }
            _ => self.expression(root, clause)?,
        };
        for access in chain.iter().skip(dots) {
            if let ast::AccessExpr::Subscript(ast::Subscript::Slice {
                lower_bound,
                upper_bound,
                stride: None,
            }) = access
            {
                let bounds = (lower_bound.as_ref(), upper_bound.as_ref());
                value = self.slice(value, bounds, clause)?;
                continue;
            }
            let ast::AccessExpr::Subscript(ast::Subscript::Index { index }) = access else {
                return Err(Error::unsupported("a field of a row"));
            };
            let index = self.expression(index, clause)?;
            value = match value.ty {
                Type::Jsonb => self.call_named("->", vec![value, index])?,
                Type::Array(_) | Type::Vector(_) => {
                    let mut index = self.cast(index, &Type::Int4, CastContext::Assignment)?;
                    if matches!(value.ty, Type::Vector(_)) {
                        let one = Typed::new(lit(1_i32), Type::Int4);
                        index = self.call_named("+", vec![index, one])?;
                    }
                    self.call_named("[]", vec![as_array(value), index])?
                }
                other => {
                    let message = format!(
                        "cannot subscript type {other} because it does not support subscripting"
                    );
                    return Err(Error::new("42804", message));
                }
            };
        }
        Ok(value)
    }

    /// Binds `a[first:last]`, where either may be left out.
    fn slice(
        &mut self,
        array: Typed,
        (first, last): (Option<&ast::Expr>, Option<&ast::Expr>),
        clause: Clause,
    ) -> Result<Typed> {
        if !matches!(array.ty, Type::Array(_)) {
            return Err(Error::unsupported(format!("a slice of type {}", array.ty)));
        }
        let mut bound = |written: Option<&ast::Expr>, otherwise: i32| match written {
            Some(written) => {
                let value = self.expression(written, clause)?;
                self.cast(value, &Type::Int4, CastContext::Assignment)
            }
            None => Ok(Typed::new(lit(otherwise), Type::Int4)),
        };
        let (first, last) = (bound(first, 1)?, bound(last, i32::MAX)?);
        self.call_named("[:]", vec![array, first, last])
    }

    /// Binds `CAST(… AS type)` or `…::type`.
    pub(super) fn cast_written(
        &mut self,
        kind: &CastKind,
        written: &ast::Expr,
        ty: &ast::DataType,
        clause: Clause,
    ) -> Result<Typed> {
        if !matches!(kind, CastKind::Cast | CastKind::DoubleColon) {
            return Err(Error::unsupported("TRY_CAST"));
        }
        let ty = data_type(ty)?;
        let mut inner = written;
        while let ast::Expr::Nested(nested) = inner {
            inner = nested;
        }
        if let (ast::Expr::Array(array), Type::Array(item)) = (inner, &ty)
            && array.elem.is_empty()
        {
            let list = ScalarValue::new_list(&[], &item.arrow(), true);
            return Ok(Typed::new(Expr::Literal(ScalarValue::List(list), None), ty));
        }
        let value = self.expression(written, clause)?;
        self.cast(value, &ty, CastContext::Explicit)
    }

    /// Binds `… COLLATE "C"`: text is compared by its bytes, whatever the name.
    pub(super) fn collate(
        &mut self,
        written: &ast::Expr,
        collation: &ObjectName,
        clause: Clause,
    ) -> Result<Typed> {
        let parts = name_parts(collation)?;
        let known = match parts.as_slice() {
            [name] => Some(name.as_str()),
            [schema, name] if schema == "pg_catalog" => Some(name.as_str()),
            _ => None,
        };
        match known {
            Some("default" | "C" | "POSIX" | "ucs_basic" | "c" | "posix") => {}
            _ => {
                return Err(Error::unsupported(format!("the collation {collation}"))
                    .with_hint("Text is compared by its bytes: COLLATE \"C\"."));
            }
        }
        let value = self.expression(written, clause)?;
        match value.ty {
            Type::Unknown => self.implicit(value, &Type::Text),
            ref ty if ty.is_text() => Ok(value),
            ref other => {
                Err(Error::new("42804", format!("collations are not supported by type {other}")))
            }
        }
    }
}

/// How many accesses after a name are names too.
pub(super) fn leading_names(root: &ast::Expr, chain: &[ast::AccessExpr]) -> usize {
    let is_name = |access: &&ast::AccessExpr| {
        matches!(access, ast::AccessExpr::Dot(ast::Expr::Identifier(_)))
    };
    match root {
        ast::Expr::Identifier(_) => chain.iter().take_while(is_name).count(),
        _ => 0,
    }
}

fn text(value: &str) -> Typed {
    Typed::new(Expr::Literal(ScalarValue::from(value), None), Type::Text)
}

fn field_name(field: &DateTimeField) -> String {
    match field {
        DateTimeField::Custom(name) => name.value.to_lowercase(),
        other => other.to_string().to_lowercase(),
    }
}
