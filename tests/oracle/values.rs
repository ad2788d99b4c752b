//! The types of generated columns, with values that meet and values at their limits.
use tidemill_tests::Random;

/// The type of a generated column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Small,
    Int,
    Big,
    Real,
    Double,
    Numeric,
    Wide,
    Text,
    Bool,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Interval,
    Uuid,
    Bytea,
    Jsonb,
    /// Of no column: a type that is only passed on.
    Other,
}

/// A column with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub ty: Type,
}

/// What values a case has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taste {
    /// Values at the limits of their types, so that expressions overflow.
    pub wild: bool,
    /// Whether expressions may fail.
    pub failing: bool,
    /// Whether thousands of rows are loaded at once.
    pub big: bool,
}

impl Type {
    pub const ALL: [Type; 17] = [
        Type::Small,
        Type::Int,
        Type::Big,
        Type::Real,
        Type::Double,
        Type::Numeric,
        Type::Wide,
        Type::Text,
        Type::Bool,
        Type::Date,
        Type::Time,
        Type::Timestamp,
        Type::Timestamptz,
        Type::Interval,
        Type::Uuid,
        Type::Bytea,
        Type::Jsonb,
    ];

    /// As CREATE TABLE says it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Small => "smallint",
            Type::Int => "int",
            Type::Big => "bigint",
            Type::Real => "real",
            Type::Double => "double precision",
            Type::Numeric => "numeric(12,2)",
            Type::Wide => "numeric(24,8)",
            Type::Text => "text",
            Type::Bool => "boolean",
            Type::Date => "date",
            Type::Time => "time",
            Type::Timestamp => "timestamp",
            Type::Timestamptz => "timestamptz",
            Type::Interval => "interval",
            Type::Uuid => "uuid",
            Type::Bytea => "bytea",
            Type::Jsonb | Type::Other => "jsonb",
        }
    }

    /// The type of this name.
    pub fn named(name: &str) -> Self {
        let found = Self::ALL.iter().find(|ty| ty.name() == name);
        *found.expect("a type of the oracle's")
    }

    pub fn is_number(self) -> bool {
        use Type::{Big, Double, Int, Numeric, Real, Small, Wide};
        matches!(self, Small | Int | Big | Real | Double | Numeric | Wide)
    }

    pub fn is_integer(self) -> bool {
        matches!(self, Type::Small | Type::Int | Type::Big)
    }

    pub fn is_float(self) -> bool {
        matches!(self, Type::Real | Type::Double)
    }

    /// Whether there is a min of it.
    pub fn has_extremes(self) -> bool {
        use Type::{Bool, Bytea, Jsonb, Other, Uuid};
        !matches!(self, Bool | Bytea | Jsonb | Other | Uuid)
    }
}

/// A value as SQL text, NULL at times; few different ones, so that they meet.
pub fn literal(random: &mut Random, ty: Type, taste: Taste) -> String {
    if random.chance(15) { "NULL".into() } else { value(random, ty, taste) }
}

/// A value as SQL text.
pub fn value(random: &mut Random, ty: Type, taste: Taste) -> String {
    let raw = raw(random, ty, taste);
    let bare = ty.is_integer() && !raw.starts_with('-') || ty == Type::Bool;
    if bare { raw } else { format!("'{}'", raw.replace('\'', "''")) }
}

/// A value as COPY's text format has it, without escapes.
pub fn raw(random: &mut Random, ty: Type, taste: Taste) -> String {
    let pick = |random: &mut Random, texts: &[&str]| (*random.pick(texts)).to_owned();
    // Sums of the greatest floats overflow.
    if taste.wild && (taste.failing || !ty.is_float()) && random.chance(20) {
        let limits = limits(ty);
        if !limits.is_empty() {
            return pick(random, limits);
        }
    }
    match ty {
        Type::Small => (random.below(9) - 4).to_string(),
        Type::Int => (random.below(13) - 4).to_string(),
        Type::Big => {
            let small = i64::from(random.below(9) - 4);
            (if random.chance(20) { small * 4_000_000_000 } else { small }).to_string()
        }
        Type::Real => float(random, 30).parse::<f32>().expect("a float").to_string(),
        Type::Double => float(random, 300),
        Type::Numeric => format!("{}.{:02}", random.below(21) - 10, random.below(100)),
        Type::Wide => match random.below(3) {
            0 => format!("{}.{:08}", random.below(21) - 10, random.below(100_000_000)),
            1 => format!("{}.5", random.below(5)),
            _ => format!("{}{:09}", random.below(5), random.below(1_000_000_000)),
        },
        Type::Text if taste.failing && random.chance(60) => pick(
            random,
            &["1", "22", " 7 ", "-3", "0", "x", "", "1.5", "1e3", "2013-02-29", "2012-02-29"],
        ),
        Type::Text => text(random),
        Type::Bool => pick(random, &["true", "false"]),
        Type::Date => {
            format!("20{:02}-0{}-1{}", random.below(3) + 12, 1 + random.below(9), random.below(9))
        }
        Type::Time => format!("{:02}:{:02}:0{}.5", random.below(24), random.below(4), 0),
        Type::Timestamp => moment(random),
        Type::Timestamptz => format!("{}+0{}", moment(random), random.below(3)),
        Type::Interval => pick(
            random,
            &["1 month", "30 days", "720 hours", "-1 day", "0", "1 day 1 second", "00:00:00.5"],
        ),
        Type::Uuid => format!("00000000-0000-4000-8000-00000000000{}", random.below(6)),
        Type::Bytea => pick(random, &["\\x", "\\x00", "\\x00ff", "\\x61", "\\xff", "\\x6162"]),
        Type::Jsonb => pick(
            random,
            &[
                "{}",
                "[]",
                "null",
                "1",
                "\"a\"",
                "{\"a\": 1}",
                "{\"b\": [1, null], \"a\": 1}",
                "true",
            ],
        ),
        Type::Other => "null".into(),
    }
}

