//! `bit_and`, `bit_or` and `bit_xor` of integers.
use engine::Result;

use super::definition::aggregate;
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::functions::kernel::{Read, Write};
use crate::types::Type;

/// Which operation.
trait Operation: Default + Send + Sync + 'static {
    /// Whether a bit is set, of `ones` values with it among `count`.
    fn bit(ones: i64, count: i64) -> bool;
}

#[derive(Default)]
struct And;

#[derive(Default)]
struct Or;

#[derive(Default)]
struct Xor;

impl Operation for And {
    fn bit(ones: i64, count: i64) -> bool {
        ones == count
    }
}

impl Operation for Or {
    fn bit(ones: i64, _: i64) -> bool {
        ones > 0
    }
}

impl Operation for Xor {
    fn bit(ones: i64, _: i64) -> bool {
        ones % 2 != 0
    }
}

/// An integer whose bits are counted.
trait Bits: for<'a> Read<'a> + Write + Send + Sync + 'static {
    fn widened(self) -> u64;
    fn narrowed(bits: u64) -> Self;
}

macro_rules! bits {
    ($($native:ty),*) => {$(
        impl Bits for $native {
            fn widened(self) -> u64 {
                i64::from(self) as u64
            }

            fn narrowed(bits: u64) -> Self {
                bits as $native
            }
        }
    )*};
}

bits!(i16, i32, i64);

/// How many values have each bit, so that values can be taken away.
struct Counts<T, O> {
    ones: [i64; 64],
    count: i64,
    kind: std::marker::PhantomData<fn(T) -> O>,
}

impl<T, O> Default for Counts<T, O> {
    fn default() -> Self {
        Self { ones: [0; 64], count: 0, kind: std::marker::PhantomData }
    }
}

impl<T: Bits, O: Operation> Counts<T, O> {
    fn shift(&mut self, input: T, weight: i64) {
        let bits = input.widened();
        self.count += weight;
        for (place, ones) in self.ones.iter_mut().enumerate() {
            *ones += weight * (bits >> place & 1) as i64;
        }
    }
}

impl<T: Bits, O: Operation> State for Counts<T, O> {
    type Input<'a> = T;
    type Output = T;

    fn add(&mut self, input: T) -> Result<()> {
        self.shift(input, 1);
        Ok(())
    }

    fn remove(&mut self, input: T) -> Result<()> {
        self.shift(input, -1);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.count += other.count;
        for (ones, more) in self.ones.iter_mut().zip(other.ones) {
            *ones += more;
        }
        Ok(())
    }

    fn finish(&self, _: &Kinds) -> Result<Option<T>> {
        let bit = |(place, ones): (usize, &i64)| u64::from(O::bit(*ones, self.count)) << place;
        let bits: u64 = self.ones.iter().enumerate().map(bit).sum();
        Ok((self.count > 0).then(|| T::narrowed(bits)))
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        for word in std::iter::once(&self.count).chain(&self.ones) {
            bytes.extend(word.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut words =
            bytes.chunks_exact(8).map(|word| Some(i64::from_le_bytes(word.try_into().ok()?)));
        let mut state = Self { count: words.next()??, ..Self::default() };
        for ones in &mut state.ones {
            *ones = words.next()??;
        }
        Some(state)
    }
}

/// The overloads of these aggregates.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! bits {
        ($name:literal, $operation:ty, $kind:ident, $native:ty) => {
            AggregateOverload {
                name: $name,
                arguments: vec![Type::$kind],
                result: |_| Ok(Type::$kind),
                udaf: |types| aggregate::<Counts<$native, $operation>>($name, types, Type::$kind),
                engine: None,
            }
        };
    }
    macro_rules! all {
        ($($name:literal, $operation:ty;)*) => {
            vec![$(
                bits!($name, $operation, Int2, i16),
                bits!($name, $operation, Int4, i32),
                bits!($name, $operation, Int8, i64),
            )*]
        };
    }
    all! {
        "bit_and", And;
        "bit_or", Or;
        "bit_xor", Xor;
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    #[test]
    fn cases() {
        check_aggregate(
            "bit_and",
            "int4",
            &[(&["6", "3"], "2"), (&["-1", "NULL", "5"], "5"), (&[], "NULL")],
        );
        check_aggregate("bit_or", "int2", &[(&["6", "1"], "7"), (&["-32768", "1"], "-32767")]);
        check_aggregate("bit_xor", "int8", &[(&["6", "3", "6"], "3")]);
    }
}
