//! Rows on the wire: each column in text or binary, as the client asked.
use std::sync::Arc;

use arrow::array::RecordBatch;
use pgwire::messages::PgWireBackendMessage as Answer;
use pgwire::messages::data::{FieldDescription, RowDescription};
use sql::types::{BinaryWriter, TextStyle, TextWriter, Type};
use sql::{OutputColumn, Session};

use super::outbox::Outbox;

/// How a column's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Binary,
}

/// The format of column `number`: none given means text, one given means it for all.
pub(crate) fn format(codes: &[i16], number: usize) -> Format {
    let code = match codes {
        [one] => Some(one),
        codes => codes.get(number),
    };
    if code == Some(&1) { Format::Binary } else { Format::Text }
}

/// The RowDescription of an answer.
pub(crate) fn describe(columns: &[OutputColumn], formats: &[i16]) -> Answer {
    let field = |(number, column): (usize, &OutputColumn)| {
        let (table, attribute) = column.origin.map_or((0, 0), |(relation, attribute)| {
            (i32::try_from(relation.0).unwrap_or(0), attribute)
        });
        FieldDescription::new(
            column.name.clone(),
            table,
            attribute,
            column.ty.oid(),
            column.ty.size(),
            column.ty.modifier(),
            i16::from(format(formats, number) == Format::Binary),
        )
    };
    Answer::RowDescription(RowDescription::new(columns.iter().enumerate().map(field).collect()))
}

/// Writes batches as DataRows.
pub(crate) struct Encoder {
    columns: Arc<[OutputColumn]>,
    formats: Vec<Format>,
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
    pub(crate) fn new(columns: &Arc<[OutputColumn]>, formats: &[i16], session: &Session) -> Self {
        Self {
            columns: Arc::clone(columns),
            formats: (0..columns.len()).map(|number| format(formats, number)).collect(),
            style: session.style(columns.iter().map(|column| &column.ty)),
        }
    }

    /// Adds a DataRow for each row of the batch.
    pub(crate) fn encode(&self, batch: &RecordBatch, outbox: &mut Outbox) -> sql::Result<()> {
        let writers = batch
            .columns()
            .iter()
            .zip(self.columns.iter())
            .zip(&self.formats)
            .map(|((array, column), format)| Writer::new(array, &column.ty, *format, &self.style))
            .collect::<sql::Result<Vec<_>>>()?;
        let fields = i16::try_from(writers.len())
            .map_err(|_| sql::Error::new("54011", "an answer has too many columns"))?;
        for row in 0..batch.num_rows() {
            outbox.put_row(fields, |out| {
                writers.iter().for_each(|writer| writer.write(row, out));
                Ok::<(), sql::Error>(())
            })?;
        }
        Ok(())
    }
}
