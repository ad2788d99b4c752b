//! `array_length`, `cardinality`, `array_ndims`, `array_lower` and `array_upper`.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, List, map1, map2, overload};

use super::items::any_array;

fn length(list: List<'_>) -> i32 {
    i32::try_from(list.end - list.start).unwrap_or(i32::MAX)
}

/// The length in a dimension; an empty array has no dimension.
fn dimension(list: List<'_>, dimension: i32) -> Option<i32> {
    (dimension == 1 && length(list) > 0).then(|| length(list))
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! bound {
        ($name:literal, $bound:expr) => {
            overload!($name, [any_array(), Int4] -> Int4,
                |arguments| map2(arguments, |list: List<'_>, of: i32| {
                    dimension(list, of).map($bound)
                }), fallible: Fallible::Never)
        };
    }
    vec![
        bound!("array_length", |length| length),
        bound!("array_upper", |length| length),
        bound!("array_lower", |_| 1),
        // Those of vectors, which the binder calls.
        bound!("array_upper from 0", |length| length - 1),
        bound!("array_lower from 0", |_| 0),
        overload!("cardinality", [any_array()] -> Int4, |arguments| map1(arguments, length),
            fallible: Fallible::Never),
        overload!("array_ndims", [any_array()] -> Int4,
            |arguments| map1(arguments, |list: List<'_>| dimension(list, 1).map(|_| 1_i32)),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("array_length('{1,2}'::int4[], 1)", "2"),
            ("array_length('{1,2}'::int4[], 2)", "NULL"),
            ("array_length('{}'::int4[], 1)", "NULL"),
            ("cardinality('{}'::int4[])", "0"),
            ("cardinality('{a,NULL}'::text[])", "2"),
            ("array_ndims('{1}'::int4[])", "1"),
            ("array_lower('{1,2}'::int4[], 1)", "1"),
            ("array_upper('{1,2}'::int4[], 1)", "2"),
        ]);
    }
}
