//! A plain view: its query stands where its name was used.
use std::sync::Arc;

use super::Binder;
use super::from::Item;
use super::query::Rows;
use crate::catalog::Relation;
use crate::parser::parse_query;
use crate::{Error, Result};

/// The deepest chain of views over views.
pub const VIEW_DEPTH_MAX: usize = 32;

impl Binder<'_> {
    /// The rows of a view, bound from its text under its own search path, with none of the
    /// names around its use.
    pub(super) fn view(&mut self, view: &Arc<Relation>) -> Result<Item> {
        if self.views >= VIEW_DEPTH_MAX {
            return Err(Error::new("54001", "statement is too complex")
                .with_detail(format!("Views are nested more than {VIEW_DEPTH_MAX} deep.")));
        }
        let rows = self.view_rows(view).map_err(|error| placeless(&error))?;
        if rows.columns.len() != view.columns.len() {
            let message = format!("view \"{}\" has other columns than its query", view.name);
            return Err(Error::internal(message));
        }
        let mut rows = rows;
        for (output, column) in rows.columns.iter_mut().zip(&view.columns) {
            output.name.clone_from(&column.name);
        }
        let mut item = self.of_rows(rows, &view.name, &[], sqlparser::tokenizer::Span::empty())?;
        for table in &mut item.scope.tables {
            table.schema = Some(view.schema.clone());
        }
        Ok(item)
    }

    fn view_rows(&mut self, view: &Relation) -> Result<Rows> {
        let text = view.query.as_deref().unwrap_or_default();
        let query = parse_query(text)?;
        let frames = std::mem::take(&mut self.frames);
        let with = std::mem::take(&mut self.with);
        let path = std::mem::replace(&mut self.search_path, view.search_path.clone());
        let allowed = std::mem::replace(&mut self.parameters_allowed, false);
        self.views += 1;
        let bound = self.query(&query);
        self.views -= 1;
        self.parameters_allowed = allowed;
        self.search_path = path;
        self.with = with;
        self.frames = frames;
        bound
    }
}

/// The error without its place, which was one in the view's text.
fn placeless(error: &Error) -> Error {
    let mut own = Error::new(error.code(), error.message());
    if let Some(detail) = error.detail() {
        own = own.with_detail(detail);
    }
    if let Some(hint) = error.hint() {
        own = own.with_hint(hint);
    }
    own
}
