//! The files that are there now, in the order of their names.
use std::fs;
use std::io;
use std::path::Path;

use sql::Error;

use super::mark::identity;
use super::pattern::Pattern;
use super::tracked::{State, state};

/// Files of one source at once.
pub(super) const FILES_MAX: usize = 10_000;

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) part: String,
    pub(super) state: State,
}

/// The files that a source's path means. That there is none is an error where one was named.
pub(super) fn list(pattern: &Pattern) -> sql::Result<Vec<Listed>> {
    if !pattern.several {
        let path = pattern.folder.join(&pattern.name);
        let file = fs::metadata(&path).map_err(|error| unreadable(&path, &error))?;
        if !file.is_file() {
            let message = format!("\"{}\" is not a regular file", path.display());
            return Err(Error::new("42809", message));
        }
        let path = path.to_string_lossy().into_owned();
        return Ok(vec![Listed { path, part: identity(&file), state: state(&file) }]);
    }
    let mut found = all(&pattern.folder, &|name| pattern.matches(name))?;
    if found.len() > FILES_MAX {
        return Err(Error::new("53400", "too many files match the path of the source")
            .with_detail(format!("At most {FILES_MAX} can be read by one source.")));
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    // A file with two names is read once.
    let mut parts = std::collections::BTreeSet::new();
    found.retain(|file| parts.insert(file.part.clone()));
    Ok(found)
}

/// The path of a file that may have got another name.
pub(super) fn find(pattern: &Pattern, part: &str) -> Option<String> {
    let found = all(&pattern.folder, &|_| true).ok()?;
    found.into_iter().find(|file| file.part == part).map(|file| file.path)
}

fn all(folder: &Path, wanted: &dyn Fn(&str) -> bool) -> sql::Result<Vec<Listed>> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut found = vec![];
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        // A name that is no text cannot be said in SQL, nor be shown.
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        if !wanted(&name) {
            continue;
        }
        // It may have gone since the folder was read, or be no file.
        let Ok(file) = fs::metadata(entry.path()) else { continue };
        if file.is_file() {
            let path = entry.path().to_string_lossy().into_owned();
            found.push(Listed { path, part: identity(&file), state: state(&file) });
        }
    }
    Ok(found)
}

/// What is said of a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let code = match error.kind() {
        io::ErrorKind::NotFound => "58P01",
        io::ErrorKind::PermissionDenied => "42501",
        _ => "58030",
    };
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or_default();
    Error::new(code, format!("could not open file \"{}\": {reason}", path.display()))
}

/// The error of a file that begins as compressed ones do: its bytes are no records.
pub(super) fn compressed(path: &Path, start: &[u8]) -> Option<Error> {
    const SIGNS: [(&str, &[u8]); 4] = [
        ("gzip", b"\x1f\x8b"),
        ("zstd", b"\x28\xb5\x2f\xfd"),
        ("xz", b"\xfd7zXZ"),
        ("bzip2", b"BZh9"),
    ];
    let (name, _) = SIGNS.iter().find(|(_, sign)| start.starts_with(sign))?;
    let message = format!("file \"{}\" is compressed by {name}", path.display());
    Some(Error::new("0A000", message).with_hint("Decompress it: sources read plain text."))
}
