//! Aggregates over rows that are kept until the end: `string_agg`, `array_agg`.
//!
//! They keep the order that ORDER BY inside the call asks for; without one, that of the rows. DISTINCT
//! keeps each value once, in order. Partial states are never made of them: the rows are.
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::common::utils::compare_rows;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility,
};
use engine::Error;

use crate::types::Type;

/// Makes the result of rows of arguments, in order.
pub(super) type Finish = fn(&[Vec<ScalarValue>], &Type) -> DataFusionResult<ScalarValue>;

/// The aggregate `name` over kept rows.
pub(super) fn collected(
    name: &'static str,
    arguments: &[Type],
    result: Type,
    finish: Finish,
) -> Arc<AggregateUDF> {
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    let collected = Collected { name, arguments: arguments.to_vec(), result, finish, signature };
    Arc::new(AggregateUDF::new_from_impl(collected))
}

/// An aggregate with its types: equal if name and types are.
struct Collected {
    name: &'static str,
    arguments: Vec<Type>,
    result: Type,
    finish: Finish,
    signature: Signature,
}

impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name).field("arguments", &self.arguments).finish()
    }
}

impl PartialEq for Collected {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments == other.arguments && self.result == other.result
    }
}

impl Eq for Collected {}

impl Hash for Collected {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.arguments.hash(state);
    }
}

impl AggregateUDFImpl for Collected {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.result.arrow())
    }

    fn return_field(&self, _: &[FieldRef]) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.result.field(self.name, true)))
    }

    fn accumulator(&self, call: AccumulatorArgs<'_>) -> DataFusionResult<Box<dyn Accumulator>> {
        Ok(Box::new(Kept {
            rows: vec![],
            arguments: self.arguments.len(),
            order: call.order_bys.iter().map(|key| key.options).collect(),
            distinct: call.is_distinct,
            result: self.result.clone(),
            finish: self.finish,
        }))
    }

    /// A list for each argument and for each key of the order.
    fn state_fields(&self, call: StateFieldsArgs<'_>) -> DataFusionResult<Vec<FieldRef>> {
        let arguments = self.arguments.iter().map(Type::arrow);
        let keys = call.ordering_fields.iter().map(|field| field.data_type().clone());
        let field = |(place, item): (usize, DataType)| {
            let list = DataType::List(Arc::new(Field::new_list_field(item, true)));
            Arc::new(Field::new(format_state_name(call.name, &place.to_string()), list, true))
        };
        Ok(arguments.chain(keys).enumerate().map(field).collect())
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        // The rows are sorted here: other calls may ask for other orders.
        AggregateOrderSensitivity::SoftRequirement
    }

    fn with_beneficial_ordering(
        self: Arc<Self>,
        _: bool,
    ) -> DataFusionResult<Option<Arc<dyn AggregateUDFImpl>>> {
        Ok(Some(self))
    }
}

/// The rows so far: the arguments, then the keys of the order.
struct Kept {
    rows: Vec<Vec<ScalarValue>>,
    arguments: usize,
    order: Vec<SortOptions>,
    distinct: bool,
    result: Type,
    finish: Finish,
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("rows", &self.rows.len()).finish()
    }
}

impl Kept {
    fn arguments_of<'a>(&self, row: &'a [ScalarValue]) -> &'a [ScalarValue] {
        row.get(..self.arguments).unwrap_or(row)
    }

    fn sorted(&self) -> DataFusionResult<Vec<Vec<ScalarValue>>> {
        let mut rows = self.rows.clone();
        let mut failed = None;
        let mut compare = |one: &[ScalarValue], other: &[ScalarValue], order: &[SortOptions]| {
            compare_rows(one, other, order).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                Ordering::Equal
            })
        };
        if self.distinct {
            let last = SortOptions { descending: false, nulls_first: false };
            let order = vec![last; self.arguments];
            rows.sort_by(|one, other| {
                compare(self.arguments_of(one), self.arguments_of(other), &order)
            });
            rows.dedup_by(|one, other| self.arguments_of(one) == self.arguments_of(other));
        }
        if !self.order.is_empty() {
            let keys = |row: &'_ [ScalarValue]| row.get(self.arguments..).unwrap_or(&[]).to_vec();
            rows.sort_by(|one, other| compare(&keys(one), &keys(other), &self.order));
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(rows),
        }
    }
}

impl Accumulator for Kept {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let rows = values.first().map_or(0, |column| column.len());
        for row in 0..rows {
            let kept = values.iter().map(|column| ScalarValue::try_from_array(column, row));
            self.rows.push(kept.collect::<DataFusionResult<_>>()?);
        }
        Ok(())
    }

    /// A window's frame leaves its rows in the order in which it took them.
    fn retract_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let rows = values.first().map_or(0, |column| column.len());
        self.rows.drain(..rows.min(self.rows.len()));
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        let rows = self.sorted()?;
        (self.finish)(&rows, &self.result)
    }

    fn size(&self) -> usize {
        let owned: usize = self.rows.iter().flatten().map(ScalarValue::size).sum();
        size_of::<Self>() + owned + self.rows.capacity() * size_of::<Vec<ScalarValue>>()
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let columns = self.rows.first().map_or(self.arguments + self.order.len(), Vec::len);
        let column = |place: usize| {
            let values: Vec<ScalarValue> =
                self.rows.iter().filter_map(|row| row.get(place).cloned()).collect();
            let item = values.first().map_or(DataType::Null, ScalarValue::data_type);
            ScalarValue::List(ScalarValue::new_list_nullable(&values, &item))
        };
        Ok((0..columns).map(column).collect())
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let unreadable = || Error::internal("an aggregate's partial state cannot be read");
        let lists: Option<Vec<_>> = states.iter().map(|state| state.as_list_opt::<i32>()).collect();
        let lists = lists.ok_or_else(unreadable)?;
        for row in 0..lists.first().map_or(0, |list| list.len()) {
            let columns: Vec<ArrayRef> = lists.iter().map(|list| list.value(row)).collect();
            self.update_batch(&columns)?;
        }
        Ok(())
    }
}
