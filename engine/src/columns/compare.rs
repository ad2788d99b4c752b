//! Comparing many pairs of cells at once, one column against cells of many chunks.
//!
//! Written so that the cells' memory is fetched together: loops are short and do not
//! branch on what they fetch.
use super::cells::{Cells, View};

/// Pairs of cells of one column.
pub(crate) struct Pairs<'a, 'b> {
    /// One side.
    pub(crate) own: &'b View<'a>,
    /// Its cells.
    pub(crate) rows: &'b [u32],
    /// The other side of each pair; none is not the same.
    pub(crate) others: &'b [Option<View<'a>>],
    /// Its cells.
    pub(crate) other_rows: &'b [usize],
}

impl<'a> Pairs<'a, '_> {
    /// Clears `same` where a pair is not equal, as [`View::equal`] says, or not even
    /// identical.
    pub(crate) fn compare(&self, identical: bool, same: &mut [bool]) {
        if self.own.valid.is_none() && self.others.iter().flatten().all(|o| o.valid.is_none()) {
            match self.own.cells {
                Cells::Int64(own) => {
                    return self.fixed(own, same, |cells| match cells {
                        Cells::Int64(values) => values,
                        _ => &[],
                    });
                }
                Cells::Int32(own) => {
                    return self.fixed(own, same, |cells| match cells {
                        Cells::Int32(values) => values,
                        _ => &[],
                    });
                }
                Cells::Int128(own) => {
                    return self.fixed(own, same, |cells| match cells {
                        Cells::Int128(values) => values,
                        _ => &[],
                    });
                }
                Cells::Bytes { .. } => return self.bytes(same),
                _ => {}
            }
        }
        let pairs = self.rows.iter().zip(self.others).zip(self.other_rows);
        for (((row, other), there), same) in pairs.zip(same) {
            *same &= other.as_ref().is_some_and(|other| match identical {
                false => self.own.equal(*row as usize, other, *there),
                true => self.own.identical(*row as usize, other, *there),
            });
        }
    }

    fn fixed<T: PartialEq + 'a>(
        &self,
        own: &[T],
        same: &mut [bool],
        values: impl Fn(&Cells<'a>) -> &'a [T],
    ) {
        let pairs = self.rows.iter().zip(self.others).zip(self.other_rows);
        for (((row, other), there), same) in pairs.zip(same) {
            let values = other.as_ref().map_or(&[][..], |other| values(&other.cells));
            let there = values.get(*there);
            *same &= there.is_some() & (there == own.get(*row as usize));
        }
    }

    fn bytes(&self, same: &mut [bool]) {
        let there = self.others.iter().zip(self.other_rows);
        let there: Vec<&[u8]> = there
            .map(|(other, row)| other.as_ref().map_or(&[][..], |other| other.cells.bytes_at(*row)))
            .collect();
        // The first bytes are fetched before any string is compared.
        let first = there.iter().fold(0, |sum, bytes| sum ^ bytes.first().unwrap_or(&0));
        std::hint::black_box(first);
        for (((row, other), there), same) in self.rows.iter().zip(self.others).zip(there).zip(same)
        {
            *same &= other.is_some() && self.own.cells.bytes_at(*row as usize) == there;
        }
    }
}
