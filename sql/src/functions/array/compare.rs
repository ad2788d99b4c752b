//! Comparisons of arrays: element by element, then by length; nulls are equal, and greatest.
use std::cmp::Ordering;

use arrow::array::ArrayRef;
use engine::Result;

use super::items::{Arrays, Items, any_array, order};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, Write, overload};

fn ordered(one: &Items, other: &Items) -> Ordering {
    let differs = one.iter().zip(other).map(|(one, other)| order(one, other));
    differs.into_iter().find(|order| order.is_ne()).unwrap_or(one.len().cmp(&other.len()))
}

fn compared(arguments: &Arguments<'_>, test: fn(Ordering) -> bool) -> Result<ArrayRef> {
    let (left, right) = (Arrays::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    bool::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        Ok(match (left.get(row)?, right.get(row)?) {
            (Some(left), Some(right)) => Some(test(ordered(&left, &right))),
            _ => None,
        })
    })
}

/// Where two nulls are the same value.
fn told_apart(arguments: &Arguments<'_>, wanted: bool) -> Result<ArrayRef> {
    let (left, right) = (Arrays::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    bool::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let distinct = match (left.get(row)?, right.get(row)?) {
            (Some(left), Some(right)) => ordered(&left, &right).is_ne(),
            (None, None) => false,
            _ => true,
        };
        Ok(Some(distinct == wanted))
    })
}

/// The overloads of the comparisons.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! comparison {
        ($symbol:literal, $test:expr) => {
            overload!($symbol, [any_array(), any_array()] -> Bool,
                |arguments| compared(arguments, $test), fallible: Fallible::Never)
        };
    }
    vec![
        comparison!("=", Ordering::is_eq),
        comparison!("<>", Ordering::is_ne),
        comparison!("<", Ordering::is_lt),
        comparison!("<=", Ordering::is_le),
        comparison!(">", Ordering::is_gt),
        comparison!(">=", Ordering::is_ge),
        overload!("is distinct from", [any_array(), any_array()] -> Bool,
            |arguments| told_apart(arguments, true), fallible: Fallible::Never, strict: false),
        overload!("is not distinct from", [any_array(), any_array()] -> Bool,
            |arguments| told_apart(arguments, false), fallible: Fallible::Never, strict: false),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("'{1,2}'::int4[] = '{1,2}'::int4[]", "t"),
            ("'{1,2}'::int4[] < '{1,3}'::int4[]", "t"),
            ("'{1}'::int4[] < '{1,0}'::int4[]", "t"),
            ("'{1,NULL}'::int4[] = '{1,NULL}'::int4[]", "t"),
            ("'{1,NULL}'::int4[] > '{1,5}'::int4[]", "t"),
            ("'{}'::int4[] < '{1}'::int4[]", "t"),
            ("'{a}'::text[] <> '{b}'::text[]", "t"),
            ("NULL::int4[] = '{1}'::int4[]", "NULL"),
            ("NULL::int4[] IS DISTINCT FROM '{1}'::int4[]", "t"),
        ]);
    }
}
