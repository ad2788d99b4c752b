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

    /// Writes the state of a shard: all of it if `whole`, otherwise what changed since the
    /// last call.
    fn capture(&mut self, _shard: usize, _whole: bool, _writer: &mut Writer) -> Result<()> {
        Ok(())
    }

    /// Takes back what [`Operator::capture`] wrote: all of a shard, then each change of it.
    fn restore(&mut self, _shard: usize, _reader: &mut Reader<'_>) -> Result<()> {
        Err(Error::internal("an operator without state was given some"))
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
