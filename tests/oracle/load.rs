//! Many rows for COPY, made from a seed so that a case can be written down in a line.
use std::fmt;

use tidemill_tests::Random;

use crate::values::{Taste, Type, raw};

/// Rows for a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    pub relation: String,
    /// Whether the first column is a key, and then a number of its own for each row.
    pub keyed: bool,
    pub columns: Vec<Type>,
    pub rows: u64,
    pub seed: u64,
}

impl Load {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(" | ").map(str::trim);
        let mut part = || parts.next().expect("a part of a load");
        Self {
            relation: part().into(),
            keyed: part() == "keyed",
            columns: part().split(" : ").map(Type::named).collect(),
            rows: part().parse().expect("a number of rows"),
            seed: part().parse().expect("a seed"),
        }
    }

    /// The lines, in COPY's text format.
    pub fn lines(&self) -> String {
        let mut random = Random(self.seed);
        let taste = Taste::default();
        // Nine of ten rows have the same values, so that keys are skewed.
        let usual: Vec<String> =
            self.columns.iter().map(|ty| raw(&mut random, *ty, taste)).collect();
        let mut text = String::new();
        for row in 0..self.rows {
            for (at, ty) in self.columns.iter().enumerate() {
                if at > 0 {
                    text.push('\t');
                }
                let value = match at {
                    0 if self.keyed => Some((self.seed % 5 * 100_000 + row).to_string()),
                    _ if random.chance(80) => Some(usual[at].clone()),
                    _ if random.chance(10) => None,
                    _ => Some(raw(&mut random, *ty, taste)),
                };
                text.push_str(&value.map_or_else(|| "\\N".into(), |v| v.replace('\\', "\\\\")));
            }
            text.push('\n');
        }
        text
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns.iter().map(|ty| ty.name()).collect();
        let keyed = if self.keyed { "keyed" } else { "free" };
        let Self { relation, rows, seed, .. } = self;
        write!(f, "{relation} | {keyed} | {} | {rows} | {seed}", columns.join(" : "))
    }
}
