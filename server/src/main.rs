//! The `tidemill` binary: reads its arguments, then lets the library do the work.
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::config::ServeOptions;
use server::demo::DemoOptions;

/// An SQL-first streaming database: views that stay true as data arrive.
#[derive(Parser)]
#[command(name = "tidemill", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a data directory over the PostgreSQL wire protocol
    #[command(
        after_help = "Example:\n  tidemill serve --data-dir ./data --listen 127.0.0.1:5433\n  \
                            psql -h 127.0.0.1 -p 5433 tidemill"
    )]
    Serve(ServeOptions),
    /// Serves a live demo: a year of flights, replayed into five continuous views
    #[command(after_help = "Example:\n  tidemill demo --speed 3600\n  \
                            psql -h 127.0.0.1 -p 5433 tidemill -c 'SELECT * FROM carrier_delays'")]
    Demo(DemoOptions),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve(options) => server::serve(options),
        Command::Demo(options) => server::demo::run(options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            server::telemetry::complain(&message);
            ExitCode::FAILURE
        }
    }
}
