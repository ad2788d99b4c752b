//! Definitions of views that do not fail, over what is there.
use tidemill_tests::Random;

use crate::expression::{predicate, scalar};
use crate::values::{Column, Taste, Type};

/// Something that can stand in FROM.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub columns: Vec<Column>,
    /// Whether the first column has each value once.
    pub keyed: bool,
    /// Whether it has many times the rows of what it is made from, as joins by few keys do.
    pub wide: bool,
}

/// A query and the columns that it puts out.
pub fn view(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    match random.below(12) {
        0 | 1 => select(random, sources, taste, ""),
        2 => select(random, sources, taste, "DISTINCT "),
        3 => union(random, sources, taste),
        4 | 5 => top(random, sources, taste),
        6 => numbered(random, sources, taste),
        7 => windows(random, sources, taste).unwrap_or_else(|| aggregate(random, sources, taste)),
        _ => aggregate(random, sources, taste),
    }
}

/// A FROM clause with the columns that can be named behind it.
fn from(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    let left = inline(random, sources, taste);
    if random.chance(50) {
        return (format!("{} AS l", left.name), qualified("l", &left));
    }
    let right = inline(random, sources, taste);
    let Some((text, columns)) = joined(random, &left, &right, taste) else {
        return (format!("{} AS l", left.name), qualified("l", &left));
    };
    let third = random.pick(sources).clone();
    if taste.big || third.wide || !third.keyed || random.chance(60) {
        return (text, columns);
    }
    let others = qualified("m", &third);
    let Some(keys) = equal(random, &columns, &others) else { return (text, columns) };
    let kind = *random.pick(&["JOIN", "LEFT JOIN"]);
    let all = columns.into_iter().chain(others).collect();
    (format!("{text} {kind} {} AS m ON {keys}", third.name), all)
}

/// A relation, or at times a select in parentheses.
fn inline(random: &mut Random, sources: &[Source], taste: Taste) -> Source {
    let source = random.pick(sources).clone();
    if taste.big || random.chance(88) {
        return source;
    }
    let only = [source];
    let (query, columns) = match random.below(3) {
        0 => select(random, &only, taste, ""),
        1 => top(random, &only, taste),
        _ => aggregate(random, &only, taste),
    };
    let wide = is_wide(&query, &only);
    Source { name: format!("({query})"), columns, keyed: false, wide }
}

/// Whether a query over these sources has a row for each pair of rows.
pub fn is_wide(query: &str, sources: &[Source]) -> bool {
    let reads = |source: &Source| {
        query.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == source.name)
    };
    let grouped = query.contains(" LIMIT ") || query.contains(" GROUP BY ");
    let joins = query.contains(" JOIN ");
    !grouped && (joins || sources.iter().any(|source| source.wide && reads(source)))
}

fn joined(
    random: &mut Random,
    left: &Source,
    right: &Source,
    taste: Taste,
) -> Option<(String, Vec<Column>)> {
    if left.wide || right.wide {
        return None;
    }
    let (one, two) = (qualified("l", left), qualified("r", right));
    let keys = match (taste.big, right.keyed) {
        // Keys that thousands of rows share would make millions of pairs.
        (true, false) => return None,
        (true, true) => {
            let numbers: Vec<&Column> = one.iter().filter(|c| c.ty == Type::Int).collect();
            format!("{} = r.c0", numbers.first()?.name)
        }
        (false, _) => equal(random, &one, &two)?,
    };
    let all: Vec<Column> = one.into_iter().chain(two).collect();
    let kind = *random.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    let mut condition = keys;
    // PostgreSQL itself has no full join with a condition it cannot hash or merge.
    if random.chance(35) && kind != "FULL JOIN" {
        condition = format!("{condition} AND {}", predicate(random, &all, taste));
    }
    Some((format!("{} AS l {kind} {} AS r ON {condition}", left.name, right.name), all))
}

/// One or two equalities between columns of the same type.
pub fn equal(random: &mut Random, left: &[Column], right: &[Column]) -> Option<String> {
    let mut keys: Vec<String> = vec![];
    for one in left.iter().filter(|column| column.ty != Type::Other) {
        let equal = right.iter().filter(|two| two.ty == one.ty);
        keys.extend(equal.map(|two| format!("{} = {}", one.name, two.name)));
    }
    if keys.is_empty() {
        return None;
    }
    let first = random.pick(&keys).clone();
    if random.chance(80) {
        return Some(first);
    }
    let second = random.pick(&keys).clone();
    Some(if first == second { first } else { format!("{first} AND {second}") })
}

