//! `x = ANY (array)` and its like where the array is known only when it runs.
//!
//! It is part of the grammar, no function of a name. NULL among the elements leaves a test
//! undecided that no other element decides; over no elements ANY is false, ALL true.
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, Scalar};
use arrow::buffer::NullBuffer;
use arrow::compute::kernels::boolean::{and_kleene, or_kleene};
use arrow::compute::kernels::cmp;
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result as PlanResult};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use crate::types::Type;
use crate::{Error, Result};

/// A comparison of a value with the elements of an array.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ArrayTest {
    comparison: Comparison,
    /// Whether one element is enough; else all must agree.
    any: bool,
    signature: Signature,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl ArrayTest {
    /// The test of an operator. Fails with 0A000 for others than comparisons, and for types
    /// that Arrow does not compare as PostgreSQL does.
    pub(super) fn try_new(symbol: &str, any: bool, item: &Type) -> Result<Self> {
        let comparison = match symbol {
            "=" => Comparison::Equal,
            "<>" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => {
                let word = if any { "ANY" } else { "ALL" };
                return Err(Error::unsupported(format!("{symbol} {word} of an array")));
            }
        };
        if !super::predicate::is_plainly_compared(item) {
            return Err(Error::unsupported(format!("ANY of an array of type {item}"))
                .with_hint("Write EXISTS (SELECT … FROM unnest(…) AS x WHERE …)."));
        }
        let signature = Signature::any(2, Volatility::Immutable);
        Ok(Self { comparison, any, signature })
    }

    fn compare(&self, values: &ArrayRef, element: &ArrayRef) -> PlanResult<BooleanArray> {
        let one = Scalar::new(ArrayRef::clone(element));
        let compared: std::result::Result<BooleanArray, ArrowError> = match self.comparison {
            Comparison::Equal => cmp::eq(values, &one),
            Comparison::NotEqual => cmp::neq(values, &one),
            Comparison::Less => cmp::lt(values, &one),
            Comparison::LessOrEqual => cmp::lt_eq(values, &one),
            Comparison::Greater => cmp::gt(values, &one),
            Comparison::GreaterOrEqual => cmp::gt_eq(values, &one),
        };
        Ok(compared?)
    }

    fn join(&self, left: &BooleanArray, right: &BooleanArray) -> PlanResult<BooleanArray> {
        Ok(if self.any { or_kleene(left, right)? } else { and_kleene(left, right)? })
    }

    /// One array for all values: a pass over them for each of its elements.
    fn with_constant(&self, values: &ArrayRef, elements: &ArrayRef) -> PlanResult<BooleanArray> {
        let mut decided = BooleanArray::from(vec![!self.any; values.len()]);
        for place in 0..elements.len() {
            let test = self.compare(values, &elements.slice(place, 1))?;
            decided = self.join(&decided, &test)?;
        }
        Ok(decided)
    }

    /// An array for each value.
    fn with_column(&self, values: &ArrayRef, lists: &ListArray) -> PlanResult<BooleanArray> {
        let mut decided = Vec::with_capacity(values.len());
        for row in 0..values.len() {
            if lists.is_null(row) {
                decided.push(None);
                continue;
            }
            // The elements are compared with the value, so that the test is turned around.
            let (elements, value) = (lists.value(row), values.slice(row, 1));
            let test = self.turned().compare(&elements, &value)?;
            let found = test.iter().any(|one| one == Some(self.any));
            let open = test.null_count() > 0;
            decided.push(match (found, open) {
                (true, _) => Some(self.any),
                (false, true) => None,
                (false, false) => Some(!self.any),
            });
        }
        Ok(BooleanArray::from(decided))
    }

    fn turned(&self) -> Self {
        let comparison = match self.comparison {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            same => same,
        };
        Self { comparison, any: self.any, signature: self.signature.clone() }
    }
}

impl ScalarUDFImpl for ArrayTest {
    fn name(&self) -> &str {
        use Comparison as C;
        match (self.comparison, self.any) {
            (C::Equal, true) => "equal_any",
            (C::NotEqual, true) => "not_equal_any",
            (C::Less, true) => "less_any",
            (C::LessOrEqual, true) => "less_or_equal_any",
            (C::Greater, true) => "greater_any",
            (C::GreaterOrEqual, true) => "greater_or_equal_any",
            (C::Equal, false) => "equal_all",
            (C::NotEqual, false) => "not_equal_all",
            (C::Less, false) => "less_all",
            (C::LessOrEqual, false) => "less_or_equal_all",
            (C::Greater, false) => "greater_all",
            (C::GreaterOrEqual, false) => "greater_or_equal_all",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> PlanResult<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, call: ScalarFunctionArgs) -> PlanResult<ColumnarValue> {
        let Ok([values, lists]) = <[ColumnarValue; 2]>::try_from(call.args) else {
            return Err(DataFusionError::Internal("an array test has two operands".to_owned()));
        };
        let constant =
            matches!((&values, &lists), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { call.number_rows };
        let values = values.into_array(rows)?;
        let decided = match lists {
            ColumnarValue::Scalar(ScalarValue::List(list)) if list.is_valid(0) => {
                self.with_constant(&values, &list.value(0))?
            }
            ColumnarValue::Scalar(_) => {
                BooleanArray::new(vec![false; rows].into(), Some(NullBuffer::new_null(rows)))
            }
            ColumnarValue::Array(lists) => {
                let Some(lists) = lists.as_list_opt::<i32>() else {
                    let message = format!("an array is held as {}", lists.data_type());
                    return Err(DataFusionError::Internal(message));
                };
                self.with_column(&values, lists)?
            }
        };
        Ok(match constant {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&decided, 0)?),
            false => ColumnarValue::Array(std::sync::Arc::new(decided)),
        })
    }
}
