//! Each row once for every window that holds its time.
//!
//! Windows are aligned to 2000-01-01 00:00 and shifted by an offset. Rows without a
//! time, or at an infinity, fall out; a window that begins or ends beyond what a
//! timestamp holds is a failure of its row.
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, RecordBatch, RecordBatchOptions, TimestampMicrosecondArray, UInt32Array,
};
use arrow::datatypes::{SchemaRef, TimestampMicrosecondType};

use crate::operator::{Context, Operator, only};
use crate::{Delta, Error, ErrorKind, Result};

/// 2000-01-01 00:00 in microseconds since 1970.
const ORIGIN: i128 = 946_684_800_000_000;

/// The most windows that may hold a row.
const WINDOWS_MAX: i64 = 100_000;

/// Keeps no state: a row's windows depend on its time only.
pub(crate) struct Window {
    time: usize,
    size: i64,
    slide: i64,
    /// Where windows begin, modulo `slide`.
    phase: i64,
    schema: SchemaRef,
}

impl Window {
    pub(crate) fn new(
        time: usize,
        (size, slide, offset): (i64, i64, i64),
        schema: SchemaRef,
    ) -> Result<Self> {
        let refused = |code, message| Err(Error::new(ErrorKind::Invalid, code, message));
        if size <= 0 || slide <= 0 {
            return refused("22023", "a window's size and slide must be greater than zero");
        }
        if size / slide > WINDOWS_MAX {
            return refused("54000", "a row would be in too many windows");
        }
        let phase = (ORIGIN + i128::from(offset)).rem_euclid(i128::from(slide)) as i64;
        Ok(Self { time, size, slide, phase, schema })
    }

    /// Appends the starts of the windows that hold `time`, ascending; says how many.
    fn starts(&self, time: i64, into: &mut Vec<i64>) -> Result<usize> {
        let finite = |at: Option<i64>| {
            let finite = at.filter(|at| *at != i64::MIN && *at != i64::MAX);
            finite.ok_or_else(|| Error::data("22008", "timestamp out of range"))
        };
        // How long ago the last window before `time` began.
        let since = (time.rem_euclid(self.slide) - self.phase).rem_euclid(self.slide);
        if since >= self.size {
            return Ok(0);
        }
        let last = finite(time.checked_sub(since))?;
        finite(last.checked_add(self.size))?;
        let more = (self.size - 1 - since) / self.slide;
        let first = finite(more.checked_mul(self.slide).and_then(|back| last.checked_sub(back)))?;
        let count = usize::try_from(more + 1).unwrap_or(0);
        into.extend((0..more + 1).map(|number| first + number * self.slide));
        Ok(count)
    }
}

impl Operator for Window {
    fn process(&mut self, inputs: &[Delta], context: &mut Context<'_>) -> Result<Delta> {
        let input = only(inputs)?;
        let columns = input.rows().columns();
        let times = columns
            .get(self.time)
            .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>())
            .ok_or_else(|| Error::internal("a window's time is no timestamp"))?;
        let (mut rows, mut starts) = (vec![], vec![]);
        for ((row, time), weight) in (0_u32..).zip(times).zip(input.weights_iter()) {
            let Some(time) = time.filter(|time| *time != i64::MIN && *time != i64::MAX) else {
                continue;
            };
            match self.starts(time, &mut starts) {
                Ok(count) => rows.extend(std::iter::repeat_n(row, count)),
                Err(error) => {
                    let failed = (columns, row as usize);
                    context.failures.push(context.operator, &error, failed, weight);
                }
            }
        }
        let ends = starts.iter().map(|start| start.saturating_add(self.size)).collect::<Vec<_>>();
        let delta = input.take(&UInt32Array::from(rows))?;
        let zone = times.timezone().map(Arc::<str>::from);
        let column = |times: Vec<i64>| {
            let times = TimestampMicrosecondArray::from(times).with_timezone_opt(zone.clone());
            Arc::new(times) as ArrayRef
        };
        let mut columns = delta.rows().columns().to_vec();
        columns.extend([column(starts), column(ends)]);
        let options = RecordBatchOptions::new().with_row_count(Some(delta.len()));
        let schema = SchemaRef::clone(&self.schema);
        delta.with_rows(RecordBatch::try_new_with_options(schema, columns, &options)?)
    }
}
