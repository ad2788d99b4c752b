//! The same text for equal values.

/// How much a difference in looks counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// Rows come through as they are.
    Count,
    /// A value stands for all that are equal to it, and which one is arbitrary.
    Arbitrary,
}

/// PostgreSQL writes a numeric with as many digits as its computation had, which are not
/// part of its value.
pub fn canonical(text: &str, looks: Looks) -> String {
    if looks == Looks::Arbitrary {
        if let Some(micros) = interval(text) {
            return format!("{micros} µs");
        }
        if text == "-0" {
            return "0".into();
        }
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let numeric = digits.contains('.') && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !numeric {
        return text.to_owned();
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// The length of an interval as it is compared, if it is written as one.
fn interval(text: &str) -> Option<i128> {
    const DAY: i128 = 86_400_000_000;
    let mut total = 0;
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        if word.contains(':') {
            return words.next().is_none().then_some(total + clock(word)?);
        }
        let number: i128 = word.parse().ok()?;
        total += number
            * match words.next()? {
                "year" | "years" => 360 * DAY,
                "mon" | "mons" => 30 * DAY,
                "day" | "days" => DAY,
                _ => return None,
            };
    }
    Some(total)
}

/// `-01:02:03.5` in microseconds, hours beyond 24 included.
fn clock(text: &str) -> Option<i128> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let mut parts = text.split(':');
    let hours: i128 = parts.next()?.parse().ok()?;
    let minutes: i128 = parts.next()?.parse().ok()?;
    let seconds = parts.next()?;
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let seconds: i128 = seconds.parse().ok()?;
    let micros: i128 = format!("{fraction:0<6}").parse().ok()?;
    Some(sign * ((hours * 60 + minutes) * 60 * 1_000_000 + seconds * 1_000_000 + micros))
}

#[test]
fn equal_values_have_one_text() {
    let check = |text: &str, expected: &str| {
        assert_eq!(canonical(text, Looks::Arbitrary), expected);
    };
    check("1.500", "1.5");
    check("-0.00", "0");
    check("-0", "0");
    check("1e-30", "1e-30");
    check("1 mon", "2592000000000 µs");
    check("30 days", "2592000000000 µs");
    check("720:00:00", "2592000000000 µs");
    check("-1 days -00:00:00.5", "-86400500000 µs");
    check("a b", "a b");
    assert_eq!(canonical("-0", Looks::Count), "-0");
    assert_eq!(canonical("30 days", Looks::Count), "30 days");
}
