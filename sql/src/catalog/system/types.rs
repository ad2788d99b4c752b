//! The types as pg_type says them.
//!
//! `types.txt` has a line for each: oid, name, length, whether by value, kind (`b` or `p`),
//! category, whether preferred, element, array, input, output, receive, send, alignment,
//! storage, collation. `input_output.txt` names the functions that such a line refers to.
use std::sync::LazyLock;

use crate::types::{Moment, Type};

/// A row of pg_type.
pub(super) struct Form {
    pub(super) oid: i64,
    pub(super) name: &'static str,
    pub(super) length: i64,
    pub(super) by_value: bool,
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) preferred: bool,
    pub(super) element: i64,
    pub(super) array: i64,
    /// Input, output, receive, send.
    pub(super) functions: [i64; 4],
    pub(super) align: &'static str,
    pub(super) storage: &'static str,
    pub(super) collation: i64,
}

/// A function that reads or writes values of a type; the wire calls it, SQL cannot.
pub(super) struct InputOutput {
    pub(super) oid: i64,
    pub(super) name: &'static str,
    pub(super) result: i64,
    pub(super) arguments: Vec<i64>,
}

/// All types, by oid.
pub(super) static FORMS: LazyLock<Vec<Form>> =
    LazyLock::new(|| include_str!("types.txt").lines().filter_map(parse_form).collect());

/// The functions of types, by oid.
pub(super) static INPUT_OUTPUT: LazyLock<Vec<InputOutput>> = LazyLock::new(|| {
    include_str!("input_output.txt").lines().filter_map(parse_input_output).collect()
});

/// The row of a type.
pub(super) fn form(ty: &Type) -> Option<&'static Form> {
    let oid = i64::from(ty.oid());
    FORMS.iter().find(|form| form.oid == oid)
}

fn parse_form(line: &'static str) -> Option<Form> {
    let mut words = line.split(' ');
    let mut next = || words.next();
    let number = |word: Option<&str>| word?.parse().ok();
    Some(Form {
        oid: number(next())?,
        name: next()?,
        length: number(next())?,
        by_value: next()? == "t",
        kind: next()?,
        category: next()?,
        preferred: next()? == "t",
        element: number(next())?,
        array: number(next())?,
        functions: [number(next())?, number(next())?, number(next())?, number(next())?],
        align: next()?,
        storage: next()?,
        collation: number(next())?,
    })
}

fn parse_input_output(line: &'static str) -> Option<InputOutput> {
    let mut words = line.split(' ');
    let oid = words.next()?.parse().ok()?;
    let (name, result) = (words.next()?, words.next()?.parse().ok()?);
    let arguments = words.next()?.split(',').map(|oid| oid.parse().ok()).collect::<Option<_>>()?;
    Some(InputOutput { oid, name, result, arguments })
}

/// The type of an oid with a modifier, as `format_type` writes it.
pub(super) fn formatted(oid: i64, modifier: Option<i64>) -> String {
    if oid == 0 {
        return "-".to_owned();
    }
    let Some(form) = FORMS.iter().find(|form| form.oid == oid) else {
        return "???".to_owned();
    };
    if form.category == "A" && form.array == 0 {
        return format!("{}[]", formatted(form.element, modifier));
    }
    let digits = modifier.and_then(|modifier| u8::try_from(modifier).ok());
    let moment = [Moment::Time, Moment::Timestamp, Moment::TimestampTz];
    let rounded = |digits| moment.into_iter().map(move |moment| Type::Rounded(moment, digits));
    if let Some(ty) = digits.and_then(|n| rounded(n).find(|ty| i64::from(ty.oid()) == oid)) {
        return ty.to_string();
    }
    let modifier = modifier.filter(|modifier| *modifier >= 4).map(|modifier| modifier - 4);
    match (form.name, modifier) {
        ("bpchar", Some(length)) => format!("character({length})"),
        ("any", _) => "\"any\"".to_owned(),
        ("bpchar", None) => "character".to_owned(),
        ("varchar", Some(length)) => format!("character varying({length})"),
        ("numeric", Some(digits)) => {
            let (precision, scale) = (digits >> 16 & 0xffff, digits & 0x7ff);
            format!("numeric({precision},{scale})")
        }
        _ => {
            let ty = u32::try_from(oid).ok().and_then(Type::of_oid);
            ty.map_or_else(|| form.name.to_owned(), |ty| ty.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_row() {
        assert_eq!(FORMS.len(), include_str!("types.txt").lines().count());
        assert_eq!(INPUT_OUTPUT.len(), include_str!("input_output.txt").lines().count());
        for form in FORMS.iter().filter(|form| form.kind == "b") {
            assert_eq!(form.array == 0, form.name.starts_with('_'), "{}", form.name);
        }
    }

    #[test]
    fn types_are_written_with_their_modifiers() {
        for (oid, modifier, expected) in [
            (23, None, "integer"),
            (1700, Some(655_366), "numeric(10,2)"),
            (1043, Some(24), "character varying(20)"),
            (1043, Some(-1), "character varying"),
            (1042, Some(5), "character(1)"),
            (1015, Some(24), "character varying(20)[]"),
            (18, None, "\"char\""),
            (1184, Some(-1), "timestamp with time zone"),
            (4_000_000, None, "???"),
        ] {
            assert_eq!(formatted(oid, modifier), expected);
        }
    }
}
