//! Many texts of one column, appended at once.
//!
//! What is written in the plainest way is read in a loop of its own: digits, and timestamps
//! in ISO form, of which the next has mostly the last one's day. All else is left to
//! [`ColumnBuilder::append_text`], which also finds what is wrong.
use arrow::array::PrimitiveBuilder;
use arrow::datatypes::{ArrowPrimitiveType, Int32Type, Int64Type, TimestampMicrosecondType};

use super::builder::{Column, ColumnBuilder};
use super::date_time::IsoDays;
use crate::Error;
use crate::types::Type;

/// Digits that never overflow a bigint.
const DIGITS_MAX: usize = 18;

impl ColumnBuilder {
    /// Appends a value for each text: NULL where there is none, or where it is wrong, of
    /// which `wrong` is told, with its number among the texts.
    pub fn append_texts<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a str>>,
        wrong: &mut dyn FnMut(usize, Error),
    ) {
        match self.parts().0 {
            Type::Int8 => self.plain(texts, wrong, int8, digits),
            Type::Int4 => self.plain(texts, wrong, int4, |text| digits(text)?.try_into().ok()),
            Type::Timestamp => {
                let mut days = IsoDays::default();
                self.plain(texts, wrong, timestamp, |text| days.timestamp(text));
            }
            Type::Text => {
                if let Column::Text(values) = self.parts().1 {
                    texts.for_each(|text| values.append_option(text));
                }
            }
            _ => {
                for (number, text) in texts.enumerate() {
                    self.append_or_null(number, text, wrong);
                }
            }
        }
    }

    /// Appends what `read` reads at once, the rest one by one.
    fn plain<'a, T: ArrowPrimitiveType>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a str>>,
        wrong: &mut dyn FnMut(usize, Error),
        column: fn(&mut Column) -> Option<&mut PrimitiveBuilder<T>>,
        mut read: impl FnMut(&str) -> Option<T::Native>,
    ) {
        for (number, text) in texts.enumerate() {
            let value = text.and_then(&mut read);
            match (value, column(self.parts().1)) {
                (Some(value), Some(values)) => values.append_value(value),
                _ => self.append_or_null(number, text, wrong),
            }
        }
    }

    fn append_or_null(
        &mut self,
        number: usize,
        text: Option<&str>,
        wrong: &mut dyn FnMut(usize, Error),
    ) {
        match text.map(|text| self.append_text(text)) {
            None => self.append_null(),
            Some(Ok(())) => {}
            Some(Err(error)) => {
                self.append_null();
                wrong(number, error);
            }
        }
    }
}

/// The number that a text of few digits and nothing else is.
#[inline]
fn digits(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > DIGITS_MAX {
        return None;
    }
    let mut value = 0;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + i64::from(digit);
    }
    Some(value)
}

fn int8(column: &mut Column) -> Option<&mut PrimitiveBuilder<Int64Type>> {
    if let Column::Int8(values) = column { Some(values) } else { None }
}

fn int4(column: &mut Column) -> Option<&mut PrimitiveBuilder<Int32Type>> {
    if let Column::Int4(values) = column { Some(values) } else { None }
}

fn timestamp(column: &mut Column) -> Option<&mut PrimitiveBuilder<TimestampMicrosecondType>> {
    if let Column::Timestamp(values) = column { Some(values) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TextStyle;

    /// Texts at once and one by one must give the same values, and the same errors.
    fn check(ty: &Type, texts: &[Option<&str>]) {
        let style = TextStyle::default();
        let mut at_once = ColumnBuilder::new(ty, &style);
        let mut one_by_one = ColumnBuilder::new(ty, &style);
        let (mut wrong, mut expected) = (vec![], vec![]);
        let mut note = |number, error: Error| wrong.push((number, error.to_string()));
        at_once.append_texts(texts.iter().copied(), &mut note);
        for (number, text) in texts.iter().enumerate() {
            match text.map(|text| one_by_one.append_text(text)) {
                Some(Ok(())) => {}
                None => one_by_one.append_null(),
                Some(Err(error)) => {
                    one_by_one.append_null();
                    expected.push((number, error.to_string()));
                }
            }
        }
        assert_eq!(&at_once.finish(), &one_by_one.finish(), "{ty}");
        assert_eq!(wrong, expected, "{ty}");
    }

    #[test]
    fn texts_come_at_once_as_they_come_one_by_one() {
        let numbers = [
            "0",
            "7",
            "-7",
            "+7",
            " 42 ",
            "",
            "x",
            "1.5",
            "2147483647",
            "2147483648",
            "0012",
            "999999999999999999",
            "9223372036854775807",
            "9223372036854775808",
            "12345678901234567890",
            "-9223372036854775808",
            "\u{661}",
            "1_000",
        ];
        let times = [
            "2026-11-21",
            "2026-11-21 12:34:56.789",
            "2026-11-21T12:34:56",
            "2026-11-21 12:34",
            "2026-11-22 00:00:00",
            "2026-11-22 24:00:00",
            "2026-11-22 23:59:60",
            "2026-02-30 00:00:00",
            "2026-11-22 10:00:00.1234567",
            "2026-11-22 10:00:00+02",
            "2026-11-22  10:00:00",
            "infinity",
            "epoch",
            "0000-01-01 00:00:00",
            "2026-11-22x10:00:00",
            "21.11.2026 10:00",
            "2026-11-22 10:00:00 BC",
            "2026-1-2 3:4:5",
            "",
            "2026-11-2\u{e9} 10:00",
            "now?",
            "2026-11-22 ",
            "2026-11-22 10",
            "20261122 101010",
            "12026-11-22 10:00:00",
        ];
        for texts in [&numbers[..], &times[..]] {
            let texts: Vec<Option<&str>> = texts
                .iter()
                .map(|text| Some(*text))
                .chain([None])
                .chain(texts.iter().map(|t| Some(*t)))
                .collect();
            for ty in [
                Type::Int8,
                Type::Int4,
                Type::Int2,
                Type::Timestamp,
                Type::TimestampTz,
                Type::Text,
                Type::Varchar(Some(9)),
                Type::Float8,
                Type::Date,
                Type::Bool,
                Type::Oid,
            ] {
                check(&ty, &texts);
            }
        }
    }
}
