//! A column in the Arrow type that its PostgreSQL type has here.
use arrow::array::{Array, ArrayRef};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::Type;
use crate::{Error, Result};

/// The column itself where it is held as `ty` says, else converted (a string view, a
/// dictionary, a column of nulls).
///
/// # Errors
/// XX000 if it cannot be: whoever made the plan gave it a wrong type.
pub(crate) fn held_as(array: &ArrayRef, ty: &Type) -> Result<ArrayRef> {
    let wanted = ty.arrow();
    let same = match (array.data_type(), &wanted) {
        (DataType::List(_), DataType::List(_)) => true,
        (DataType::Timestamp(unit, _), DataType::Timestamp(wanted, _)) => unit == wanted,
        (DataType::Decimal128(_, scale), DataType::Decimal128(_, wanted)) => scale == wanted,
        (given, wanted) => given == wanted,
    };
    if same {
        return Ok(array.clone());
    }
    cast(array, &wanted).map_err(|_| mismatch(array.data_type(), ty))
}

/// The error of a column that is not held as its type says.
pub(crate) fn mismatch(data_type: &DataType, ty: &Type) -> Error {
    Error::internal(format!("a column of {data_type} cannot be read as {ty}"))
}
