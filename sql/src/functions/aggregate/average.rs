//! `avg`: the sum by the count, rounded once, to as many digits as PostgreSQL's has.
use engine::plan::AggregateFunction;
use engine::{Mean, Result};

use super::definition::aggregate;
use super::state::{Kinds, State};
use super::sum::{Exact, Total};
use crate::functions::AggregateOverload;
use crate::functions::operator::numeric_value::{Digits, out_of_range};
use crate::types::Type;

/// Digits behind the point that a mean has at least.
const MEAN_SCALE: i32 = 16;

/// The mean of integers or numerics.
struct Average<T> {
    total: Total,
    kind: std::marker::PhantomData<fn(T)>,
}

impl<T> Default for Average<T> {
    fn default() -> Self {
        Self { total: Total::default(), kind: std::marker::PhantomData }
    }
}

impl<T: Exact> State for Average<T> {
    type Input<'a> = T;
    type Output = i128;

    fn add(&mut self, input: T) -> Result<()> {
        self.total.add(input.widened());
        Ok(())
    }

    fn remove(&mut self, input: T) -> Result<()> {
        self.total.remove(input.widened());
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.total.merge(&other.total);
        Ok(())
    }

    fn finish(&self, kinds: &Kinds) -> Result<Option<i128>> {
        if self.total.count == 0 {
            return Ok(None);
        }
        let [argument, result] = [kinds.arguments.first(), Some(&kinds.result)];
        let scale = |kind: Option<&Type>| kind.map_or(0, |kind| Digits::of(kind).narrow_scale());
        let trimmed = argument.is_some_and(zeros_mean_nothing);
        let mean = Mean { argument: scale(argument), trimmed, result: scale(result) };
        let count = u64::try_from(self.total.count).unwrap_or_default();
        mean.of(self.total.sum(), count).ok_or_else(out_of_range).map(Some)
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.total.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(Self { total: Total::decode(bytes)?, ..Self::default() })
    }
}

/// Whether values of this type end in zeros behind the point that PostgreSQL's may not have.
pub(in crate::functions) fn zeros_mean_nothing(kind: &Type) -> bool {
    matches!(kind, Type::BareNumeric | Type::Quotient(..))
}

/// The type of the mean of numbers of this type.
fn mean_type(types: &[Type]) -> crate::Result<Type> {
    let digits = Digits::of(types.first().unwrap_or(&Type::BareNumeric));
    let least = match types.first() {
        Some(kind) if zeros_mean_nothing(kind) => 0,
        _ => digits.scale,
    };
    Ok(Digits { scale: digits.scale.max(MEAN_SCALE), ..digits }.to_quotient(least))
}

/// The overloads of `avg`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! mean {
        ($kind:ident, $native:ty) => {
            AggregateOverload {
                name: "avg",
                arguments: vec![Type::$kind],
                result: mean_type,
                udaf: |types| {
                    let result = mean_type(types).unwrap_or(Type::BareNumeric);
                    aggregate::<Average<$native>>("avg", types, result)
                },
                engine: Some(AggregateFunction::Avg),
            }
        };
    }
    vec![mean!(Int2, i16), mean!(Int4, i32), mean!(Int8, i64), mean!(BareNumeric, i128)]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    #[test]
    fn means_are_rounded_once() {
        check_aggregate(
            "avg",
            "int4",
            &[
                (&["10", "10", "11"], "10.3333333333333333"),
                (&["20", "21"], "20.5000000000000000"),
                (&["-20", "-20", "-22"], "-20.6666666666666667"),
                (&["NULL"], "NULL"),
                (&[], "NULL"),
            ],
        );
        check_aggregate(
            "avg",
            "int8",
            &[(&["9223372036854775807", "9223372036854775806"], "9223372036854775807")],
        );
        check_aggregate("avg", "numeric(10,2)", &[(&["1.25", "1.26"], "1.2550000000000000")]);
    }
}
