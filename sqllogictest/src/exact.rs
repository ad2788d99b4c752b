//! The same file on two servers over the extended protocol, compared to the byte.
use std::collections::HashMap;
use std::path::Path;

use sqllogictest::{Condition, Connection, QueryExpect, Record, SortMode};

use crate::answer::Failure;
use crate::script::records;
use crate::wire::{Remote, Site};

/// Two servers with their connections by name.
struct Pair<'a> {
    sites: [&'a Site; 2],
    connections: HashMap<String, [Remote; 2]>,
}

impl Pair<'_> {
    fn of(&mut self, connection: &Connection) -> Result<&mut [Remote; 2], Failure> {
        let name = format!("{connection:?}");
        if !self.connections.contains_key(&name) {
            let both = [self.sites[0].connect()?, self.sites[1].connect()?];
            self.connections.insert(name.clone(), both);
        }
        Ok(self.connections.get_mut(&name).expect("it was made"))
    }
}

/// Compares names and types of columns and the bytes of all rows; gives how many queries.
pub fn compare(file: &Path, ours: &Site, postgres: &Site) -> Result<usize, String> {
    let mut pair = Pair { sites: [ours, postgres], connections: HashMap::new() };
    let mut faults = vec![];
    let mut count = 0;
    for record in records(file)? {
        match record {
            Record::Halt { .. } => break,
            Record::Statement { conditions, connection, sql, .. } => {
                let both = pair.of(&connection).map_err(|failure| failure.to_string())?;
                for (remote, engine) in both.iter_mut().zip(["tidemill", "postgres"]) {
                    if runs(&conditions, engine) {
                        let _ = remote.answer(&sql);
                    }
                }
            }
            Record::Query { conditions, connection, sql, loc, expected, .. } => {
                let both = pair.of(&connection).map_err(|failure| failure.to_string())?;
                if !runs(&conditions, "tidemill") || !runs(&conditions, "postgres") {
                    continue;
                }
                let QueryExpect::Results { sort_mode, .. } = expected else { continue };
                let [ours, theirs] =
                    both.each_mut().map(|remote| answer(remote, &sql, sort_mode.as_ref()));
                count += 1;
                if ours != theirs {
                    faults.push(format!(
                        "{loc}\n{sql}\n--- PostgreSQL\n{theirs}\n--- ours\n{ours}\n"
                    ));
                }
            }
            _ => {}
        }
    }
    if faults.is_empty() { Ok(count) } else { Err(faults.join("\n")) }
}

fn runs(conditions: &[Condition], engine: &str) -> bool {
    conditions.iter().all(|condition| match condition {
        Condition::OnlyIf { label } => label == engine || label == "binary",
        Condition::SkipIf { label } => label != engine && label != "binary",
    })
}

fn answer(remote: &mut Remote, query: &str, sort: Option<&SortMode>) -> String {
    match remote.binary(query) {
        Ok((columns, mut rows)) => {
            if sort.is_some() {
                rows.sort_unstable();
            }
            format!("{}\n{}", columns.join(", "), rows.join("\n"))
        }
        Err(failure) => failure.to_string(),
    }
}
