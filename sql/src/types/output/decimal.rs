//! A numeric with the digits of its scale.
use super::integer::Digits;

/// Appends `value` · 10^-`scale` with exactly `scale` digits after the point.
pub(crate) fn write(value: i128, scale: i8, out: &mut Vec<u8>) {
    let digits = digits_of(value, out);
    let digits = digits.as_bytes();
    let Ok(scale) = usize::try_from(scale) else {
        // A negative scale rounds to tens or hundreds.
        out.extend_from_slice(digits);
        if value != 0 {
            out.extend(std::iter::repeat_n(b'0', usize::from(scale.unsigned_abs())));
        }
        return;
    };
    match digits.split_at_checked(digits.len().saturating_sub(scale)) {
        Some((whole, fraction)) if !whole.is_empty() => {
            out.extend_from_slice(whole);
            if scale > 0 {
                out.push(b'.');
                out.extend_from_slice(fraction);
            }
        }
        _ => {
            out.extend_from_slice(b"0.");
            out.extend(std::iter::repeat_n(b'0', scale - digits.len()));
            out.extend_from_slice(digits);
        }
    }
}

/// The same without zeros at the end of the fraction.
pub(crate) fn write_trimmed(value: i128, scale: i8, out: &mut Vec<u8>) {
    write(value, scale, out);
    if scale > 0 {
        while out.last() == Some(&b'0') {
            out.pop();
        }
        if out.last() == Some(&b'.') {
            out.pop();
        }
    }
}

fn digits_of(value: i128, out: &mut Vec<u8>) -> Digits {
    if value < 0 {
        out.push(b'-');
    }
    match u64::try_from(value.unsigned_abs()) {
        Ok(small) => Digits::of_u64(small),
        Err(_) => Digits::of(value.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: i128, scale: i8, exact: &str, trimmed: &str) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        write(value, scale, &mut left);
        write_trimmed(value, scale, &mut right);
        assert_eq!(String::from_utf8_lossy(&left), exact);
        assert_eq!(String::from_utf8_lossy(&right), trimmed);
    }

    #[test]
    fn a_numeric_has_the_digits_of_its_scale() {
        check(0, 0, "0", "0");
        check(0, 2, "0.00", "0");
        check(5, 2, "0.05", "0.05");
        check(-5, 2, "-0.05", "-0.05");
        check(50, 2, "0.50", "0.5");
        check(12_300, 2, "123.00", "123");
        check(12_300, 0, "12300", "12300");
        check(123, -2, "12300", "12300");
        check(0, -2, "0", "0");
        check(1, 5, "0.00001", "0.00001");
        check(
            99_999_999_999_999_999_999_999_999_999_999_999_999,
            16,
            "9999999999999999999999.9999999999999999",
            "9999999999999999999999.9999999999999999",
        );
    }
}