/// The columns of a source under an alias.
pub fn qualified(alias: &str, source: &Source) -> Vec<Column> {
    let columns = source.columns.iter();
    columns
        .map(|column| Column { name: format!("{alias}.{}", column.name), ty: column.ty })
        .collect()
}

fn filter(random: &mut Random, columns: &[Column], taste: Taste) -> String {
    if random.chance(50) {
        format!(" WHERE {}", predicate(random, columns, taste))
    } else {
        String::new()
    }
}

/// The output column at a place.
pub fn output(at: usize, ty: Type) -> Column {
    Column { name: format!("c{at}"), ty }
}

fn list(
    random: &mut Random,
    columns: &[Column],
    count: i32,
    taste: Taste,
) -> (Vec<String>, Vec<Column>) {
    let (mut items, mut outputs) = (vec![], vec![]);
    for at in 0..usize::try_from(count).unwrap() {
        let (expression, ty) = scalar(random, columns, taste);
        items.push(format!("{expression} AS c{at}"));
        outputs.push(output(at, ty));
    }
    (items, outputs)
}

fn select(
    random: &mut Random,
    sources: &[Source],
    taste: Taste,
    distinct: &str,
) -> (String, Vec<Column>) {
    let (from, columns) = from(random, sources, taste);
    let count = 1 + random.below(4);
    let (items, outputs) = list(random, &columns, count, taste);
    let filter = filter(random, &columns, taste);
    (format!("SELECT {distinct}{} FROM {from}{filter}", items.join(", ")), outputs)
}

/// Of different relations, by columns of one type.
fn union(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    let ty = *random.pick(&[Type::Int, Type::Int, Type::Text, Type::Big, Type::Double]);
    let mut arms = vec![];
    for _ in 0..2 + random.below(2) {
        let source = random.pick(sources).clone();
        let columns = qualified("l", &source);
        let same: Vec<&Column> = columns.iter().filter(|column| column.ty == ty).collect();
        let first = match same.is_empty() {
            true => format!("NULL::{}", ty.name()),
            false => random.pick(&same).name.clone(),
        };
        let filter = filter(random, &columns, taste);
        let number = random.below(3);
        arms.push(format!(
            "SELECT {first} AS c0, {number} AS c1 FROM {} AS l{filter}",
            source.name
        ));
    }
    let all = if random.chance(75) { " UNION ALL " } else { " UNION " };
    (arms.join(all), vec![output(0, ty), output(1, Type::Int)])
}

/// Ordered by every column, since PostgreSQL breaks ties as it likes.
fn top(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    let count = 1 + random.below(3);
    let (from, columns) = from(random, sources, taste);
    let (items, outputs) = list(random, &columns, count, taste);
    let filter = filter(random, &columns, taste);
    let tail = tail(random, outputs.len());
    (format!("SELECT {} FROM {from}{filter} {tail}", items.join(", ")), outputs)
}

/// ORDER BY all of `count` outputs, with a LIMIT.
pub fn tail(random: &mut Random, count: usize) -> String {
    let order: Vec<String> = (1..=count).map(|at| format!("{at}{}", direction(random))).collect();
    let offset = if random.chance(20) { " OFFSET 1" } else { "" };
    format!("ORDER BY {} LIMIT {}{offset}", order.join(", "), 1 + random.below(5))
}

fn direction(random: &mut Random) -> &'static str {
    let direction: &&'static str = random.pick(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
    direction
}

fn numbered(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    let source = inline(random, sources, taste);
    let names: Vec<&str> = source.columns.iter().map(|column| column.name.as_str()).collect();
    let partition = *random.pick(&names);
    let order: Vec<String> =
        names.iter().map(|name| format!("{name}{}", direction(random))).collect();
    let query = format!(
        "SELECT {} FROM (SELECT {}, row_number() OVER (PARTITION BY {partition} ORDER BY {}) AS n \
         FROM {} AS l) numbered WHERE n <= {}",
        names.join(", "),
        names.join(", "),
        order.join(", "),
        source.name,
        1 + random.below(3)
    );
    (query, source.columns)
}

