//! `format`: a text with arguments in it, as C's printf.
//!
//! `%[position][flags][width]type`, where type is `s`, `I` (an identifier) or `L` (a literal).
use arrow::array::ArrayRef;
use engine::{Error, Result};

use super::quote::{quote_ident, quote_literal};
use super::written::Written;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Write, overload};

fn formatted(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let formats = arguments.reader::<&str>(0)?;
    let written = Written::new(arguments, 1)?;
    String::collect(arguments.rows(), &arguments.result().arrow(), |row| {
        let Some(format) = formats.get(row) else { return Ok(None) };
        let mut filling = Filling { written: &written, row, next: 0 };
        filling.fill(format).map(Some)
    })
}

struct Filling<'a> {
    written: &'a Written,
    row: usize,
    /// The argument that is taken where no position says another.
    next: usize,
}

/// What stands between the percent sign and the type.
#[derive(Default)]
struct Specifier {
    left: bool,
    width: usize,
    /// From 0.
    position: Option<usize>,
}

impl Filling<'_> {
    fn fill(&mut self, format: &str) -> Result<String> {
        let mut out = String::with_capacity(format.len());
        let mut rest = format;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            rest = match after.strip_prefix('%') {
                Some(after) => {
                    out.push('%');
                    after
                }
                None => self.specifier(after, &mut out)?,
            };
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Fills in one argument; returns what stands behind its type.
    fn specifier<'f>(&mut self, format: &'f str, out: &mut String) -> Result<&'f str> {
        let mut specifier = Specifier::default();
        let mut rest = format;
        if let Some((position, after)) = number(rest)?
            && let Some(after) = after.strip_prefix('$')
        {
            specifier.position = Some(from_one(position)?);
            rest = after;
        }
        while let Some(after) = rest.strip_prefix('-') {
            specifier.left = true;
            rest = after;
        }
        rest = self.width(rest, &mut specifier)?;
        let Some(kind) = rest.chars().next() else {
            return Err(Error::data("22023", "unterminated format() type specifier")
                .with_hint("For a single \"%\" use \"%%\"."));
        };
        if !matches!(kind, 's' | 'I' | 'L') {
            let message = format!("unrecognized format() type specifier \"{kind}\"");
            return Err(Error::data("22023", message).with_hint("For a single \"%\" use \"%%\"."));
        }
        let value = self.argument(specifier.position)?;
        let value = match (kind, value) {
            ('s', value) => value.unwrap_or_default(),
            ('L', Some(value)) => quote_literal(&value),
            ('L', None) => "NULL".to_owned(),
            (_, Some(value)) => quote_ident(&value).into_owned(),
            (_, None) => {
                let message = "null values cannot be formatted as an SQL identifier";
                return Err(Error::data("22004", message));
            }
        };
        let missing = specifier.width.saturating_sub(value.chars().count());
        match specifier.left {
            true => out.extend(value.chars().chain(std::iter::repeat_n(' ', missing))),
            false => out.extend(std::iter::repeat_n(' ', missing).chain(value.chars())),
        }
        Ok(rest.get(kind.len_utf8()..).unwrap_or(""))
    }

    /// A width: a number, or `*` for that of an argument, which may be negative.
    fn width<'f>(&mut self, rest: &'f str, specifier: &mut Specifier) -> Result<&'f str> {
        let Some(after) = rest.strip_prefix('*') else {
            return Ok(match number(rest)? {
                Some((width, after)) => {
                    specifier.width = width;
                    after
                }
                None => rest,
            });
        };
        let (position, after) = match number(after)? {
            Some((position, behind)) => match behind.strip_prefix('$') {
                Some(behind) => (Some(from_one(position)?), behind),
                None => {
                    let message = "width argument position must be ended by \"$\"";
                    return Err(Error::data("22023", message));
                }
            },
            None => (None, after),
        };
        let text = self.argument(position)?;
        let width: i32 = match text {
            None => 0,
            Some(text) => text.parse().map_err(|_| {
                Error::data("22P02", format!("invalid input syntax for type integer: \"{text}\""))
            })?,
        };
        specifier.left |= width < 0;
        specifier.width = width.unsigned_abs() as usize;
        if specifier.width > WIDTH_MAX {
            return Err(too_wide());
        }
        Ok(after)
    }

    fn argument(&mut self, position: Option<usize>) -> Result<Option<String>> {
        let index = position.unwrap_or(self.next);
        if index >= self.written.len() {
            return Err(Error::data("22023", "too few arguments for format()"));
        }
        self.next = index + 1;
        self.written.text(index, self.row)
    }
}

/// Characters that an argument can be padded to.
const WIDTH_MAX: usize = 1 << 27;

fn too_wide() -> Error {
    Error::data("22003", "number is out of range")
}

fn from_one(position: usize) -> Result<usize> {
    position.checked_sub(1).ok_or_else(|| {
        Error::data("22023", "format specifies argument 0, but arguments are numbered from 1")
    })
}

/// The number that `text` begins with, and what follows it.
fn number(text: &str) -> Result<Option<(usize, &str)>> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end).unwrap_or(("", text));
    if digits.is_empty() {
        return Ok(None);
    }
    match digits.parse() {
        Ok(number) if number <= WIDTH_MAX => Ok(Some((number, rest))),
        _ => Err(too_wide()),
    }
}

/// The overloads of `format`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("format", [Text] -> Text, formatted, strict: false),
        overload!("format", [Text, Unknown] -> Text, formatted,
            variadic: true, strict: false, zoned: true),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("format('Hello %s, %1$s', 'World')", "Hello World, World"),
            (
                "format('INSERT INTO %I VALUES(%L)', 'Foo bar', E'O\\'Reilly')",
                "INSERT INTO \"Foo bar\" VALUES('O''Reilly')",
            ),
            ("format('|%10s|', 'foo')", "|       foo|"),
            ("format('|%-10s|', 'foo')", "|foo       |"),
            ("format('|%*s|', 10, 'foo')", "|       foo|"),
            ("format('|%*s|', -10, 'foo')", "|foo       |"),
            ("format('|%-*2$s|', 'x', 4, 'foo')", "|foo |"),
            ("format('%3$s %2$s %1$s', 'one', 'two', 'three')", "three two one"),
            ("format('%s%%', 42)", "42%"),
            ("format('%s', NULL)", ""),
            ("format('%L', NULL)", "NULL"),
            ("format(NULL, 1)", "NULL"),
            ("format('plain')", "plain"),
            ("format('%2$s %s', 'a', 'b', 'c')", "b c"),
        ]);
        check_errors(&[
            ("format('%s')", "22023 too few arguments for format()"),
            ("format('%x', 1)", "22023 unrecognized format() type specifier \"x\""),
            ("format('%', 1)", "22023 unterminated format() type specifier"),
            (
                "format('%0$s', 1)",
                "22023 format specifies argument 0, but arguments are numbered from 1",
            ),
            ("format('%I', NULL)", "22004 null values cannot be formatted as an SQL identifier"),
        ]);
    }
}
