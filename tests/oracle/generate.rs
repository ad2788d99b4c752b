//! Makes a case from a seed.
use tidemill_tests::Random;

use crate::case::{Case, Step};
use crate::change::{self, Relation};
use crate::failing;
use crate::values::{Column, Taste, Type};
use crate::view::{self, Source};

/// Most views of a case at once.
const VIEWS_MAX: usize = 5;

/// The case of a seed.
pub fn case(seed: u64) -> Case {
    let mut random = Random(seed);
    let taste = taste(&mut random);
    case_of(&mut random, taste)
}

/// A case with values of a taste.
pub fn case_of(random: &mut Random, taste: Taste) -> Case {
    let mut steps = vec![];
    let relations: Vec<Relation> =
        (0..1 + random.below(3)).map(|n| relation(random, n, taste)).collect();
    steps.extend(relations.iter().map(create));
    let mut views = Views::of(&relations);
    let changes = 4 + random.below(12);
    for change in 0..changes {
        // Views come before, between and after the data.
        if views.sources.len() < relations.len() + VIEWS_MAX
            && random.chance(if change == 0 { 80 } else { 30 })
        {
            steps.push(views.create(random, taste));
        }
        if random.chance(4) {
            steps.extend(views.last(random, taste));
        }
        steps.push(change::step(random, &relations, taste));
        if random.chance(2) {
            steps.push(Step::Restart);
        }
    }
    Case { steps }
}

/// A third of the cases has expressions that fail, a few have many rows.
fn taste(random: &mut Random) -> Taste {
    match random.below(20) {
        0..=7 => Taste { failing: true, wild: random.chance(50), big: false },
        8 => Taste { failing: false, wild: false, big: true },
        9 | 10 => Taste { failing: false, wild: true, big: false },
        _ => Taste::default(),
    }
}

/// What can be read, relations first.
struct Views {
    sources: Vec<Source>,
    relations: usize,
    made: usize,
}

impl Views {
    fn of(relations: &[Relation]) -> Self {
        let source = |relation: &Relation| Source {
            name: relation.name.clone(),
            columns: relation.columns.clone(),
            keyed: relation.keyed,
            wide: false,
        };
        let sources: Vec<Source> = relations.iter().map(source).collect();
        Self { relations: sources.len(), sources, made: 0 }
    }

    fn query(&self, random: &mut Random, taste: Taste) -> (String, Vec<Column>) {
        // Views on views are wanted three deep.
        let views = &self.sources[self.relations..];
        let sources = if !views.is_empty() && random.chance(30) { views } else { &self.sources };
        match taste.failing {
            true => {
                let (query, columns) = failing::view(random, sources, taste);
                (query.to_string(), columns)
            }
            false => view::view(random, sources, taste),
        }
    }

    fn create(&mut self, random: &mut Random, taste: Taste) -> Step {
        let name = format!("v{}", self.made);
        self.made += 1;
        let (query, columns) = self.query(random, taste);
        self.push(name.clone(), &query, columns);
        Step::View(name, query)
    }

    fn push(&mut self, name: String, query: &str, columns: Vec<Column>) {
        let wide = view::is_wide(query, &self.sources);
        self.sources.push(Source { name, columns, keyed: false, wide });
    }

    /// The last view goes, or has another query: no other stands on it.
    fn last(&mut self, random: &mut Random, taste: Taste) -> Vec<Step> {
        if self.sources.len() == self.relations {
            return vec![];
        }
        let Some(last) = self.sources.pop() else { return vec![] };
        if random.chance(50) {
            return vec![Step::Drop(last.name)];
        }
        let (query, columns) = self.query(random, taste);
        let name = last.name;
        self.push(name.clone(), &query, columns);
        match random.chance(50) {
            true => vec![Step::Drop(name.clone()), Step::View(name, query)],
            false => vec![Step::Replace(name, query)],
        }
    }
}

fn relation(random: &mut Random, number: i32, taste: Taste) -> Relation {
    let table = random.chance(70);
    let keyed = table && random.chance(70);
    let mut columns = vec![];
    for at in 0..2 + random.below(4) {
        let usual = [Type::Int, Type::Int, Type::Text, Type::Double, Type::Numeric];
        let ty = match at {
            0 if !keyed || taste.failing || taste.big || random.chance(70) => Type::Int,
            _ if random.chance(40) => *random.pick(&usual),
            _ => *random.pick(&Type::ALL),
        };
        // No key is of type jsonb.
        let ty = if at == 0 && ty == Type::Jsonb { Type::Text } else { ty };
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
