//! The path of a source: one file, or those of a folder whose names match a pattern.
use std::path::{Path, PathBuf};

use sql::{Error, Result};

/// Which files a source reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) folder: PathBuf,
    /// The name, in which `*` stands for any characters and `?` for one.
    pub(super) name: String,
    /// Whether it can match more than one file.
    pub(super) several: bool,
}

impl Pattern {
    /// Reads a path from the root.
    pub(super) fn parse(path: &str) -> Result<Self> {
        let wrong = |hint: &str| {
            Err(Error::new("22023", format!("invalid value for option \"path\": \"{path}\""))
                .with_hint(hint.to_owned()))
        };
        let Some((folder, name)) = path.rsplit_once('/') else {
            return wrong("It is a path from the root, such as /data/x.csv.");
        };
        if name.is_empty() {
            return wrong("Name files of the folder, such as /data/*.csv.");
        }
        if folder.contains(['*', '?']) {
            return wrong("Only the last name of the path can be a pattern.");
        }
        let folder = if folder.is_empty() { Path::new("/") } else { Path::new(folder) };
        Ok(Self { folder: folder.into(), name: name.into(), several: name.contains(['*', '?']) })
    }

    /// Whether a file of this name is meant. As in a shell, names that begin with a dot are
    /// hidden from `*` and `?`.
    pub(super) fn matches(&self, name: &str) -> bool {
        let hidden = name.starts_with('.') && !self.name.starts_with('.');
        !hidden && is_like(self.name.as_bytes(), name.as_bytes())
    }
}

/// Matches by going back to the last `*` only, which is enough: no time is exponential.
fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            // A character, with the bytes that belong to it.
            Some(b'?') => {
                at += 1;
                place += 1;
                while name.get(place).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    place += 1;
                }
            }
            same if same == name.get(place) => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((from, taken)) = star else { return false };
                star = Some((from, taken + 1));
                at = from + 1;
                place = taken + 1;
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matching: &[&str], others: &[&str]) {
        let pattern = Pattern::parse(&format!("/data/{pattern}")).unwrap();
        for name in matching {
            assert!(pattern.matches(name), "{pattern:?} {name}");
        }
        for name in others {
            assert!(!pattern.matches(name), "{pattern:?} {name}");
        }
    }

    #[test]
    fn names_match_as_in_a_shell() {
        check("a.csv", &["a.csv"], &["b.csv", "a.csv2", "xa.csv", ""]);
        check("*.csv", &["a.csv", "é.csv"], &[".csv", "a.csv.gz", ".a.csv"]);
        check("log*", &["log", "log.1", "logs"], &["alog"]);
        check("?.csv", &["a.csv", "é.csv"], &["ab.csv", ".csv"]);
        check("a*b*c", &["abc", "axxbyyc", "abcbc"], &["ab", "acb"]);
        check(".*", &[".a"], &["a"]);
        check(&format!("{}x", "a*".repeat(30)), &[], &["a".repeat(60).as_str()]);
    }

    #[test]
    fn only_the_last_name_is_a_pattern() {
        for (path, several) in [("/a/b.csv", false), ("/b.csv", false), ("/a/*", true)] {
            assert_eq!(Pattern::parse(path).unwrap().several, several, "{path}");
        }
        for path in ["/a/", "/*/b.csv", "b.csv"] {
            assert_eq!(Pattern::parse(path).unwrap_err().code(), "22023", "{path}");
        }
    }
}
