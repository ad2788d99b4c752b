//! Rows on the wire: each column in text or binary, as the client asked.
use std::sync::Arc;

use arrow::array::RecordBatch;
use sql::types::{BinaryWriter, TextStyle, TextWriter, Type};
use sql::{OutputColumn, Session};

use super::format::{Format, Formats};
use super::outbox::Outbox;

/// Adds the RowDescription of an answer.
pub(crate) fn describe(outbox: &mut Outbox, columns: &[OutputColumn], formats: &Formats) {
    outbox.put_body(b'T', |out| {
        out.extend_from_slice(&count(columns.len()).to_be_bytes());
        for (number, column) in columns.iter().enumerate() {
            let (table, attribute) = column.origin.map_or((0, 0), |(relation, attribute)| {
                (i32::try_from(relation.0).unwrap_or(0), attribute)
            });
            out.extend_from_slice(column.name.as_bytes());
            out.push(0);
            out.extend_from_slice(&table.to_be_bytes());
            out.extend_from_slice(&attribute.to_be_bytes());
            out.extend_from_slice(&column.ty.oid().to_be_bytes());
            out.extend_from_slice(&column.ty.size().to_be_bytes());
            out.extend_from_slice(&column.ty.modifier().to_be_bytes());
            let is_binary = formats.of(number) == Format::Binary;
            out.extend_from_slice(&i16::from(is_binary).to_be_bytes());
        }
    });
}

/// A number of columns as the wire has it.
pub(crate) fn count(columns: usize) -> i16 {
    i16::try_from(columns).unwrap_or(i16::MAX)
}

/// Writes batches as DataRows.
pub(crate) struct Encoder {
    columns: Arc<[OutputColumn]>,
    formats: Formats,
    style: TextStyle,
}

enum Writer {
    Text(TextWriter),
    Binary(BinaryWriter),
}

impl Writer {
    fn new(
        array: &arrow::array::ArrayRef,
        ty: &Type,
        format: Format,
        style: &TextStyle,
    ) -> sql::Result<Self> {
        Ok(match format {
            Format::Text => Writer::Text(TextWriter::new(array, ty, style)?),
            Format::Binary => Writer::Binary(BinaryWriter::new(array, ty)?),
        })
    }

    /// Appends a field behind its length; -1 and nothing for NULL.
    fn write(&self, row: usize, out: &mut Vec<u8>) {
        let null = match self {
            Writer::Text(writer) => writer.is_null(row),
            Writer::Binary(writer) => writer.is_null(row),
        };
        let start = out.len();
        out.extend_from_slice(&(-1_i32).to_be_bytes());
        if null {
            return;
        }
        match self {
            Writer::Text(writer) => writer.write(row, out),
            Writer::Binary(writer) => writer.write(row, out),
        }
        let length = i32::try_from(out.len() - start - 4).unwrap_or(i32::MAX);
        if let Some(place) = out.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }
}

impl Encoder {
    /// Rows encoded before the outbox is looked at again.
    pub(crate) const STEP_ROWS: usize = 512;

    /// An encoder for rows of these columns.
    pub(crate) fn new(columns: &Arc<[OutputColumn]>, formats: &Formats, session: &Session) -> Self {
        Self {
            columns: Arc::clone(columns),
            formats: formats.clone(),
            style: session.style(columns.iter().map(|column| &column.ty)),
        }
    }

    /// Adds a DataRow for each row of the batch.
    pub(crate) fn encode(&self, batch: &RecordBatch, outbox: &mut Outbox) -> sql::Result<()> {
        let columns = batch.columns().iter().zip(self.columns.iter()).enumerate();
        let writers = columns.map(|(number, (array, column))| {
            Writer::new(array, &column.ty, self.formats.of(number), &self.style)
        });
        let writers = writers.collect::<sql::Result<Vec<_>>>()?;
        let fields = i16::try_from(writers.len())
            .map_err(|_| sql::Error::new("54011", "an answer has too many columns"))?;
        for row in 0..batch.num_rows() {
            outbox.put_body(b'D', |out| {
                out.extend_from_slice(&fields.to_be_bytes());
                writers.iter().for_each(|writer| writer.write(row, out));
            });
        }
        Ok(())
    }
}
