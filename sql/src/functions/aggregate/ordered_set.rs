//! Aggregates WITHIN GROUP: `percentile_cont`, `percentile_disc`, `mode`.
//!
//! The binder makes the key of WITHIN GROUP their last argument, and the order of their rows.
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use engine::Error;

use super::collected::collected;
use crate::functions::AggregateOverload;
use crate::types::Type;

/// The names of these aggregates, which cannot be without WITHIN GROUP.
pub(crate) const ORDERED_SETS: [&str; 3] = ["mode", "percentile_cont", "percentile_disc"];

/// The values in order, without NULLs.
fn values(rows: &[Vec<ScalarValue>], place: usize) -> Vec<&ScalarValue> {
    rows.iter().filter_map(|row| row.get(place)).filter(|value| !value.is_null()).collect()
}

/// The share of the rows that is asked for, which is the same in all of them.
fn fraction(rows: &[Vec<ScalarValue>]) -> Result<Option<f64>> {
    let Some(ScalarValue::Float64(Some(share))) = rows.first().and_then(|row| row.first()) else {
        return Ok(None);
    };
    match (0.0..=1.0).contains(share) {
        true => Ok(Some(*share)),
        false => {
            let message = format!("percentile value {share} is not between 0 and 1");
            Err(Error::data("22003", message).into())
        }
    }
}

/// Between two values where the share lies between two rows.
fn continuous(rows: &[Vec<ScalarValue>], _: &Type) -> Result<ScalarValue> {
    let nothing = ScalarValue::Float64(None);
    let Some(share) = fraction(rows)? else { return Ok(nothing) };
    let values = values(rows, 1);
    let at = |place: f64| match values.get(place as usize) {
        Some(ScalarValue::Float64(Some(value))) => Some(*value),
        _ => None,
    };
    let place = share * values.len().saturating_sub(1) as f64;
    let (Some(low), Some(high)) = (at(place.floor()), at(place.ceil())) else {
        return Ok(nothing);
    };
    let value = if low == high { low } else { low + (place - place.floor()) * (high - low) };
    Ok(ScalarValue::Float64(Some(value)))
}

/// The first value that as many rows lie up to.
fn discrete(rows: &[Vec<ScalarValue>], result: &Type) -> Result<ScalarValue> {
    let Some(share) = fraction(rows)? else { return ScalarValue::try_from(&result.arrow()) };
    let values = values(rows, 1);
    let place = ((share * values.len() as f64).ceil() as usize).saturating_sub(1);
    match values.get(place) {
        Some(value) => Ok((*value).clone()),
        None => ScalarValue::try_from(&result.arrow()),
    }
}

/// The most frequent value, the first in order of several.
fn most_frequent(rows: &[Vec<ScalarValue>], result: &Type) -> Result<ScalarValue> {
    let mut best: Option<(&ScalarValue, usize)> = None;
    for run in values(rows, 0).chunk_by(|one, other| one == other) {
        let is_better = best.is_none_or(|(_, count)| run.len() > count);
        if let (Some(value), true) = (run.first(), is_better) {
            best = Some((*value, run.len()));
        }
    }
    match best {
        Some((value, _)) => Ok(value.clone()),
        None => ScalarValue::try_from(&result.arrow()),
    }
}

fn value_type(types: &[Type]) -> crate::Result<Type> {
    Ok(types.last().cloned().unwrap_or(Type::Text))
}

/// The overloads of these aggregates.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    vec![
        AggregateOverload {
            name: "percentile_cont",
            arguments: vec![Type::Float8, Type::Float8],
            result: |_| Ok(Type::Float8),
            udaf: |types| collected("percentile_cont", types, Type::Float8, continuous),
            engine: None,
        },
        AggregateOverload {
            name: "percentile_disc",
            arguments: vec![Type::Float8, Type::Unknown],
            result: value_type,
            udaf: |types| {
                let result = value_type(types).unwrap_or(Type::Text);
                collected("percentile_disc", types, result, discrete)
            },
            engine: None,
        },
        AggregateOverload {
            name: "mode",
            arguments: vec![Type::Unknown],
            result: value_type,
            udaf: |types| {
                let result = value_type(types).unwrap_or(Type::Text);
                collected("mode", types, result, most_frequent)
            },
            engine: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(share: f64, values: &[f64]) -> Vec<Vec<ScalarValue>> {
        values
            .iter()
            .map(|value| vec![ScalarValue::from(share), ScalarValue::from(*value)])
            .collect()
    }

    #[test]
    fn percentiles_lie_between_values_or_are_one_of_them() {
        for (share, continuously, discretely) in
            [(0.0, 1.0, 1.0), (0.5, 2.5, 2.0), (0.75, 3.25, 3.0), (1.0, 4.0, 4.0)]
        {
            let rows = rows(share, &[1.0, 2.0, 3.0, 4.0]);
            let expected = (ScalarValue::from(continuously), ScalarValue::from(discretely));
            let ty = Type::Float8;
            assert_eq!((continuous(&rows, &ty).unwrap(), discrete(&rows, &ty).unwrap()), expected);
        }
        assert!(continuous(&[], &Type::Float8).unwrap().is_null());
        assert!(continuous(&rows(1.5, &[1.0]), &Type::Float8).is_err());
    }

    #[test]
    fn the_mode_is_the_first_of_the_most_frequent() {
        let rows: Vec<_> =
            [1, 2, 2, 3, 3].into_iter().map(|v| vec![ScalarValue::from(v)]).collect();
        assert_eq!(most_frequent(&rows, &Type::Int4).unwrap(), ScalarValue::from(2));
    }
}
