//! `array_position`, `array_positions`; `@>`, `<@` and `&&`.
use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use engine::{Error, Result};

use super::items::{Arrays, Elements, Items, any_array, arrays, element_kinds, same};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Write, overload};
use crate::types::Type;

/// The place, from 1, of the first element that equals; from a start on, if one is given.
fn position(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, wanted) = (Arrays::new(arguments, 0)?, Elements::new(arguments, 1)?);
    let starts = match arguments.len() > 2 {
        true => Some(arguments.reader::<i32>(2)?),
        false => None,
    };
    i32::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let start = match &starts {
            None => 1,
            Some(starts) => starts
                .get(row)
                .ok_or_else(|| Error::data("22004", "initial position must not be null"))?,
        };
        let Some(items) = lists.get(row)? else { return Ok(None) };
        let wanted = wanted.get(row)?;
        let found = (1..).zip(&items).find(|(place, item)| *place >= start && same(item, &wanted));
        Ok(found.map(|(place, _)| place))
    })
}

fn positions(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, wanted) = (Arrays::new(arguments, 0)?, Elements::new(arguments, 1)?);
    arrays(arguments, |row| {
        let Some(items) = lists.get(row)? else { return Ok(None) };
        let wanted = wanted.get(row)?;
        let places = (1_i32..).zip(&items).filter(|(_, item)| same(item, &wanted));
        Ok(Some(places.map(|(place, _)| ScalarValue::from(place)).collect()))
    })
}

/// Whether all elements of `part` are among those of `whole`; null is among none.
fn contains(whole: &Items, part: &Items) -> bool {
    part.iter().all(|wanted| has(whole, wanted))
}

fn has(items: &Items, wanted: &ScalarValue) -> bool {
    !wanted.is_null() && items.iter().any(|item| same(item, wanted))
}

fn overlaps(one: &Items, other: &Items) -> bool {
    one.iter().any(|wanted| has(other, wanted))
}

fn compared(
    arguments: &Arguments<'_>,
    compare: impl Fn(&Items, &Items) -> bool,
) -> Result<ArrayRef> {
    let (left, right) = (Arrays::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    bool::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        Ok(match (left.get(row)?, right.get(row)?) {
            (Some(left), Some(right)) => Some(compare(&left, &right)),
            _ => None,
        })
    })
}

/// The overloads of these functions and operators.
pub(super) fn overloads() -> Vec<Overload> {
    let mut overloads = vec![
        overload!("@>", [any_array(), any_array()] -> Bool,
            |arguments| compared(arguments, contains), fallible: Fallible::Never),
        overload!("<@", [any_array(), any_array()] -> Bool,
            |arguments| compared(arguments, |part, whole| contains(whole, part)),
            fallible: Fallible::Never),
        overload!("&&", [any_array(), any_array()] -> Bool,
            |arguments| compared(arguments, overlaps), fallible: Fallible::Never),
    ];
    let first = overload!("array_position", [any_array(), Unknown] -> Int4, position,
        fallible: Fallible::Never, strict: false);
    let from = overload!("array_position", [any_array(), Unknown, Int4] -> Int4, position,
        strict: false);
    let all = overload!("array_positions", [any_array(), Unknown] -> Array(Box::new(Int4)),
        positions, fallible: Fallible::Never, strict: false);
    for kind in element_kinds() {
        let arguments = vec![Type::Array(Box::new(kind.clone())), kind];
        let with_start = [arguments.clone(), vec![Type::Int4]].concat();
        overloads.push(Overload { arguments: arguments.clone(), ..first.clone() });
        overloads.push(Overload { arguments: with_start, ..from.clone() });
        overloads.push(Overload { arguments, ..all.clone() });
    }
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("array_position('{a,b,a}'::text[], 'a'::text, 2)", "3"),
            ("array_position('{1,NULL}'::int4[], NULL::int4)", "2"),
            ("array_position('{1}'::int4[], 5)", "NULL"),
            ("array_positions('{1,2,1}'::int4[], 1)", "{1,3}"),
            ("array_positions('{1}'::int4[], 7)", "{}"),
            ("'{1,2,3}'::int4[] @> '{2,2}'::int4[]", "t"),
            ("'{1,NULL}'::int4[] @> '{NULL}'::int4[]", "f"),
            ("'{1,2}'::int4[] <@ '{2,1,3}'::int4[]", "t"),
            ("'{1,2}'::int4[] && '{2,5}'::int4[]", "t"),
            ("'{}'::int4[] <@ '{1}'::int4[]", "t"),
            ("'{1}'::int4[] && '{}'::int4[]", "f"),
            ("'{NaN}'::float8[] @> '{NaN}'::float8[]", "t"),
        ]);
    }
}
