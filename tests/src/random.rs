//! A seeded generator: the same seed gives the same numbers.

/// xorshift64*, never zero.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.max(1);
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    /// A number below `end`.
    pub fn below(&mut self, end: i32) -> i32 {
        i32::try_from(self.number() % u64::try_from(end).expect("end is positive")).expect("small")
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: i32) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let number = self.below(i32::try_from(choices.len()).expect("few"));
        &choices[usize::try_from(number).expect("positive")]
    }
}
