//! A sum of floats in fixed point: limbs of 32 bits, each with room for carries.
//!
//! Additions do not round, so a sum is the same whatever their order, and a
//! retraction takes away exactly what was added. Limb `i` counts units of two to
//! `32 i − 1074`.
#![expect(clippy::indexing_slicing, reason = "a limb's number is checked against the window")]
use super::float_round::Magnitude;
use crate::Result;
use crate::state::record::{Reader, Writer};

/// Limbs that a group keeps in its row.
pub(super) const WINDOW_LIMBS: usize = 5;

/// Limbs that hold any sum of 2⁶³ floats.
pub(super) const ALL_LIMBS: usize = 72;

/// Limbs that one addition touches.
const TOUCHED: usize = 3;

/// After so many additions carries must be passed on.
const PENDING_MAX: u32 = 1 << 30;

/// From here on the highest limb of a window is too full.
const FULL: u64 = 1 << 40;

/// A part of a float: a number of at most 53 bits times two to `place − 1074`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    significand: u64,
    place: u32,
    negative: bool,
}

/// The limbs around a group's values, and where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    /// The number of the first limb.
    pub(super) first: u32,
    /// Additions since carries were passed on.
    pub(super) pending: u32,
    pub(super) limbs: [i64; WINDOW_LIMBS],
}

/// All limbs, and how many values are no finite numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct All {
    pub(super) limbs: [i64; ALL_LIMBS],
    pub(super) pending: u32,
    pub(super) nans: i64,
    pub(super) infinities: i64,
    pub(super) negative_infinities: i64,
}

/// Calls `each` with the parts of a finite `value` taken `weight` times.
#[inline]
pub(super) fn parts(value: f64, weight: i64, mut each: impl FnMut(Part)) {
    let bits = value.to_bits();
    let field = (bits >> 52 & 0x7ff) as u32;
    let fraction = bits & ((1 << 52) - 1);
    let significand = if field == 0 { fraction } else { fraction | 1 << 52 };
    if significand == 0 {
        return;
    }
    let place = field.max(1) - 1;
    let negative = (bits >> 63 == 1) != (weight < 0);
    if weight == 1 || weight == -1 {
        return each(Part { significand, place, negative });
    }
    let mut product = u128::from(significand) * u128::from(weight.unsigned_abs());
    let mut place = place;
    while product != 0 {
        let significand = product as u64 & ((1 << 52) - 1);
        if significand != 0 {
            each(Part { significand, place, negative });
        }
        product >>= 52;
        place += 52;
    }
}

impl Part {
    /// The limb it begins in, and what it adds there and above.
    #[inline]
    fn limbs(self) -> (u32, [i64; TOUCHED]) {
        let wide = u128::from(self.significand) << (self.place & 31);
        let limbs = [wide as u32, (wide >> 32) as u32, (wide >> 64) as u32];
        let limbs = limbs.map(i64::from);
        (self.place >> 5, if self.negative { limbs.map(|limb| -limb) } else { limbs })
    }
}

impl Window {
    /// Adds a part, sliding to it if need be; `false` where the window is too narrow.
    #[inline]
    pub(super) fn add(&mut self, part: Part) -> bool {
        let (first, limbs) = part.limbs();
        let mut offset = first.wrapping_sub(self.first) as usize;
        if offset > WINDOW_LIMBS - TOUCHED || self.pending >= PENDING_MAX {
            if !self.slide(first) {
                return false;
            }
            offset = first.wrapping_sub(self.first) as usize;
        }
        for (limb, more) in self.limbs[offset..offset + TOUCHED].iter_mut().zip(limbs) {
            *limb += more;
        }
        self.pending += 1;
        true
    }

    /// Passes carries on and moves so that limbs `first` to `first + 2` lie within.
    fn slide(&mut self, first: u32) -> bool {
        carry(&mut self.limbs);
        self.pending = 0;
        let used = self.limbs.iter().position(|limb| *limb != 0);
        let last = self.limbs.iter().rposition(|limb| *limb != 0);
        let (low, high) = match (used, last) {
            (Some(used), Some(last)) => {
                (first.min(self.first + used as u32), (first + 2).max(self.first + last as u32))
            }
            _ => (first, first + 2),
        };
        let length = (high - low + 1) as usize;
        if length > WINDOW_LIMBS || self.limbs[WINDOW_LIMBS - 1].unsigned_abs() >= FULL {
            return false;
        }
        let target = low.saturating_sub((WINDOW_LIMBS - length) as u32 / 2);
        let mut moved = [0; WINDOW_LIMBS];
        for (number, limb) in self.limbs.iter().enumerate().filter(|(_, limb)| **limb != 0) {
            moved[(self.first as usize + number) - target as usize] = *limb;
        }
        self.first = target;
        self.limbs = moved;
        true
    }

