//! The arguments of one call of a kernel: columns, or constants for all rows.
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray};
use arrow::buffer::NullBuffer;
use datafusion::logical_expr::ColumnarValue;
use engine::{Error, Result};

use super::read::{Read, Reader};
use crate::types::{BARE_NUMERIC_SCALE, TextStyle, TextWriter, Type, Zone};

/// What a kernel is given: its arguments' values and types, and the type it must return.
///
/// If all arguments are constants there is one row. A constant is an array of
/// one value, which every row reads.
pub(crate) struct Arguments<'a> {
    columns: Vec<Column>,
    rows: usize,
    types: &'a [Type],
    result: &'a Type,
    zone: Zone,
}

struct Column {
    array: ArrayRef,
    constant: bool,
}

/// The values of a primitive argument.
pub(crate) enum Slice<'a, T> {
    /// One for each row; those of null rows mean nothing.
    Column(&'a [T]),
    /// The same for all rows.
    Constant(T),
}

impl<T: Copy + Default> Slice<'_, T> {
    /// The value in `row`.
    pub(crate) fn at(&self, row: usize) -> T {
        match self {
            Slice::Column(values) => values.get(row).copied().unwrap_or_default(),
            Slice::Constant(value) => *value,
        }
    }
}

impl<'a> Arguments<'a> {
    /// The arguments `values` of these types and the result's, for `rows` rows.
    pub(crate) fn new(
        values: &[ColumnarValue],
        rows: usize,
        (types, result): (&'a [Type], &'a Type),
        zone: Zone,
    ) -> Result<Self> {
        let constant = values.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let columns = values.iter().map(column).collect::<Result<_>>()?;
        let rows = if constant && !values.is_empty() { 1 } else { rows };
        Ok(Self { columns, rows, types, result, zone })
    }

    /// The session's time zone, if the definition is zoned.
    pub(crate) fn zone(&self) -> Zone {
        self.zone
    }

    /// How many rows to compute.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// How many arguments there are.
    pub(crate) fn len(&self) -> usize {
        self.columns.len()
    }

    /// The type of argument `index`.
    pub(crate) fn kind(&self, index: usize) -> &Type {
        self.types.get(index).unwrap_or(&Type::Unknown)
    }

    /// The type to return.
    pub(crate) fn result(&self) -> &'a Type {
        self.result
    }

    /// Digits after the point of argument `index`; 0 if it is no numeric.
    pub(crate) fn scale(&self, index: usize) -> i32 {
        scale_of(self.kind(index))
    }

    /// Digits after the point of the result; 0 if it is no numeric.
    pub(crate) fn result_scale(&self) -> i32 {
        scale_of(self.result)
    }

    /// The array of argument `index`, and whether it is one constant.
    pub(crate) fn array(&self, index: usize) -> Result<(&ArrayRef, bool)> {
        let column = self.columns.get(index).ok_or_else(|| missing(index))?;
        Ok((&column.array, column.constant))
    }

    /// Writes the rows of argument `index` as text; of a constant only row 0.
    pub(crate) fn writer(&self, index: usize) -> Result<(TextWriter, bool)> {
        let (array, constant) = self.array(index)?;
        let style = TextStyle::in_zone(self.zone);
        let writer = TextWriter::new(array, self.kind(index), &style)
            .map_err(|error| Error::data(error.code(), error.message()))?;
        Ok((writer, constant))
    }

    /// Reads the rows of argument `index` as `T`.
    pub(crate) fn reader<'s, T: Read<'s>>(&'s self, index: usize) -> Result<Reader<'s, T>> {
        let (array, constant) = self.array(index)?;
        Reader::new(array, constant)
    }

    /// The values of argument `index`, held as `T`; None if it is a constant null.
    pub(crate) fn slice<T: ArrowPrimitiveType>(
        &self,
        index: usize,
    ) -> Result<Option<Slice<'_, T::Native>>> {
        let (array, constant) = self.array(index)?;
        let array = array.as_primitive_opt::<T>().ok_or_else(|| mistyped(array))?;
        Ok(match constant {
            true if array.is_null(0) => None,
            true => Some(Slice::Constant(array.value(0))),
            false => Some(Slice::Column(array.values())),
        })
    }

    /// The rows in which no argument is null; None if that is every row.
    pub(crate) fn nulls(&self) -> Option<NullBuffer> {
        let constant_null = |column: &Column| column.constant && column.array.is_null(0);
        if self.columns.iter().any(constant_null) {
            return Some(NullBuffer::new_null(self.rows));
        }
        let columns = self.columns.iter().filter(|column| !column.constant);
        columns.fold(None, |all, column| NullBuffer::union(all.as_ref(), column.array.nulls()))
    }
}

fn column(value: &ColumnarValue) -> Result<Column> {
    Ok(match value {
        ColumnarValue::Array(array) => Column { array: array.clone(), constant: false },
        ColumnarValue::Scalar(scalar) => {
            Column { array: scalar.to_array_of_size(1)?, constant: true }
        }
    })
}

fn scale_of(kind: &Type) -> i32 {
    match kind {
        Type::Numeric(_, scale) | Type::Quotient(scale, _) => i32::from(*scale),
        Type::BareNumeric => i32::from(BARE_NUMERIC_SCALE),
        _ => 0,
    }
}

fn missing(index: usize) -> Error {
    Error::internal(format!("a function was called without its argument {index}"))
}

/// The binder casts arguments, so another type than expected is a bug.
pub(crate) fn mistyped(array: &ArrayRef) -> Error {
    Error::internal(format!("a function was given an argument of type {}", array.data_type()))
}
