//! `array_remove`, `array_replace` and `trim_array`.
use arrow::array::ArrayRef;
use engine::{Error, Result};

use super::items::{Arrays, Elements, any_array, arrays, element_kinds, same, the_array};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, overload};
use crate::types::Type;

fn removed(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, unwanted) = (Arrays::new(arguments, 0)?, Elements::new(arguments, 1)?);
    arrays(arguments, |row| {
        let Some(mut items) = lists.get(row)? else { return Ok(None) };
        let unwanted = unwanted.get(row)?;
        items.retain(|item| !same(item, &unwanted));
        Ok(Some(items))
    })
}

fn replaced(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let lists = Arrays::new(arguments, 0)?;
    let (old, new) = (Elements::new(arguments, 1)?, Elements::new(arguments, 2)?);
    arrays(arguments, |row| {
        let Some(mut items) = lists.get(row)? else { return Ok(None) };
        let (old, new) = (old.get(row)?, new.get(row)?);
        for item in items.iter_mut().filter(|item| same(item, &old)) {
            *item = new.clone();
        }
        Ok(Some(items))
    })
}

fn trimmed(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, counts) = (Arrays::new(arguments, 0)?, arguments.reader::<i32>(1)?);
    arrays(arguments, |row| {
        let (Some(mut items), Some(count)) = (lists.get(row)?, counts.get(row)) else {
            return Ok(None);
        };
        let left = usize::try_from(count).ok().and_then(|count| items.len().checked_sub(count));
        let Some(left) = left else {
            let message =
                format!("number of elements to trim must be between 0 and {}", items.len());
            return Err(Error::data("2202E", message));
        };
        items.truncate(left);
        Ok(Some(items))
    })
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    let remove = overload!("array_remove", [any_array(), Unknown] => the_array, removed,
        fallible: Fallible::Never, strict: false);
    let replace = overload!("array_replace", [any_array(), Unknown, Unknown] => the_array,
        replaced, fallible: Fallible::Never, strict: false);
    let mut overloads = vec![overload!("trim_array", [any_array(), Int4] => the_array, trimmed)];
    for kind in element_kinds() {
        let array = Type::Array(Box::new(kind.clone()));
        let arguments = vec![array.clone(), kind.clone()];
        overloads.push(Overload { arguments, ..remove.clone() });
        overloads.push(Overload { arguments: vec![array, kind.clone(), kind], ..replace.clone() });
    }
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("array_remove('{1,2,NULL,1}'::int4[], 1)", "{2,NULL}"),
            ("array_remove('{1,NULL}'::int4[], NULL::int4)", "{1}"),
            ("array_replace('{1,2,1}'::int4[], 1, 9)", "{9,2,9}"),
            ("array_replace('{1,NULL}'::int4[], NULL::int4, 0)", "{1,0}"),
            ("trim_array('{1,2,3}'::int4[], 2)", "{1}"),
        ]);
        check_errors(&[(
            "trim_array('{1,2,3}'::int4[], 4)",
            "2202E number of elements to trim must be between 0 and 3",
        )]);
    }
}
