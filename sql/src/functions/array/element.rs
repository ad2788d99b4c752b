//! An element of an array, or some of them: `a[1]`, `a[2:3]`.
use arrow::array::{ArrayRef, new_null_array};
use datafusion::common::ScalarValue;
use engine::Result;

use super::items::{Arrays, any_array, arrays, the_array};
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

/// The name of the operator `a[2:3]`.
const SLICE: &str = "[:]";

/// The elements between two places, which are within it.
fn slice(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let lists = Arrays::new(arguments, 0)?;
    let (first, last) = (arguments.reader::<i32>(1)?, arguments.reader::<i32>(2)?);
    arrays(arguments, |row| {
        let (Some(items), Some(first), Some(last)) =
            (lists.get(row)?, first.get(row), last.get(row))
        else {
            return Ok(None);
        };
        let skip = usize::try_from(first.saturating_sub(1)).unwrap_or_default();
        let end = usize::try_from(last).unwrap_or_default();
        Ok(Some(items.into_iter().take(end).skip(skip).collect()))
    })
}

/// The overloads of these operators.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!(ELEMENT, [any_array(), Int4] => item, element, fallible: Fallible::Never),
        overload!(SLICE, [any_array(), Int4, Int4] => the_array, slice,
            fallible: Fallible::Never),
    ]
}
