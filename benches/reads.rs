//! Point reads beside PostgreSQL: pgbench's SELECT, prepared, on both in one run.
//!
//! ```sh
//! cargo bench --bench reads -- [--rows 1000000] [--seconds 5] [--rounds 3] [--clients 4,8]
//! ```
//!
//! Both servers hold the same million accounts; pgbench runs against one, then the other, and
//! again. Besides the rates it prints each server's CPU time a read, which is steadier. The
//! goal is 1.3 times as many at 4 and at 8 clients.
use std::path::Path;
use std::process::Command;

use tidemill_benches::{Machine, Options, copy_rows, usage};
use tidemill_tests::{Postgres, Server, scratch};
use tokio_postgres::Client;

/// One of the two, with what was measured of it.
struct Side {
    name: &'static str,
    port: u16,
    user: &'static str,
    database: &'static str,
    rates: Vec<f64>,
}

fn main() {
    let options = Options::of_process(&["--rows", "--seconds", "--rounds", "--clients"]);
    let rows: u64 = options.get("--rows", 1_000_000);
    let folder = scratch("reads");
    let script = folder.join("select.sql");
    // What `pgbench -S` runs; the script spares Tidemill the questions about its own tables.
    let text = format!(
        "\\set aid random(1, {rows})\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n"
    );
    std::fs::write(&script, text).expect("a script");
    let server = Server::start(&folder.join("data"), &[]);
    let postgres = Postgres::start_with(&["shared_buffers=1GB"]);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    runtime.block_on(async {
        fill(&server.connect().await, rows).await;
        fill(&postgres.connect().await, rows).await;
        postgres.connect().await.batch_execute("VACUUM ANALYZE").await.expect("VACUUM");
    });
    let clients = options.text("--clients").unwrap_or("4,8").to_owned();
    for clients in clients.split(',') {
        let side = |name, port, user, database| Side { name, port, user, database, rates: vec![] };
        let mut sides = [
            side("PostgreSQL", postgres.port, "postgres", "postgres"),
            side("Tidemill", server.port, "test", "tidemill"),
        ];
        for _ in 0..options.get("--rounds", 3) {
            for side in &mut sides {
                let cpu = || match side.name {
                    "Tidemill" => usage(server.pid()).cpu_seconds,
                    _ => group_cpu_seconds(postgres.pid().unwrap_or(0)),
                };
                let before = cpu();
                let machine = Machine::begin();
                let rate = pgbench(side, clients, options.get("--seconds", 5), &script);
                let reads = rate * machine.seconds();
                let used = cpu() - before;
                println!(
                    "{clients} clients  {:10}  {rate:8.0} reads/s  {:5.1} µs of server CPU each  \
                     others, pgbench included, {:.0} % of a core",
                    side.name,
                    used / reads * 1e6,
                    machine.others_percent(used)
                );
                side.rates.push(rate);
            }
        }
        let [theirs, ours] = sides.map(|side| median(side.rates));
        println!("{clients} clients  {:.2} times as many (medians; goal 1.3)", ours / theirs);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

async fn fill(client: &Client, rows: u64) {
    let table = "CREATE TABLE pgbench_accounts \
                 (aid int PRIMARY KEY, bid int, abalance int, filler text)";
    client.batch_execute(table).await.expect(table);
    let filler = " ".repeat(84);
    let account = |aid| format!("{aid}\t1\t{}\t{filler}", aid % 1_000);
    copy_rows(client, "pgbench_accounts", (1..=rows).map(account)).await;
}

/// Transactions a second, as pgbench says.
fn pgbench(side: &Side, clients: &str, seconds: u64, script: &Path) -> f64 {
    let output = Command::new(Postgres::program("pgbench"))
        .args(["-n", "-M", "prepared", "-h", "127.0.0.1", "-U", side.user])
        .args(["-p", &side.port.to_string(), "-c", clients, "-j", "2"])
        .args(["-T", &seconds.to_string(), "-f"])
        .arg(script)
        .arg(side.database)
        .output()
        .expect("pgbench runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next());
    rate.and_then(|rate| rate.parse().ok()).unwrap_or_else(|| {
        panic!("pgbench on {}: {said}{}", side.name, String::from_utf8_lossy(&output.stderr))
    })
}

/// CPU seconds of a server and of the processes it started, those that ended included.
fn group_cpu_seconds(parent: u32) -> f64 {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0.0 };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let of_parent = |id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        fields.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    };
    let live: f64 = ids.filter(of_parent).map(|id| usage(id).cpu_seconds).sum();
    let stat = std::fs::read_to_string(format!("/proc/{parent}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // Its own, and those of children that were waited for, in hundredths of a second.
    let own: f64 =
        fields.split_whitespace().skip(11).take(4).filter_map(|f| f.parse::<f64>().ok()).sum();
    live + own / 100.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
