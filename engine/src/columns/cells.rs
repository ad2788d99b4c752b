//! A column's cells, borrowed, of which any two can be compared.
//!
//! NULLs are equal to one another here, since rows are compared, not SQL expressions;
//! who means `=` leaves NULLs out first. Cell numbers must be within the column.
#![expect(clippy::indexing_slicing, reason = "cell numbers come from the column's own length")]
use std::ops::Range;

use arrow::datatypes::IntervalMonthDayNano;
use arrow::util::bit_chunk_iterator::UnalignedBitChunk;

use super::{Builder, Column};

/// Bits of a bitmap, from an offset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) offset: usize,
}

impl Bits<'_> {
    /// Whether bit `row` is set.
    #[inline]
    pub(crate) fn get(self, row: usize) -> bool {
        let bit = self.offset + row;
        self.bytes[bit / 8] & (1 << (bit % 8)) != 0
    }

    /// How many of these bits are set.
    pub(crate) fn count(self, rows: &Range<usize>) -> usize {
        UnalignedBitChunk::new(self.bytes, self.offset + rows.start, rows.len()).count_ones()
    }
}

/// Values by physical kind: dates are int32; times and timestamps int64; numerics int128.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cells<'a> {
    Boolean(Bits<'a>),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Int128(&'a [i128]),
    Interval(&'a [IntervalMonthDayNano]),
    /// Strings or byte strings: cell `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    Bytes {
        offsets: &'a [i32],
        bytes: &'a [u8],
    },
    Fixed16(&'a [[u8; 16]]),
    List {
        offsets: &'a [i32],
        items: Items<'a>,
    },
}

/// Where a list's items are: in a column or in one that still grows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Items<'a> {
    Column(&'a Column),
    Builder(&'a Builder),
}

impl<'a> Items<'a> {
    /// The cells of all items.
    pub(crate) fn view(self) -> View<'a> {
        match self {
            Items::Column(column) => column.view(),
            Items::Builder(builder) => builder.view(),
        }
    }
}

/// A column's cells with its NULLs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) cells: Cells<'a>,
    /// Set where a cell is not NULL; absent when none is.
    pub(crate) valid: Option<Bits<'a>>,
}

impl<'a> View<'a> {
    /// Whether cell `row` is NULL.
    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.valid.is_some_and(|valid| !valid.get(row))
    }

    /// Whether two cells are equal as PostgreSQL compares them: NaN equals NaN, -0 equals 0,
    /// a month equals 30 days.
    #[inline]
    pub(crate) fn equal(&self, row: usize, other: &View<'_>, other_row: usize) -> bool {
        match (self.is_null(row), other.is_null(other_row)) {
            (false, false) => self.cells.equal(row, &other.cells, other_row),
            (one, two) => one == two,
        }
    }

    /// Whether two cells are equal and also look the same.
    #[inline]
    pub(crate) fn identical(&self, row: usize, other: &View<'_>, other_row: usize) -> bool {
        match (self.is_null(row), other.is_null(other_row)) {
            (false, false) => self.cells.identical(row, &other.cells, other_row),
            (one, two) => one == two,
        }
    }
}

impl View<'_> {
    /// What [`View::varying`] says of all cells together.
    pub(crate) fn varying_of_all(&self) -> usize {
        match self.cells {
            Cells::Bytes { offsets, .. } | Cells::List { offsets, .. } => {
                self.varying(0..offsets.len().saturating_sub(1))
            }
            _ => 0,
        }
    }

    /// The bytes of the cells `rows`, or items if these are more, where their length varies
    /// from cell to cell; else zero.
    pub(crate) fn varying(&self, rows: std::ops::Range<usize>) -> usize {
        match self.cells {
            Cells::Bytes { offsets, .. } => (offsets[rows.end] - offsets[rows.start]) as usize,
            Cells::List { offsets, items } => {
                let span = offsets[rows.start] as usize..offsets[rows.end] as usize;
                span.len().max(items.view().varying(span))
            }
            _ => 0,
        }
    }
}

