//! `min` and `max`, by PostgreSQL's order: text by bytes, NaN greatest, intervals by length.
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use engine::Result;
use engine::plan::AggregateFunction;

use super::definition::aggregate_sliding;
use super::ordered::{Ordered, Padded};
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::functions::kernel::{Date, Interval, Time, Timestamp};
use crate::types::Type;

/// Which end of the order is wanted.
pub(super) trait End: Default + Send + Sync + 'static {
    /// How a better value compares to a worse one.
    const BETTER: Ordering;
}

/// The least value.
#[derive(Default)]
pub(super) struct Least;

/// The greatest value.
#[derive(Default)]
pub(super) struct Greatest;

impl End for Least {
    const BETTER: Ordering = Ordering::Less;
}

impl End for Greatest {
    const BETTER: Ordering = Ordering::Greater;
}

/// The best value so far. Values cannot be taken away: see [`Sorted`].
struct Extreme<T, E> {
    best: Option<T>,
    end: PhantomData<E>,
}

impl<T, E> Default for Extreme<T, E> {
    fn default() -> Self {
        Self { best: None, end: PhantomData }
    }
}

impl<T: Ordered, E: End> State for Extreme<T, E> {
    type Input<'a> = T::Given<'a>;
    type Output = T;

    fn add(&mut self, input: Self::Input<'_>) -> Result<()> {
        let better = match &self.best {
            None => true,
            Some(best) => T::order(input, best.lend()) == E::BETTER,
        };
        if better {
            self.best = Some(T::kept(input));
        }
        Ok(())
    }

    fn remove(&mut self, _: Self::Input<'_>) -> Result<()> {
        Err(engine::Error::internal("an extreme cannot be taken away"))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        match other.best {
            Some(best) => self.add(best.lend()),
            None => Ok(()),
        }
    }

    fn finish(&self, _: &Kinds) -> Result<Option<T>> {
        Ok(self.best.clone())
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        if let Some(best) = &self.best {
            bytes.push(1);
            best.encode(bytes);
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let best = match bytes.split_first() {
            None => None,
            Some((_, bytes)) => Some(T::decode(bytes)?),
        };
        Some(Self { best, end: PhantomData })
    }

    fn size(&self) -> usize {
        self.best.as_ref().map_or(0, Ordered::size)
    }
}

/// A value in PostgreSQL's order.
struct Placed<T>(T);

impl<T: Ordered> PartialEq for Placed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Ordered> Eq for Placed<T> {}

impl<T: Ordered> PartialOrd for Placed<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ordered> Ord for Placed<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        T::order(self.0.lend(), other.0.lend())
    }
}

/// All values of a window's frame, in order, with how often each is there.
struct Sorted<T, E> {
    values: BTreeMap<Placed<T>, u64>,
    end: PhantomData<E>,
}

impl<T, E> Default for Sorted<T, E> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), end: PhantomData }
    }
}

impl<T: Ordered, E: End> State for Sorted<T, E> {
    type Input<'a> = T::Given<'a>;
    type Output = T;

    fn add(&mut self, input: Self::Input<'_>) -> Result<()> {
        *self.values.entry(Placed(T::kept(input))).or_default() += 1;
        Ok(())
    }

    fn remove(&mut self, input: Self::Input<'_>) -> Result<()> {
        let value = Placed(T::kept(input));
        if let Some(count) = self.values.get_mut(&value) {
            *count -= 1;
            if *count == 0 {
                self.values.remove(&value);
            }
        }
        Ok(())
    }

    fn merge(&mut self, _: Self) -> Result<()> {
        Err(engine::Error::internal("a window's frame is never merged"))
    }

    fn finish(&self, _: &Kinds) -> Result<Option<T>> {
        let best = match E::BETTER {
            Ordering::Less => self.values.first_key_value(),
            _ => self.values.last_key_value(),
        };
        Ok(best.map(|(best, _)| best.0.clone()))
    }

    fn encode(&self, _: &mut Vec<u8>) {}

    fn decode(_: &[u8]) -> Option<Self> {
        None
    }

    fn size(&self) -> usize {
        let owned: usize = self.values.keys().map(|value| value.0.size()).sum();
        owned + self.values.len() * size_of::<(Placed<T>, u64)>()
    }
}

/// The type of the argument.
fn same(types: &[Type]) -> crate::Result<Type> {
    Ok(types.first().cloned().unwrap_or(Type::Text))
}

/// The overloads of `min` and `max`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! extreme {
        ($name:literal, $kind:expr, $held:ty, $end:ty, $engine:ident) => {
            AggregateOverload {
                name: $name,
                arguments: vec![$kind],
                result: same,
                udaf: |types| {
                    let result = types.first().cloned().unwrap_or($kind);
                    aggregate_sliding::<Extreme<$held, $end>, Sorted<$held, $end>>(
                        $name, types, result,
                    )
                },
                engine: Some(AggregateFunction::$engine),
            }
        };
    }
    macro_rules! both {
        ($($kind:expr, $held:ty;)*) => {
            vec![$(
                extreme!("min", $kind, $held, Least, Min),
                extreme!("max", $kind, $held, Greatest, Max),
            )*]
        };
    }
    both! {
        Type::Int2, i16;
        Type::Int4, i32;
        Type::Int8, i64;
        Type::Float4, f32;
        Type::Float8, f64;
        Type::BareNumeric, i128;
        Type::Text, String;
        Type::Char(1), Padded;
        Type::Date, Date;
        Type::Time, Time;
        Type::Timestamp, Timestamp;
        Type::TimestampTz, Timestamp;
        Type::Interval, Interval;
        Type::Oid, i64;
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    fn check(kind: &str, values: &[&str], least: &str, greatest: &str) {
        check_aggregate("min", kind, &[(values, least)]);
        check_aggregate("max", kind, &[(values, greatest)]);
    }

    #[test]
    fn extremes_follow_the_order() {
        check("int4", &["3", "-1", "NULL", "2"], "-1", "3");
        check("numeric(10,2)", &["3", "-1.5", "2"], "-1.50", "3.00");
        check("float8", &["NaN", "1", "-Infinity"], "-Infinity", "NaN");
        check("float4", &["2.5", "1.5"], "1.5", "2.5");
        check("text", &["b", "a", "B", "é", "ab"], "B", "é");
        check("date", &["2024-02-01", "2024-01-31"], "2024-01-31", "2024-02-01");
        check("interval", &["1 mon", "31 days", "29 days"], "29 days", "31 days");
        check("int8", &["NULL"], "NULL", "NULL");
        check("int8", &[], "NULL", "NULL");
    }
}
