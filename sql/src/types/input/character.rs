//! Strings of a declared length.
use std::borrow::Cow;

use crate::{Error, Result};

/// Bytes of the longest name.
const NAME_BYTES_MAX: usize = 63;

/// What happens to characters beyond the declared length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fit {
    /// They are cut off, as an explicit cast does.
    Cut,
    /// They are refused unless they are blanks.
    Refuse,
}

/// `text` as a character varying(length).
pub(crate) fn fit_varchar(text: &str, length: u32, fit: Fit) -> Result<&str> {
    shorten(text, length, fit, "character varying")
}

/// `text` as a character(length), padded with blanks.
pub(crate) fn fit_char(text: &str, length: u32, fit: Fit) -> Result<Cow<'_, str>> {
    let text = shorten(text, length, fit, "character")?;
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    let missing = wanted.saturating_sub(text.chars().count());
    if missing == 0 {
        return Ok(Cow::Borrowed(text));
    }
    let mut padded = String::with_capacity(text.len() + missing);
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(' ', missing));
    Ok(Cow::Owned(padded))
}

/// `text` as a name, of which what is too long is cut off.
pub(crate) fn name(text: &str) -> &str {
    let end = text.floor_char_boundary(NAME_BYTES_MAX);
    text.get(..end).unwrap_or(text)
}

/// `text` as a `"char"`: its first character.
pub(crate) fn byte_char(text: &str) -> &str {
    text.char_indices().nth(1).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn shorten<'a>(text: &'a str, length: u32, fit: Fit, type_name: &str) -> Result<&'a str> {
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    if text.len() <= wanted {
        return Ok(text);
    }
    let Some((end, _)) = text.char_indices().nth(wanted) else { return Ok(text) };
    let (kept, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if fit == Fit::Refuse && rest.bytes().any(|byte| byte != b' ') {
        let message = format!("value too long for type {type_name}({length})");
        return Err(Error::new("22001", message));
    }
    Ok(kept)
}
