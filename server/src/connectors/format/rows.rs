//! Bytes of files as batches of rows.
//!
//! A record that cannot be read goes to the error relation with its place; the records
//! around it are not touched.
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Schema;
use sql::Error;
use sql::catalog::Relation;
use sql::statement::copy::{Decoder, Format, Header};

use super::order::Order;
use super::rejects::{Fault, Rejects};
use super::shape::{Column, Shape, append_block};

/// Rows of one batch.
pub(crate) const BATCH_ROWS_MAX: usize = 32_768;

/// Bytes of input that one batch is made of.
pub(crate) const BATCH_BYTES_MAX: u64 = 8 << 20;

/// Records of one batch that could not be read.
pub(crate) const BATCH_REJECTED_MAX: usize = 4_096;

/// The longest record.
pub(crate) const RECORD_BYTES_MAX: usize = 16 << 20;

/// Reads the records of a source's files, one file at a time.
pub(crate) struct Reader {
    decoder: Decoder,
    shape: Shape,
    /// Whether each file names its columns.
    has_header: bool,
    /// Where the file at hand has its columns; none before its header was read.
    order: Option<Arc<Order>>,
    columns: Vec<Column>,
    schema: Arc<Schema>,
    /// Rows appended to the columns, the wrong ones among them included.
    rows: usize,
    /// Rows that are wrong, by number.
    wrong: Vec<usize>,
    rejects: Rejects,
    file: String,
    /// Where the batch at hand began.
    begun: u64,
}

/// A batch, and what was rejected on the way; `None` where there is none.
pub(crate) type Batches = (Option<RecordBatch>, Option<RecordBatch>);

impl Reader {
    /// A reader for the format that the source's options name.
    pub(crate) fn new(source: &Relation) -> sql::Result<Self> {
        let format = Format::of_source(&source.options)?;
        let has_header = format.as_ref().is_some_and(|format| format.header != Header::None);
        let (decoder, shape) = match format {
            Some(format) => (Decoder::of_file(format, RECORD_BYTES_MAX), Shape::Csv),
            None => (Decoder::of_lines(RECORD_BYTES_MAX), Shape::Json),
        };
        let own = || source.visible().map(|(_, column)| column);
        let fields = own().map(|column| column.ty.field(&column.name, true));
        Ok(Self {
            decoder,
            shape,
            has_header,
            order: None,
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            columns: own().map(|column| Column::new(column, BATCH_ROWS_MAX)).collect(),
            rows: 0,
            wrong: vec![],
            rejects: Rejects::default(),
            file: String::new(),
            begun: 0,
        })
    }

    /// Goes on in a file behind a record that ended at `offset`, before `line`; what was not
    /// taken is forgotten. `order` is what [`Reader::order`] told of this file, if it was
    /// begun before.
    pub(crate) fn resume(
        &mut self,
        file: &str,
        (offset, line): (u64, u64),
        order: Option<Arc<Order>>,
    ) {
        self.file.clear();
        self.file.push_str(file);
        self.decoder.resume(offset, line);
        self.begun = offset;
        self.order = match self.has_header {
            true => order.filter(|_| offset > 0),
            false => Some(Arc::new(Order::declared(&names(&self.columns)))),
        };
        // What was read where a file could not be read on is read again.
        self.rows = 0;
        self.wrong.clear();
        self.rejects = Rejects::default();
        self.columns.iter_mut().for_each(|column| drop(column.builder.finish()));
    }

    /// Takes the bytes that follow.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.decoder.push(bytes);
    }

    /// Where the next record begins: its byte, its line.
    pub(crate) fn place(&self) -> (u64, u64) {
        (self.decoder.offset(), self.decoder.line())
    }

    /// Where the file has its columns; none before its header was read.
    pub(crate) fn order(&self) -> Option<&Arc<Order>> {
        self.order.as_ref()
    }

    /// Reads the header, if the file's begins here; `true` when that is done. `last` says that
    /// the file has ended.
    pub(crate) fn read_header(&mut self, last: bool) -> sql::Result<bool> {
        if self.order.is_some() {
            return Ok(true);
        }
        let Some(record) = self.decoder.next(last)? else { return Ok(false) };
        let order = Order::named(&record, &names(&self.columns), &self.file)?;
        self.order = Some(Arc::new(order));
        Ok(true)
    }

    /// Reads what is whole; `true` when the batch is full and must be taken first. `last`
    /// says that the file has ended.
    ///
    /// # Errors
    /// What is wrong with the header: then nothing in the file can be read.
    pub(crate) fn read(&mut self, last: bool) -> sql::Result<bool> {
        if !self.read_header(last)? {
            return Ok(false);
        }
        let Some(order) = self.order.clone() else { return Ok(false) };
        while !self.is_full() {
            if self.read_block(&order) {
                continue;
            }
            match self.decoder.next(last) {
                Ok(None) => return Ok(false),
                Ok(Some(record)) => {
                    let blank = self.shape == Shape::Json
                        && record.field(0).flatten().is_some_and(|text| text.trim().is_empty());
                    if blank {
                        continue;
                    }
                    let (appended, outcome) = self.shape.append(&record, &order, &mut self.columns);
                    if let Err(fault) = outcome {
                        self.wrong.extend((appended > 0).then_some(self.rows));
                        self.reject(&fault);
                    }
                    self.rows += appended;
                }
                Err(error) => self.reject(&Fault::from(error)),
            }
        }
        Ok(true)
    }

    /// Reads many records at once, if they can be.
    fn read_block(&mut self, order: &Order) -> bool {
        let most = (BATCH_ROWS_MAX - self.rows).min(BATCH_REJECTED_MAX - self.rejects.len());
        let Some(block) = self.decoder.block(order.width(), most) else { return false };
        for (row, fault) in append_block(&block, order, &mut self.columns) {
            self.wrong.push(self.rows + row);
            self.rejects.push(&fault, &block.taken(row), &self.file);
        }
        self.rows += block.len();
        true
    }

    fn reject(&mut self, fault: &Fault) {
        self.rejects.push(fault, &self.decoder.taken(), &self.file);
    }

    fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS_MAX
            || self.rejects.len() >= BATCH_REJECTED_MAX
            || self.decoder.offset().saturating_sub(self.begun) >= BATCH_BYTES_MAX
    }

    /// The rows up to [`Reader::place`].
    pub(crate) fn take(&mut self) -> sql::Result<Batches> {
        let count = std::mem::take(&mut self.rows);
        self.begun = self.decoder.offset();
        let rejected = self.rejects.finish()?;
        let columns = self.columns.iter_mut().map(|column| column.builder.finish()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let rows = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?;
        let rows = without(&rows, &std::mem::take(&mut self.wrong))?;
        Ok(((rows.num_rows() > 0).then_some(rows), rejected))
    }
}

fn names(columns: &[Column]) -> Vec<&str> {
    columns.iter().map(|column| column.name.as_str()).collect()
}

fn without(rows: &RecordBatch, wrong: &[usize]) -> sql::Result<RecordBatch> {
    if wrong.is_empty() {
        return Ok(rows.clone());
    }
    let mut keep = vec![true; rows.num_rows()];
    for number in wrong {
        let slot = keep.get_mut(*number);
        *slot.ok_or_else(|| Error::internal("a wrong row is not there"))? = false;
    }
    Ok(filter_record_batch(rows, &BooleanArray::from(keep))?)
}
