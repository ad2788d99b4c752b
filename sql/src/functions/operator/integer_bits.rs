//! Bitwise operators over integers: `& | # ~ << >>`.
//!
//! A shift counts modulo the width of its type, as the hardware's does, for PostgreSQL
//! leaves it to C.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, map2, overload};

macro_rules! bits {
    ($($kind:ident, $native:ty, $width:expr;)*) => {
        /// Overloads of `& | # ~ << >>`.
        pub(super) fn overloads() -> Vec<Overload> {
            vec![$(
                overload!("&", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| a & b),
                    fallible: Fallible::Never),
                overload!("|", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| a | b),
                    fallible: Fallible::Never),
                overload!("#", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| a ^ b),
                    fallible: Fallible::Never),
                overload!("~", [$kind] -> $kind,
                    |arguments| map1(arguments, |a: $native| !a),
                    fallible: Fallible::Never),
                overload!("<<", [$kind, Int4] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: i32| {
                        // C widens a smallint to 32 bits before it shifts.
                        shift_left(i64::from(a), b, $width) as $native
                    }), fallible: Fallible::Never),
                overload!(">>", [$kind, Int4] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: i32| {
                        (i64::from(a) >> (b & ($width - 1))) as $native
                    }), fallible: Fallible::Never),
            )*]
        }
    };
}

bits! {
    Int2, i16, 32;
    Int4, i32, 32;
    Int8, i64, 64;
}

fn shift_left(value: i64, count: i32, width: i32) -> i64 {
    value.wrapping_shl((count & (width - 1)).unsigned_abs())
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn bits_are_those_of_postgresql() {
        check(&[
            ("91 & 15", "11"),
            ("32 | 3", "35"),
            ("17 # 5", "20"),
            ("~1", "-2"),
            ("1 << 4", "16"),
            ("8 >> 2", "2"),
            ("-8 >> 1", "-4"),
            ("1 << 31", "-2147483648"),
            ("1 << 32", "1"),
            ("1::int8 << 40", "1099511627776"),
            ("1::int2 << 15", "-32768"),
            ("~(5::int2)", "-6"),
        ]);
    }
}
