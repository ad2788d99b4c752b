//! Keeps the house in order: what a reviewer would say twice is a test here.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const PARAMETERS_MAX: usize = 5;

/// The rooms, lowest first: a room may import those before it and none behind.
const ROOMS: [&str; 4] = ["storage", "engine", "sql", "server"];

/// Crates that only these rooms may name.
const FOREIGN: &[(&str, &[&str])] = &[
    ("scylla", &["storage"]),
    ("sqlx", &["storage"]),
    ("rayon", &["engine"]),
    ("datafusion_common", &["engine"]),
    ("datafusion_expr", &["engine"]),
    ("datafusion_physical_expr", &["engine"]),
    ("datafusion", &["sql"]),
    ("sqlparser", &["sql"]),
    ("tokio", &["storage", "sql", "server"]),
    ("pgwire", &["server"]),
    ("axum", &["server"]),
    ("clap", &["server"]),
];

struct File {
    room: &'static str,
    path: PathBuf,
    text: String,
    syntax: syn::File,
}

impl File {
    /// Whether it stands in a folder of tests.
    fn is_test(&self) -> bool {
        self.path.components().any(|part| part.as_os_str() == "tests")
    }
}

fn files() -> Vec<File> {
    let root = tidemill_tests::root();
    let mut all = vec![];
    for room in ROOMS {
        let mut found = vec![];
        walk(&root.join(room).join("src"), &mut found);
        for path in found {
            let text = fs::read_to_string(&path).unwrap();
            let syntax =
                syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let path = path.strip_prefix(&root).unwrap().to_path_buf();
            all.push(File { room, path, text, syntax });
        }
    }
    assert!(all.len() > 50, "the walk found only {} files", all.len());
    all
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            walk(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

/// Fails with a line for each complaint.
fn check(mut complaint: impl FnMut(&File) -> Vec<String>) {
    let mut report = String::new();
    for file in files() {
        let path = file.path.display().to_string();
        for line in complaint(&file) {
            writeln!(report, "{path}: {line}").unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_file_says_what_it_is_in_one_sentence() {
    check(|file| {
        let Some(first) = file.text.lines().next().and_then(|line| line.strip_prefix("//! "))
        else {
            return vec!["does not begin with a `//!` sentence".into()];
        };
        let doc: Vec<&str> =
            file.text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let paragraph = doc.split(|line| line.is_empty()).next().unwrap_or(&[]).join(" ");
        let sentence = paragraph.split(". ").next().unwrap_or(first);
        let clause = sentence.split([':', ';', ',', '(']).next().unwrap_or(sentence);
        if clause.contains(" and ") {
            return vec![format!("its first sentence says two things: {sentence}")];
        }
        vec![]
    });
}

#[test]
fn no_file_is_too_long_to_read_in_one_sitting() {
    check(|file| {
        let tests = test_lines(&file.syntax);
        let code = file
            .text
            .lines()
            .enumerate()
            .filter(|(number, line)| {
                let line = line.trim();
                let inside_tests =
                    tests.iter().any(|(from, to)| (*from..=*to).contains(&(number + 1)));
                !line.is_empty() && !line.starts_with("//") && !inside_tests
            })
            .count();
        if code > FILE_LINES_MAX {
            return vec![format!("{code} lines of code; at most {FILE_LINES_MAX}")];
        }
        vec![]
    });
}

/// Where the file's test modules stand, by line.
fn test_lines(syntax: &syn::File) -> Vec<(usize, usize)> {
    let mut found = vec![];
    for item in &syntax.items {
        if let syn::Item::Mod(module) = item
            && is_test(&module.attrs)
        {
            found.push((item.span().start().line, item.span().end().line));
        }
    }
    found
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test"))
    })
}

#[derive(Default)]
struct Functions {
    complaints: Vec<String>,
    of_trait: bool,
}

impl Functions {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - block.span().start().line;
        if lines > FUNCTION_LINES_MAX {
            let name = &signature.ident;
            self.complaints
                .push(format!("fn {name} has {lines} lines; at most {FUNCTION_LINES_MAX}"));
        }
        let parameters =
            signature.inputs.iter().filter(|input| matches!(input, syn::FnArg::Typed(_))).count();
        if parameters > PARAMETERS_MAX && !self.of_trait {
            let name = &signature.ident;
            self.complaints.push(format!("fn {name} has {parameters} parameters: make a struct"));
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_test(&function.attrs) {
            self.measure(&function.sig, &function.block);
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        // How many parameters a trait's method has was decided where the trait is.
        let outer = std::mem::replace(&mut self.of_trait, block.trait_.is_some());
        visit::visit_item_impl(self, block);
        self.of_trait = outer;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }
}

#[test]
fn no_function_is_longer_than_a_screen() {
    check(|file| {
        if file.is_test() {
            return vec![];
        }
        let mut functions = Functions::default();
        functions.visit_file(&file.syntax);
        functions.complaints
    });
}

#[test]
fn a_mod_rs_is_a_door_without_logic() {
    check(|file| {
        if file.path.file_name().is_none_or(|name| name != "mod.rs") {
            return vec![];
        }
        let furniture = file.syntax.items.iter().filter(|item| {
            !matches!(item, syn::Item::Mod(module) if module.content.is_none() || is_test(&module.attrs))
                && !matches!(item, syn::Item::Use(_) | syn::Item::Const(_))
        });
        furniture.map(|item| format!("line {} is logic", item.span().start().line)).collect()
    });
}

#[derive(Default)]
struct Names {
    found: BTreeMap<String, usize>,
}

impl Names {
    fn note(&mut self, ident: &syn::Ident) {
        self.found.entry(ident.to_string()).or_insert(ident.span().start().line);
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_use_path(&mut self, path: &'ast syn::UsePath) {
        self.note(&path.ident);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1
            && let Some(first) = path.segments.first()
        {
            self.note(&first.ident);
        }
        visit::visit_path(self, path);
    }
}

#[test]
fn nothing_imports_uphill_and_foreign_crates_stay_in_their_rooms() {
    check(|file| {
        let own = ROOMS.iter().position(|room| *room == file.room).unwrap();
        let mut names = Names::default();
        names.visit_file(&file.syntax);
        let mut complaints = vec![];
        for (name, line) in names.found {
            if ROOMS.iter().skip(own + 1).any(|room| *room == name) {
                complaints.push(format!("line {line} imports `{name}`, which is uphill"));
            }
            if let Some((_, rooms)) = FOREIGN.iter().find(|(foreign, _)| *foreign == name)
                && !rooms.contains(&file.room)
            {
                complaints.push(format!("line {line} names `{name}`, which only {rooms:?} may"));
            }
        }
        complaints
    });
}

#[test]
fn the_manifests_do_not_look_uphill() {
    let root = tidemill_tests::root();
    for (height, room) in ROOMS.iter().enumerate() {
        let manifest = fs::read_to_string(root.join(room).join("Cargo.toml")).unwrap();
        for above in &ROOMS[height + 1..] {
            let depends = manifest.lines().any(|line| line.starts_with(&format!("{above}.")));
            assert!(!depends, "{room} depends on {above}, which is uphill");
        }
    }
}

#[test]
fn names_are_nouns_of_the_field() {
    check(|file| {
        let mut complaints = vec![];
        for item in &file.syntax.items {
            let name = match item {
                syn::Item::Struct(item) => item.ident.to_string(),
                syn::Item::Enum(item) => item.ident.to_string(),
                syn::Item::Trait(item) => item.ident.to_string(),
                _ => continue,
            };
            for word in ["Manager", "Helper", "Impl", "Utils"] {
                if name.ends_with(word) {
                    complaints.push(format!("`{name}` ends with `{word}`: name what it is"));
                }
            }
        }
        complaints
    });
}
