//! Definitions of views that fail on some rows and on some groups.
use tidemill_tests::Random;

use crate::expression::{predicate, scalar};
use crate::fallible::{condition, fallible};
use crate::query::{Join, Query};
use crate::values::{Column, Taste, Type};
use crate::view::{Source, equal, function, output, qualified, tail};

/// A query and the columns that it puts out.
pub fn view(random: &mut Random, sources: &[Source], taste: Taste) -> (Query, Vec<Column>) {
    let (mut query, columns) = from(random, sources);
    filter(random, &mut query, &columns, taste);
    match random.below(8) {
        0..=2 => select(random, query, &columns, taste),
        3 => {
            let (mut query, outputs) = select(random, query, &columns, taste);
            query.select = format!("DISTINCT {}", query.select);
            (query, outputs)
        }
        4 => {
            let (mut query, outputs) = select(random, query, &columns, taste);
            query.tail = tail(random, outputs.len());
            (query, outputs)
        }
        _ => aggregate(random, query, &columns, taste),
    }
}

fn from(random: &mut Random, sources: &[Source]) -> (Query, Vec<Column>) {
    let left = random.pick(sources).clone();
    let mut columns = qualified("l", &left);
    let mut query = Query { left: left.name.clone(), ..Query::default() };
    let right = random.pick(sources).clone();
    let others = qualified("r", &right);
    let keys = equal(random, &columns, &others).filter(|_| random.chance(45));
    let Some(keys) = keys.filter(|_| !left.wide && !right.wide) else { return (query, columns) };
    columns.extend(others);
    let kind = *random.pick(&["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    let residual = condition(random, &columns).filter(|_| random.chance(50));
    // PostgreSQL is asked for pairs, so a full join may have any condition.
    query.join = Some(Join { kind: kind.into(), right: right.name, keys, residual });
    (query, columns)
}

/// What cannot fail comes first, as conditions without an order of their own may.
fn filter(random: &mut Random, query: &mut Query, columns: &[Column], taste: Taste) {
    let fails = query.join.as_ref().is_some_and(|join| join.residual.is_some());
    // Conditions on one side may be checked before or after pairs are made, and then fewer
    // pairs fail: both are right.
    if fails {
        return;
    }
    if random.chance(30) {
        let simple = predicate(random, columns, taste);
        query.filter.push(format!("({simple})"));
    }
    for at in 0..random.below(3) {
        let conjunct = condition(random, columns);
        // A guard that cannot fail would be checked before what stands left of it.
        let closed = |text: String| if at > 0 { format!("{text} IS TRUE") } else { text };
        query.filter.extend(conjunct.map(closed));
    }
}

fn item(random: &mut Random, columns: &[Column], taste: Taste) -> (String, Type) {
    let found = if random.chance(55) { fallible(random, columns) } else { None };
    found.unwrap_or_else(|| scalar(random, columns, taste))
}

fn select(
    random: &mut Random,
    mut query: Query,
    columns: &[Column],
    taste: Taste,
) -> (Query, Vec<Column>) {
    let (mut items, mut outputs) = (vec![], vec![]);
    for at in 0..1 + random.below(4) as usize {
        let (text, ty) = item(random, columns, taste);
        items.push(format!("{text} AS c{at}"));
        outputs.push(output(at, ty));
        query.rows.push(text);
    }
    query.select = items.join(", ");
    (query, outputs)
}

fn aggregate(
    random: &mut Random,
    mut query: Query,
    columns: &[Column],
    taste: Taste,
) -> (Query, Vec<Column>) {
    let keys = random.below(3) as usize;
    let (mut items, mut outputs) = (vec![], vec![]);
    query.group = Some(keys);
    for at in 0..keys {
        let (text, ty) = item(random, columns, taste);
        items.push(format!("{text} AS c{at}"));
        outputs.push(output(at, ty));
        query.rows.push(text);
    }
    for at in keys..keys + 1 + random.below(3) as usize {
        let (text, ty) = call(random, &mut query, columns, taste);
        items.push(format!("{text} AS c{at}"));
        outputs.push(output(at, ty));
    }
    query.having = match random.below(6) {
        0 => Some("count(*) > 1".into()),
        1 => Some("10 / (count(*) - 1) > 0".into()),
        2 => {
            let (text, ty) = call(random, &mut query, columns, taste);
            Some(if ty.is_integer() {
                format!("10 / {text} > 0")
            } else {
                format!("{text} IS NOT NULL")
            })
        }
        _ => None,
    };
    if query.rows.is_empty() {
        query.rows.push("1".into());
    }
    query.select = items.join(", ");
    (query, outputs)
}

/// A call whose argument, FILTER or result may fail.
fn call(
    random: &mut Random,
    query: &mut Query,
    columns: &[Column],
    taste: Taste,
) -> (String, Type) {
    let (text, ty) = item(random, columns, taste);
    let made = [Column { name: text, ty }];
    let (function, argument, ty) = function(random, &made);
    let filter = match random.below(6) {
        0 => Some(predicate(random, columns, taste)),
        1 => condition(random, columns),
        _ => None,
    };
    let evaluated = match argument.as_str() {
        "*" => "1",
        argument => argument,
    };
    query.rows.push(match &filter {
        Some(filter) => format!("CASE WHEN {filter} THEN {evaluated} END"),
        None => evaluated.to_owned(),
    });
    let distinct = if random.chance(20) && argument != "*" { "DISTINCT " } else { "" };
    let mut call = format!("{function}({distinct}{argument})");
    if let Some(filter) = filter {
        call = format!("{call} FILTER (WHERE {filter})");
    }
    match (function, random.below(5)) {
        ("avg", _) if ty == Type::Other => (format!("round({call}, 15)"), Type::Other),
        ("count", 0) => (format!("10 / ({call} - 1)"), Type::Big),
        ("count", 1) => (format!("({call} * 20000)::smallint"), Type::Small),
        ("sum", 0) if ty == Type::Big => (format!("{call}::int"), Type::Int),
        _ => (call, ty),
    }
}