    /// Whether the sum is negative, and its magnitude.
    pub(super) fn value(&self) -> (bool, Magnitude) {
        value(&self.limbs, self.first)
    }

    /// All limbs, with these as a part.
    pub(super) fn spread(&self) -> All {
        let mut all = All::default();
        for (number, limb) in self.limbs.iter().enumerate() {
            // A limb may hold up to 2⁶² and all limbs are one type, so it fits as it is.
            all.limbs[self.first as usize + number] = *limb;
        }
        all.pending = self.pending;
        all
    }
}

impl Default for All {
    fn default() -> Self {
        Self { limbs: [0; ALL_LIMBS], pending: 0, nans: 0, infinities: 0, negative_infinities: 0 }
    }
}

impl All {
    /// Adds a part.
    pub(super) fn add(&mut self, part: Part) {
        if self.pending >= PENDING_MAX {
            carry(&mut self.limbs);
            self.pending = 0;
        }
        let (first, limbs) = part.limbs();
        let first = first as usize;
        for (limb, more) in self.limbs[first..first + TOUCHED].iter_mut().zip(limbs) {
            *limb += more;
        }
        self.pending += 1;
    }

    /// Adds all that `other` has added.
    pub(super) fn merge(&mut self, other: &Self) {
        let mut more = other.clone();
        carry(&mut self.limbs);
        carry(&mut more.limbs);
        for (limb, more) in self.limbs.iter_mut().zip(more.limbs) {
            *limb = limb.wrapping_add(more);
        }
        self.pending = 1;
        self.nans = self.nans.wrapping_add(more.nans);
        self.infinities = self.infinities.wrapping_add(more.infinities);
        self.negative_infinities = self.negative_infinities.wrapping_add(more.negative_infinities);
    }

    /// Adds a value that is no finite number, `weight` times.
    pub(super) fn count(&mut self, value: f64, weight: i64) {
        let count = if value.is_nan() {
            &mut self.nans
        } else if value > 0.0 {
            &mut self.infinities
        } else {
            &mut self.negative_infinities
        };
        *count = count.wrapping_add(weight);
    }

    /// What the sum is if some values are no finite numbers.
    pub(super) fn special(&self) -> Option<f64> {
        match (self.nans > 0, self.infinities > 0, self.negative_infinities > 0) {
            (false, false, false) => None,
            (false, true, false) => Some(f64::INFINITY),
            (false, false, true) => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        }
    }

    /// Whether the sum of the finite values is negative, and its magnitude.
    pub(super) fn value(&self) -> (bool, Magnitude) {
        value(&self.limbs, 0)
    }

    /// Writes what it is, with carries passed on.
    pub(super) fn write(&mut self, writer: &mut Writer) {
        carry(&mut self.limbs);
        self.pending = 0;
        writer.signed(self.nans);
        writer.signed(self.infinities);
        writer.signed(self.negative_infinities);
        self.limbs.iter().for_each(|limb| writer.signed(*limb));
    }

    /// Reads what was written.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let mut all = Self {
            nans: reader.signed()?,
            infinities: reader.signed()?,
            negative_infinities: reader.signed()?,
            ..Self::default()
        };
        for limb in &mut all.limbs {
            *limb = reader.signed()?;
        }
        Ok(all)
    }
}

/// Leaves 32 bits in every limb but the last, which keeps the sign.
fn carry(limbs: &mut [i64]) {
    let mut carried = 0;
    let last = limbs.len() - 1;
    for limb in &mut limbs[..last] {
        *limb += carried;
        carried = *limb >> 32;
        *limb &= 0xffff_ffff;
    }
    limbs[last] += carried;
}

fn value(limbs: &[i64], first: u32) -> (bool, Magnitude) {
    let mut limbs = [limbs, &[0]].concat();
    carry(&mut limbs);
    let negative = limbs.last().is_some_and(|limb| *limb < 0);
    if negative {
        limbs.iter_mut().for_each(|limb| *limb = -*limb);
        carry(&mut limbs);
    }
    let digits = limbs.iter().map(|limb| *limb as u32).collect();
    (negative, Magnitude::new(digits, first as i32 * 32 - 1074))
}
