//! Roman numerals, as `to_char` writes them.

/// Of units, tens and hundreds: the signs for one, five and ten.
const SIGNS: [[&str; 3]; 3] = [["I", "V", "X"], ["X", "L", "C"], ["C", "D", "M"]];

/// How wide the numeral is, and `#`s in its place.
const WIDTH: usize = 15;

/// The numeral, in capitals; `#`s where there is none.
pub(super) fn roman(number: Option<i64>) -> String {
    let Some(number) = number.filter(|number| (1..=3999).contains(number)) else {
        return "#".repeat(WIDTH);
    };
    let mut text = "M".repeat(usize::try_from(number / 1000).unwrap_or_default());
    for (place, [one, five, ten]) in [100, 10, 1].into_iter().zip(SIGNS.into_iter().rev()) {
        let digit = usize::try_from(number / place % 10).unwrap_or_default();
        text.push_str(&match digit {
            9 => format!("{one}{ten}"),
            4 => format!("{one}{five}"),
            5.. => format!("{five}{}", one.repeat(digit - 5)),
            _ => one.repeat(digit),
        });
    }
    text
}

/// The numeral in a field of its width, unless `bare`.
pub(super) fn placed(numeral: String, bare: bool) -> String {
    if bare { numeral } else { format!("{numeral:>WIDTH$}") }
}

#[cfg(test)]
mod tests {
    use super::roman;

    #[test]
    fn numerals() {
        let cases =
            [(1, "I"), (4, "IV"), (485, "CDLXXXV"), (1999, "MCMXCIX"), (3888, "MMMDCCCLXXXVIII")];
        for (number, expected) in cases {
            assert_eq!(roman(Some(number)), expected);
        }
        assert_eq!(roman(Some(4000)), "###############");
    }
}
