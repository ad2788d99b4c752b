//! `random` and `gen_random_uuid`: another value for each row.
//!
//! They are volatile, so a view cannot have them.
use datafusion::logical_expr::Volatility;

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, Uuid, map0, overload};

/// A number from 0 to below 1, of 53 random bits.
fn random() -> f64 {
    const STEPS: f64 = (1_u64 << 53) as f64;
    // The first 48 and the last 64 bits hold the version and variant between them.
    let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
    ((high ^ low.rotate_left(32)) >> 11) as f64 / STEPS
}

/// The overloads of `random` and `gen_random_uuid`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("random", [] -> Float8, |arguments| map0(arguments, random),
            fallible: Fallible::Never, volatility: Volatility::Volatile),
        overload!("gen_random_uuid", [] -> Uuid,
            |arguments| map0(arguments, || Uuid(uuid::Uuid::new_v4().into_bytes())),
            fallible: Fallible::Never, volatility: Volatility::Volatile),
    ]
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn random_numbers_lie_between_0_and_1() {
        let numbers: Vec<f64> = (0..1000).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
