//! The parts of a JSON text, as slices of it.
//!
//! The text is known to be JSON: it was read as such when it became a value. What is not is
//! taken to end where it stops making sense.
use std::borrow::Cow;

/// What a JSON text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

impl Kind {
    /// What `text` is.
    pub(super) fn of(text: &str) -> Self {
        match text.trim_start().bytes().next() {
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b'"') => Self::String,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'n') => Self::Null,
            _ => Self::Number,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Array => "array",
            Self::String => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
        }
    }

    /// Whether it is neither object nor array.
    pub(super) fn is_scalar(self) -> bool {
        !matches!(self, Self::Object | Self::Array)
    }
}

/// The bytes of the string or other value that `text` begins with.
fn length(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut inside = false;
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        if inside {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    inside = false;
                    if depth == 0 {
                        return place + 1;
                    }
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => inside = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return place,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return place + 1;
                }
            }
            b',' | b':' | b' ' | b'\n' | b'\t' | b'\r' if depth == 0 => return place,
            _ => {}
        }
    }
    text.len()
}

/// Takes a value off the front of `rest`, and what separates it from the next.
fn take<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let (value, after) = text.split_at_checked(length(text))?;
    let after = after.trim_start();
    *rest = after.strip_prefix([',', ':']).unwrap_or(after);
    if value.is_empty() { None } else { Some(value) }
}

fn inner(text: &str, open: char, close: char) -> Option<&str> {
    text.trim().strip_prefix(open)?.strip_suffix(close)
}

/// The elements of an array; None if it is none.
pub(super) fn elements(text: &str) -> Option<impl Iterator<Item = &str>> {
    let mut rest = inner(text, '[', ']')?;
    Some(std::iter::from_fn(move || take(&mut rest)))
}

/// The members of an object, keys as they are quoted; None if it is none.
pub(super) fn members(text: &str) -> Option<impl Iterator<Item = (&str, &str)>> {
    let mut rest = inner(text, '{', '}')?;
    Some(std::iter::from_fn(move || Some((take(&mut rest)?, take(&mut rest)?))))
}

/// The text that a quoted string means.
pub(super) fn unquoted(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let inner = inner.unwrap_or(quoted);
    match inner.contains('\\') {
        false => Cow::Borrowed(inner),
        true => match serde_json::from_str(quoted) {
            Ok(text) => Cow::Owned(text),
            Err(_) => Cow::Borrowed(inner),
        },
    }
}

/// `text` as a quoted string.
pub(super) fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(one))),
            _ => out.push(one),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_stands_in_strings() {
        let text = r#" { "a" : [1, "x]\"}", {"b": null}], "c}" :-1.5e3 , "d":"" } "#;
        let found: Vec<_> = members(text).unwrap().collect();
        assert_eq!(
            found,
            [("\"a\"", r#"[1, "x]\"}", {"b": null}]"#), ("\"c}\"", "-1.5e3"), ("\"d\"", "\"\"")]
        );
        let inner: Vec<_> = elements(found[0].1).unwrap().collect();
        assert_eq!(inner, ["1", r#""x]\"}""#, r#"{"b": null}"#]);
        assert_eq!(elements("[]").unwrap().count(), 0);
        assert_eq!(members("{}").unwrap().count(), 0);
        assert!(members("[1]").is_none());
        assert_eq!(unquoted(r#""a\n\u00e9""#), "a\né");
    }
}
