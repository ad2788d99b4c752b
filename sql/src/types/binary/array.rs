//! An array on the wire: dimensions, the element's oid, each element with its length.
use arrow::array::{Array, AsArray, ListArray};

use super::writer::BinaryWriter;
use crate::types::Type;
use crate::types::column::mismatch;
use crate::{Error, Result};

/// Dimensions that PostgreSQL's arrays have at most.
const DIMENSIONS_MAX: usize = 6;

/// The elements of a column of arrays.
pub(super) struct Elements {
    /// The columns of the dimensions, outermost first.
    lists: Vec<ListArray>,
    items: Box<BinaryWriter>,
    oid: u32,
    /// The number of the first element.
    first: i32,
}

impl Elements {
    /// Prepares the elements, of the type `item`, of `list`, counted from `first`.
    pub(super) fn new(list: &ListArray, item: &Type, first: i32) -> Result<Self> {
        let mut lists = vec![list.clone()];
        let (mut item, mut values) = (item, list.values().clone());
        while let Type::Array(inner) = item {
            let list: &ListArray =
                values.as_list_opt().ok_or_else(|| mismatch(values.data_type(), item))?;
            let list = list.clone();
            values = list.values().clone();
            lists.push(list);
            item = inner;
        }
        let items = Box::new(BinaryWriter::new(&values, item)?);
        Ok(Self { lists, items, oid: item.oid(), first })
    }

    /// Appends the array of one row.
    pub(super) fn write(&self, row: usize, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; 12]);
        let mut range = row..row + 1;
        let mut dimensions = 0_i32;
        for list in &self.lists {
            let first = bounds(list, range.start);
            let end = bounds(list, range.end.saturating_sub(1).max(range.start)).end;
            let inner = first.start..end;
            if inner.is_empty() {
                break;
            }
            dimensions += 1;
            out.extend_from_slice(&(first.len() as i32).to_be_bytes());
            out.extend_from_slice(&self.first.to_be_bytes());
            range = inner;
        }
        if dimensions as usize != self.lists.len() {
            out.truncate(start + 12);
            dimensions = 0;
            range = 0..0;
        }
        let nulls = range.clone().any(|item| self.items.is_null(item));
        if let Some(header) = out.get_mut(start..start + 12) {
            let words =
                [dimensions.to_be_bytes(), i32::from(nulls).to_be_bytes(), self.oid.to_be_bytes()];
            for (place, byte) in header.iter_mut().zip(words.iter().flatten()) {
                *place = *byte;
            }
        }
        for item in range {
            if self.items.is_null(item) {
                out.extend_from_slice(&(-1_i32).to_be_bytes());
                continue;
            }
            let place = out.len();
            out.extend_from_slice(&[0; 4]);
            self.items.write(item, out);
            let length = (out.len() - place - 4) as i32;
            if let Some(header) = out.get_mut(place..place + 4) {
                header.copy_from_slice(&length.to_be_bytes());
            }
        }
    }
}

/// The elements of one row of a list.
fn bounds(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    let offsets = list.value_offsets();
    let bound =
        |row: usize| offsets.get(row).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    bound(row)..bound(row + 1)
}

/// What the wire says of an array: the length of each dimension, and its elements.
pub(super) struct Parts<'a> {
    pub(super) lengths: Vec<usize>,
    pub(super) items: Vec<Option<&'a [u8]>>,
}

/// Cuts an array into its elements.
pub(super) fn read(bytes: &[u8]) -> Result<Parts<'_>> {
    let mut rest = bytes;
    let dimensions = usize::try_from(take_i32(&mut rest)?).map_err(|_| wrong())?;
    if dimensions > DIMENSIONS_MAX {
        return Err(wrong());
    }
    take_i32(&mut rest)?;
    take_i32(&mut rest)?;
    let mut lengths = Vec::with_capacity(dimensions);
    let mut count = usize::from(dimensions > 0);
    for _ in 0..dimensions {
        let length = usize::try_from(take_i32(&mut rest)?).map_err(|_| wrong())?;
        if take_i32(&mut rest)? != 1 {
            return Err(Error::unsupported("an array that does not begin at 1"));
        }
        lengths.push(length);
        count = count.checked_mul(length).ok_or_else(wrong)?;
    }
    // Every element has four bytes at least, which bounds what is allocated.
    if count > rest.len() / 4 {
        return Err(wrong());
    }
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        items.push(match usize::try_from(take_i32(&mut rest)?) {
            Ok(length) => {
                let (item, after) = rest.split_at_checked(length).ok_or_else(wrong)?;
                rest = after;
                Some(item)
            }
            Err(_) => None,
        });
    }
    if rest.is_empty() { Ok(Parts { lengths, items }) } else { Err(wrong()) }
}

fn take_i32(rest: &mut &[u8]) -> Result<i32> {
    let (word, after) = rest.split_first_chunk::<4>().ok_or_else(wrong)?;
    *rest = after;
    Ok(i32::from_be_bytes(*word))
}

fn wrong() -> Error {
    Error::new("22P03", "incorrect binary data format of an array")
}
