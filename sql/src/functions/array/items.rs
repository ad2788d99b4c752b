//! The elements of arrays, read from columns and written to them.
use std::cmp::Ordering;

use arrow::array::{ArrayRef, new_empty_array};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use engine::{Error, Result};

use crate::functions::kernel::{Arguments, List, Reader};
use crate::functions::operator::ordered_kinds;
use crate::types::Type;

/// The elements of one array; nulls are null scalars.
pub(super) type Items = Vec<ScalarValue>;

/// An argument that is an array, or null.
pub(super) struct Arrays<'a>(Reader<'a, List<'a>>);

impl<'a> Arrays<'a> {
    /// Argument `index`.
    pub(super) fn new(arguments: &'a Arguments<'_>, index: usize) -> Result<Self> {
        arguments.reader(index).map(Self)
    }

    /// The elements in `row`; None if the array is null.
    pub(super) fn get(&self, row: usize) -> Result<Option<Items>> {
        let Some(list) = self.0.get(row) else { return Ok(None) };
        let items = (list.start..list.end).map(|place| scalar(list.values, place));
        items.collect::<Result<_>>().map(Some)
    }
}

fn scalar(array: &ArrayRef, row: usize) -> Result<ScalarValue> {
    Ok(ScalarValue::try_from_array(array, row)?)
}

/// An argument that is an element of any type.
pub(super) struct Elements<'a>(&'a ArrayRef, bool);

impl<'a> Elements<'a> {
    /// Argument `index`.
    pub(super) fn new(arguments: &'a Arguments<'_>, index: usize) -> Result<Self> {
        arguments.array(index).map(|(array, constant)| Self(array, constant))
    }

    /// The element in `row`.
    pub(super) fn get(&self, row: usize) -> Result<ScalarValue> {
        scalar(self.0, if self.1 { 0 } else { row })
    }
}

/// A column of arrays of the result's type.
pub(super) fn arrays(
    arguments: &Arguments<'_>,
    mut items: impl FnMut(usize) -> Result<Option<Items>>,
) -> Result<ArrayRef> {
    let target = arguments.result().arrow();
    let DataType::List(field) = &target else {
        return Err(Error::internal("the result is no array"));
    };
    let mut rows = Vec::with_capacity(arguments.rows());
    for row in 0..arguments.rows() {
        rows.push(match items(row)? {
            None => ScalarValue::try_from(&target)?,
            Some(items) => {
                let items = retyped(items, field.data_type())?;
                ScalarValue::List(ScalarValue::new_list(&items, field.data_type(), true))
            }
        });
    }
    match rows.is_empty() {
        true => Ok(new_empty_array(&target)),
        false => Ok(ScalarValue::iter_to_array(rows)?),
    }
}

/// Elements with the digits that the array's type has.
fn retyped(items: Items, target: &DataType) -> Result<Items> {
    let retyped = |item: ScalarValue| match item.data_type() == *target {
        true => Ok(item),
        false => Ok(item.cast_to(target)?),
    };
    items.into_iter().map(retyped).collect()
}

/// PostgreSQL's order of two elements, in which null is the greatest.
pub(super) fn order(one: &ScalarValue, other: &ScalarValue) -> Ordering {
    use ScalarValue::{Float32, Float64};
    match (one.is_null(), other.is_null()) {
        (false, false) => {}
        (one, other) => return one.cmp(&other),
    }
    let floats = match (one, other) {
        (Float64(Some(one)), Float64(Some(other))) => Some((*one, *other)),
        (Float32(Some(one)), Float32(Some(other))) => Some((f64::from(*one), f64::from(*other))),
        _ => None,
    };
    match floats {
        Some((one, other)) => {
            one.partial_cmp(&other).unwrap_or_else(|| one.is_nan().cmp(&other.is_nan()))
        }
        None => one.partial_cmp(other).unwrap_or(Ordering::Equal),
    }
}

/// Whether two elements are equal; null equals null.
pub(super) fn same(one: &ScalarValue, other: &ScalarValue) -> bool {
    order(one, other) == Ordering::Equal
}

/// An array of any element type.
pub(super) fn any_array() -> Type {
    Type::Array(Box::new(Type::Unknown))
}

/// The kinds that elements have.
pub(super) fn element_kinds() -> Vec<Type> {
    ordered_kinds().into_iter().chain([Type::Jsonb, Type::Json]).collect()
}

/// The type of the array among the arguments.
pub(super) fn the_array(types: &[Type]) -> crate::Result<Type> {
    let array = types.iter().find(|kind| matches!(kind, Type::Array(_)));
    Ok(array.cloned().unwrap_or_else(any_array))
}
