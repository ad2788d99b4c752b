//! COPY … FROM STDIN while its data come in.
//!
//! Into a table all rows are one transaction, up to the limit of one. Into a stream,
//! outside a block, rows are committed as they come, and an error says how many stay.
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::logical_expr::Expr;
use engine::Pending;
use engine::commit::{Change, Commit, OnConflict};

use super::decoder::{Decoder, Record};
use super::{Format, Header};
use crate::cancel::Running;
use crate::catalog::Relation;
use crate::database::Database;
use crate::statement::constraint::check_not_null;
use crate::statement::insert::strict;
use crate::statement::target::own_columns;
use crate::statement::values;
use crate::timer::Deadline;
use crate::types::{ColumnBuilder, TextStyle};
use crate::{Error, Result};

/// Rows that are made one batch.
pub const COPY_BATCH_ROWS: usize = 8_192;

/// Takes the data; `Session::finish_copy` ends it.
pub struct CopyIn {
    pub(super) relation: Arc<Relation>,
    /// The columns that a line has, by number.
    pub(super) columns: Vec<usize>,
    /// What the other columns are, by number.
    pub(super) defaults: Vec<(usize, Expr)>,
    pub(super) format: Format,
    pub(super) decoder: Decoder,
    pub(super) builders: Vec<ColumnBuilder>,
    pub(super) pending: usize,
    pub(super) style: TextStyle,
    pub(super) target: Target,
    pub(super) rows: u64,
    pub(super) running: Running,
    /// Kept, so that the time limit holds until the end.
    pub(super) _deadline: Option<Arc<Deadline>>,
    /// The first error: nothing is taken after it.
    pub(super) failed: Option<Error>,
}

/// Where rows go as they come.
pub(super) enum Target {
    /// They wait for the end.
    Transaction(Vec<RecordBatch>),
    /// They are committed at once; the last commit may be under way.
    Stream { database: Arc<Database>, under_way: Option<(Pending, u64)>, stay: u64 },
}

impl CopyIn {
    /// How many columns a line has, for the wire's CopyInResponse; all are text.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Takes a piece of the data, of any size. Into a stream, rows may be committed here.
    /// After an error the rest must be thrown away and the error told to the client.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.take(bytes).await {
            Ok(()) => Ok(()),
            Err(error) => Err(self.note(error).await),
        }
    }

    async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.running.check()?;
        self.decoder.push(bytes);
        self.records(false).await
    }

    /// Takes the last record and hands over what is left; gives the batches that wait for
    /// the transaction.
    pub(super) async fn end(mut self) -> Result<(Arc<Relation>, Vec<RecordBatch>, u64)> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if let Err(error) = self.last().await {
            return Err(self.note(error).await);
        }
        let rows = self.rows;
        match self.target {
            Target::Transaction(batches) => Ok((self.relation, batches, rows)),
            Target::Stream { .. } => Ok((self.relation, vec![], rows)),
        }
    }

    async fn last(&mut self) -> Result<()> {
        self.records(true).await?;
        self.batch().await?;
        self.settle().await
    }

    /// The error of a COPY that the client gave up.
    pub(crate) async fn given_up(mut self, reason: &str) -> Error {
        let error = Error::new("57014", format!("COPY from stdin failed: {reason}"));
        let error = self.at_line(error, self.decoder.line());
        self.note(error).await
    }

    async fn records(&mut self, last: bool) -> Result<()> {
        loop {
            while self.block()? {
                if self.pending >= COPY_BATCH_ROWS {
                    self.batch().await?;
                }
            }
            let line = self.decoder.line();
            let table = &self.relation.name;
            let next = self.decoder.next(last).map_err(|error| at_line(error, table, line))?;
            let Some(record) = next else { return Ok(()) };
            let names =
                Names { format: &self.format, relation: &self.relation, columns: &self.columns };
            if record.header {
                if self.format.header == Header::Match {
                    names.check_header(&record)?;
                }
                continue;
            }
            names.append(&record, &mut self.builders)?;
            self.pending += 1;
            self.rows += 1;
            if self.pending >= COPY_BATCH_ROWS {
                self.batch().await?;
            }
        }
    }

    /// Takes many records at once, if they can be.
    fn block(&mut self) -> Result<bool> {
        let most = COPY_BATCH_ROWS - self.pending;
        let Some(block) = self.decoder.block(self.builders.len(), most) else { return Ok(false) };
        let mut first: Option<(usize, usize, Error)> = None;
        for (place, builder) in self.builders.iter_mut().enumerate() {
            builder.append_texts(block.column(place), &mut |record, error| {
                if first.as_ref().is_none_or(|(before, ..)| record < *before) {
                    first = Some((record, place, error));
                }
            });
        }
        if let Some((record, place, error)) = first {
            let names =
                Names { format: &self.format, relation: &self.relation, columns: &self.columns };
            let line = block.line() + record as u64;
            return Err(names.wrong_value(error, (line, place), block.field(record, place)));
        }
        self.pending += block.len();
        self.rows += block.len() as u64;
        Ok(true)
    }

    /// Makes the rows at hand a batch and hands it on.
    async fn batch(&mut self) -> Result<()> {
        if self.pending == 0 {
            return Ok(());
        }
        let count = std::mem::take(&mut self.pending);
        let mut given: Vec<ArrayRef> = vec![];
        for builder in &mut self.builders {
            given.push(builder.finish());
        }
        let own = own_columns(&self.relation);
        let mut columns: Vec<ArrayRef> = vec![];
        for place in 0..own.len() {
            let source = self.columns.iter().position(|other| *other == place);
            if let Some(array) = source.and_then(|source| given.get(source)) {
                columns.push(Arc::clone(array));
            } else if let Some((_, default)) = self.defaults.iter().find(|(at, _)| *at == place) {
                columns.push(values::repeated(default, count)?);
            }
        }
        check_not_null(&self.relation, &own, &columns, &self.style)
            .map_err(|error| self.at_line(error, self.decoder.line().saturating_sub(1)))?;
        let fields = own.iter().map(|column| column.ty.field(&column.name, true));
        let schema = arrow::datatypes::Schema::new(fields.collect::<Vec<_>>());
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let rows = RecordBatch::try_new_with_options(Arc::new(schema), columns, &options)?;
        self.hand_on(strict(&self.relation, rows)?).await
    }

    async fn hand_on(&mut self, rows: RecordBatch) -> Result<()> {
        self.settle().await?;
        let relation = self.relation.id;
        match &mut self.target {
            Target::Transaction(batches) => batches.push(rows),
            Target::Stream { database, under_way, .. } => {
                let count = rows.num_rows() as u64;
                let change = Change::Insert { relation, rows, conflict: OnConflict::Error };
                let commit = Commit { changes: vec![change], ..Commit::default() };
                *under_way = Some((database.engine().commit(commit), count));
            }
        }
        Ok(())
    }

    /// Waits for the commit that is under way.
    async fn settle(&mut self) -> Result<()> {
        if let Target::Stream { under_way, stay, .. } = &mut self.target
            && let Some((pending, count)) = under_way.take()
        {
            pending.await?;
            *stay = stay.saturating_add(count);
        }
        Ok(())
    }

    fn at_line(&self, error: Error, line: u64) -> Error {
        at_line(error, &self.relation.name, line)
    }

    /// Keeps the error. The rows that it says stay are there when it is told.
    async fn note(&mut self, error: Error) -> Error {
        // Where the last commit failed, that is what went wrong first.
        let error = self.settle().await.err().unwrap_or(error);
        let error = self.explained(error);
        self.failed = Some(error.clone());
        error
    }

    /// The error with how many rows stay, where some do.
    fn explained(&self, error: Error) -> Error {
        match &self.target {
            Target::Stream { stay, .. } => {
                let stay = format!("The first {stay} rows were committed and stay.");
                match error.detail().map(str::to_owned) {
                    Some(detail) => error.with_detail(format!("{detail} {stay}")),
                    None => error.with_detail(stay),
                }
            }
            Target::Transaction(_) => error,
        }
    }
}

