//! `sum`, `avg` of floats: exact, then rounded once, as in a view.
use std::marker::PhantomData;

use engine::plan::AggregateFunction;
use engine::{ExactSum, Result};

use super::definition::aggregate;
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::functions::kernel::{Read, Write};
use crate::types::Type;

/// A float of either width.
pub(super) trait Float: for<'a> Read<'a> + Send + Sync + 'static {
    /// The same number.
    fn double(self) -> f64;
}

impl Float for f32 {
    fn double(self) -> f64 {
        self.into()
    }
}

impl Float for f64 {
    fn double(self) -> f64 {
        self
    }
}

/// What is read of the sum.
trait Reading: Default + Send + Sync + 'static {
    /// The result.
    type Output: Write;

    fn read(sum: &ExactSum) -> Result<Option<Self::Output>>;
}

#[derive(Default)]
struct Double;

#[derive(Default)]
struct Single;

#[derive(Default)]
struct Mean;

impl Reading for Double {
    type Output = f64;

    fn read(sum: &ExactSum) -> Result<Option<f64>> {
        sum.double()
    }
}

impl Reading for Single {
    type Output = f32;

    fn read(sum: &ExactSum) -> Result<Option<f32>> {
        sum.single()
    }
}

impl Reading for Mean {
    type Output = f64;

    fn read(sum: &ExactSum) -> Result<Option<f64>> {
        sum.mean()
    }
}

/// The exact sum of `T`, of which `R` is read.
struct Exactly<T, R> {
    sum: ExactSum,
    kind: PhantomData<fn(T) -> R>,
}

impl<T, R> Default for Exactly<T, R> {
    fn default() -> Self {
        Self { sum: ExactSum::default(), kind: PhantomData }
    }
}

impl<T: Float, R: Reading> State for Exactly<T, R> {
    type Input<'a> = T;
    type Output = R::Output;

    fn add(&mut self, input: T) -> Result<()> {
        self.sum.add(input.double(), 1);
        Ok(())
    }

    fn remove(&mut self, input: T) -> Result<()> {
        self.sum.add(input.double(), -1);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.sum.merge(&other.sum);
        Ok(())
    }

    fn finish(&self, _: &Kinds) -> Result<Option<R::Output>> {
        R::read(&self.sum)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.sum.encode());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(Self { sum: ExactSum::decode(bytes).ok()?, kind: PhantomData })
    }

    fn size(&self) -> usize {
        self.sum.size()
    }
}

/// The overloads of `sum` and `avg` over floats.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! float {
        ($name:literal, $kind:ident, $native:ty, $reading:ty, $result:ident, $engine:ident) => {
            AggregateOverload {
                name: $name,
                arguments: vec![Type::$kind],
                result: |_| Ok(Type::$result),
                udaf: |types| aggregate::<Exactly<$native, $reading>>($name, types, Type::$result),
                engine: Some(AggregateFunction::$engine),
            }
        };
    }
    vec![
        float!("sum", Float4, f32, Single, Float4, Sum),
        float!("sum", Float8, f64, Double, Float8, Sum),
        float!("avg", Float4, f32, Mean, Float8, Avg),
        float!("avg", Float8, f64, Mean, Float8, Avg),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check_aggregate, check_aggregate_errors};

    #[test]
    fn sums_are_exact_until_they_are_rounded() {
        check_aggregate(
            "sum",
            "float8",
            &[
                (&["0.1", "0.2", "0.3"], "0.6"),
                (&["1e300", "1", "-1e300"], "1"),
                (&["Infinity", "-Infinity"], "NaN"),
                (&["NULL"], "NULL"),
                (&[], "NULL"),
            ],
        );
        check_aggregate("sum", "float4", &[(&["0.1", "0.2"], "0.3")]);
        check_aggregate("avg", "float8", &[(&["1e308", "1.5e308"], "1.25e+308")]);
        check_aggregate("avg", "float4", &[(&["1", "2"], "1.5")]);
        check_aggregate_errors(
            "sum",
            "float8",
            &[(&["1e308", "1e308"], "22003 value out of range: overflow")],
        );
    }
}
