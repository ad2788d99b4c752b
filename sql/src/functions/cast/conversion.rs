//! One conversion of a column, with the choice of its kernel.
use arrow::array::{ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use std::sync::Arc;

use super::{array, float, integer, json, numeric, text, time};
use crate::types::column::held_as;
use crate::types::input::Fit;
use crate::types::output::primitive;
use crate::types::{BARE_NUMERIC_SCALE, NUMERIC_PRECISION_MAX, TextStyle, Type};
use crate::{Error, Result};

/// From which type to which, and what happens to strings that are too long.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Conversion {
    pub(super) from: Type,
    pub(super) to: Type,
    pub(super) fit: Fit,
}

impl Conversion {
    /// Converts a column. NULL stays NULL.
    ///
    /// # Errors
    /// PostgreSQL's for the first value that cannot be converted.
    pub(super) fn apply(&self, column: &ArrayRef, style: &TextStyle) -> Result<ArrayRef> {
        if let Type::Rounded(moment, digits) = self.to {
            let plain = Self { to: self.to.plain().clone(), ..self.clone() };
            return time::rounded(&plain.apply(column, style)?, moment, digits);
        }
        if self.from != *self.from.plain() {
            let plain = Self { from: self.from.plain().clone(), ..self.clone() };
            return plain.apply(column, style);
        }
        if let (Type::Quotient(scale, _), Type::BareNumeric) = (&self.from, &self.to)
            && *scale > BARE_NUMERIC_SCALE
        {
            // Digits that only a quotient has are rounded away, as PostgreSQL has fewer.
            let short = Type::Numeric(NUMERIC_PRECISION_MAX, BARE_NUMERIC_SCALE);
            let first = Self { to: short.clone(), ..self.clone() };
            let then = Self { from: short, ..self.clone() };
            return then.apply(&first.apply(column, style)?, style);
        }
        let is_text = self.to.is_text() || self.to == Type::ByteChar;
        let of_quotient = matches!(self.from, Type::Quotient(..)) && !is_text;
        if of_quotient || matches!(self.to, Type::Quotient(..)) {
            let held = Self { from: self.from.held(), to: self.to.held(), fit: self.fit };
            return held.apply(column, style);
        }
        let column = held_as(column, &self.from)?;
        let (from, to) = (&self.from, &self.to);
        match (from, to) {
            (from, to) if from == to => Ok(column),
            (_, Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name)
            | (Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name, Type::ByteChar) => {
                text::to_text(&column, self, style)
            }
            (from, to) if from.is_text() || *from == Type::Unknown => {
                text::parse(&column, to, style)
            }
            (Type::Int2 | Type::Int4 | Type::Int8 | Type::Bool | Type::ByteChar, _)
            | (Type::Oid | Type::Reg(_), _) => integer::convert(&column, self),
            (Type::Float4 | Type::Float8, _) => float::convert(&column, self),
            (Type::Numeric(..) | Type::BareNumeric, _) => numeric::convert(&column, self),
            (Type::Json | Type::Jsonb, _) => json::convert(&column, self),
            (Type::Array(from), Type::Array(to)) => {
                let items =
                    Self { from: from.as_ref().clone(), to: to.as_ref().clone(), fit: self.fit };
                array::convert(&column, &items, style)
            }
            _ => time::convert(&column, self, style),
        }
    }

    /// The error of a pair of types that no kernel knows.
    pub(super) fn unknown(&self) -> Error {
        Error::internal(format!("no conversion of {} to {}", self.from, self.to))
    }

    /// Converts every value by a function that cannot fail.
    pub(super) fn map<I, O>(
        &self,
        column: &ArrayRef,
        convert: impl Fn(I::Native) -> O::Native,
    ) -> Result<ArrayRef>
    where
        I: ArrowPrimitiveType,
        O: ArrowPrimitiveType,
    {
        let values = primitive::<I>(column, &self.from)?.unary::<_, O>(convert);
        Ok(self.finish(values))
    }

    /// Converts every value that is not NULL, up to the first error.
    pub(super) fn try_map<I, O>(
        &self,
        column: &ArrayRef,
        convert: impl Fn(I::Native) -> Result<O::Native>,
    ) -> Result<ArrayRef>
    where
        I: ArrowPrimitiveType,
        O: ArrowPrimitiveType,
    {
        let values = primitive::<I>(column, &self.from)?.try_unary::<_, O, Error>(convert)?;
        Ok(self.finish(values))
    }

    /// A column with digits and zone as its type says.
    fn finish<O: ArrowPrimitiveType>(&self, values: PrimitiveArray<O>) -> ArrayRef {
        Arc::new(values.with_data_type(self.to.arrow()))
    }
}
