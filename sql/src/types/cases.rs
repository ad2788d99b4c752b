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

/// Numbers that are the same in every run.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below.max(1)
    }
}

/// A text with some of its letters changed, doubled or left out.
fn changed(text: &str, sequence: &mut Sequence) -> String {
    let spare: Vec<char> = "019-+:./ ,TtePp{}[]\\\"äx".chars().collect();
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=sequence.next(3) {
        let place = sequence.next(letters.len() + 1);
        match sequence.next(4) {
            0 if place < letters.len() => {
                letters.remove(place);
            }
            1 if place < letters.len() => letters.insert(place, letters[place]),
            _ => letters.insert(place, spare[sequence.next(spare.len())]),
        }
    }
    letters.into_iter().collect()
}

fn lines() -> impl Iterator<Item = (Type, TextStyle, &'static str, &'static str)> {
    let tables = [
        include_str!("cases/scalars.txt"),
        include_str!("cases/times.txt"),
        include_str!("cases/json.txt"),
        include_str!("cases/arrays.txt"),
    ];
    tables.into_iter().flat_map(str::lines).map(|line| {
        let parts: Vec<&str> = line.splitn(4, '\t').collect();
        let style = TextStyle::in_zone(Zone::parse(parts[1]).expect("a zone"));
        (type_of(parts[0]), style, parts[2], parts[3])
    })
}

#[test]
fn what_is_written_is_read_back_from_text_and_from_bytes() {
    let mut sequence = Sequence(1);
    let mut read = 0;
    for (ty, style, text, _) in lines() {
        for _ in 0..20 {
            let text = changed(text, &mut sequence);
            let Ok(value) = parse_text(&text, &ty, &style) else { continue };
            let array = value.to_array().expect("an array");
            let shown = text_of(&array, &ty, &style);
            let again = parse_text(&shown, &ty, &style);
            // What is before the first date in UTC can be in range only in another zone.
            let again = again.unwrap_or_else(|error| panic!("{ty} {text:?} {shown:?}: {error}"));
            assert_eq!(text_of(&again.to_array().expect("an array"), &ty, &style), shown);
            let mut bytes = Vec::new();
            BinaryWriter::new(&array, &ty).expect("a writer").write(0, &mut bytes);
            let again = read_binary(&bytes, &ty).expect("our own bytes");
            assert_eq!(text_of(&again.to_array().expect("an array"), &ty, &style), shown);
            read += 1;
        }
    }
    assert!(read > 5_000, "{read} texts were read");
}

#[test]
fn no_bytes_make_a_reader_panic() {
    let mut sequence = Sequence(2);
    let mut refused = 0;
    for (ty, _, _, expected) in lines() {
        let Some((_, hex)) = expected.split_once('\t').filter(|_| !expected.starts_with('!'))
        else {
            continue;
        };
        let good = bytes_of(hex);
        for _ in 0..20 {
            let mut bytes = good.clone();
            for _ in 0..=sequence.next(3) {
                let place = sequence.next(bytes.len() + 1);
                match sequence.next(3) {
                    0 if place < bytes.len() => {
                        bytes.remove(place);
                    }
                    1 => bytes.insert(place, sequence.next(256) as u8),
                    _ if place < bytes.len() => bytes[place] = sequence.next(256) as u8,
                    _ => bytes.truncate(place / 2),
                }
            }
            refused += usize::from(read_binary(&bytes, &ty).is_err());
        }
    }
    assert!(refused > 5_000, "{refused} were refused");
}

#[test]
fn json_that_is_nested_too_deeply_is_refused() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for ty in [Type::Json, Type::Jsonb] {
        let read = |depth| {
            let read = parse_text(&nested(depth), &ty, &TextStyle::default());
            read.map(|_| ()).map_err(|error| error.code())
        };
        assert_eq!(read(1_000), Ok(()));
        assert_eq!(read(1_001), Err("54001"));
        assert_eq!(read(1_000_000), Err("54001"));
    }
}

#[test]
fn words_of_the_clock_are_those_of_the_session() {
    let style = TextStyle {
        zone: Zone::parse("Asia/Tokyo").expect("a zone"),
        // 1970-01-01 20:00 UTC is the next day in Tokyo.
        now: Some(72_000_000_000),
        names: None,
    };
    let check = |ty: Type, text: &str, expected: &str| {
        let value = parse_text(text, &ty, &style).expect("a value");
        assert_eq!(text_of(&value.to_array().expect("an array"), &ty, &style), expected, "{text}");
    };
    check(Type::Date, "today", "1970-01-02");
    check(Type::Date, "yesterday", "1970-01-01");
    check(Type::Date, "now", "1970-01-02");
    check(Type::Time, "now", "05:00:00");
    check(Type::Timestamp, "now", "1970-01-02 05:00:00");
    check(Type::Timestamp, "tomorrow 04:05", "1970-01-03 04:05:00");
    check(Type::TimestampTz, "now", "1970-01-02 05:00:00+09");
    check(Type::TimestampTz, "today", "1970-01-02 00:00:00+09");
    check(Type::TimestampTz, "today 10:00 UTC", "1970-01-02 19:00:00+09");
    let refused = parse_text("today", &Type::Date, &TextStyle::default());
    assert_eq!(refused.map_err(|error| error.code()), Err("0A000"));
}

#[test]
fn arrays_of_arrays_are_written_and_read() {
    let ty = Type::Array(Box::new(Type::Array(Box::new(Type::Int4))));
    let style = TextStyle::default();
    let value = parse_text("{{1,2},{3,NULL}}", &ty, &style).expect("an array of arrays");
    let array = value.to_array().expect("an array");
    assert_eq!(text_of(&array, &ty, &style), "{{1,2},{3,NULL}}");
    let mut bytes = Vec::new();
    BinaryWriter::new(&array, &ty).expect("a writer").write(0, &mut bytes);
    let expected = "0000000200000001000000170000000200000001000000020000000100000004000000010000\
                    0004000000020000000400000003ffffffff";
    assert_eq!(hex(&bytes), expected);
    let again = read_binary(&bytes, &ty).expect("our own bytes");
    assert_eq!(text_of(&again.to_array().expect("an array"), &ty, &style), "{{1,2},{3,NULL}}");
    let uneven = parse_text("{{1,2},{3}}", &ty, &style);
    assert_eq!(uneven.map_err(|error| error.code()), Err("22P02"));
}
