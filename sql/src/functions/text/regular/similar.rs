//! `similar_to_escape`: the pattern of SIMILAR TO as a regular expression.
//!
//! `x SIMILAR TO p ESCAPE e` is called as `x ~ similar_to_escape(p, e)`.
use engine::{Error, Result};

use crate::functions::Overload;
use crate::functions::kernel::{map1, map2, overload};

fn similar(pattern: &str, escape: &str) -> Result<String> {
    let mut characters = escape.chars();
    let escape = characters.next();
    if characters.next().is_some() {
        return Err(Error::data("22025", "invalid escape string")
            .with_hint("Escape string must be empty or one character."));
    }
    let mut out = String::from("^(?:");
    let mut escaped = false;
    let mut bracket = false;
    for one in pattern.chars() {
        if escaped {
            out.push('\\');
            out.push(one);
            escaped = false;
        } else if Some(one) == escape {
            escaped = true;
        } else if bracket {
            if one == '\\' {
                out.push('\\');
            }
            out.push(one);
            bracket = one != ']';
        } else {
            match one {
                '[' => {
                    out.push(one);
                    bracket = true;
                }
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                '(' => out.push_str("(?:"),
                '\\' | '.' | '^' | '$' => {
                    out.push('\\');
                    out.push(one);
                }
                _ => out.push(one),
            }
        }
    }
    out.push_str(")$");
    Ok(out)
}

/// The overloads of `similar_to_escape`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("similar_to_escape", [Text] -> Text,
            |arguments| map1(arguments, |pattern: &str| similar(pattern, "\\"))),
        overload!("similar_to_escape", [Text, Text] -> Text,
            |arguments| map2(arguments, similar)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("similar_to_escape('a%')", "^(?:a.*)$"),
            ("'abc' ~ similar_to_escape('abc')", "t"),
            ("'abc' ~ similar_to_escape('a')", "f"),
            ("'abc' ~ similar_to_escape('%(b|d)%')", "t"),
            ("'abc' ~ similar_to_escape('(b|c)%')", "f"),
            ("'a.c' ~ similar_to_escape('a.c')", "t"),
            ("'abc' ~ similar_to_escape('a.c')", "f"),
            ("'a%' ~ similar_to_escape('a#%', '#')", "t"),
            ("'ab' ~ similar_to_escape('[a-c]_')", "t"),
        ]);
    }
}
