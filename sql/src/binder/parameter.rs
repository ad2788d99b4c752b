//! `$1`: its type is the one given, or the first that its place asks for.
use std::sync::Arc;

use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Placeholder;

use super::{Binder, Typed};
use crate::types::Type;
use crate::{Error, Result};

/// The most parameters that a statement has; their number is 16 bits on the wire.
pub const PARAMETERS_MAX: usize = 65_535;

impl Binder<'_> {
    /// The parameter of this name.
    pub(super) fn parameter(&mut self, name: &str) -> Result<Typed> {
        let none = || Error::new("42P02", format!("there is no parameter {name}"));
        let number: usize =
            name.strip_prefix('$').and_then(|digits| digits.parse().ok()).ok_or_else(none)?;
        if !self.parameters_allowed || number == 0 || number > PARAMETERS_MAX {
            return Err(none());
        }
        if self.parameters.len() < number {
            self.parameters.resize(number, Type::Unknown);
        }
        let ty = self.parameters.get(number - 1).cloned().unwrap_or(Type::Unknown);
        Ok(Typed::new(placeholder(name, &ty), ty))
    }

    /// A parameter of unknown type, now known to be of type `to`.
    pub(super) fn settle(&mut self, id: &str, to: &Type) -> Result<Typed> {
        let to = match to {
            Type::Numeric(..) | Type::Quotient(..) => Type::BareNumeric,
            Type::Varchar(_) => Type::Varchar(None),
            Type::Char(_) | Type::Unknown => Type::Text,
            other => other.clone(),
        };
        let number: usize =
            id.strip_prefix('$').and_then(|digits| digits.parse().ok()).unwrap_or_default();
        let Some(known) = number.checked_sub(1).and_then(|place| self.parameters.get_mut(place))
        else {
            return Err(Error::internal(format!("parameter {id} is not known")));
        };
        if *known == Type::Unknown {
            *known = to;
        } else if *known != to {
            let message = format!("inconsistent types deduced for parameter {id}");
            return Err(Error::new("42P08", message).with_detail(format!("{known} versus {to}")));
        }
        let ty = known.clone();
        Ok(Typed::new(placeholder(id, &ty), ty))
    }
}

fn placeholder(id: &str, ty: &Type) -> Expr {
    let field = (*ty != Type::Unknown).then(|| Arc::new(ty.field(id, true)));
    Expr::Placeholder(Placeholder::new_with_field(id.to_owned(), field))
}
