//! Runs every file under `slt/` through every door.
//!
//! `cargo test --workspace --test slt` runs all, `-- select/joins` those whose name has it.
//! `TIDEMILL_SLT_DRAFT=file.sql` instead prints records for the SQL in a file.
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use sqllogictest::harness::{Arguments, Failed, Trial, run};
use tidemill_sqllogictest::{
    Failure, Local, Site, Tally, World, compare, created_after, created_before, draft, files, play,
};
use tidemill_tests::{Postgres, Server, root, scratch};

/// What the views of all files came to.
static VIEWS: Mutex<Option<Tally>> = Mutex::new(None);

/// The one PostgreSQL, and whether it answers already.
static POSTGRES: LazyLock<Mutex<Option<Postgres>>> = LazyLock::new(|| Mutex::new(None));

fn main() {
    let (arguments, names) = arguments();
    if let Ok(file) = std::env::var("TIDEMILL_SLT_DRAFT") {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let site = database("draft");
        print!("{}", draft(&text, &site).expect("PostgreSQL answers"));
        POSTGRES.lock().unwrap().take();
        return;
    }
    let folder = root().join("sqllogictest/slt");
    let no_postgres = !Path::new("/usr/lib/postgresql").exists();
    let mut trials = vec![];
    for file in files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().with_extension("").display().to_string();
        let mut add = |door: &str, test: fn(&Path, &str) -> Result<(), Failed>| {
            let (file, name) = (file.clone(), name.clone());
            let trial = Trial::test(format!("{name} {door}"), move || test(&file, &name));
            trials.push(trial.with_ignored_flag(no_postgres && door.ends_with("postgres")));
        };
        add("in-process", in_process);
        add("as-views", as_views);
        add("over-the-wire", over_the_wire);
        add("in-postgres", in_postgres);
        add("binary-as-in-postgres", binary);
    }
    let is_asked = |trial: &Trial| {
        names.is_empty() || names.iter().any(|name| trial.name().contains(name.as_str()))
    };
    trials.retain(is_asked);
    let conclusion = run(&arguments, trials);
    report();
    POSTGRES.lock().unwrap().take();
    conclusion.exit();
}

/// The arguments, and parts of names of which a test has one: `cargo test a b` gives several.
fn arguments() -> (Arguments, Vec<String>) {
    let with_value = ["--skip", "--test-threads", "--format", "--color", "--logfile"];
    let (mut names, mut rest): (Vec<String>, Vec<String>) = (vec![], vec![]);
    for (place, word) in std::env::args().enumerate() {
        let is_value = rest.last().is_some_and(|last| with_value.contains(&last.as_str()));
        if place == 0 || word.starts_with('-') || is_value {
            rest.push(word);
        } else {
            names.push(word);
        }
    }
    (Arguments::from_iter(rest), names)
}

fn in_process(file: &Path, _: &str) -> Result<(), Failed> {
    let world = World::new();
    play(file, &["in-process"], || {
        let session: Local = world.session();
        async move { Ok::<_, Failure>(session) }
    })?;
    Ok(())
}

fn as_views(file: &Path, _: &str) -> Result<(), Failed> {
    let mut tally = created_after(file)?;
    tally.add(&created_before(file, &tally)?);
    VIEWS.lock().unwrap().get_or_insert_default().add(&tally);
    if tally.wrong.is_empty() { Ok(()) } else { Err(tally.wrong.join("\n").into()) }
}

/// A server with empty data, and where it is.
fn server(name: &str) -> (Server, Site, PathBuf) {
    let data = scratch(&format!("slt-{}", name.replace('/', "-")));
    let server = Server::start(&data, &[]);
    let site = Site::tidemill(server.port);
    (server, site, data)
}

fn over_the_wire(file: &Path, name: &str) -> Result<(), Failed> {
    let (server, site, data) = server(name);
    let played = play(file, &["wire"], || {
        let connection = site.connect();
        async move { connection }
    });
    drop(server);
    let _ = std::fs::remove_dir_all(data);
    played?;
    Ok(())
}

/// A new database of the one PostgreSQL.
fn database(name: &str) -> Site {
    let mut postgres = POSTGRES.lock().unwrap();
    let port = postgres
        .get_or_insert_with(|| {
            let postgres = Postgres::start();
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(postgres.connect());
            postgres
        })
        .port;
    let name = name.replace(['/', '-'], "_");
    let mut first = Site::postgres(port, "postgres").connect().expect("PostgreSQL answers");
    first.answer(&format!("CREATE DATABASE {name} TEMPLATE template0")).expect("it is made");
    Site::postgres(port, &name)
}

fn in_postgres(file: &Path, name: &str) -> Result<(), Failed> {
    let site = database(&format!("text_{name}"));
    play(file, &[], || {
        let connection = site.connect();
        async move { connection }
    })?;
    Ok(())
}

fn binary(file: &Path, name: &str) -> Result<(), Failed> {
    let postgres = database(&format!("binary_{name}"));
    let (server, ours, data) = server(name);
    let compared = compare(file, &ours, &postgres);
    drop(server);
    let _ = std::fs::remove_dir_all(data);
    compared?;
    Ok(())
}

/// Says how many queries are views, and why the others are not.
fn report() {
    let Some(tally) = VIEWS.lock().unwrap().take() else { return };
    let refused: usize = tally.refused.values().map(|(count, _)| count).sum();
    println!(
        "views: {} comparisons equal, {} wrong; {refused} queries refused as views, {} in blocks",
        tally.equal,
        tally.wrong.len(),
        tally.in_block
    );
    let mut reasons: Vec<_> = tally.refused.iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    for (reason, (count, query)) in reasons {
        println!("{count:6}  {reason}\n        such as {}", query.replace('\n', " "));
    }
}
