//! Statements that change rows.
use std::collections::BTreeSet;

use tidemill_tests::Random;

use crate::case::Step;
use crate::expression::predicate;
use crate::load::Load;
use crate::values::{Column, Taste, Type, literal};

/// A relation that rows are put into.
pub struct Relation {
    pub name: String,
    pub columns: Vec<Column>,
    /// Whether rows can be updated and deleted.
    pub table: bool,
    /// Whether the first column is its primary key.
    pub keyed: bool,
}

/// A statement, a block of them, or a load.
pub fn step(random: &mut Random, relations: &[Relation], taste: Taste) -> Step {
    let relation = random.pick(relations);
    if taste.big && random.chance(25) {
        let around = 8_191 + random.number() % 3;
        let rows = *random.pick(&[1, 2, 1_000, around, around, 20_000]);
        let columns = relation.columns.iter().map(|column| column.ty).collect();
        let (relation, keyed, seed) = (relation.name.clone(), relation.keyed, random.number());
        return Step::Load(Load { relation, keyed, columns, rows, seed: seed % 1_000_000 });
    }
    if random.chance(15) {
        return block(random, relations, taste);
    }
    Step::Same(change(random, relation, taste))
}

/// Several statements that become visible together, some of them taken back.
fn block(random: &mut Random, relations: &[Relation], taste: Taste) -> Step {
    let mut statements = vec!["BEGIN".to_owned()];
    let some = |random: &mut Random, statements: &mut Vec<String>| {
        for _ in 0..1 + random.below(3) {
            let relation = random.pick(relations);
            statements.push(change(random, relation, taste));
        }
    };
    some(random, &mut statements);
    if random.chance(50) {
        statements.push("SAVEPOINT one".into());
        some(random, &mut statements);
        if random.chance(60) {
            statements.push("ROLLBACK TO SAVEPOINT one".into());
            some(random, &mut statements);
        }
    }
    let end = if random.chance(80) { "COMMIT" } else { "ROLLBACK" };
    statements.push(end.into());
    Step::Block(statements)
}

fn change(random: &mut Random, relation: &Relation, taste: Taste) -> String {
    let name = &relation.name;
    match random.below(20) {
        0 if relation.table => format!("DELETE FROM {name}"),
        1..=4 if relation.table => {
            format!("DELETE FROM {name} WHERE {}", predicate(random, &relation.columns, taste))
        }
        5..=8 if relation.table && relation.columns.len() > 1 => {
            let column = random.pick(&relation.columns[1..]).clone();
            let value = literal(random, column.ty, taste);
            let which = predicate(random, &relation.columns, taste);
            let more = match random.pick(&relation.columns[1..]).clone() {
                other if other.name != column.name && random.chance(30) => {
                    format!(", {} = {}", other.name, literal(random, other.ty, taste))
                }
                _ => String::new(),
            };
            format!("UPDATE {name} SET {} = {value}{more} WHERE {which}", column.name)
        }
        9 if relation.keyed && relation.columns[0].ty == Type::Int => {
            // Further than the keys are apart: PostgreSQL checks keys row by row.
            let which = predicate(random, &relation.columns, taste);
            format!("UPDATE {name} SET c0 = c0 + 1000 WHERE c0 < 1000 AND {which}")
        }
        10..=12 if relation.keyed && relation.columns.len() > 1 => {
            let column = &random.pick(&relation.columns[1..]).name;
            let action = match random.below(3) {
                0 => "DO NOTHING".to_owned(),
                1 => format!("DO UPDATE SET {column} = EXCLUDED.{column}"),
                _ => format!(
                    "DO UPDATE SET {column} = EXCLUDED.{column} WHERE {name}.{column} IS NOT NULL"
                ),
            };
            // Distinct keys: PostgreSQL refuses to update a row twice in one statement.
            format!("{} ON CONFLICT (c0) {action}", insert(random, relation, true, taste))
        }
        _ => {
            let distinct = relation.keyed && random.chance(90);
            insert(random, relation, distinct, taste)
        }
    }
}

fn insert(random: &mut Random, relation: &Relation, distinct: bool, taste: Taste) -> String {
    // Odd batch boundaries: mostly few rows, at times many.
    let count = match random.below(20) {
        0 if taste.big => 1_000,
        0 | 1 if !taste.failing => 60 + random.below(200),
        2 => 20,
        _ => 1 + random.below(6),
    };
    let domain = if count > 10 { 10_000 } else { 12 };
    let mut keys = BTreeSet::new();
    let mut rows = vec![];
    for _ in 0..count {
        let mut values = vec![];
        for (at, column) in relation.columns.iter().enumerate() {
            if at == 0 && relation.keyed {
                let key = match column.ty {
                    Type::Int => random.below(domain).to_string(),
                    ty => crate::values::value(random, ty, Taste::default()),
                };
                if distinct && !keys.insert(key.clone()) {
                    break;
                }
                values.push(key);
            } else {
                values.push(literal(random, column.ty, taste));
            }
        }
        if !values.is_empty() {
            rows.push(format!("({})", values.join(", ")));
        }
    }
    format!("INSERT INTO {} VALUES {}", relation.name, rows.join(", "))
}
