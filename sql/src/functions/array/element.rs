//! An element of an array: `a[1]`.
use arrow::array::{ArrayRef, new_null_array};
use datafusion::common::ScalarValue;
use engine::Result;

use super::items::{Arrays, any_array};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, overload};
use crate::types::Type;

/// The name of the operator, which is written around its second argument.
const ELEMENT: &str = "[]";

fn element(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, places) = (Arrays::new(arguments, 0)?, arguments.reader::<i32>(1)?);
    let target = arguments.result().arrow();
    let mut found = Vec::with_capacity(arguments.rows());
    for row in 0..arguments.rows() {
        let place = places.get(row).and_then(|place| usize::try_from(place).ok()?.checked_sub(1));
        let item = match (lists.get(row)?, place) {
            (Some(items), Some(place)) => items.into_iter().nth(place),
            _ => None,
        };
        found.push(item.map_or_else(|| ScalarValue::try_from(&target), Ok)?);
    }
    match found.is_empty() {
        true => Ok(new_null_array(&target, 0)),
        false => Ok(ScalarValue::iter_to_array(found)?),
    }
}

fn item(types: &[Type]) -> crate::Result<Type> {
    match types.first() {
        Some(Type::Array(item)) => Ok(item.as_ref().clone()),
        _ => Ok(Type::Unknown),
    }
}

/// The overload of this operator.
pub(super) fn overloads() -> Vec<Overload> {
    vec![overload!(ELEMENT, [any_array(), Int4] => item, element, fallible: Fallible::Never)]
}
