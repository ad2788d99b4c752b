//! `factorial`: up to 33, for a numeric has 38 digits.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{map1, overload};
use crate::functions::operator::numeric_value::{checked, out_of_range};

fn factorial(of: i64) -> Result<i128> {
    if of < 0 {
        return Err(Error::data("22003", "factorial of a negative number is undefined"));
    }
    let product = (1..=i128::from(of)).try_fold(1_i128, i128::checked_mul);
    checked(product.ok_or_else(out_of_range)?)
}

/// The overloads of `factorial`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![overload!("factorial", [Int8] -> Numeric(38, 0),
        |arguments| map1(arguments, factorial))]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("factorial(0)", "1"),
            ("factorial(5)", "120"),
            ("factorial(33)", "8683317618811886495518194401280000000"),
        ]);
        check_errors(&[("factorial(-1)", "22003 factorial of a negative number is undefined")]);
    }
}
