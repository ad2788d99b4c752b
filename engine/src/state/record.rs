//! Rows of state tables as bytes, and back.
//!
//! Numbers are little-endian or, where small ones are frequent, seven bits a byte.
//! What does not read back is corrupt and never a panic.
use crate::{Error, ErrorKind, Result};

/// Bytes after which a writer is full, however few rows they are.
const BYTES_MAX: usize = 256 << 10;

/// Bytes that grow.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    rows: usize,
    steps: usize,
    steps_max: usize,
}

/// Bytes that are read from the front.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl Writer {
    /// A writer that is full after so many rows, those that were passed over included.
    pub(crate) fn with_room(steps_max: usize) -> Self {
        Self { steps_max, ..Self::default() }
    }

    /// Whether no more rows should be begun.
    pub(crate) fn is_full(&self) -> bool {
        self.steps >= self.steps_max || self.bytes.len() >= BYTES_MAX
    }

    /// A row begins: what holds no row need not be kept.
    pub(crate) fn row(&mut self) {
        self.rows += 1;
        self.steps += 1;
    }

    /// A row was looked at and need not be written.
    pub(crate) fn pass(&mut self) {
        self.steps += 1;
    }

    /// How many rows were begun or passed over.
    pub(crate) fn steps(&self) -> usize {
        self.steps
    }

    /// How many rows were begun.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// A number, in as few bytes as it needs.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    /// A number of either sign, small where it is near zero.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63) as u64);
    }

    /// Words, as many as the reader knows of.
    pub(crate) fn words(&mut self, words: &[u64]) {
        words.iter().for_each(|word| self.bytes.extend(word.to_le_bytes()));
    }

    /// Bytes and how many they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// What was written before.
    pub(crate) fn append(&mut self, written: &[u8]) {
        self.bytes.extend_from_slice(written);
    }

    /// All that was written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or_else(short)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(short())
    }

    pub(crate) fn signed(&mut self) -> Result<i64> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(crate) fn word(&mut self) -> Result<u64> {
        let (word, rest) = self.0.split_first_chunk::<8>().ok_or_else(short)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*word))
    }

    pub(crate) fn words(&mut self, count: usize) -> Result<Vec<u64>> {
        (0..count).map(|_| self.word()).collect()
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.number()?).map_err(|_| short())?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or_else(short)?;
        self.0 = rest;
        Ok(bytes)
    }
}

fn short() -> Error {
    Error::new(ErrorKind::Corrupt, "XX001", "captured state ends too early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_no_prefix_does() {
        let mut writer = Writer::default();
        writer.number(u64::MAX);
        writer.signed(i64::MIN);
        writer.signed(-1);
        writer.words(&[7, u64::MAX]);
        writer.bytes(b"abc");
        let bytes = writer.finish();
        let read = |bytes: &[u8]| -> Result<()> {
            let mut reader = Reader::new(bytes);
            assert_eq!(reader.number()?, u64::MAX);
            assert_eq!((reader.signed()?, reader.signed()?), (i64::MIN, -1));
            assert_eq!(reader.words(2)?, [7, u64::MAX]);
            assert_eq!(reader.bytes()?, b"abc");
            assert!(reader.is_empty());
            Ok(())
        };
        read(&bytes).unwrap();
        (0..bytes.len()).for_each(|end| assert!(read(&bytes[..end]).is_err()));
    }
}
