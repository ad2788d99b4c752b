//! `sum`: exact, over more digits than its result has.
use arrow::datatypes::i256;
use engine::plan::AggregateFunction;
use engine::{Error, Result};

use super::definition::aggregate;
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::functions::kernel::Read;
use crate::functions::operator::numeric_value::narrowed;
use crate::types::{NUMERIC_PRECISION_MAX, Type};

/// A sum of integers that cannot overflow, and how many there were.
///
/// Most sums stay within 128 bits; what leaves them goes to the wide part.
#[derive(Clone, Debug, Default)]
pub(super) struct Total {
    narrow: i128,
    wide: i256,
    pub(super) count: i64,
}

impl Total {
    pub(super) fn add(&mut self, value: i128) {
        self.count += 1;
        self.shift(value);
    }

    pub(super) fn remove(&mut self, value: i128) {
        self.count -= 1;
        self.shift(-value);
    }

    fn shift(&mut self, value: i128) {
        match self.narrow.checked_add(value) {
            Some(sum) => self.narrow = sum,
            None => {
                self.wide = self.sum();
                self.narrow = value;
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.wide = self.sum().wrapping_add(other.sum());
        self.narrow = 0;
        self.count += other.count;
    }

    pub(super) fn sum(&self) -> i256 {
        self.wide.wrapping_add(i256::from_i128(self.narrow))
    }

    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.sum().to_le_bytes());
        bytes.extend(self.count.to_le_bytes());
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (wide, count) = bytes.split_at_checked(32)?;
        Some(Self {
            narrow: 0,
            wide: i256::from_le_bytes(wide.try_into().ok()?),
            count: i64::from_le_bytes(count.try_into().ok()?),
        })
    }
}

/// Types whose values are summed as integers.
pub(super) trait Exact: for<'a> Read<'a> + Send + Sync + 'static {
    fn widened(self) -> i128;
}

macro_rules! exact {
    ($($native:ty),*) => {$(
        impl Exact for $native {
            fn widened(self) -> i128 {
                self.into()
            }
        }
    )*};
}

exact!(i16, i32, i64, i128);

/// The sum of integers or numerics, as an `R`.
struct Sum<T, R> {
    total: Total,
    kind: std::marker::PhantomData<fn(T) -> R>,
}

impl<T, R> Default for Sum<T, R> {
    fn default() -> Self {
        Self { total: Total::default(), kind: std::marker::PhantomData }
    }
}

/// A type that a sum is returned as.
trait Narrow: crate::functions::kernel::Write + 'static {
    fn narrow(sum: i256) -> Result<Self>;
}

impl Narrow for i64 {
    fn narrow(sum: i256) -> Result<Self> {
        let narrow = sum.to_i128().and_then(|sum| i64::try_from(sum).ok());
        narrow.ok_or_else(|| Error::data("22003", "bigint out of range"))
    }
}

impl Narrow for i128 {
    fn narrow(sum: i256) -> Result<Self> {
        narrowed(Some(sum))
    }
}

impl<T: Exact, R: Narrow> State for Sum<T, R> {
    type Input<'a> = T;
    type Output = R;

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

    fn finish(&self, _: &Kinds) -> Result<Option<R>> {
        match self.total.count {
            0 => Ok(None),
            _ => R::narrow(self.total.sum()).map(Some),
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.total.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(Self { total: Total::decode(bytes)?, ..Self::default() })
    }
}

/// The type of a sum of numerics: as many digits behind the point, all 38 in all.
fn numeric_sum(types: &[Type]) -> crate::Result<Type> {
    Ok(match types.first() {
        Some(Type::Numeric(_, scale)) => Type::Numeric(NUMERIC_PRECISION_MAX, *scale),
        Some(Type::Quotient(scale, least)) => Type::Quotient(*scale, (*least).max(16)),
        _ => Type::BareNumeric,
    })
}

/// The overloads of `sum`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! sum {
        ($kind:ident, $native:ty, $output:ty, $result:expr) => {
            AggregateOverload {
                name: "sum",
                arguments: vec![Type::$kind],
                result: $result,
                udaf: |types| {
                    let result: fn(&[Type]) -> crate::Result<Type> = $result;
                    let result = result(types).unwrap_or(Type::BareNumeric);
                    aggregate::<Sum<$native, $output>>("sum", types, result)
                },
                engine: Some(AggregateFunction::Sum),
            }
        };
    }
    vec![
        sum!(Int2, i16, i64, |_| Ok(Type::Int8)),
        sum!(Int4, i32, i64, |_| Ok(Type::Int8)),
        sum!(Int8, i64, i128, |_| Ok(Type::Numeric(NUMERIC_PRECISION_MAX, 0))),
        sum!(BareNumeric, i128, i128, numeric_sum),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check_aggregate, check_aggregate_errors};

    #[test]
    fn integers_are_summed_in_a_wider_type() {
        check_aggregate("sum", "int2", &[(&["32767", "32767"], "65534")]);
        check_aggregate(
            "sum",
            "int4",
            &[
                (&["2147483647", "2147483647", "NULL"], "4294967294"),
                (&["NULL"], "NULL"),
                (&[], "NULL"),
            ],
        );
        check_aggregate(
            "sum",
            "int8",
            &[
                (&["9223372036854775807", "9223372036854775807"], "18446744073709551614"),
                (&["-5", "5"], "0"),
            ],
        );
    }

    #[test]
    fn numerics_are_summed_exactly() {
        check_aggregate("sum", "numeric(4,2)", &[(&["99.99", "0.01", "-50.5"], "49.50")]);
        check_aggregate("sum", "numeric", &[(&["1.5", "2.25"], "3.75")]);
        let most = "99999999999999999999999999999999999999";
        check_aggregate(
            "sum",
            "numeric(38,0)",
            &[(&[most, most, "-99999999999999999999999999999999999999"], most)],
        );
        check_aggregate_errors(
            "sum",
            "numeric(38,0)",
            &[(&[most, "1"], "22003 value overflows numeric format")],
        );
    }
}
