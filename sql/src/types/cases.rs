//! Tables of texts with what PostgreSQL 15 makes of them: its text, its bytes, its errors.
//!
//! A line holds a type, a time zone and a text, then what the value is written as and its bytes
//! on the wire; or `!` with the SQLSTATE, and the message.
use std::collections::BTreeSet;

use arrow::array::ArrayRef;

use super::{BinaryWriter, ColumnBuilder, TextStyle, TextWriter, Type, Zone};
use super::{parse_text, read_binary};

pub(crate) fn type_of(name: &str) -> Type {
    let name = match name {
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        other => other,
    };
    if let Some(item) = name.strip_suffix("[]") {
        return Type::Array(Box::new(type_of(item)));
    }
    let tag = name
        .replace("character varying(", "varchar:")
        .replace("character(", "char:")
        .replace("numeric(", "numeric:")
        .replace(',', ":")
        .replace(')', "");
    let field = Type::Text.field("t", true);
    let metadata = [(super::TYPE_METADATA.to_owned(), tag)].into();
    let ty = Type::of_field(&field.with_metadata(metadata));
    assert!(ty != Type::Text || name == "text", "no type {name}");
    ty
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().collect();
    let byte = |pair: &[char]| {
        u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal digits")
    };
    digits.chunks(2).map(byte).collect()
}

fn text_of(array: &ArrayRef, ty: &Type, style: &TextStyle) -> String {
    let mut out = Vec::new();
    TextWriter::new(array, ty, style).expect("a writer").write(0, &mut out);
    String::from_utf8(out).expect("text")
}

/// What we make of one line, in the form of the table.
fn ours(ty: &Type, style: &TextStyle, text: &str) -> String {
    let mut builder = ColumnBuilder::with_capacity(ty, style, 1);
    let built = builder.append_text(text);
    let value = match parse_text(text, ty, style) {
        Ok(value) => value,
        Err(error) => {
            let same = built.expect_err("both readers fail");
            assert_eq!(same.message(), error.message());
            return format!("!{}\t{}", error.code(), error.message());
        }
    };
    built.expect("both readers succeed");
    let array = value.to_array().expect("an array");
    let column = builder.finish();
    assert_eq!(&column, &array, "{text}");
    assert_eq!(column.data_type(), &ty.arrow());
    let mut bytes = Vec::new();
    BinaryWriter::new(&array, ty).expect("a writer").write(0, &mut bytes);
    format!("{}\t{}", text_of(&array, ty, style), hex(&bytes))
}

/// Checks every line of a table. What `known` names by type and text is ours to differ, and
/// then begins as it says.
fn check(table: &str, known: &[(&str, &str, &str)]) {
    let mut wrong = Vec::new();
    let mut unused: BTreeSet<usize> = (0..known.len()).collect();
    for line in table.lines() {
        let mut parts = line.splitn(4, '\t');
        let mut part = || parts.next().expect("four parts");
        let (name, zone, text, expected) = (part(), part(), part(), part());
        let ty = type_of(name);
        let style = TextStyle::in_zone(Zone::parse(zone).expect("a zone"));
        let found = ours(&ty, &style, text);
        let differs = known.iter().position(|known| known.0 == name && known.1 == text);
        if let Some(place) = differs
            && found.starts_with(known[place].2)
        {
            unused.remove(&place);
            continue;
        }
        if found != expected {
            wrong.push(format!("{name} [{zone}] {text:?}\n   pg {expected}\n  own {found}"));
        }
        if let Some((shown, bytes)) = expected.split_once('\t').filter(|_| found == expected)
            && !expected.starts_with('!')
        {
            let value = read_binary(&bytes_of(bytes), &ty).expect("bytes of PostgreSQL");
            let array = value.to_array().expect("an array");
            assert_eq!(text_of(&array, &ty, &style), shown, "{name} {bytes}");
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unused.is_empty(), "no longer differ: {unused:?}");
}

#[test]
fn numbers_and_strings_are_those_of_postgresql() {
    let known = [
        // What C's library reads besides: a signed NaN, hexadecimal digits.
        ("real", "-nan", "!22P02"),
        ("real", "0x10", "!22P02"),
        ("double precision", "-nan", "!22P02"),
        ("double precision", "0x10", "!22P02"),
    ];
    check(include_str!("cases/scalars.txt"), &known);
}

#[test]
fn dates_and_times_are_those_of_postgresql() {
    let known = [
        // Labels within a date are read by nobody else.
        ("date", "y2001m02d04", "!22007"),
        // Here timestamps end 29 years before PostgreSQL's.
        ("timestamptz", "294247-01-10 04:00:54", "!22008"),
        // The time of an interval is held in nanoseconds.
        ("interval", "9300000000 seconds", "!22008"),
    ];
    check(include_str!("cases/times.txt"), &known);
}

#[test]
fn json_is_that_of_postgresql() {
    check(include_str!("cases/json.txt"), &[]);
}

#[test]
fn arrays_are_those_of_postgresql() {
    check(include_str!("cases/arrays.txt"), &[]);
}
