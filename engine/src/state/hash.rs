//! The hash of a key, seeded once per data directory.
//!
//! It is our own, since it is part of what is stored: the same seed and bytes give
//! the same key group in every release. It is no defence beyond its seed.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const WHITENER: u64 = 0xd1b5_4a32_d192_ed03;
const FINISHER: u64 = 0xaef1_7502_108e_f2d9;

/// How many shards an operator's state is divided into, whatever the number of cores.
pub(crate) const SHARDS: usize = 8;

/// Turns a key's words or bytes into 64 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hash {
    start: u64,
}

impl Hash {
    pub(crate) fn new(seed: u64) -> Self {
        Self { start: fold(seed ^ WHITENER, MULTIPLIER) ^ seed }
    }

    /// The hash of a key packed into words.
    #[inline]
    pub(crate) fn words(self, words: &[u64]) -> u64 {
        let mixed = words.iter().fold(self.start, |hash, word| fold(hash ^ word, MULTIPLIER));
        fold(mixed ^ WHITENER, FINISHER)
    }

    /// The hash of a key of any length.
    #[inline]
    pub(crate) fn bytes(self, bytes: &[u8]) -> u64 {
        let (eights, rest) = bytes.as_chunks::<8>();
        let mixed = eights
            .iter()
            .fold(self.start, |hash, eight| fold(hash ^ u64::from_le_bytes(*eight), MULTIPLIER));
        let last = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let length = bytes.len() as u64;
        fold(fold(mixed ^ last, MULTIPLIER) ^ length ^ WHITENER, FINISHER)
    }
}

/// The hash's top byte: which of the 256 key groups a key belongs to.
#[inline]
pub(crate) fn key_group(hash: u64) -> u8 {
    (hash >> 56) as u8
}

/// The shard that holds a key group.
#[inline]
pub(crate) fn shard(group: u8) -> usize {
    usize::from(group) * SHARDS / 256
}

/// Both halves of a product, folded into one.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_the_same_in_every_release() {
        let hash = Hash::new(7);
        assert_eq!(hash.words(&[1, 2]), Hash::new(7).words(&[1, 2]));
        assert_ne!(hash.words(&[1, 2]), hash.words(&[2, 1]));
        assert_ne!(hash.bytes(b"a"), hash.bytes(b"a\0"));
        assert_ne!(hash.bytes(b""), Hash::new(8).bytes(b""));
    }

    #[test]
    fn consecutive_keys_spread_over_all_groups() {
        let hash = Hash::new(1);
        let mut counts = [0_u32; 256];
        (0..256_000_u64).for_each(|key| counts[usize::from(key_group(hash.words(&[key])))] += 1);
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
