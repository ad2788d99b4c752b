//! `||` of texts.
use crate::functions::Overload;
use crate::functions::kernel::{map2, overload};

/// The overloads of `||` over text and bytes.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("||", [Text, Text] -> Text,
            |arguments| map2(arguments, |left: &str, right: &str| [left, right].concat())),
        overload!("||", [Bytea, Bytea] -> Bytea,
            |arguments| map2(arguments, |left: &[u8], right: &[u8]| [left, right].concat())),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("'Post' || 'greSQL'", "PostgreSQL"),
            ("'a'::text || NULL", "NULL"),
            ("'' || ''", ""),
        ]);
    }
}
