//! `array_agg`: all values, nulls too, as an array.
use datafusion::common::ScalarValue;
use datafusion::error::Result;

use super::collected::collected;
use crate::functions::AggregateOverload;
use crate::types::Type;

fn gathered(rows: &[Vec<ScalarValue>], result: &Type) -> Result<ScalarValue> {
    if rows.is_empty() {
        return ScalarValue::try_from(&result.arrow());
    }
    let Type::Array(item) = result else { return ScalarValue::try_from(&result.arrow()) };
    let values: Vec<ScalarValue> = rows.iter().filter_map(|row| row.first().cloned()).collect();
    Ok(ScalarValue::List(ScalarValue::new_list(&values, &item.arrow(), true)))
}

fn array_of(types: &[Type]) -> crate::Result<Type> {
    match types.first() {
        Some(Type::Array(_)) | None => Err(crate::Error::unsupported("an array of arrays")),
        Some(item) => Ok(Type::Array(Box::new(item.clone()))),
    }
}

/// The overloads of `array_agg`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    vec![AggregateOverload {
        name: "array_agg",
        arguments: vec![Type::Unknown],
        result: array_of,
        udaf: |types| {
            let result = array_of(types).unwrap_or(Type::Array(Box::new(Type::Text)));
            collected("array_agg", types, result, gathered)
        },
        engine: None,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_kept_and_nothing_is_null() {
        let rows = [vec![ScalarValue::from(1)], vec![ScalarValue::Int32(None)]];
        let result = Type::Array(Box::new(Type::Int4));
        assert_eq!(gathered(&rows, &result).unwrap().to_string(), "[1, ]");
        assert!(gathered(&[], &result).unwrap().is_null());
    }
}