fn moment(random: &mut Random) -> String {
    let fraction = if random.chance(20) { ".000001" } else { "" };
    let (day, hour, minute) = (1 + random.below(3), random.below(24), random.below(60));
    format!("2013-01-0{day} {hour:02}:{minute:02}:00{fraction}")
}

/// Neither sums of thousands nor of sums of these overflow.
fn float(random: &mut Random, exponent: i32) -> String {
    match random.below(10) {
        0..=2 => format!("{}", f64::from(random.below(65) - 32) / 8.0),
        3..=5 => format!("{}", f64::from(random.below(41) - 20) / 10.0),
        6 => {
            let special = ["NaN", "inf", "-inf", "-0", "0", "1e-30", "-1e-30"];
            (*random.pick(&special)).to_owned()
        }
        7 if exponent > 100 => {
            (*random.pick(&["5e-324", "-5e-324", "2.2250738585072014e-308", "1e-310"])).to_owned()
        }
        7 => (*random.pick(&["1e-45", "-1.1754944e-38"])).to_owned(),
        _ => {
            let mantissa = random.number() as f64 / (1_u64 << 53) as f64;
            let power = random.below(2 * exponent + 1) - exponent;
            let sign = if random.chance(50) { "-" } else { "" };
            let value: f64 = format!("{sign}{mantissa}e{power}").parse().expect("a float");
            format!("{value:e}")
        }
    }
}

/// All of Unicode, few texts often.
fn text(random: &mut Random) -> String {
    match random.below(12) {
        0 => {
            let length = 1 + random.below(6);
            (0..length).map(|_| character(random)).collect()
        }
        1 if random.chance(10) => "long ".repeat(2_000),
        1 => "ǅ ß İ ſ ﬁ Σας".into(),
        _ => {
            let texts =
                ["", "a", "A", "ab", "b", "it's", "é", "e\u{301}", "z z", "\u{10ffff}", "😀"];
            (*random.pick(&texts)).into()
        }
    }
}

fn character(random: &mut Random) -> char {
    loop {
        let end = *random.pick(&[0x80, 0x600, 0x3000, 0x11_0000]);
        let found = char::from_u32(random.below(end).unsigned_abs());
        // Control characters would break the lines that cases are written in.
        let found = found.filter(|c| !c.is_control() && *c != ';' && *c != '*');
        if let Some(found) = found.filter(|c| !has_young_case(*c)) {
            return found;
        }
    }
}

/// Whether it got its other case only with Unicode 16 or later, which the C library under
/// PostgreSQL may not know yet.
fn has_young_case(character: char) -> bool {
    matches!(character,
        '\u{19b}' | '\u{264}' | '\u{1c89}' | '\u{1c8a}' | '\u{a7cb}'..='\u{a7cf}'
        | '\u{a7d2}'..='\u{a7d5}' | '\u{a7da}'..='\u{a7dc}'
        | '\u{10d50}'..='\u{10d85}' | '\u{16ea0}'..='\u{16ed3}')
}

fn limits(ty: Type) -> &'static [&'static str] {
    match ty {
        Type::Small => &["32767", "-32768"],
        Type::Int => &["2147483647", "-2147483648", "40000", "70000"],
        Type::Big => &["9223372036854775807", "-9223372036854775808", "3000000000"],
        Type::Real => &["3.4028235e38", "-3.4028235e38", "1e-45"],
        Type::Double => &["1.7976931348623157e308", "-1.7976931348623157e308", "5e-324", "3e9"],
        Type::Numeric => &["9999999999.99", "-9999999999.99", "0.01", "2147483647.50"],
        Type::Wide => &["9999999999999999.99999999", "0.00000001"],
        Type::Date => &["infinity", "-infinity", "5874897-12-31", "4714-11-24 BC"],
        Type::Timestamp | Type::Timestamptz => &["infinity", "-infinity", "0044-03-15 12:00:00 BC"],
        Type::Time => &["00:00:00", "24:00:00", "23:59:59.999999"],
        Type::Interval => &["178000000 years", "-178000000 years", "2147483647 days"],
        Type::Text => &["99999999999", "-2147483648", "true"],
        Type::Jsonb => &["1.0", "1.5e2", "150"],
        _ => &[],
    }
}
