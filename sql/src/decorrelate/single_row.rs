//! The function that fails where a sub-select gave more than one row.
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, FieldRef, Int64Type};
use datafusion::common::Result;
use datafusion::functions_aggregate::first_last::first_value_udaf;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

/// `value`, unless `count` is above one: 21000 then.
pub(super) fn single_row(value: Expr, count: Expr) -> Expr {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> =
        LazyLock::new(|| Arc::new(ScalarUDF::new_from_impl(SingleRow::new())));
    FUNCTION.call(vec![value, count])
}

/// Some value of a group: the only one, where the group is one row.
pub(super) fn any_value(value: Expr) -> Expr {
    let arguments = vec![value];
    Expr::AggregateFunction(AggregateFunction::new_udf(
        first_value_udaf(),
        arguments,
        false,
        None,
        vec![],
        None,
    ))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct SingleRow {
    signature: Signature,
}

impl SingleRow {
    fn new() -> Self {
        Self { signature: Signature::any(2, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for SingleRow {
    fn name(&self) -> &str {
        "single_row"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, arguments: &[DataType]) -> Result<DataType> {
        Ok(arguments.first().cloned().unwrap_or(DataType::Null))
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = arguments.arg_fields.first().map(|field| field.as_ref().clone());
        let field = field.unwrap_or_else(|| arrow::datatypes::Field::new("", DataType::Null, true));
        Ok(Arc::new(field.with_name(self.name()).with_nullable(true)))
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let (Some(value), Some(count)) = (arguments.args.first(), arguments.args.get(1)) else {
            return Err(engine::Error::internal("single_row takes two arguments").into());
        };
        let count = count.to_array(rows)?;
        let Some(counts) = count.as_primitive_opt::<Int64Type>() else {
            return Err(engine::Error::internal("a count that is not int8").into());
        };
        if (0..counts.len()).any(|row| counts.is_valid(row) && counts.value(row) > 1) {
            let message = "more than one row returned by a subquery used as an expression";
            return Err(engine::Error::data("21000", message).into());
        }
        Ok(value.clone())
    }
}
