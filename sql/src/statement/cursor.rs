//! Cursors: queries whose rows are fetched in pieces, forward only.
use std::sync::Arc;

use arrow::array::RecordBatch;
use sqlparser::ast::{self, FetchDirection, Value, ValueWithSpan};

use crate::binder::fold;
use crate::parser::MoveCursor;
use crate::response::{OutputColumn, Response, Rows, Tag};
use crate::session::Session;
use crate::{Error, Result};

/// The most cursors of one session.
pub const CURSORS_MAX: usize = 1_000;

/// An open query.
pub(crate) struct Cursor {
    pub(crate) rows: Rows,
    /// Whether it outlives its transaction.
    pub(crate) hold: bool,
    /// Rows that were read and not yet fetched.
    rest: Option<RecordBatch>,
}

impl Cursor {
    /// Up to `count` rows more.
    async fn take(&mut self, mut count: usize) -> Result<Vec<RecordBatch>> {
        let mut taken = vec![];
        while let Some(batch) = self.piece(count).await? {
            count = count.saturating_sub(batch.num_rows());
            taken.push(batch);
        }
        Ok(taken)
    }

    /// Passes over up to `count` rows; how many there were.
    async fn pass(&mut self, count: usize) -> Result<usize> {
        let mut passed = 0_usize;
        while let Some(batch) = self.piece(count.saturating_sub(passed)).await? {
            passed = passed.saturating_add(batch.num_rows());
        }
        Ok(passed)
    }

    /// Some of the rows that are next, at most `count`; none at the end.
    async fn piece(&mut self, count: usize) -> Result<Option<RecordBatch>> {
        if count == 0 {
            return Ok(None);
        }
        let next = match self.rest.take() {
            Some(batch) => Some(batch),
            None => self.rows.next().await?,
        };
        let Some(batch) = next else { return Ok(None) };
        let now = batch.num_rows().min(count);
        if now < batch.num_rows() {
            self.rest = Some(batch.slice(now, batch.num_rows().saturating_sub(now)));
        }
        Ok(Some(batch.slice(0, now)))
    }
}

impl Session {
    /// Keeps an open query under a name.
    pub(crate) fn declare(&mut self, declare: &ast::Declare, rows: Rows) -> Result<Response> {
        let name = declare.names.first().map(fold).unwrap_or_default();
        let hold = declare.hold == Some(true);
        if !self.in_block() && !hold {
            let message = "DECLARE CURSOR can only be used in transaction blocks";
            return Err(Error::new("25P01", message));
        }
        if declare.scroll == Some(true) {
            return Err(Error::unsupported("a cursor that scrolls")
                .with_hint("Leave SCROLL out, and fetch forward."));
        }
        if self.cursors.contains_key(&name) {
            return Err(Error::new("42P03", format!("cursor \"{name}\" already exists")));
        }
        if self.cursors.len() >= CURSORS_MAX {
            return Err(Error::new("53400", "too many cursors")
                .with_detail(format!("A session can have {CURSORS_MAX}.")));
        }
        self.cursors.insert(name, Cursor { rows, hold, rest: None });
        Ok(Response::Done("DECLARE CURSOR".to_owned()))
    }

    /// FETCH
    pub(crate) async fn fetch(
        &mut self,
        name: &ast::Ident,
        direction: &FetchDirection,
    ) -> Result<Response> {
        let count = count(direction)?;
        let cursor = self.cursor(&fold(name))?;
        let columns = Arc::clone(cursor.rows.columns());
        let batches = cursor.take(count).await?;
        Ok(Response::Rows(Rows::ready(columns, batches, Tag::Counted("FETCH"))))
    }

    /// MOVE
    pub(crate) async fn move_cursor(&mut self, moved: &MoveCursor) -> Result<Response> {
        let count = count(&moved.direction)?;
        let passed = self.cursor(&fold(&moved.name))?.pass(count).await?;
        Ok(Response::Done(format!("MOVE {passed}")))
    }

    /// The cursor of this name; 34000 where there is none.
    pub(crate) fn cursor(&mut self, name: &str) -> Result<&mut Cursor> {
        self.cursors
            .get_mut(name)
            .ok_or_else(|| Error::new("34000", format!("cursor \"{name}\" does not exist")))
    }

    /// The columns of a cursor, which to the wire is a portal.
    pub fn cursor_columns(&self, name: &str) -> Option<&Arc<[OutputColumn]>> {
        self.cursors.get(name).map(|cursor| cursor.rows.columns())
    }

    /// Closes a cursor, if there is one of this name.
    pub fn forget_cursor(&mut self, name: &str) {
        self.cursors.remove(name);
    }

    /// CLOSE
    pub(crate) fn close(&mut self, cursor: &ast::CloseCursor) -> Result<Response> {
        match cursor {
            ast::CloseCursor::All => self.cursors.clear(),
            ast::CloseCursor::Specific { name } => {
                let name = fold(name);
                self.cursor(&name)?;
                self.cursors.remove(&name);
            }
        }
        Ok(Response::Done("CLOSE CURSOR".to_owned()))
    }
}

fn count(direction: &FetchDirection) -> Result<usize> {
    match direction {
        FetchDirection::Next | FetchDirection::Forward { limit: None } => Ok(1),
        FetchDirection::All | FetchDirection::ForwardAll => Ok(usize::MAX),
        FetchDirection::Count { limit } | FetchDirection::Forward { limit: Some(limit) } => {
            number(limit)
        }
        _ => Err(Error::new("55000", "cursor can only scan forward")
            .with_hint("Declare it again to read its rows again.")),
    }
}

fn number(limit: &ValueWithSpan) -> Result<usize> {
    match &limit.value {
        Value::Number(digits, _) if digits.chars().all(|digit| digit == '0') => {
            Err(Error::unsupported("FETCH or MOVE of the row where the cursor stands (0)")
                .with_hint("Fetch forward; declare the cursor again to read its rows again."))
        }
        Value::Number(digits, _) => {
            digits.parse().map_err(|_| Error::new("22003", "the number of rows is out of range"))
        }
        _ => Err(Error::new("42601", "FETCH needs a number of rows")),
    }
}