/// A range of offsets as a range of cells.
#[inline]
pub(crate) fn span(offsets: &[i32], row: usize) -> (usize, usize) {
    (offsets[row] as usize, offsets[row + 1] as usize)
}

impl<'a> Cells<'a> {
    /// The bytes of a string or a byte string; nothing for other kinds.
    #[inline]
    pub(crate) fn bytes_at(&self, row: usize) -> &'a [u8] {
        match self {
            Cells::Bytes { offsets, bytes } => {
                let (from, to) = span(offsets, row);
                &bytes[from..to]
            }
            _ => &[],
        }
    }

    #[inline]
    fn equal(&self, row: usize, other: &Cells<'_>, other_row: usize) -> bool {
        match (self, other) {
            (Cells::Float32(a), Cells::Float32(b)) => {
                let (a, b) = (a[row], b[other_row]);
                a == b || (a.is_nan() && b.is_nan())
            }
            (Cells::Float64(a), Cells::Float64(b)) => {
                let (a, b) = (a[row], b[other_row]);
                a == b || (a.is_nan() && b.is_nan())
            }
            (Cells::Interval(a), Cells::Interval(b)) => {
                interval_span(&a[row]) == interval_span(&b[other_row])
            }
            (Cells::List { .. }, Cells::List { .. }) => {
                self.lists(row, other, other_row, |a, i, b, j| a.equal(i, b, j))
            }
            _ => self.identical(row, other, other_row),
        }
    }

    #[inline]
    fn identical(&self, row: usize, other: &Cells<'_>, other_row: usize) -> bool {
        match (self, other) {
            (Cells::Int64(a), Cells::Int64(b)) => a[row] == b[other_row],
            (Cells::Int32(a), Cells::Int32(b)) => a[row] == b[other_row],
            (Cells::Bytes { .. }, Cells::Bytes { .. }) => {
                self.bytes_at(row) == other.bytes_at(other_row)
            }
            (Cells::Int128(a), Cells::Int128(b)) => a[row] == b[other_row],
            (Cells::Boolean(a), Cells::Boolean(b)) => a.get(row) == b.get(other_row),
            (Cells::Int16(a), Cells::Int16(b)) => a[row] == b[other_row],
            (Cells::Float32(a), Cells::Float32(b)) => a[row].to_bits() == b[other_row].to_bits(),
            (Cells::Float64(a), Cells::Float64(b)) => a[row].to_bits() == b[other_row].to_bits(),
            (Cells::Interval(a), Cells::Interval(b)) => a[row] == b[other_row],
            (Cells::Fixed16(a), Cells::Fixed16(b)) => a[row] == b[other_row],
            (Cells::List { .. }, Cells::List { .. }) => {
                self.lists(row, other, other_row, |a, i, b, j| a.identical(i, b, j))
            }
            _ => false,
        }
    }

    /// Whether two lists are as long as each other and `same` holds of each pair of items.
    #[cold]
    fn lists(&self, row: usize, other: &Cells<'_>, other_row: usize, same: Same) -> bool {
        let (Cells::List { offsets, items }, Cells::List { offsets: ends, items: others }) =
            (self, other)
        else {
            return false;
        };
        let (items, others) = (items.view(), others.view());
        let (one, two) = (span(offsets, row), span(ends, other_row));
        let mut pairs = (one.0..one.1).zip(two.0..two.1);
        one.1 - one.0 == two.1 - two.0 && pairs.all(|(a, b)| same(&items, a, &others, b))
    }
}

/// A comparison of two cells.
type Same = fn(&View<'_>, usize, &View<'_>, usize) -> bool;

/// An interval's length in nanoseconds, a month being 30 days and a day 24 hours, which is
/// how PostgreSQL compares intervals.
#[inline]
pub(crate) fn interval_span(interval: &IntervalMonthDayNano) -> i128 {
    const DAY: i128 = 86_400_000_000_000;
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * DAY + i128::from(interval.nanoseconds)
}
