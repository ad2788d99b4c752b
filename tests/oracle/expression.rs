//! Predicates and expressions that never fail, as text.
use tidemill_tests::Random;

use crate::values::{Column, Taste, Type, value};

/// A condition over some of the columns.
pub fn predicate(random: &mut Random, columns: &[Column], taste: Taste) -> String {
    let simple = comparison(random, columns, taste);
    match random.below(7) {
        0 => format!("{simple} AND {}", comparison(random, columns, taste)),
        1 => format!("({simple} OR {})", comparison(random, columns, taste)),
        2 => format!("NOT ({simple})"),
        3 => format!("({simple}) IS NOT TRUE"),
        _ => simple,
    }
}

fn comparison(random: &mut Random, columns: &[Column], taste: Taste) -> String {
    let column = random.pick(columns).clone();
    let (name, ty) = (&column.name, column.ty);
    let operator = *random.pick(&["=", "<>", "<", "<=", ">", ">="]);
    let kind = random.below(10);
    if ty == Type::Other || kind == 0 {
        return format!("{name} IS {}NULL", if random.chance(50) { "NOT " } else { "" });
    }
    match kind {
        2 => format!("{name} IS DISTINCT FROM {}", value(random, ty, taste)),
        3 => {
            let (one, two) = (value(random, ty, taste), value(random, ty, taste));
            format!("{name} IN ({one}, {two})")
        }
        4 if ty.is_number() => {
            let others: Vec<&Column> =
                columns.iter().filter(|other| other.ty.is_number()).collect();
            format!("{name} {operator} {}", random.pick(&others).name)
        }
        4 => {
            let others: Vec<&Column> = columns.iter().filter(|other| other.ty == ty).collect();
            format!("{name} = {}", random.pick(&others).name)
        }
        5 if ty == Type::Text => format!("{name} LIKE '%{}%'", random.pick(&["a", "_", "b", "é"])),
        5 if ty == Type::Bool => name.clone(),
        6 if ty.has_extremes() => {
            let (one, two) = (value(random, ty, taste), value(random, ty, taste));
            format!("{name} BETWEEN {one} AND {two}")
        }
        _ if ty == Type::Jsonb => format!("{name} = {}", value(random, ty, taste)),
        _ => format!("{name} {operator} {}", value(random, ty, taste)),
    }
}

/// An expression with its type, of columns whose names may be qualified.
pub fn scalar(random: &mut Random, columns: &[Column], taste: Taste) -> (String, Type) {
    let column = random.pick(columns).clone();
    let (name, ty) = (&column.name, column.ty);
    match (random.below(10), ty) {
        // With values at the limits of their type these fail.
        (0, Type::Int) if !taste.wild => (format!("{name} + {}", random.below(9)), Type::Int),
        (1, Type::Int) if !taste.wild => (format!("{name} * 3 - 1"), Type::Int),
        (2, ty) if ty.is_number() && !taste.wild => (format!("-{name}"), ty),
        (2, ty) if ty.is_float() => (format!("-{name}"), ty),
        (3, ty) if ty != Type::Other => {
            (format!("coalesce({name}, {})", value(random, ty, taste)), ty)
        }
        (4, _) => {
            let when = predicate(random, columns, taste);
            (format!("CASE WHEN {when} THEN 1 ELSE 0 END"), Type::Int)
        }
        (5, _) => (format!("({name} IS NULL)"), Type::Bool),
        (6, Type::Text) => (format!("length({name})"), Type::Int),
        (7, Type::Text) => (format!("upper({name})"), Type::Text),
        (8, Type::Text) => (format!("lower({name})"), Type::Text),
        (9, Type::Text) => (format!("{name} || '-'"), Type::Text),
        (6, Type::Int | Type::Small) => (format!("{name}::bigint"), Type::Big),
        (7, Type::Int | Type::Small) => (format!("{name}::double precision"), Type::Double),
        (6, Type::Real) => (format!("{name}::double precision"), Type::Double),
        (7, Type::Numeric) => (format!("round({name})"), Type::Other),
        (6, Type::Numeric | Type::Wide) => quotient(random, name),
        (8, Type::Big) => quotient(random, name),
        (6, Type::Timestamp) => (format!("date_trunc('hour', {name})"), Type::Timestamp),
        (7, Type::Timestamp) => (format!("{name}::date"), Type::Date),
        (6, Type::Bytea) => (format!("length({name})"), Type::Int),
        (6, Type::Jsonb) => (format!("({name} ->> 'a')"), Type::Text),
        (7, Type::Uuid | Type::Bool) => (format!("{name}::text"), Type::Text),
        (8, ty) if ty.is_number() => (format!("nullif({name}, {})", value(random, ty, taste)), ty),
        _ => (name.clone(), ty),
    }
}

/// A quotient of numerics, which begins where its dividend does or elsewhere. One near zero has
/// more digits in PostgreSQL than are held here.
fn quotient(random: &mut Random, name: &str) -> (String, Type) {
    let divisor = match random.below(3) {
        0 => format!("{}.0", 1 + random.below(9)),
        1 => format!("{}.25", 1 + random.below(20_000)),
        _ => format!("{}::numeric", 1 + random.below(3_000_000)),
    };
    (format!("round({name} / {divisor}, 15)"), Type::Other)
}
