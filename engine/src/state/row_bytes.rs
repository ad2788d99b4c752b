//! Whole rows as bytes, exact to the bit, and back.
use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use arrow::row::{RowConverter, Rows, SortField};

use crate::Result;

/// Makes bytes of the rows of one schema.
#[derive(Debug)]
pub(crate) struct RowBytes {
    converter: RowConverter,
    width: usize,
}

/// The rows of a batch as bytes.
#[derive(Debug)]
pub(crate) struct Encoded(Option<Rows>);

impl RowBytes {
    /// In the order in which these fields sort, if that matters.
    pub(crate) fn sorted(fields: Vec<SortField>) -> Result<Self> {
        let width = fields.len();
        Ok(Self { converter: RowConverter::new(fields)?, width })
    }

    /// For rows of these types.
    pub(crate) fn new(types: impl Iterator<Item = DataType>) -> Result<Self> {
        Self::sorted(types.map(SortField::new).collect())
    }

    /// The rows of `columns`.
    pub(crate) fn encode(&self, columns: &[ArrayRef]) -> Result<Encoded> {
        if self.width == 0 {
            return Ok(Encoded(None));
        }
        Ok(Encoded(Some(self.converter.convert_columns(columns)?)))
    }

    /// The columns of rows that were encoded before.
    pub(crate) fn decode<'a>(&self, rows: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let parser = self.converter.parser();
        let rows: Vec<&[u8]> = rows.collect();
        Ok(self.converter.convert_rows(rows.iter().map(|bytes| parser.parse(bytes)))?)
    }
}

impl Encoded {
    /// The bytes of a row.
    pub(crate) fn get(&self, row: u32) -> &[u8] {
        self.0.as_ref().map_or(&[], |rows| rows.row(row as usize).data())
    }
}
