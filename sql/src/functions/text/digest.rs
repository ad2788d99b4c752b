//! `md5`: the digest of RFC 1321 in hexadecimal.
#![expect(clippy::indexing_slicing, reason = "all indexes are within blocks of 16 and 64")]
use std::fmt::Write;

use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, overload};

/// How far each step of a round turns, for steps modulo 4.
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

fn md5(message: &[u8]) -> String {
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64), 0);
    if padded.len() - message.len() < 9 {
        padded.resize(padded.len() + 64, 0);
    }
    let end = padded.len() - 8;
    padded[end..].copy_from_slice(&(message.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        mix(&mut state, block);
    }
    let mut text = String::with_capacity(32);
    for byte in state.iter().flat_map(|word| word.to_le_bytes()) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn mix(state: &mut [u32; 4], block: &[u8]) {
    let mut words = [0_u32; 16];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..64 {
        let (mixed, word) = match step / 16 {
            0 => ((b & c) | (!b & d), step),
            1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
            2 => (b ^ c ^ d, (3 * step + 5) % 16),
            _ => (c ^ (b | !d), (7 * step) % 16),
        };
        // The sine of the step, in units of 2^-32.
        let sine = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
        let sum = a.wrapping_add(mixed).wrapping_add(sine).wrapping_add(words[word]);
        let turned = b.wrapping_add(sum.rotate_left(TURNS[step / 16][step % 4]));
        (a, d, c, b) = (d, c, b, turned);
    }
    for (kept, new) in state.iter_mut().zip([a, b, c, d]) {
        *kept = kept.wrapping_add(new);
    }
}

/// The overloads of `md5`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("md5", [Text] -> Text,
            |arguments| map1(arguments, |text: &str| md5(text.as_bytes())),
            fallible: Fallible::Never),
        overload!("md5", [Bytea] -> Text, |arguments| map1(arguments, md5),
            fallible: Fallible::Never),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("md5('abc')", "900150983cd24fb0d6963f7d28e17f72"),
            ("md5('')", "d41d8cd98f00b204e9800998ecf8427e"),
            ("md5(repeat('x', 55))", "04364420e25c512fd958a70738aa8f72"),
            ("md5(repeat('x', 56))", "668a72d5ba17f08e62dabcafad6db14b"),
            ("md5(repeat('x', 64))", "c1bb4f81d892b2d57947682aeb252456"),
            ("md5(repeat('é', 100))", "79bbe93f2c285420f1df88f98c509608"),
        ]);
    }
}
