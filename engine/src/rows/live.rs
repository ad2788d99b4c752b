//! Which rows of a chunk are there: a bit for each.
//!
//! Written, it is the numbers of the rows that are there, or of those that are not, or
//! the bitmap as it is, whichever is shortest.
#![expect(clippy::indexing_slicing, reason = "row numbers are below CHUNK_ROWS")]
use arrow::buffer::{BooleanBuffer, Buffer};

use super::CHUNK_ROWS;
use super::image::corrupt;
use crate::Result;
use crate::codec::{get_u8, get_u64, put_u64};

/// Words of a chunk's bitmap.
const WORDS: usize = CHUNK_ROWS / 64;

/// The forms of a written bitmap.
const ALIVE: u8 = 0;
const DEAD: u8 = 1;
const BITMAP: u8 = 2;

/// The rows of a chunk that were neither retracted nor moved away.
#[derive(Clone, Debug)]
pub(super) struct Live {
    words: [u64; WORDS],
    count: usize,
}

impl Live {
    /// No row is there.
    pub(super) fn none() -> Self {
        Self { words: [0; WORDS], count: 0 }
    }

    /// The rows that `words` names.
    pub(super) fn of(words: [u64; WORDS]) -> Self {
        let count = words.iter().map(|word| word.count_ones() as usize).sum();
        Self { words, count }
    }

    /// The first `rows` rows are there.
    pub(super) fn first(rows: usize) -> Self {
        let mut live = Self::none();
        live.insert_range(0, rows);
        live
    }

    /// How many rows are there.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether `row` is there.
    #[inline]
    pub(super) fn contains(&self, row: usize) -> bool {
        self.words[row / 64] & (1 << (row % 64)) != 0
    }

    /// Adds `row`, which was not there.
    #[inline]
    pub(super) fn insert(&mut self, row: usize) {
        self.words[row / 64] |= 1 << (row % 64);
        self.count += 1;
    }

    /// Adds the rows from `from` to `to`, which were not there.
    pub(super) fn insert_range(&mut self, from: usize, to: usize) {
        let mut row = from;
        while row < to {
            let end = to.min((row / 64 + 1) * 64);
            let ones = u64::MAX >> (64 - (end - row));
            self.words[row / 64] |= ones << (row % 64);
            row = end;
        }
        self.count += to.saturating_sub(from);
    }

    /// Takes `row` away, which was there.
    #[inline]
    pub(super) fn remove(&mut self, row: usize) {
        self.words[row / 64] &= !(1 << (row % 64));
        self.count -= 1;
    }

    /// The rows that are there, in order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        ones(&self.words)
    }

    /// The first `rows` bits as Arrow has them.
    pub(super) fn mask(&self, rows: usize) -> BooleanBuffer {
        BooleanBuffer::new(Buffer::from_vec(self.words.to_vec()), 0, rows)
    }

    /// Appends the bitmap of a chunk of `rows` rows.
    pub(super) fn write(&self, rows: usize, output: &mut Vec<u8>) {
        let (alive, dead) = (self.count, rows - self.count);
        // A row's number takes one or two bytes.
        let form = match alive.min(dead) * 2 > WORDS * 8 {
            true => BITMAP,
            false if alive <= dead => ALIVE,
            false => DEAD,
        };
        output.push(form);
        put_u64(output, rows as u64);
        if form == BITMAP {
            self.words.iter().for_each(|word| output.extend_from_slice(&word.to_le_bytes()));
            return;
        }
        put_u64(output, alive.min(dead) as u64);
        let listed = (0..rows).filter(|row| self.contains(*row) == (form == ALIVE));
        listed.for_each(|row| put_u64(output, row as u64));
    }

    /// Takes a bitmap off the front, with the number of its chunk's rows.
    pub(super) fn read(input: &mut &[u8]) -> Result<(Self, usize)> {
        let form = get_u8(input)?;
        let rows = get_u64(input)?;
        if rows > CHUNK_ROWS as u64 {
            return Err(corrupt(format!("a bitmap claims {rows} rows")));
        }
        let rows = rows as usize;
        let mut words = match form {
            BITMAP => {
                let Some((bytes, rest)) = input.split_first_chunk::<{ WORDS * 8 }>() else {
                    return Err(corrupt("a bitmap ends too early"));
                };
                *input = rest;
                let mut words = [0; WORDS];
                for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
                    *word = u64::from_le_bytes(*bytes);
                }
                words
            }
            ALIVE => [0; WORDS],
            DEAD => Self::first(rows).words,
            _ => return Err(corrupt(format!("a bitmap has the unknown form {form}"))),
        };
        let listed = if form == BITMAP { 0 } else { get_u64(input)? };
        for _ in 0..listed {
            let row = get_u64(input)?;
            if row >= rows as u64 {
                return Err(corrupt(format!("a bitmap of {rows} rows names row {row}")));
            }
            words[row as usize / 64] ^= 1 << (row % 64);
        }
        let live = Self::of(words);
        if live.without(&Self::first(rows)).count > 0 {
            return Err(corrupt(format!("a bitmap has more than {rows} rows")));
        }
        Ok((live, rows))
    }

    /// The rows that are in `self` but not in `other`.
    pub(super) fn without(&self, other: &Live) -> Live {
        let mut words = self.words;
        for (word, taken) in words.iter_mut().zip(&other.words) {
            *word &= !taken;
        }
        Live::of(words)
    }
}

/// The numbers of the bits that are set.
fn ones(words: &[u64; WORDS]) -> impl Iterator<Item = usize> + '_ {
    words.iter().enumerate().flat_map(|(number, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(number * 64 + bit)
        })
    })
}