fn at_line(error: Error, table: &str, line: u64) -> Error {
    error.with_context(format!("COPY {table}, line {line}"))
}

/// The columns of a line, for records and for what is wrong with them.
struct Names<'a> {
    format: &'a Format,
    relation: &'a Relation,
    columns: &'a [usize],
}

impl Names<'_> {
    fn append(&self, record: &Record<'_>, builders: &mut [ColumnBuilder]) -> Result<()> {
        let (table, line) = (&self.relation.name, record.line);
        let wrong = |message: String| at_line(Error::new("22P04", message), table, line);
        if record.len() > self.columns.len() {
            return Err(wrong("extra data after last expected column".to_owned()));
        }
        for (place, builder) in builders.iter_mut().enumerate() {
            let text = match record.field(place) {
                Some(Some(text)) => text,
                Some(None) => {
                    builder.append_null();
                    continue;
                }
                None => {
                    let name = self.name(place);
                    return Err(wrong(format!("missing data for column \"{name}\"")));
                }
            };
            let wrong = |error| self.wrong_value(error, (line, place), text);
            builder.append_text(text).map_err(wrong)?;
        }
        Ok(())
    }

    /// The error of a value on a line, for the column at a place.
    fn wrong_value(&self, error: Error, (line, place): (u64, usize), text: &str) -> Error {
        let (table, name) = (&self.relation.name, self.name(place));
        error.with_context(format!("COPY {table}, line {line}, column {name}: \"{text}\""))
    }

    /// Fails with 22P04 where the header does not name the columns of a line, in their order.
    fn check_header(&self, record: &Record<'_>) -> Result<()> {
        let (given, expected) = (record.len(), self.columns.len());
        let count =
            format!("wrong number of fields in header line: got {given}, expected {expected}");
        let name = |place: usize| self.name(place);
        let wrong = record.fields().enumerate().find(|(place, given)| *given != Some(name(*place)));
        let message = match wrong {
            _ if given != expected => count,
            None => return Ok(()),
            Some((place, given)) => {
                let (number, null) = (place + 1, &self.format.null);
                let got = match given {
                    Some(given) => format!("got \"{given}\""),
                    None => format!("got null value (\"{null}\")"),
                };
                let expected = name(place);
                format!(
                    "column name mismatch in header line field {number}: {got}, expected \"{expected}\""
                )
            }
        };
        Err(at_line(Error::new("22P04", message), &self.relation.name, record.line))
    }

    fn name(&self, place: usize) -> &str {
        let column = self.columns.get(place).and_then(|place| self.relation.columns.get(*place));
        column.map_or("", |column| column.name.as_str())
    }
}
