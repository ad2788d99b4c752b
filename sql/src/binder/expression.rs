//! Expressions: each kind is sent to the file that knows it.
use datafusion::logical_expr::Expr;
use sqlparser::ast::{self, Spanned};
use sqlparser::tokenizer::Span;

use super::identifier::fold;
use super::scope::Found;
use super::{Binder, Clause, Typed};
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds an expression that stands in `clause`.
    pub(super) fn expression(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        match self.deeper(1, |binder| binder.any(written, clause)) {
            Ok(typed) => Ok(typed.at(near(written))),
            Err(error) => Err(error.at(start_of(written))),
        }
    }

    fn any(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        use ast::Expr as E;
        match written {
            E::Nested(inner) => self.expression(inner, clause),
            E::Identifier(ident)
                if ident.quote_style.is_none()
                    && ident.value.eq_ignore_ascii_case("current_schema") =>
            {
                self.call_named("current_schema", Vec::new())
            }
            E::Identifier(name) => self.name(std::slice::from_ref(name), clause),
            E::CompoundIdentifier(names) => self.name(names, clause),
            E::Value(value) => self.literal(&value.value),
            E::BinaryOp { .. } => self.binary_chain(written, clause),
            E::UnaryOp { op, expr } => self.unary(*op, expr, clause),
            E::Cast { kind, expr, data_type, .. } => {
                self.cast_written(kind, expr, data_type, clause)
            }
            E::TypedString(string) => self.typed_string(string),
            E::Function(function) => self.function(function, clause),
            E::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), clause)
            }
            E::Interval(interval) => self.interval(interval),
            E::IsNull(_)
            | E::IsNotNull(_)
            | E::IsTrue(_)
            | E::IsNotTrue(_)
            | E::IsFalse(_)
            | E::IsNotFalse(_)
            | E::IsUnknown(_)
            | E::IsNotUnknown(_)
            | E::IsDistinctFrom(..)
            | E::IsNotDistinctFrom(..)
            | E::Between { .. }
            | E::InList { .. }
            | E::Like { .. }
            | E::ILike { .. }
            | E::SimilarTo { .. } => self.predicate(written, clause),
            E::Subquery(_)
            | E::Exists { .. }
            | E::InSubquery { .. }
            | E::AnyOp { .. }
            | E::AllOp { .. } => self.subquery_expression(written, clause),
            E::Extract { .. }
            | E::Ceil { .. }
            | E::Floor { .. }
            | E::Position { .. }
            | E::Substring { .. }
            | E::Trim { .. }
            | E::Overlay { .. }
            | E::AtTimeZone { .. }
            | E::Array(_) => self.special(written, clause),
            E::Collate { expr, collation } => self.collate(expr, collation, clause),
            E::Tuple(_) => Err(Error::unsupported("a row as a value")
                .with_hint("Rows can be compared with rows: (a, b) = (c, d).")),
            E::CompoundFieldAccess { root, access_chain } => {
                self.element(root, access_chain, clause)
            }
            E::JsonAccess { .. } => Err(Error::unsupported("this access to a json value")),
            other => Err(Error::unsupported(format!("the expression {}", shortened(other)))),
        }
    }

    /// Binds an expression that must be a condition.
    pub(super) fn condition(&mut self, written: &ast::Expr, clause: Clause) -> Result<Expr> {
        if let Some(test) = self.row_test(written, clause)? {
            return Ok(test);
        }
        let typed = self.expression(written, clause)?;
        self.boolean(typed, clause.condition_name()).map_err(|error| error.at(start_of(written)))
    }

    /// The expression, if it is a condition; 42804 in PostgreSQL's words if not.
    pub(super) fn boolean(&mut self, typed: Typed, clause: &str) -> Result<Expr> {
        match typed.ty {
            Type::Bool => Ok(typed.expr),
            Type::Unknown => Ok(self.implicit(typed, &Type::Bool)?.expr),
            other => Err(Error::new(
                "42804",
                format!("argument of {clause} must be type boolean, not type {}", plain(&other)),
            )),
        }
    }

    /// A column by its name, from the innermost select outwards.
    fn name(&mut self, names: &[ast::Ident], clause: Clause) -> Result<Typed> {
        let span = names.first().map_or(Span::empty(), |name| name.span);
        let parts: Vec<String> = names.iter().map(fold).collect();
        if let [name] = names
            && name.quote_style.is_none()
            && name.value.eq_ignore_ascii_case("default")
        {
            return Err(Error::new("42601", "DEFAULT is not allowed in this context").at(span));
        }
        let mut table_found = false;
        for level in (0..self.frames.len()).rev() {
            let Some(frame) = self.frames.get(level) else { continue };
            let found = match parts.as_slice() {
                [name] => frame.scope.column(name, span)?,
                [table, name] => match frame.scope.qualified(None, table, name, span)? {
                    Found::Column(value) => Some(value),
                    Found::NoColumn => {
                        table_found = true;
                        None
                    }
                    Found::NoTable => None,
                },
                [schema, table, name] => {
                    match frame.scope.qualified(Some(schema), table, name, span)? {
                        Found::Column(value) => Some(value),
                        Found::NoColumn => {
                            table_found = true;
                            None
                        }
                        Found::NoTable => None,
                    }
                }
                _ => {
                    let message = format!(
                        "cross-database references are not implemented: {}",
                        parts.join(".")
                    );
                    return Err(Error::new("0A000", message).at(span));
                }
            };
            if let Some(value) = found {
                return self.reference(with_span(value, span), level);
            }
            if table_found {
                break;
            }
        }
        Err(self.no_such_name(&parts, table_found, clause).at(span))
    }
}

