//! `variance`, `stddev`, of a sample or of all there is.
//!
//! Of integers and numerics they are exact until the last division, which rounds to as many digits
//! as PostgreSQL's does. Of floats they are computed as PostgreSQL does (Youngs and Cramer), so they depend
//! on the order of the rows in the last digits.
use std::collections::VecDeque;
use std::marker::PhantomData;

use arrow::datatypes::i256;
use engine::{Error, Result};

use super::average::zeros_mean_nothing;
use super::definition::{aggregate, aggregate_sliding};
use super::float::Float;
use super::state::{Kinds, State};
use super::sum::Exact;
use crate::functions::AggregateOverload;
use crate::functions::math::rounded_root;
use crate::functions::operator::numeric_value::{
    Digits, beginning, narrowed, out_of_range, rounded_quotient, wide_power_of_ten,
};
use crate::types::Type;

/// Digits behind the point that an exact result has at least.
const VARIANCE_SCALE: i32 = 16;

/// Which of the four.
pub(super) trait Measure: Default + Send + Sync + 'static {
    /// Whether one is taken off the count.
    const SAMPLE: bool;
    /// Whether the root is taken.
    const ROOT: bool;
    /// What plans call it.
    const NAME: &'static str;
}

macro_rules! measures {
    ($($name:ident, $called:literal, $sample:literal, $root:literal;)*) => {$(
        #[derive(Default)]
        struct $name;

        impl Measure for $name {
            const SAMPLE: bool = $sample;
            const ROOT: bool = $root;
            const NAME: &'static str = $called;
        }
    )*};
}

measures! {
    VarianceOfSample, "var_samp", true, false;
    VarianceOfAll, "var_pop", false, false;
    DeviationOfSample, "stddev_samp", true, true;
    DeviationOfAll, "stddev_pop", false, true;
}

/// Count, sum and sum of squares of integers or numerics.
struct Squares<T, M> {
    count: i64,
    sum: i256,
    squares: i256,
    kind: PhantomData<fn(T) -> M>,
}

impl<T, M> Default for Squares<T, M> {
    fn default() -> Self {
        Self { count: 0, sum: i256::ZERO, squares: i256::ZERO, kind: PhantomData }
    }
}

impl<T: Exact, M> Squares<T, M> {
    fn square(input: T) -> (i256, i256) {
        let value = i256::from_i128(input.widened());
        // 76 digits fit 256 bits.
        (value, value.wrapping_mul(value))
    }
}

impl<T, M: Measure> Squares<T, M> {
    /// What the variance is the quotient of: the count times the sum of squares without the
    /// square of the sum, and the count times itself or one less.
    fn parts(&self) -> Option<(i256, i256)> {
        let count = i256::from_i128(self.count.into());
        let last = if M::SAMPLE { i256::ONE } else { i256::ZERO };
        let squares = count.checked_mul(self.squares)?;
        let spread = squares.checked_sub(self.sum.checked_mul(self.sum)?)?;
        Some((spread, count.checked_mul(count.checked_sub(last)?)?))
    }
}

/// The error of squares whose sum leaves 256 bits.
fn overflow() -> Error {
    out_of_range()
}

impl<T: Exact, M: Measure> State for Squares<T, M> {
    type Input<'a> = T;
    type Output = i128;

    fn add(&mut self, input: T) -> Result<()> {
        let (value, square) = Self::square(input);
        self.count += 1;
        self.sum = self.sum.wrapping_add(value);
        self.squares = self.squares.checked_add(square).ok_or_else(overflow)?;
        Ok(())
    }

    fn remove(&mut self, input: T) -> Result<()> {
        let (value, square) = Self::square(input);
        self.count -= 1;
        self.sum = self.sum.wrapping_sub(value);
        self.squares = self.squares.wrapping_sub(square);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
        self.squares = self.squares.checked_add(other.squares).ok_or_else(overflow)?;
        Ok(())
    }

