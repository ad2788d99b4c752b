//! `string_agg`: texts with separators between them; nulls are left out.
use datafusion::common::ScalarValue;
use datafusion::error::Result;

use super::collected::collected;
use crate::functions::AggregateOverload;
use crate::types::Type;

fn joined(rows: &[Vec<ScalarValue>], _: &Type) -> Result<ScalarValue> {
    let mut out: Option<String> = None;
    for row in rows {
        let (Some(ScalarValue::Utf8(Some(value))), separator) = (row.first(), row.get(1)) else {
            continue;
        };
        match (&mut out, separator) {
            (None, _) => out = Some(value.clone()),
            (Some(out), separator) => {
                if let Some(ScalarValue::Utf8(Some(separator))) = separator {
                    out.push_str(separator);
                }
                out.push_str(value);
            }
        }
    }
    Ok(ScalarValue::Utf8(out))
}

fn joined_bytes(rows: &[Vec<ScalarValue>], _: &Type) -> Result<ScalarValue> {
    let mut out: Option<Vec<u8>> = None;
    for row in rows {
        let (Some(ScalarValue::Binary(Some(value))), separator) = (row.first(), row.get(1)) else {
            continue;
        };
        match (&mut out, separator) {
            (None, _) => out = Some(value.clone()),
            (Some(out), separator) => {
                if let Some(ScalarValue::Binary(Some(separator))) = separator {
                    out.extend_from_slice(separator);
                }
                out.extend_from_slice(value);
            }
        }
    }
    Ok(ScalarValue::Binary(out))
}

/// The overloads of `string_agg`.
pub(super) fn overloads() -> Vec<AggregateOverload> {
    vec![
        AggregateOverload {
            name: "string_agg",
            arguments: vec![Type::Text, Type::Text],
            result: |_| Ok(Type::Text),
            udaf: |types| collected("string_agg", types, Type::Text, joined),
            engine: None,
        },
        AggregateOverload {
            name: "string_agg",
            arguments: vec![Type::Bytea, Type::Bytea],
            result: |_| Ok(Type::Bytea),
            udaf: |types| collected("string_agg", types, Type::Bytea, joined_bytes),
            engine: None,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_are_left_out() {
        let row = |value: Option<&str>, separator: &str| {
            vec![ScalarValue::Utf8(value.map(str::to_owned)), ScalarValue::from(separator)]
        };
        let rows = [row(Some("a"), ","), row(None, ","), row(Some("b"), ";"), row(Some("c"), "-")];
        assert_eq!(joined(&rows, &Type::Text).unwrap(), ScalarValue::from("a;b-c"));
        let nothing = joined(&[row(None, ",")], &Type::Text).unwrap();
        assert_eq!(nothing, ScalarValue::Utf8(None));
    }
}
