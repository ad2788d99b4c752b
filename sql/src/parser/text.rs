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
