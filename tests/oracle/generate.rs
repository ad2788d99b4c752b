//! Makes a case from a seed.
use tidemill_tests::Random;

use crate::case::{Case, Step};
use crate::expression::{Column, Type, literal, predicate};
use crate::view::{Source, view};

/// A relation that rows are put into.
pub struct Relation {
    pub name: String,
    pub columns: Vec<Column>,
    /// Whether rows can be updated and deleted.
    pub table: bool,
    /// Whether the first column is its primary key.
    pub keyed: bool,
}

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut random = Random(seed);
    let random = &mut random;
    let mut steps = vec![];
    let relations: Vec<Relation> = (0..1 + random.below(3)).map(|n| relation(random, n)).collect();
    for relation in &relations {
        steps.push(create(relation));
    }
    let mut sources: Vec<Source> = relations
        .iter()
        .map(|relation| Source { name: relation.name.clone(), columns: relation.columns.clone() })
        .collect();
    let changes = 4 + random.below(12);
    for change in 0..changes {
        // Views come before, between and after the data.
        if sources.len() < relations.len() + 4 && random.chance(if change == 0 { 80 } else { 30 }) {
            let name = format!("v{}", sources.len() - relations.len());
            let (query, columns) = view(random, &sources);
            steps.push(Step::View(name.clone(), query));
            sources.push(Source { name, columns });
        }
        let relation = random.pick(&relations);
        steps.push(Step::Same(self::change(random, relation)));
        if random.chance(2) {
            steps.push(Step::Restart);
        }
    }
    Case { steps }
}

fn relation(random: &mut Random, number: i32) -> Relation {
    let table = random.chance(70);
    let keyed = table && random.chance(70);
    let mut columns = vec![];
    for at in 0..2 + random.below(4) {
        let ty = if at == 0 { Type::Int } else { *random.pick(&Type::ALL) };
        columns.push(Column { name: format!("c{at}"), ty });
    }
    let name = format!("{}{number}", if table { "t" } else { "s" });
    Relation { name, columns, table, keyed }
}

fn create(relation: &Relation) -> Step {
    let mut columns = vec![];
    for (at, column) in relation.columns.iter().enumerate() {
        let key = if at == 0 && relation.keyed { " PRIMARY KEY" } else { "" };
        columns.push(format!("{} {}{key}", column.name, column.ty.name()));
    }
    let columns = format!("({})", columns.join(", "));
    if relation.table {
        Step::Same(format!("CREATE TABLE {} {columns}", relation.name))
    } else {
        Step::Stream(relation.name.clone(), columns)
    }
}

fn change(random: &mut Random, relation: &Relation) -> String {
    let name = &relation.name;
    match random.below(10) {
        0 | 1 if relation.table => {
            format!("DELETE FROM {name} WHERE {}", predicate(random, &relation.columns))
        }
        2..=4 if relation.table && relation.columns.len() > 1 => {
            let column = random.pick(&relation.columns[1..]).clone();
            let value = literal(random, column.ty);
            let which = predicate(random, &relation.columns);
            format!("UPDATE {name} SET {} = {value} WHERE {which}", column.name)
        }
        5 | 6 if relation.keyed && relation.columns.len() > 1 => {
            let column = &random.pick(&relation.columns[1..]).name;
            let action = if random.chance(50) {
                "DO NOTHING".to_owned()
            } else {
                format!("DO UPDATE SET {column} = EXCLUDED.{column}")
            };
            // Distinct keys: PostgreSQL refuses to update a row twice in one statement.
            format!("{} ON CONFLICT (c0) {action}", insert(random, relation, true))
        }
        _ => {
            let distinct = relation.keyed && random.chance(90);
            insert(random, relation, distinct)
        }
    }
}

fn insert(random: &mut Random, relation: &Relation, distinct: bool) -> String {
    // Odd batch boundaries: mostly few rows, at times many.
    let count = if random.chance(10) { 60 + random.below(200) } else { 1 + random.below(6) };
    let domain = if count > 10 { 10_000 } else { 12 };
    let mut keys = std::collections::BTreeSet::new();
    let mut rows = vec![];
    for _ in 0..count {
        let mut values = vec![];
        for (at, column) in relation.columns.iter().enumerate() {
            if at == 0 && relation.keyed {
                let key = random.below(domain);
                if distinct && !keys.insert(key) {
                    break;
                }
                values.push(key.to_string());
            } else {
                values.push(literal(random, column.ty));
            }
        }
        if !values.is_empty() {
            rows.push(format!("({})", values.join(", ")));
        }
    }
    format!("INSERT INTO {} VALUES {}", relation.name, rows.join(", "))
}
