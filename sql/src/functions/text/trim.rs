//! `btrim`, `ltrim` and `rtrim`: cut characters off the ends; blanks, if none are named.
use crate::functions::Overload;
use crate::functions::kernel::{Fallible, map1, map2, overload};

fn both<'a>(text: &'a str, set: &str) -> &'a str {
    text.trim_matches(|one| set.contains(one))
}

fn left<'a>(text: &'a str, set: &str) -> &'a str {
    text.trim_start_matches(|one| set.contains(one))
}

fn right<'a>(text: &'a str, set: &str) -> &'a str {
    text.trim_end_matches(|one| set.contains(one))
}

macro_rules! trims {
    ($($name:literal, $function:ident;)*) => {
        /// The overloads of `btrim`, `ltrim` and `rtrim`.
        pub(super) fn overloads() -> Vec<Overload> {
            vec![$(
                overload!($name, [Text] -> Text,
                    |arguments| map1(arguments, |text: &str| $function(text, " ").to_owned()),
                    fallible: Fallible::Never),
                overload!($name, [Text, Text] -> Text,
                    |arguments| map2(arguments, |text: &str, set: &str| {
                        $function(text, set).to_owned()
                    }), fallible: Fallible::Never),
            )*]
        }
    };
}

trims! {
    "btrim", both;
    "ltrim", left;
    "rtrim", right;
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("btrim('  trim  ')", "trim"),
            ("btrim('xyxtrimyyx', 'xyz')", "trim"),
            ("btrim('trim', '')", "trim"),
            ("btrim(E'\\t a ')", "\t a"),
            ("ltrim('zzzytest', 'xyz')", "test"),
            ("rtrim('testxxzx', 'xyz')", "test"),
            ("ltrim('éétest', 'é')", "test"),
            ("rtrim('xxx', 'x')", ""),
            ("btrim(NULL)", "NULL"),
        ]);
    }
}
