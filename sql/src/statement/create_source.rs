//! CREATE SOURCE: a stream that a connector fills.
use super::create_stream::define_kind;
use super::definer::{Definer, Definitions};
use crate::Result;
use crate::catalog::RelationKind;
use crate::parser::CreateStream;

/// The source, its options checked against its connector's.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateStream) -> Result<Definitions> {
    // When it is made again its connector may be gone: it is then there, and stands still.
    if definer.recorded_name.is_none() {
        definer.connectors.check(&statement.options)?;
    }
    define_kind(definer, statement, RelationKind::Source)
}
