//! Definitions of views over what is there.
use tidemill_tests::Random;

use crate::expression::{Column, Type, predicate, scalar};

/// Something that can stand in FROM.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub columns: Vec<Column>,
}

/// A query and the columns that it puts out.
pub fn view(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    match random.below(8) {
        0 => select(random, sources, ""),
        1 => select(random, sources, "DISTINCT "),
        2 => union(random, sources),
        3 => top(random, sources),
        4 => numbered(random, sources),
        _ => aggregate(random, sources),
    }
}

/// A FROM clause with the columns that can be named behind it.
fn from(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    let left = random.pick(sources).clone();
    if random.chance(55) {
        return (format!("{} AS l", left.name), qualified("l", &left));
    }
    let right = random.pick(sources).clone();
    let (on, others) = (qualified("l", &left), qualified("r", &right));
    let keys: Vec<String> = on
        .iter()
        .flat_map(|one| {
            let equal = others.iter().filter(|two| two.ty == one.ty);
            equal.map(|two| format!("{} = {}", one.name, two.name))
        })
        .collect();
    let all: Vec<Column> = on.into_iter().chain(others).collect();
    if keys.is_empty() {
        return (format!("{} AS l", left.name), qualified("l", &left));
    }
    let kind = *random.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    let mut condition = random.pick(&keys).clone();
    // PostgreSQL itself has no full join with a condition it cannot hash or merge.
    if random.chance(20) && kind != "FULL JOIN" {
        condition = format!("{condition} AND {}", predicate(random, &all));
    }
    (format!("{} AS l {kind} {} AS r ON {condition}", left.name, right.name), all)
}

fn qualified(alias: &str, source: &Source) -> Vec<Column> {
    let columns = source.columns.iter();
    columns
        .map(|column| Column { name: format!("{alias}.{}", column.name), ty: column.ty })
        .collect()
}

fn filter(random: &mut Random, columns: &[Column]) -> String {
    if random.chance(50) { format!(" WHERE {}", predicate(random, columns)) } else { String::new() }
}

fn output(at: usize, ty: Type) -> Column {
    Column { name: format!("c{at}"), ty }
}

fn list(random: &mut Random, columns: &[Column], count: i32) -> (Vec<String>, Vec<Column>) {
    let (mut items, mut outputs) = (vec![], vec![]);
    for at in 0..usize::try_from(count).unwrap() {
        let (expression, ty) = scalar(random, columns);
        items.push(format!("{expression} AS c{at}"));
        outputs.push(output(at, ty));
    }
    (items, outputs)
}

fn select(random: &mut Random, sources: &[Source], distinct: &str) -> (String, Vec<Column>) {
    let (from, columns) = from(random, sources);
    let count = 1 + random.below(4);
    let (items, outputs) = list(random, &columns, count);
    let filter = filter(random, &columns);
    (format!("SELECT {distinct}{} FROM {from}{filter}", items.join(", ")), outputs)
}

fn union(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    let arms: Vec<Source> =
        (0..2 + random.below(2)).map(|_| random.pick(sources).clone()).collect();
    let ty = Type::Int;
    let arm = |random: &mut Random, source: &Source| {
        let columns = qualified("l", source);
        let ints: Vec<Column> = columns.iter().filter(|column| column.ty == ty).cloned().collect();
        let first = ints.first().map_or_else(|| "1".to_owned(), |column| column.name.clone());
        let filter = filter(random, &columns);
        format!("SELECT {first} AS c0, {} AS c1 FROM {} AS l{filter}", random.below(3), source.name)
    };
    let arms: Vec<String> = arms.iter().map(|source| arm(random, source)).collect();
    (arms.join(" UNION ALL "), vec![output(0, ty), output(1, Type::Int)])
}

/// Ordered by every column, since PostgreSQL breaks ties as it likes.
fn top(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    let count = 1 + random.below(3);
    let (from, columns) = from(random, sources);
    let (items, outputs) = list(random, &columns, count);
    let filter = filter(random, &columns);
    let order: Vec<String> = (1..=count).map(|at| format!("{at}{}", direction(random))).collect();
    let offset = if random.chance(20) { " OFFSET 1" } else { "" };
    let query = format!(
        "SELECT {} FROM {from}{filter} ORDER BY {} LIMIT {}{offset}",
        items.join(", "),
        order.join(", "),
        1 + random.below(5)
    );
    (query, outputs)
}

fn direction(random: &mut Random) -> &'static str {
    let direction: &&'static str = random.pick(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
    direction
}

fn numbered(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    let source = random.pick(sources).clone();
    let names: Vec<&str> = source.columns.iter().map(|column| column.name.as_str()).collect();
    let partition = *random.pick(&names);
    let order: Vec<String> =
        names.iter().map(|name| format!("{name}{}", direction(random))).collect();
    let query = format!(
        "SELECT {} FROM (SELECT {}, row_number() OVER (PARTITION BY {partition} ORDER BY {}) AS n \
         FROM {}) numbered WHERE n <= {}",
        names.join(", "),
        names.join(", "),
        order.join(", "),
        source.name,
        1 + random.below(3)
    );
    (query, source.columns)
}

fn aggregate(random: &mut Random, sources: &[Source]) -> (String, Vec<Column>) {
    let (from, columns) = from(random, sources);
    let keys = random.below(3);
    let (mut items, mut outputs) = list(random, &columns, keys);
    let group: Vec<String> = (1..=keys).map(|at| at.to_string()).collect();
    for _ in 0..1 + random.below(3) {
        let at = items.len();
        let (call, ty) = call(random, &columns);
        items.push(format!("{call} AS c{at}"));
        outputs.push(output(at, ty));
    }
    let filter = filter(random, &columns);
    let grouped =
        if group.is_empty() { String::new() } else { format!(" GROUP BY {}", group.join(", ")) };
    let having = if random.chance(15) {
        format!(" HAVING count(*) > {}", random.below(3))
    } else {
        String::new()
    };
    (format!("SELECT {} FROM {from}{filter}{grouped}{having}", items.join(", ")), outputs)
}

fn call(random: &mut Random, columns: &[Column]) -> (String, Type) {
    let column = random.pick(columns).clone();
    let name = &column.name;
    let distinct = if random.chance(15) { "DISTINCT " } else { "" };
    let (call, ty) = match (random.below(7), column.ty) {
        (0, _) => ("count(*)".to_owned(), Type::Big),
        (1, _) => (format!("count({distinct}{name})"), Type::Big),
        (2, Type::Int) => (format!("sum({distinct}{name})"), Type::Big),
        (2, Type::Double) => (format!("sum({name})"), Type::Double),
        (2, Type::Big | Type::Numeric) => (format!("sum({name})::numeric(24,2)"), Type::Text),
        (3, Type::Int | Type::Big) => (format!("round(avg({distinct}{name}), 6)"), Type::Text),
        (3, Type::Double) => (format!("avg({name})"), Type::Text),
        (4, Type::Bool) => (format!("bool_and({name})"), Type::Bool),
        (5, Type::Bool) => (format!("bool_or({name})"), Type::Bool),
        (_, Type::Bool) => (format!("count({name})"), Type::Big),
        (4 | 6, ty) => (format!("min({name})"), ty),
        (_, ty) => (format!("max({name})"), ty),
    };
    if random.chance(20) && !call.contains("::") && !call.starts_with("round") {
        return (format!("{call} FILTER (WHERE {})", predicate(random, columns)), ty);
    }
    (call, ty)
}