    fn finish(&self, kinds: &Kinds) -> Result<Option<i128>> {
        if self.count < if M::SAMPLE { 2 } else { 1 } {
            return Ok(None);
        }
        let scale = |kind: Option<&Type>| kind.map_or(0, |kind| Digits::of(kind).scale);
        let (own, held) = (scale(kinds.arguments.first()), scale(Some(&kinds.result)));
        let places = if kinds.arguments.iter().any(zeros_mean_nothing) { 0 } else { 2 * own };
        let (spread, divisor) = self.parts().ok_or_else(overflow)?;
        let scale = beginning(spread, 2 * own).quotient_scale(beginning(divisor, 0));
        let scale = scale.max(places).min(held);
        let quotient = |spread: i256, divisor: i256| match scale - 2 * own {
            more @ 0.. => rounded_quotient(spread.checked_mul(wide_power_of_ten(more)?)?, divisor),
            fewer => rounded_quotient(spread, divisor.checked_mul(wide_power_of_ten(-fewer)?)?),
        };
        let mut result = quotient(spread, divisor).ok_or_else(overflow)?;
        if M::ROOT {
            let unit = wide_power_of_ten(scale).ok_or_else(overflow)?;
            result = rounded_root(result.checked_mul(unit).ok_or_else(overflow)?);
        }
        let unit = wide_power_of_ten(held - scale).ok_or_else(overflow)?;
        narrowed(result.checked_mul(unit)).map(Some)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.count.to_le_bytes());
        bytes.extend(self.sum.to_le_bytes());
        bytes.extend(self.squares.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_at_checked(8)?;
        let (sum, squares) = rest.split_at_checked(32)?;
        Some(Self {
            count: i64::from_le_bytes(count.try_into().ok()?),
            sum: i256::from_le_bytes(sum.try_into().ok()?),
            squares: i256::from_le_bytes(squares.try_into().ok()?),
            kind: PhantomData,
        })
    }
}

/// Count, sum, and sum of squared distances from the mean.
struct Distances<T, M> {
    count: f64,
    sum: f64,
    squares: f64,
    kind: PhantomData<fn(T) -> M>,
}

impl<T, M> Default for Distances<T, M> {
    fn default() -> Self {
        Self { count: 0.0, sum: 0.0, squares: 0.0, kind: PhantomData }
    }
}

impl<T, M> Distances<T, M> {
    fn take(&mut self, value: f64) -> Result<()> {
        let (before, sum_before) = (self.count, self.sum);
        self.count += 1.0;
        self.sum += value;
        if before > 0.0 {
            let distance = value * self.count - self.sum;
            self.squares += distance * distance / (self.count * before);
            if self.sum.is_infinite() || self.squares.is_infinite() {
                if !sum_before.is_infinite() && !value.is_infinite() {
                    return Err(crate::functions::operator::float::overflow());
                }
                self.squares = f64::NAN;
            }
        } else if !value.is_finite() {
            self.squares = f64::NAN;
        }
        Ok(())
    }
}

fn measured<M: Measure>(count: f64, squares: f64) -> Option<f64> {
    let last = if M::SAMPLE { 1.0 } else { 0.0 };
    if count <= last {
        return None;
    }
    let variance = squares / (count - last);
    Some(if M::ROOT { variance.sqrt() } else { variance })
}

impl<T: Float, M: Measure> State for Distances<T, M> {
    type Input<'a> = T;
    type Output = f64;

    fn add(&mut self, input: T) -> Result<()> {
        self.take(input.double())
    }

    fn remove(&mut self, _: T) -> Result<()> {
        Err(Error::internal("a float cannot be taken away from a variance"))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        if self.count == 0.0 || other.count == 0.0 {
            if self.count == 0.0 {
                *self = other;
            }
            return Ok(());
        }
        let distance = self.sum / self.count - other.sum / other.count;
        let count = self.count + other.count;
        self.squares += other.squares + self.count * other.count * distance * distance / count;
        self.sum += other.sum;
        self.count = count;
        match self.squares.is_infinite() {
            true => Err(crate::functions::operator::float::overflow()),
            false => Ok(()),
        }
    }

