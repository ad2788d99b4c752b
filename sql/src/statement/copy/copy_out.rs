//! COPY … TO STDOUT.
use std::sync::Arc;

use arrow::array::RecordBatch;
use futures::StreamExt;
use futures::stream::BoxStream;
use sqlparser::ast::{self, SelectItem};

use super::encoder::Encoder;
use super::{Format, names_of};
use crate::binder::Binder;
use crate::parser::{Copy, CopySource};
use crate::response::{OutputColumn, Response, Tag};
use crate::statement::names::SessionNames;
use crate::statement::query::Query;
use crate::statement::target::{column_of, quoted, select};
use crate::statement::work::Work;
use crate::types::{TextStyle, TextWriter};
use crate::{Error, Result, binder};

/// The data, one piece of many lines at a time.
pub struct CopyOut {
    columns: usize,
    pieces: BoxStream<'static, Result<CopyPiece>>,
    rows: u64,
}

/// Lines of a COPY, the line ends with them.
#[derive(Clone, Debug, Default)]
pub struct CopyPiece {
    bytes: Vec<u8>,
    /// Where each record ends: a CSV record may have many lines.
    ends: Vec<usize>,
    is_header: bool,
}

impl CopyPiece {
    /// The records one by one.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.bytes.get(start..*end))
    }
}

impl CopyOut {
    /// How many columns a line has, for the wire's CopyOutResponse; all are text.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The bytes of the next piece; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        Ok(self.next_piece().await?.map(|piece| piece.bytes))
    }

    /// The next piece; `None` after the last.
    pub async fn next_piece(&mut self) -> Result<Option<CopyPiece>> {
        let next = self.pieces.next().await.transpose();
        if !matches!(next, Ok(Some(_))) {
            self.pieces = futures::stream::empty().boxed();
        }
        let Some(piece) = next? else { return Ok(None) };
        let rows = if piece.is_header { 0 } else { piece.ends.len() as u64 };
        self.rows = self.rows.saturating_add(rows);
        Ok(Some(piece))
    }

    /// What to say after the last piece: `COPY` with the number of rows.
    pub fn tag(&self) -> String {
        format!("COPY {}", self.rows)
    }
}

/// A bound COPY … TO.
pub(crate) struct CopyQuery {
    pub(crate) query: Query,
    format: Format,
}

impl CopyQuery {
    /// Binds it.
    pub(crate) fn bind(binder: &mut Binder<'_>, names: &SessionNames, copy: &Copy) -> Result<Self> {
        let written = match &copy.source {
            CopySource::Query(query) => query.clone(),
            CopySource::Table { name, columns } => all_of(names, name, columns)?,
        };
        let query = Query::bind(binder, &written, names.catalog())?;
        let columns: Vec<String> = query.columns.iter().map(|column| column.name.clone()).collect();
        let format = Format::of(&copy.options, &columns, false)?;
        Ok(Self { query, format })
    }

    /// Starts it.
    pub(crate) fn run(&self, work: &mut Work<'_>) -> Result<Response> {
        let rows = self.query.run(work, Tag::Counted("COPY"))?;
        let columns = Arc::clone(rows.columns());
        let encoder = Encoder::new(self.format.clone());
        let mut header = vec![];
        encoder.header(columns.iter().map(|column| column.name.as_str()), &mut header);
        let style = work.environment_with_names().style;
        let width = columns.len();
        let first = (!header.is_empty()).then(|| {
            let ends = vec![header.len()];
            Ok(CopyPiece { bytes: header, ends, is_header: true })
        });
        let state = Some((rows, encoder, columns, style));
        let pieces = futures::stream::unfold(state, |state| async move {
            let (mut rows, encoder, columns, style) = state?;
            let batch = match rows.next().await {
                Ok(batch) => batch?,
                Err(error) => return Some((Err(error), None)),
            };
            let piece = lines(&encoder, &columns, &batch, &style);
            Some((piece, Some((rows, encoder, columns, style))))
        });
        let pieces = futures::stream::iter(first).chain(pieces).boxed();
        Ok(Response::CopyOut(CopyOut { columns: width, pieces, rows: 0 }))
    }
}

fn lines(
    encoder: &Encoder,
    columns: &[OutputColumn],
    batch: &RecordBatch,
    style: &TextStyle,
) -> Result<CopyPiece> {
    let writers = columns.iter().zip(batch.columns());
    let writers: Vec<TextWriter> =
        writers.map(|(c, array)| TextWriter::new(array, &c.ty, style)).collect::<Result<_>>()?;
    let mut piece = CopyPiece::default();
    let mut texts: Vec<Option<String>> = vec![];
    for row in 0..batch.num_rows() {
        texts.clear();
        for writer in &writers {
            let mut text = vec![];
            let is_null = writer.is_null(row);
            if !is_null {
                writer.write(row, &mut text);
            }
            let text = String::from_utf8(text).map_err(|_| Error::internal("text is not UTF8"))?;
            texts.push((!is_null).then_some(text));
        }
        encoder.record(texts.iter().map(Option::as_deref), &mut piece.bytes);
        piece.ends.push(piece.bytes.len());
    }
    Ok(piece)
}

fn all_of(
    names: &SessionNames,
    name: &ast::ObjectName,
    columns: &[ast::Ident],
) -> Result<Box<ast::Query>> {
    let relation = names_of(names, name)?;
    let mut items = vec![];
    for column in columns {
        let wanted = binder::fold(column);
        if relation.column(&wanted).is_none() {
            let message =
                format!("column \"{wanted}\" of relation \"{}\" does not exist", relation.name);
            return Err(Error::new("42703", message).at(column.span));
        }
        items.push(SelectItem::UnnamedExpr(column_of(&relation.name, &wanted)));
    }
    if columns.is_empty() {
        let all = relation.visible().map(|(_, c)| column_of(&relation.name, &c.name));
        items = all.map(SelectItem::UnnamedExpr).collect();
    }
    let from = format!("{}.{}", quoted(&relation.schema), quoted(&relation.name));
    select(items, &from)
}
