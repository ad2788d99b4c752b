//! A file of records: read, and played against a database.
use std::path::{Path, PathBuf};

use sqllogictest::{AsyncDB, MakeConnection, Record, Runner};

use crate::letter::Letter;

/// The files under `folder`, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The records of a file.
pub fn records(file: &Path) -> Result<Vec<Record<Letter>>, String> {
    sqllogictest::parse_file(file).map_err(|error| error.to_string())
}

/// Plays all records of a file, those after a wrong one too; each fault says where, what was
/// expected and what came.
///
/// The letters of columns are compared where the database tells them.
pub fn play<D, M>(file: &Path, labels: &[&str], connect: M) -> Result<usize, String>
where
    D: AsyncDB<ColumnType = Letter>,
    M: MakeConnection<Conn = D>,
{
    let mut runner = Runner::new(connect);
    labels.iter().for_each(|label| runner.add_label(label));
    runner.with_normalizer(Clone::clone);
    runner.with_column_validator(|actual, expected| {
        if actual.iter().all(|letter| letter.0 == '?') {
            return actual.len() == expected.len();
        }
        Letter::fit(actual, expected)
    });
    let mut faults = vec![];
    let mut count = 0;
    for record in records(file)? {
        if matches!(record, Record::Halt { .. }) {
            break;
        }
        count += usize::from(matches!(record, Record::Statement { .. } | Record::Query { .. }));
        if let Err(error) = runner.run(record) {
            faults.push(error.to_string());
        }
    }
    runner.shutdown();
    if faults.is_empty() {
        return Ok(count);
    }
    Err(format!("{} of {count} records are wrong\n\n{}", faults.len(), faults.join("\n")))
}
