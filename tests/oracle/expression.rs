//! Values, predicates and expressions that never fail, as text.
use tidemill_tests::Random;

/// The types of generated columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Int,
    Big,
    Double,
    Numeric,
    Text,
    Bool,
    Date,
    Timestamp,
}

/// A column with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub ty: Type,
}

impl Type {
    pub const ALL: [Type; 8] = [
        Type::Int,
        Type::Big,
        Type::Double,
        Type::Numeric,
        Type::Text,
        Type::Bool,
        Type::Date,
        Type::Timestamp,
    ];

    /// As CREATE TABLE says it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Int => "int",
            Type::Big => "bigint",
            Type::Double => "double precision",
            Type::Numeric => "numeric(12,2)",
            Type::Text => "text",
            Type::Bool => "boolean",
            Type::Date => "date",
            Type::Timestamp => "timestamp",
        }
    }

    pub fn is_number(self) -> bool {
        matches!(self, Type::Int | Type::Big | Type::Double | Type::Numeric)
    }
}

/// A value, NULL at times; few different ones, so that they meet.
pub fn literal(random: &mut Random, ty: Type) -> String {
    if random.chance(15) { "NULL".into() } else { value(random, ty) }
}

fn value(random: &mut Random, ty: Type) -> String {
    match ty {
        Type::Int => (random.below(13) - 4).to_string(),
        Type::Big => {
            let small = i64::from(random.below(9) - 4);
            (if random.chance(20) { small * 4_000_000_000 } else { small }).to_string()
        }
        // Eighths: their sums are exact in any order, also in PostgreSQL.
        Type::Double => format!("{}", f64::from(random.below(65) - 32) / 8.0),
        Type::Numeric => format!("{}.{:02}", random.below(21) - 10, random.below(100)),
        Type::Text => {
            let texts = ["''", "'a'", "'A'", "'ab'", "'b'", "'it''s'", "'é'", "'z z'"];
            (*random.pick(&texts)).into()
        }
        Type::Bool => (*random.pick(&["true", "false"])).into(),
        Type::Date => {
            format!("'20{:02}-0{}-1{}'", random.below(3) + 12, 1 + random.below(9), random.below(9))
        }
        Type::Timestamp => format!(
            "'2013-01-0{} {:02}:{:02}:00'",
            1 + random.below(3),
            random.below(24),
            random.below(60)
        ),
    }
}

/// A condition over some of the columns.
pub fn predicate(random: &mut Random, columns: &[Column]) -> String {
    let simple = comparison(random, columns);
    match random.below(6) {
        0 => format!("{simple} AND {}", comparison(random, columns)),
        1 => format!("({simple} OR {})", comparison(random, columns)),
        2 => format!("NOT ({simple})"),
        _ => simple,
    }
}

fn comparison(random: &mut Random, columns: &[Column]) -> String {
    let column = random.pick(columns).clone();
    let name = &column.name;
    let operator = *random.pick(&["=", "<>", "<", "<=", ">", ">="]);
    match random.below(8) {
        0 => format!("{name} IS NULL"),
        1 => format!("{name} IS NOT NULL"),
        2 => format!("{name} IS DISTINCT FROM {}", value(random, column.ty)),
        3 => {
            let (one, two) = (value(random, column.ty), value(random, column.ty));
            format!("{name} IN ({one}, {two})")
        }
        4 if column.ty.is_number() => {
            let others: Vec<&Column> =
                columns.iter().filter(|other| other.ty.is_number()).collect();
            format!("{name} {operator} {}", random.pick(&others).name)
        }
        _ => format!("{name} {operator} {}", value(random, column.ty)),
    }
}

/// An expression with its type, of columns whose names may be qualified.
pub fn scalar(random: &mut Random, columns: &[Column]) -> (String, Type) {
    let column = random.pick(columns).clone();
    let name = &column.name;
    match (random.below(8), column.ty) {
        (0, Type::Int) => (format!("{name} + {}", random.below(9)), Type::Int),
        (1, Type::Int) => (format!("{name} * 3 - 1"), Type::Int),
        (2, ty) if ty.is_number() => (format!("-{name}"), ty),
        (3, ty) => (format!("coalesce({name}, {})", value(random, ty)), ty),
        (4, _) => {
            let when = predicate(random, columns);
            (format!("CASE WHEN {when} THEN 1 ELSE 0 END"), Type::Int)
        }
        (5, Type::Text) => (format!("upper({name})"), Type::Text),
        (5, _) => (format!("({name} IS NULL)"), Type::Bool),
        (6, Type::Text) => (format!("length({name})"), Type::Int),
        (6, Type::Int) => (format!("{name}::bigint"), Type::Big),
        (_, ty) => (name.clone(), ty),
    }
}
