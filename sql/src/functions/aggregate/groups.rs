//! An aggregate over many groups at once.
use std::mem::size_of;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, BooleanArray};
use arrow::buffer::NullBuffer;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use engine::{Error, Result};
use std::sync::Arc;

use super::accumulator::{only, unreadable};
use super::state::{Kinds, State};
use crate::functions::kernel::{Reader, Write};

/// A state for each group.
pub(super) struct Groups<S> {
    states: Vec<S>,
    kinds: Kinds,
}

impl<S: State> Groups<S> {
    pub(super) fn new(kinds: Kinds) -> Self {
        Self { states: vec![], kinds }
    }

    fn grow(&mut self, groups: usize) {
        if self.states.len() < groups {
            self.states.resize_with(groups, S::default);
        }
    }

    fn state_of(&mut self, group: usize) -> Result<&mut S> {
        self.states.get_mut(group).ok_or_else(|| Error::internal("a row has no group"))
    }
}

/// The rows that count: those whose argument is not null and whose condition is true.
fn counted(array: &ArrayRef, filter: Option<&BooleanArray>) -> Option<NullBuffer> {
    let truth = filter.map(|filter| match filter.nulls() {
        Some(nulls) => NullBuffer::new(filter.values() & nulls.inner()),
        None => NullBuffer::new(filter.values().clone()),
    });
    NullBuffer::union(array.nulls(), truth.as_ref())
}

impl<S: State> GroupsAccumulator for Groups<S> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> DataFusionResult<()> {
        self.grow(total);
        let array = only(values)?;
        let reader = Reader::<S::Input<'_>>::new(array, false)?;
        match counted(array, filter) {
            None => {
                for (row, group) in groups.iter().enumerate() {
                    self.state_of(*group)?.add(reader.at(row))?;
                }
            }
            Some(counted) => {
                for (row, group) in groups.iter().enumerate() {
                    if counted.is_valid(row) {
                        self.state_of(*group)?.add(reader.at(row))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> DataFusionResult<ArrayRef> {
        let states = emit.take_needed(&mut self.states);
        let target = self.kinds.result.arrow();
        let mut emitted = states.iter();
        Ok(S::Output::collect(states.len(), &target, |_| match emitted.next() {
            Some(state) => state.finish(&self.kinds),
            None => Ok(None),
        })?)
    }

    fn state(&mut self, emit: EmitTo) -> DataFusionResult<Vec<ArrayRef>> {
        let states = emit.take_needed(&mut self.states);
        let mut builder = BinaryBuilder::new();
        let mut bytes = vec![];
        for state in states {
            bytes.clear();
            state.encode(&mut bytes);
            builder.append_value(&bytes);
        }
        Ok(vec![Arc::new(builder.finish())])
    }

    fn merge_batch(
        &mut self,
        states: &[ArrayRef],
        groups: &[usize],
        total: usize,
    ) -> DataFusionResult<()> {
        self.grow(total);
        let states = only(states)?.as_binary_opt::<i32>().ok_or_else(unreadable)?;
        for (bytes, group) in states.iter().zip(groups) {
            if let Some(bytes) = bytes {
                let state = S::decode(bytes).ok_or_else(unreadable)?;
                self.state_of(*group)?.merge(state)?;
            }
        }
        Ok(())
    }

    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> DataFusionResult<Vec<ArrayRef>> {
        let mut each = Self::new(self.kinds.clone());
        let rows = only(values)?.len();
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let owned: usize = self.states.iter().map(S::size).sum();
        size_of::<Self>() + self.states.capacity() * size_of::<S>() + owned
    }
}
