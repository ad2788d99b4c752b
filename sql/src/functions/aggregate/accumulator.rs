//! An aggregate over one group.
use std::fmt;
use std::mem::size_of;

use arrow::array::{Array, ArrayRef, AsArray};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::Accumulator;
use engine::{Error, Result};

use super::state::{Kinds, State};
use crate::functions::kernel::{Reader, Write};

/// One state, and the types of the call. Values are taken away from a window's frame one by one.
pub(super) struct Single<S> {
    state: S,
    kinds: Kinds,
}

impl<S: State> Single<S> {
    pub(super) fn new(kinds: Kinds) -> Self {
        Self { state: S::default(), kinds }
    }
}

impl<S> fmt::Debug for Single<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Single").field("kinds", &self.kinds).finish()
    }
}

/// The argument's column.
pub(super) fn only(values: &[ArrayRef]) -> Result<&ArrayRef> {
    values.first().ok_or_else(|| Error::internal("an aggregate was called without argument"))
}

/// What a state decodes from is written by ourselves.
pub(super) fn unreadable() -> Error {
    Error::internal("an aggregate's partial state cannot be read")
}

impl<S: State> Accumulator for Single<S> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let reader = Reader::<S::Input<'_>>::new(only(values)?, false)?;
        for row in 0..only(values)?.len() {
            if let Some(value) = reader.get(row) {
                self.state.add(value)?;
            }
        }
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> DataFusionResult<()> {
        let reader = Reader::<S::Input<'_>>::new(only(values)?, false)?;
        for row in 0..only(values)?.len() {
            if let Some(value) = reader.get(row) {
                self.state.remove(value)?;
            }
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> DataFusionResult<ScalarValue> {
        let target = self.kinds.result.arrow();
        let array = S::Output::collect(1, &target, |_| self.state.finish(&self.kinds))?;
        ScalarValue::try_from_array(&array, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.state.size()
    }

    fn state(&mut self) -> DataFusionResult<Vec<ScalarValue>> {
        let mut bytes = vec![];
        self.state.encode(&mut bytes);
        Ok(vec![ScalarValue::Binary(Some(bytes))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> DataFusionResult<()> {
        let states = only(states)?.as_binary_opt::<i32>().ok_or_else(unreadable)?;
        for bytes in states.iter().flatten() {
            self.state.merge(S::decode(bytes).ok_or_else(unreadable)?)?;
        }
        Ok(())
    }
}
