//! An aggregate over the distinct values of one group.
use std::collections::HashMap;
use std::mem::size_of;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Field};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::Accumulator;

use super::accumulator::{only, unreadable};
use super::state::Kinds;
use crate::types::Type;

/// How often each value is there; the aggregate sees each once.
#[derive(Debug)]
pub(super) struct Distinct {
    seen: HashMap<ScalarValue, u64>,
    kinds: Kinds,
    single: fn(Kinds) -> Box<dyn Accumulator>,
}

impl Distinct {
    pub(super) fn new(kinds: Kinds, single: fn(Kinds) -> Box<dyn Accumulator>) -> Self {
        Self { seen: HashMap::new(), kinds, single }
    }

    /// A list of the values seen.
    pub(super) fn state_type(kinds: &Kinds) -> DataType {
        DataType::List(Arc::new(Field::new_list_field(argument(kinds), true)))
    }
}

fn argument(kinds: &Kinds) -> DataType {
    kinds.arguments.first().unwrap_or(&Type::Unknown).arrow()
}

/// Zeros of both signs are one value.
fn plain(value: ScalarValue) -> ScalarValue {
    match value {
        ScalarValue::Float64(Some(value)) => ScalarValue::from(value + 0.0),
        ScalarValue::Float32(Some(value)) => ScalarValue::from(value + 0.0),
        other => other,
    }
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let array = only(values)?;
        for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
            let value = plain(ScalarValue::try_from_array(array, row)?);
            *self.seen.entry(value).or_default() += 1;
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let array = only(values)?;
        for row in (0..array.len()).filter(|row| array.is_valid(*row)) {
            let value = plain(ScalarValue::try_from_array(array, row)?);
            if let Some(count) = self.seen.get_mut(&value) {
                *count -= 1;
                if *count == 0 {
                    self.seen.remove(&value);
                }
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        let mut single = (self.single)(self.kinds.clone());
        if !self.seen.is_empty() {
            single.update_batch(&[ScalarValue::iter_to_array(self.seen.keys().cloned())?])?;
        }
        single.evaluate()
    }

    fn size(&self) -> usize {
        let owned: usize = self.seen.keys().map(ScalarValue::size).sum();
        size_of::<Self>() + owned + self.seen.capacity() * size_of::<u64>()
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let values: Vec<_> = self.seen.keys().cloned().collect();
        let list = ScalarValue::new_list_nullable(&values, &argument(&self.kinds));
        Ok(vec![ScalarValue::List(list)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let lists = only(states)?.as_list_opt::<i32>().ok_or_else(unreadable)?;
        for list in lists.iter().flatten() {
            self.update_batch(&[list])?;
        }
        Ok(())
    }
}
