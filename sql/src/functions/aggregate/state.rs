//! What an aggregate keeps for a group.
use engine::Result;

use crate::functions::kernel::{Read, Write};
use crate::types::Type;

/// The types of a call: what a state must know to give its result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kinds {
    /// Of the arguments.
    pub(crate) arguments: Vec<Type>,
    /// Of the result.
    pub(crate) result: Type,
}

/// What is kept for a group of arguments that are not null; over none it is [`Default`].
///
/// Its result must not depend on the order in which values were added and states merged.
pub(crate) trait State: Default + Send + Sync + 'static {
    /// An argument.
    type Input<'a>: Read<'a>;
    /// The result.
    type Output: Write;

    /// Adds a value.
    fn add(&mut self, input: Self::Input<'_>) -> Result<()>;

    /// Takes away a value that was added.
    fn remove(&mut self, input: Self::Input<'_>) -> Result<()>;

    /// Adds what `other` has seen.
    fn merge(&mut self, other: Self) -> Result<()>;

    /// The result; None is null.
    fn finish(&self, kinds: &Kinds) -> Result<Option<Self::Output>>;

    /// Appends itself, so that [`State::decode`] reads it back.
    fn encode(&self, bytes: &mut Vec<u8>);

    /// Reads what [`State::encode`] wrote; None if it did not.
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Bytes it owns elsewhere.
    fn size(&self) -> usize {
        0
    }
}
