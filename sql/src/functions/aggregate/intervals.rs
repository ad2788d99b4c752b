//! Sums of intervals, field by field: `sum`, `avg`.
use engine::{Error, Result};

use super::definition::aggregate;
use super::state::{Kinds, State};
use crate::functions::AggregateOverload;
use crate::functions::kernel::Interval;
use crate::functions::time::divided;
use crate::types::Type;

/// The sums of months, days and microseconds, and how many intervals there were.
#[derive(Default)]
struct Total {
    months: i128,
    days: i128,
    micros: i128,
    count: i64,
}

impl Total {
    fn shift(&mut self, by: Interval, way: i64) {
        self.months += i128::from(by.months) * i128::from(way);
        self.days += i128::from(by.days) * i128::from(way);
        self.micros += i128::from(by.micros) * i128::from(way);
        self.count += way;
    }

    fn merge(&mut self, other: &Self) {
        self.months += other.months;
        self.days += other.days;
        self.micros += other.micros;
        self.count += other.count;
    }

    fn sum(&self) -> Result<Option<Interval>> {
        let wrong = |_| Error::data("22008", "interval out of range");
        match self.count {
            0 => Ok(None),
            _ => Ok(Some(Interval {
                months: i32::try_from(self.months).map_err(wrong)?,
                days: i32::try_from(self.days).map_err(wrong)?,
                micros: i64::try_from(self.micros).map_err(wrong)?,
            })),
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        for field in [self.months, self.days, self.micros] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.extend(self.count.to_le_bytes());
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (months, rest) = bytes.split_first_chunk()?;
        let (days, rest) = rest.split_first_chunk()?;
        let (micros, count) = rest.split_first_chunk()?;
        Some(Self {
            months: i128::from_le_bytes(*months),
            days: i128::from_le_bytes(*days),
            micros: i128::from_le_bytes(*micros),
            count: i64::from_le_bytes(count.try_into().ok()?),
        })
    }
}

/// The sum of intervals, divided by their number if `MEAN`.
#[derive(Default)]
struct Intervals<const MEAN: bool>(Total);

impl<const MEAN: bool> State for Intervals<MEAN> {
    type Input<'a> = Interval;
    type Output = Interval;

    fn add(&mut self, input: Interval) -> Result<()> {
        self.0.shift(input, 1);
        Ok(())
    }

    fn remove(&mut self, input: Interval) -> Result<()> {
        self.0.shift(input, -1);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(&other.0);
        Ok(())
    }

    fn finish(&self, _: &Kinds) -> Result<Option<Interval>> {
        match self.0.sum()? {
            Some(sum) if MEAN => divided(sum, self.0.count as f64).map(Some),
            sum => Ok(sum),
        }
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        self.0.encode(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        Total::decode(bytes).map(Self)
    }
}

/// The overloads of `sum` and `avg` of intervals; views cannot have them yet.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    vec![
        AggregateOverload {
            name: "sum",
            arguments: vec![Type::Interval],
            result: |_| Ok(Type::Interval),
            udaf: |types| aggregate::<Intervals<false>>("sum", types, Type::Interval),
            engine: None,
        },
        AggregateOverload {
            name: "avg",
            arguments: vec![Type::Interval],
            result: |_| Ok(Type::Interval),
            udaf: |types| aggregate::<Intervals<true>>("avg", types, Type::Interval),
            engine: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check_aggregate;

    #[test]
    fn fields_are_summed_by_themselves() {
        check_aggregate(
            "sum",
            "interval",
            &[
                (&["1 month 2 days", "-1 day", "03:00", "NULL"], "1 mon 1 day 03:00:00"),
                (&["NULL"], "NULL"),
            ],
        );
    }

    #[test]
    fn a_part_of_a_month_counts_as_days() {
        check_aggregate(
            "avg",
            "interval",
            &[
                (&["1 month", "2 months"], "1 mon 15 days"),
                (&["1 day", "2 days"], "1 day 12:00:00"),
                (&["01:00", "02:00", "NULL"], "01:30:00"),
            ],
        );
    }
}