fn windows(random: &mut Random, sources: &[Source], taste: Taste) -> Option<(String, Vec<Column>)> {
    let mut times = vec![];
    for source in sources {
        let columns = source.columns.iter().filter(|column| column.ty == Type::Timestamp);
        times.extend(columns.map(|column| (source, &column.name)));
    }
    if times.is_empty() {
        return None;
    }
    let (source, time) = *random.pick(&times);
    let name = &source.name;
    let table = match random.below(3) {
        0 => format!("TUMBLE({name}, {time}, INTERVAL '6 hours')"),
        1 => format!("TUMBLE({name}, {time}, INTERVAL '90 minutes')"),
        _ => format!("HOP({name}, {time}, INTERVAL '2 hours', INTERVAL '6 hours')"),
    };
    let columns = qualified("l", source);
    let (call, ty) = call(random, &columns, taste);
    let filter = filter(random, &columns, taste);
    let query = format!(
        "SELECT l.window_start AS c0, count(*) AS c1, {call} AS c2 FROM {table} AS l{filter} \
         GROUP BY 1"
    );
    Some((query, vec![output(0, Type::Timestamp), output(1, Type::Big), output(2, ty)]))
}

fn aggregate(random: &mut Random, sources: &[Source], taste: Taste) -> (String, Vec<Column>) {
    let (from, columns) = from(random, sources, taste);
    let keys = random.below(3);
    let (mut items, mut outputs) = list(random, &columns, keys, taste);
    let group: Vec<String> = (1..=keys).map(|at| at.to_string()).collect();
    for _ in 0..1 + random.below(3) {
        let at = items.len();
        let (call, ty) = call(random, &columns, taste);
        items.push(format!("{call} AS c{at}"));
        outputs.push(output(at, ty));
    }
    let filter = filter(random, &columns, taste);
    let grouped =
        if group.is_empty() { String::new() } else { format!(" GROUP BY {}", group.join(", ")) };
    let having = match random.below(10) {
        0 => format!(" HAVING count(*) > {}", random.below(3)),
        1 => format!(" HAVING {} IS NOT NULL", call(random, &columns, taste).0),
        _ => String::new(),
    };
    (format!("SELECT {} FROM {from}{filter}{grouped}{having}", items.join(", ")), outputs)
}

fn call(random: &mut Random, columns: &[Column], taste: Taste) -> (String, Type) {
    let (function, argument, ty) = function(random, columns);
    let distinct = if random.chance(20) && argument != "*" { "DISTINCT " } else { "" };
    let mut call = format!("{function}({distinct}{argument})");
    if random.chance(25) {
        call = format!("{call} FILTER (WHERE {})", predicate(random, columns, taste));
    }
    // A mean near zero has more digits in PostgreSQL than are held here.
    let rounded = function == "avg" && ty == Type::Other;
    (if rounded { format!("round({call}, 15)") } else { call }, ty)
}

/// An aggregate, its argument, and the type of its result.
pub fn function(random: &mut Random, columns: &[Column]) -> (&'static str, String, Type) {
    let column = random.pick(columns).clone();
    let (name, ty) = (column.name, column.ty);
    let (function, ty) = match (random.below(7), ty) {
        (0, _) => return ("count", "*".into(), Type::Big),
        (1, _) => ("count", Type::Big),
        (2, Type::Int | Type::Small) => ("sum", Type::Big),
        (2 | 4, Type::Double | Type::Real) => ("sum", ty),
        (2, Type::Big | Type::Numeric | Type::Wide) => ("sum", Type::Other),
        (3, Type::Double | Type::Real) => ("avg", Type::Double),
        (3, ty) if ty.is_number() => ("avg", Type::Other),
        (2 | 4, Type::Bool) => ("bool_and", Type::Bool),
        (5, Type::Bool) => ("bool_or", Type::Bool),
        (4 | 6, ty) if ty.has_extremes() => ("min", ty),
        (_, ty) if ty.has_extremes() => ("max", ty),
        _ => ("count", Type::Big),
    };
    (function, name, ty)
}
