//! `bool_and`, `every` and `bool_or`.
use engine::Result;
use engine::plan::AggregateFunction;

use super::definition::aggregate;
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::types::Type;

/// How many values were true, how many false; `ALL` asks whether none was false.
#[derive(Default)]
struct Truth<const ALL: bool> {
    trues: i64,
    falses: i64,
}

impl<const ALL: bool> State for Truth<ALL> {
    type Input<'a> = bool;
    type Output = bool;

    fn add(&mut self, input: bool) -> Result<()> {
        *(if input { &mut self.trues } else { &mut self.falses }) += 1;
        Ok(())
    }

    fn remove(&mut self, input: bool) -> Result<()> {
        *(if input { &mut self.trues } else { &mut self.falses }) -= 1;
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.trues += other.trues;
        self.falses += other.falses;
        Ok(())
    }

    fn finish(&self, _: &Kinds) -> Result<Option<bool>> {
        let result = if ALL { self.falses == 0 } else { self.trues > 0 };
        Ok((self.trues + self.falses > 0).then_some(result))
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.trues.to_le_bytes());
        bytes.extend(self.falses.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (trues, falses) = bytes.split_at_checked(8)?;
        Some(Self {
            trues: i64::from_le_bytes(trues.try_into().ok()?),
            falses: i64::from_le_bytes(falses.try_into().ok()?),
        })
    }
}

/// The overloads of `bool_and`, `every` and `bool_or`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    macro_rules! truth {
        ($name:literal, $all:literal, $engine:ident) => {
            AggregateOverload {
                name: $name,
                arguments: vec![Type::Bool],
                result: |_| Ok(Type::Bool),
                udaf: |types| aggregate::<Truth<$all>>($name, types, Type::Bool),
                engine: Some(AggregateFunction::$engine),
            }
        };
    }
    vec![
        truth!("bool_and", true, BoolAnd),
        truth!("every", true, BoolAnd),
        truth!("bool_or", false, BoolOr),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    #[test]
    fn cases() {
        check_aggregate(
            "bool_and",
            "bool",
            &[
                (&["t", "t"], "t"),
                (&["t", "f"], "f"),
                (&["t", "NULL"], "t"),
                (&["NULL"], "NULL"),
                (&[], "NULL"),
            ],
        );
        check_aggregate(
            "bool_or",
            "bool",
            &[(&["f", "t"], "t"), (&["f", "f", "NULL"], "f"), (&[], "NULL")],
        );
    }
}
