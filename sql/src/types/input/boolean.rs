//! Booleans from text.
use super::fault::{invalid, trimmed};
use crate::Result;

/// Reads a boolean: `true`, `yes`, `on`, `1` and their like, also cut short.
pub(crate) fn boolean(text: &str) -> Result<bool> {
    let word = trimmed(text);
    let begins = |whole: &str| {
        !word.is_empty()
            && whole.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if begins("true") || begins("yes") || word == "1" || word.eq_ignore_ascii_case("on") {
        Ok(true)
    } else if begins("false") || begins("no") || word == "0" || (begins("off") && word.len() > 1) {
        Ok(false)
    } else {
        Err(invalid("boolean", text))
    }
}
