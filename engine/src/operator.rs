//! What an operator is: synchronous, small, without any state but its state tables.
//!
//! **Invariant:** an operator never awaits, never reads a clock, never sees a
//! checkpoint. Its state is all in memory, so there is nothing to name before
//! [`Operator::process`]; time comes to it as rows.
use rayon::ThreadPool;
use storage::Tick;

use crate::expression::Failures;
use crate::state::record::{Reader, Writer};
use crate::{Delta, Error, Result};

/// What keeps one node of a plan true.
pub(crate) trait Operator: Send {
    /// Folds the deltas of one tick, one for each port (empty where nothing came), and
    /// says what changes in the output.
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta>;

    /// What stands before any input came, if anything does.
    fn start(&mut self, _context: &mut Context<'_>) -> Result<Option<Delta>> {
        Ok(None)
    }

    /// From now on notes what changes in a shard's state; what is there counts as written
    /// down, or is to be.
    fn track(&mut self, _shard: usize, _written: bool) {}

    /// Writes what has changed in a shard's state since it was written, until the writer is
    /// full. If it is not, all was written: the state is what was written up to now.
    fn capture(&mut self, _shard: usize, _writer: &mut Writer) -> Result<()> {
        Ok(())
    }

    /// Takes back what [`Operator::capture`] wrote, in the same order.
    fn restore(&mut self, _shard: usize, _reader: &mut Reader<'_>) -> Result<()> {
        Err(Error::internal("an operator without state was given some"))
    }

    /// How much of its state is to be written, about.
    fn unwritten(&self) -> usize {
        0
    }

    /// Bytes of its state, table by table.
    fn state_bytes(&self) -> Vec<(&'static str, usize)> {
        vec![]
    }
}

/// What surrounds an operator while it works.
pub(crate) struct Context<'a> {
    /// The tick that is computed.
    #[expect(dead_code, reason = "operators over time will read it")]
    pub(crate) tick: Tick,
    /// The operator's number in the plan.
    pub(crate) operator: i32,
    /// Where large deltas are spread; absent: in this thread.
    pub(crate) pool: Option<&'a ThreadPool>,
    /// The second output.
    pub(crate) failures: &'a mut Failures,
}

/// The delta of an operator's only port.
pub(crate) fn only(inputs: &[Delta]) -> Result<&Delta> {
    match inputs {
        [input] => Ok(input),
        _ => Err(Error::internal("an operator has another number of ports")),
    }
}
