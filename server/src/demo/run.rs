//! Starts a server, feeds it, and says what to look at.
use std::io::{IsTerminal, Write};
use std::time::Duration;

use sql::SessionOptions;
use tokio::time::Instant;

use super::DemoOptions;
use super::feed::{Replay, load_records, replays, script};
use crate::config::ServeOptions;
use crate::serve::Server;

/// How often events are sent.
const STEP: Duration = Duration::from_millis(100);

const SCHEMA: &str = include_str!("schema.sql");

/// Runs the demo until it is stopped.
pub fn run(options: DemoOptions) -> Result<(), String> {
    let speed = i64::from(options.speed.max(1));
    let serve = ServeOptions {
        data_dir: Some(options.data_dir),
        listen: Some(options.listen),
        ..ServeOptions::default()
    };
    let server = Server::start(serve.settle()?)?;
    let exit = options.exit;
    server.run_with(async |server| {
        let settings = SessionOptions { user: "demo".into(), ..SessionOptions::default() };
        let mut session = server.database().session(settings).map_err(|e| e.to_string())?;
        script(&mut session, SCHEMA).await?;
        load_records(&mut session).await?;
        let mut events = replays(&mut session).await?;
        say(&invitation(server.address()));
        replay(&mut session, &mut events, speed).await?;
        say("\nThe year is over; the views stay.\n");
        if !exit {
            std::future::pending::<()>().await;
        }
        Ok(())
    })
}

async fn replay(
    session: &mut sql::Session,
    events: &mut [Replay],
    speed: i64,
) -> Result<(), String> {
    let Some(first) = events.iter().filter_map(Replay::next_time).min() else { return Ok(()) };
    let begun = Instant::now();
    let mut steps = tokio::time::interval(STEP);
    while events.iter().any(|replay| replay.next_time().is_some()) {
        steps.tick().await;
        let passed = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = first + passed.saturating_mul(speed) / 1_000;
        for replay in events.iter_mut() {
            replay.send(session, now).await?;
        }
        progress(events, now);
    }
    Ok(())
}

/// One line that is written over on a terminal; nothing elsewhere.
fn progress(events: &[Replay], now: i64) {
    if !std::io::stdout().is_terminal() {
        return;
    }
    let mut line = format!("\r{}", day(now));
    for replay in events {
        let (sent, all) = replay.progress();
        line += &format!("   {} {sent} of {all}", replay.stream());
    }
    say(&format!("{line}   "));
}

/// Day and hour of 2013, from seconds since 1970.
fn day(seconds: i64) -> String {
    const MONTHS: [(&str, i64); 12] = [
        ("January", 31),
        ("February", 28),
        ("March", 31),
        ("April", 30),
        ("May", 31),
        ("June", 30),
        ("July", 31),
        ("August", 31),
        ("September", 30),
        ("October", 31),
        ("November", 30),
        ("December", 31),
    ];
    const YEAR_2013: i64 = 1_356_998_400;
    let hours = (seconds - YEAR_2013).max(0) / 3_600;
    let mut left = hours / 24;
    for (month, days) in MONTHS {
        if left < days {
            return format!("{} {month} 2013, {:02}:00", left + 1, hours % 24);
        }
        left -= days;
    }
    "the end of 2013".into()
}

fn invitation(address: std::net::SocketAddr) -> String {
    let (host, port) = (address.ip(), address.port());
    format!(
        "\nTidemill is live. In another terminal:\n\n  psql -h {host} -p {port} tidemill\n\n\
         and there, as often as you like:\n\n\
         \x20 \\d\n\
         \x20 SELECT * FROM carrier_delays ORDER BY average_delay DESC;\n\
         \x20 SELECT * FROM busiest_routes;\n\
         \x20 SELECT * FROM late_planes ORDER BY late_flights DESC LIMIT 5;\n\
         \x20 SELECT * FROM worst_weather;\n\
         \x20 SELECT * FROM flight_details WHERE dest = 'HNL' ORDER BY scheduled DESC LIMIT 5;\n\
         \x20 EXPLAIN carrier_delays;\n\n\
         Stop it with Ctrl-C, or kill it: started again, it goes on where it was.\n\n"
    )
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}
