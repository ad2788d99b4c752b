//! A digest of rows that does not depend on their order.

/// How many rows there were, and the sum of the hashes of their lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// Rows.
    pub rows: u64,
    /// The sum, modulo 2⁶⁴.
    pub sum: u64,
}

impl Digest {
    /// Adds one row, as a line of COPY's text format without its end.
    pub fn add(&mut self, line: &[u8]) {
        // FNV-1a, then mixed, so that sums of similar lines differ.
        let hash = line.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.rows += 1;
        self.sum = self.sum.wrapping_add(mixed ^ (mixed >> 29));
    }
}
