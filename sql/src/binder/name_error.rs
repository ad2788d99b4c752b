//! The error of a name that nothing has, with PostgreSQL's guess at what was meant.
use super::scope::Scope;
use super::{Binder, Clause};
use crate::Error;

/// Two names are alike up to so many letters that differ.
const DISTANCE_MAX: usize = 3;

impl Binder<'_> {
    /// The error of a column that nothing has.
    pub(super) fn no_such_name(
        &self,
        parts: &[String],
        table_found: bool,
        clause: Clause,
    ) -> Error {
        let error = match parts {
            [name] => {
                let has_table = self
                    .frames
                    .iter()
                    .any(|frame| frame.scope.tables.iter().any(|table| table.alias == *name));
                if has_table {
                    return Error::unsupported(format!("the whole row of \"{name}\" as a value"))
                        .with_hint(format!("Name its columns, or write {name}.*."));
                }
                Error::new("42703", format!("column \"{name}\" does not exist"))
            }
            _ if table_found => {
                Error::new("42703", format!("column {} does not exist", parts.join(".")))
            }
            [.., table, _] => return self.no_such_table(table),
            [] => return Error::internal("a name without parts"),
        };
        if clause == Clause::Default {
            return Error::new("0A000", "cannot use column reference in DEFAULT expression");
        }
        match self.hint(parts) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }

    /// The error of a table that FROM does not have.
    pub(super) fn no_such_table(&self, table: &str) -> Error {
        let invalid = || {
            let message = format!("invalid reference to FROM-clause entry for table \"{table}\"");
            Error::new("42P01", message)
        };
        for frame in self.frames.iter().rev() {
            let hidden = frame
                .scope
                .tables
                .iter()
                .find(|candidate| candidate.hidden_name.as_deref() == Some(table));
            if let Some(found) = hidden {
                return invalid().with_hint(format!(
                    "Perhaps you meant to reference the table alias \"{}\".",
                    found.alias
                ));
            }
            if frame.unreachable.iter().any(|name| name == table) {
                return invalid().with_hint(format!(
                    "There is an entry for table \"{table}\", but it cannot be referenced from \
                     this part of the query."
                ));
            }
        }
        Error::new("42P01", format!("missing FROM-clause entry for table \"{table}\""))
    }

    fn hint(&self, parts: &[String]) -> Option<String> {
        let (table, name) = match parts {
            [name] => (None, name),
            [.., table, name] => (Some(table.as_str()), name),
            [] => return None,
        };
        let mut best = DISTANCE_MAX + 1;
        let mut found: Vec<String> = Vec::new();
        for scope in self.frames.iter().rev().map(|frame| &frame.scope) {
            for (candidate, distance) in alike(scope, table, name) {
                if distance < best {
                    best = distance;
                    found.clear();
                }
                if distance == best {
                    found.push(candidate);
                }
            }
        }
        match found.as_slice() {
            [one] => Some(format!("Perhaps you meant to reference the column \"{one}\".")),
            [one, two] => Some(format!(
                "Perhaps you meant to reference the column \"{one}\" or the column \"{two}\"."
            )),
            _ => None,
        }
    }
}

/// Columns with a name like `name`, each with how many letters differ.
fn alike<'s>(
    scope: &'s Scope,
    table: Option<&'s str>,
    name: &'s str,
) -> impl Iterator<Item = (String, usize)> + 's {
    let length = name.chars().count();
    scope.tables.iter().flat_map(move |candidate| {
        let of_table = table.map_or(0, |table| distance(&candidate.alias, table));
        candidate.columns.iter().filter(|column| !column.hidden).filter_map(move |column| {
            let letters = distance(&column.name, name);
            let all = letters + of_table;
            (all <= DISTANCE_MAX && letters <= length / 2)
                .then(|| (format!("{}.{}", candidate.alias, column.name), all))
        })
    })
}

/// How many letters must be put in, taken out or changed to make `left` `right`.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut corner = above;
        let mut before = above + 1;
        let mut next = vec![before];
        for (other, up) in right.iter().zip(row.iter().skip(1)) {
            let change = corner + usize::from(letter != *other);
            before = change.min(up + 1).min(before + 1);
            corner = *up;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
