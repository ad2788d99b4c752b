//! CREATE SOURCE: a stream that a connector fills.
use super::copy::Format;
use super::create_stream::{define_kind, refuse_replacing};
use super::definer::{Definer, Definitions};
use crate::catalog::RelationKind;
use crate::parser::CreateStream;
use crate::{Error, Result};

/// The source, its options checked against its connector's.
pub(crate) fn define(definer: &Definer<'_>, statement: &CreateStream) -> Result<Definitions> {
    refuse_replacing(statement, RelationKind::Source)?;
    // When it is made again its connector may be gone: it is then there, and stands still.
    if definer.recorded_name.is_none() {
        definer.connectors.check(&statement.options)?;
        Format::of_source(&statement.options)?;
    }
    let definitions = define_kind(definer, statement, RelationKind::Source)?;
    if statement.columns.iter().any(|column| {
        let is_default = |option: &sqlparser::ast::ColumnOptionDef| {
            matches!(option.option, sqlparser::ast::ColumnOption::Default(_))
        };
        column.options.iter().any(is_default)
    }) {
        return Err(Error::unsupported("a default of a source's column")
            .with_hint("Give the value in a view over the source, such as coalesce(x, 0)."));
    }
    Ok(definitions)
}
