//! `gcd` and `lcm`: the greatest common divisor, the least common multiple.
use engine::Result;

use crate::functions::Overload;
use crate::functions::kernel::{map2, overload};
use crate::functions::operator::integer::{Integer, out_of_range};

fn gcd(left: i64, right: i64) -> u64 {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

fn lcm(left: i64, right: i64) -> Option<u64> {
    match gcd(left, right) {
        0 => Some(0),
        divisor => (left.unsigned_abs() / divisor).checked_mul(right.unsigned_abs()),
    }
}

fn narrow<I: Integer, T: TryFrom<u64>>(value: Option<u64>) -> Result<T> {
    value.and_then(|value| T::try_from(value).ok()).ok_or_else(out_of_range::<I>)
}

/// The overloads of `gcd` and `lcm`.
pub(super) fn overloads() -> Vec<Overload> {
    macro_rules! both {
        ($kind:ident, $native:ty, $arrow:ty) => {
            [
                overload!("gcd", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| {
                        narrow::<$arrow, $native>(Some(gcd(a.into(), b.into())))
                    })),
                overload!("lcm", [$kind, $kind] -> $kind,
                    |arguments| map2(arguments, |a: $native, b: $native| {
                        narrow::<$arrow, $native>(lcm(a.into(), b.into()))
                    })),
            ]
        };
    }
    use arrow::datatypes::{Int32Type, Int64Type};
    [both!(Int4, i32, Int32Type), both!(Int8, i64, Int64Type)].concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("gcd(1071, 462)", "21"),
            ("gcd(-1071, 462)", "21"),
            ("gcd(0, 5)", "5"),
            ("gcd(0, 0)", "0"),
            ("lcm(1071, 462)", "23562"),
            ("lcm(0, 5)", "0"),
            ("lcm(-4, 6)", "12"),
            ("gcd(10000000000, 4)", "4"),
        ]);
        check_errors(&[
            ("lcm(2147483647, 2147483646)", "22003 integer out of range"),
            ("gcd((-2147483648)::int4, 0)", "22003 integer out of range"),
        ]);
    }
}
