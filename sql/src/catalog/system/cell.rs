//! One value of a system relation, until it stands in a column.
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, new_empty_array};
use datafusion::common::ScalarValue;

use crate::types::Type;
use crate::{Error, Result};

/// A value, or none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number: the integers, oids, a timestamp's microseconds.
    Int(i64),
    /// A number with a point.
    Float(f64),
    /// A string of any type.
    Text(String),
    /// An array.
    List(Vec<Cell>),
}

impl Cell {
    /// What stands in a column of this type that may not be NULL where nothing else is known.
    pub(super) fn zero(ty: &Type) -> Cell {
        match ty {
            Type::Bool => Cell::Bool(false),
            Type::Float4 | Type::Float8 => Cell::Float(0.0),
            Type::Array(_) | Type::Vector(_) => Cell::List(vec![]),
            Type::Int2 | Type::Int4 | Type::Int8 | Type::Oid | Type::Reg(_) => Cell::Int(0),
            _ => Cell::Text(String::new()),
        }
    }

    /// The cell of an argument's value; numbers, strings, booleans and arrays only.
    pub(super) fn of(value: &ScalarValue) -> Cell {
        match value {
            ScalarValue::Boolean(Some(value)) => Cell::Bool(*value),
            ScalarValue::Int16(Some(value)) => Cell::Int(i64::from(*value)),
            ScalarValue::Int32(Some(value)) => Cell::Int(i64::from(*value)),
            ScalarValue::Int64(Some(value)) => Cell::Int(*value),
            ScalarValue::Float64(Some(value)) => Cell::Float(*value),
            ScalarValue::Utf8(Some(value)) => Cell::Text(value.clone()),
            ScalarValue::List(list) if !list.is_empty() => {
                let items = list.value(0);
                let item = |row| ScalarValue::try_from_array(&items, row);
                let items =
                    (0..items.len()).map(|row| item(row).as_ref().map_or(Cell::Null, Cell::of));
                Cell::List(items.collect())
            }
            _ => Cell::Null,
        }
    }

    /// The number, if it is one.
    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Cell::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Cell::Text(value) => Some(value),
            _ => None,
        }
    }

    fn scalar(self, ty: &Type) -> Result<ScalarValue> {
        let wrong = || Error::internal(format!("a system relation has no such {ty}"));
        let number = |value: i64| i32::try_from(value).map_err(|_| wrong());
        Ok(match (ty, self) {
            (ty, Cell::Null) => ScalarValue::try_from(&ty.arrow())?,
            (Type::Bool, Cell::Bool(value)) => ScalarValue::Boolean(Some(value)),
            (Type::Int2, Cell::Int(value)) => {
                ScalarValue::Int16(Some(i16::try_from(value).map_err(|_| wrong())?))
            }
            (Type::Int4, Cell::Int(value)) => ScalarValue::Int32(Some(number(value)?)),
            (Type::Int8 | Type::Oid | Type::Reg(_), Cell::Int(value)) => {
                ScalarValue::Int64(Some(value))
            }
            (Type::TimestampTz, Cell::Int(value)) => {
                ScalarValue::TimestampMicrosecond(Some(value), Some("UTC".into()))
            }
            #[expect(clippy::cast_possible_truncation, reason = "real is what the type says")]
            (Type::Float4, Cell::Float(value)) => ScalarValue::Float32(Some(value as f32)),
            (Type::Float8, Cell::Float(value)) => ScalarValue::Float64(Some(value)),
            (Type::Array(item), Cell::List(cells)) => {
                let cells = cells.into_iter().map(|cell| cell.scalar(item));
                let cells = cells.collect::<Result<Vec<_>>>()?;
                ScalarValue::List(ScalarValue::new_list(&cells, &item.arrow(), true))
            }
            (Type::Vector(vector), cells) => return cells.scalar(&vector.array()),
            (ty, Cell::Text(value)) if ty.arrow() == arrow::datatypes::DataType::Utf8 => {
                ScalarValue::Utf8(Some(value))
            }
            _ => return Err(wrong()),
        })
    }
}

/// A column of cells that all are of one type.
pub(super) fn column(cells: Vec<Cell>, ty: &Type) -> Result<ArrayRef> {
    if cells.is_empty() {
        return Ok(new_empty_array(&ty.arrow()));
    }
    let scalars = cells.into_iter().map(|cell| cell.scalar(ty)).collect::<Result<Vec<_>>>()?;
    Ok(ScalarValue::iter_to_array(scalars)?)
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Cell::Bool(value)
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Cell::Int(value)
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Cell::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Cell::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Cell::Text(value.to_owned())
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Cell::Text(value)
    }
}

impl From<&String> for Cell {
    fn from(value: &String) -> Self {
        Cell::Text(value.clone())
    }
}

impl From<&Arc<str>> for Cell {
    fn from(value: &Arc<str>) -> Self {
        Cell::Text(value.to_string())
    }
}

impl From<char> for Cell {
    fn from(value: char) -> Self {
        Cell::Text(value.to_string())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

impl<T: Into<Cell>> From<Vec<T>> for Cell {
    fn from(values: Vec<T>) -> Self {
        Cell::List(values.into_iter().map(Into::into).collect())
    }
}