    fn finish(&self, _: &Kinds) -> Result<Option<f64>> {
        Ok(measured::<M>(self.count, self.squares))
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        for part in [self.count, self.sum, self.squares] {
            bytes.extend(part.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts =
            bytes.chunks_exact(8).map(|part| Some(f64::from_le_bytes(part.try_into().ok()?)));
        Some(Self {
            count: parts.next()??,
            sum: parts.next()??,
            squares: parts.next()??,
            kind: PhantomData,
        })
    }
}

/// The values of a window's frame, in the order in which they came, and will leave.
struct Frame<T, M> {
    values: VecDeque<f64>,
    kind: PhantomData<fn(T) -> M>,
}

impl<T, M> Default for Frame<T, M> {
    fn default() -> Self {
        Self { values: VecDeque::new(), kind: PhantomData }
    }
}

impl<T: Float, M: Measure> State for Frame<T, M> {
    type Input<'a> = T;
    type Output = f64;

    fn add(&mut self, input: T) -> Result<()> {
        self.values.push_back(input.double());
        Ok(())
    }

    fn remove(&mut self, _: T) -> Result<()> {
        self.values.pop_front();
        Ok(())
    }

    fn merge(&mut self, _: Self) -> Result<()> {
        Err(Error::internal("a window's frame is never merged"))
    }

    fn finish(&self, _: &Kinds) -> Result<Option<f64>> {
        let mut distances = Distances::<T, M>::default();
        self.values.iter().try_for_each(|value| distances.take(*value))?;
        Ok(measured::<M>(distances.count, distances.squares))
    }

    fn encode(&self, _: &mut Vec<u8>) {}

    fn decode(_: &[u8]) -> Option<Self> {
        None
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<f64>()
    }
}

/// The most digits before the point of a variance that is held with as many digits behind it
/// as a mean: those that the square of an integer can have.
const WHOLE_MAX: i32 = 20;

fn exact_type<M: Measure>(types: &[Type]) -> crate::Result<Type> {
    let of = types.first().unwrap_or(&Type::BareNumeric);
    let Digits { whole, scale, bare } = Digits::of(of);
    let scale = scale.max(0);
    let least = match zeros_mean_nothing(of) {
        true => 0,
        false => (2 * scale).min(scale.max(VARIANCE_SCALE)),
    };
    let whole = if M::ROOT { whole } else { 2 * whole };
    let digits = Digits { whole, scale: scale.max(VARIANCE_SCALE), bare };
    Ok(if M::ROOT || whole <= WHOLE_MAX { digits.to_quotient(least) } else { digits.loose(least) })
}

fn of_measure<M: Measure>(name: &'static str) -> [AggregateOverload; 6] {
    macro_rules! exact {
        ($kind:ident, $native:ty) => {
            AggregateOverload {
                name,
                arguments: vec![Type::$kind],
                result: exact_type::<M>,
                udaf: |types| {
                    let result = exact_type::<M>(types).unwrap_or(Type::BareNumeric);
                    aggregate::<Squares<$native, M>>(M::NAME, types, result)
                },
                engine: None,
            }
        };
    }
    macro_rules! float {
        ($kind:ident, $native:ty) => {
            AggregateOverload {
                name,
                arguments: vec![Type::$kind],
                result: |_| Ok(Type::Float8),
                udaf: |types| {
                    aggregate_sliding::<Distances<$native, M>, Frame<$native, M>>(
                        M::NAME,
                        types,
                        Type::Float8,
                    )
                },
                engine: None,
            }
        };
    }
    [
        exact!(Int2, i16),
        exact!(Int4, i32),
        exact!(Int8, i64),
        exact!(BareNumeric, i128),
        float!(Float4, f32),
        float!(Float8, f64),
    ]
}

/// The overloads of these aggregates.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    [
        of_measure::<VarianceOfSample>("variance"),
        of_measure::<VarianceOfSample>("var_samp"),
        of_measure::<VarianceOfAll>("var_pop"),
        of_measure::<DeviationOfSample>("stddev"),
        of_measure::<DeviationOfSample>("stddev_samp"),
        of_measure::<DeviationOfAll>("stddev_pop"),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    #[test]
    fn exact_numbers() {
        check_aggregate(
            "variance",
            "int4",
            &[(&["1", "2", "3", "4"], "1.6666666666666667"), (&["5"], "NULL"), (&[], "NULL")],
        );
        check_aggregate("stddev", "int4", &[(&["1", "2", "3", "4"], "1.2909944487358056")]);
        check_aggregate(
            "var_pop",
            "numeric(6,2)",
            &[
                (&["1.50", "2.50", "NULL"], "0.25000000000000000000"),
                (&["7"], "0.00000000000000000000"),
            ],
        );
        check_aggregate(
            "stddev_pop",
            "int8",
            &[(&["2", "4", "4", "4", "5", "5", "7", "9"], "2.0000000000000000")],
        );
    }

    #[test]
    fn floats() {
        check_aggregate("variance", "float8", &[(&["1", "2", "3"], "1")]);
        check_aggregate("stddev_pop", "float4", &[(&["2", "4"], "1")]);
        check_aggregate("stddev", "float8", &[(&["1"], "NULL"), (&["1", "NaN"], "NaN")]);
        check_aggregate("var_pop", "float8", &[(&["1"], "0")]);
    }
}