/// The value, remembering where it was written.
fn with_span(mut value: Typed, span: Span) -> Typed {
    if let Expr::Column(column) = &mut value.expr {
        let place = |location: sqlparser::tokenizer::Location| datafusion::common::Location {
            line: location.line,
            column: location.column,
        };
        let span = datafusion::common::Span::new(place(span.start), place(span.end));
        column.spans = datafusion::common::Spans(vec![span]);
    }
    value
}

/// Where an expression starts, as far as that is told at a glance.
fn near(written: &ast::Expr) -> Span {
    use ast::Expr as E;
    match written {
        E::Value(value) => value.span,
        E::TypedString(string) => string.value.span,
        E::Identifier(name) => name.span,
        E::CompoundIdentifier(names) => names.first().map_or_else(Span::empty, |name| name.span),
        E::Function(call) => call.name.span(),
        E::Case { case_token, .. } => case_token.0.span,
        _ => Span::empty(),
    }
}

/// Where an expression starts.
pub(super) fn start_of(written: &ast::Expr) -> Span {
    // A whole span would walk the whole expression again at each level of it.
    let mut inner = written;
    loop {
        use ast::Expr as E;
        inner = match inner {
            E::BinaryOp { left, .. } => left,
            E::IsNull(left) | E::IsNotNull(left) | E::Nested(left) => left,
            E::Cast { expr, kind: ast::CastKind::DoubleColon, .. } => expr,
            E::Function(function) => return function.name.span(),
            E::UnaryOp { expr, .. } => expr,
            other => return other.span(),
        };
    }
}

/// A type without its digits or length, as most of PostgreSQL's messages name it.
pub(super) fn plain(ty: &Type) -> String {
    match ty {
        Type::Numeric(..) => "numeric".to_owned(),
        Type::Varchar(_) => "character varying".to_owned(),
        Type::Char(_) => "character".to_owned(),
        Type::Array(item) => format!("{}[]", plain(item)),
        other => other.plain().to_string(),
    }
}

/// The text of an expression, cut where it becomes long.
fn shortened(written: &ast::Expr) -> String {
    const LETTERS_MAX: usize = 60;
    let text = written.to_string();
    match text.char_indices().nth(LETTERS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
