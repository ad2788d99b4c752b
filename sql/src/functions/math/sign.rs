//! `sign`: -1, 0 or 1.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

/// The overloads of `sign`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("sign", [BareNumeric] -> Numeric(1, 0),
            |arguments| map1(arguments, i128::signum), fallible: Fallible::Never),
        overload!("sign", [Float8] -> Float8,
            |arguments| map1(arguments, |value: f64| match value {
                value if value > 0.0 => 1.0,
                value if value < 0.0 => -1.0,
                _ => 0.0,
            }), fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_types};

    #[test]
    fn cases() {
        check(&[
            ("sign(-8.4)", "-1"),
            ("sign(0.0)", "0"),
            ("sign(8.4)", "1"),
            ("sign(-8)", "-1"),
            ("sign('-0'::float8)", "0"),
            ("sign('NaN'::float8)", "0"),
            ("sign('-Infinity'::float8)", "-1"),
        ]);
        check_types(&[("sign(-8)", "double precision"), ("sign(1::float4)", "double precision")]);
    }
}
