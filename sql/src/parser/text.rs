//! Where a token stands in its text.
use sqlparser::tokenizer::Location;

/// The byte at which `location` is in `sql`; its end if it lies beyond.
pub(super) fn offset(sql: &str, location: Location) -> usize {
    let Some(line) = usize::try_from(location.line).ok().and_then(|line| line.checked_sub(1))
    else {
        return sql.len();
    };
    let column = usize::try_from(location.column).unwrap_or(usize::MAX).saturating_sub(1);
    let start: usize = sql.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = sql.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column).map_or(rest.len(), |(byte, _)| byte)
}

/// The text from `start` to before `end`.
pub(super) fn slice(sql: &str, start: Location, end: Location) -> &str {
    sql.get(offset(sql, start)..offset(sql, end)).unwrap_or_default().trim()
}

/// Finds places of a text that come one behind the other, so that all of them together cost
/// no more than the text is long.
pub(super) struct Cursor<'a> {
    sql: &'a str,
    byte: usize,
    at: Location,
}

impl<'a> Cursor<'a> {
    /// A cursor at the front of `sql`.
    pub(super) fn new(sql: &'a str) -> Self {
        Self { sql, byte: 0, at: Location::new(1, 1) }
    }

    /// The text from `start` to before `end`, neither of which lies before what was found last.
    pub(super) fn slice(&mut self, start: Location, end: Location) -> &'a str {
        let (start, end) = (self.seek(start), self.seek(end));
        self.sql.get(start..end).unwrap_or_default().trim()
    }

    fn seek(&mut self, wanted: Location) -> usize {
        for c in self.sql.get(self.byte..).unwrap_or_default().chars() {
            if self.at >= wanted {
                break;
            }
            self.byte += c.len_utf8();
            self.at = match c {
                '\n' => Location::new(self.at.line + 1, 1),
                _ => Location::new(self.at.line, self.at.column + 1),
            };
        }
        self.byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_finds_what_is_found_from_the_front() {
        let sql = "ä; bö\n;\n\n  ü\nx";
        let mut cursor = Cursor::new(sql);
        for (line, column) in [(1, 1), (1, 2), (1, 4), (2, 1), (4, 3), (4, 4), (5, 1), (9, 9)] {
            let place = Location::new(line, column);
            assert_eq!(cursor.seek(place), offset(sql, place), "{line} {column}");
        }
    }
}
