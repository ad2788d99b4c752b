//! What the demo is started with.
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// Options of `tidemill demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoOptions {
    /// Seconds of 2013 that pass in one second; 3600 shows the year in two and a half hours
    #[arg(long, value_name = "N", default_value_t = 3600,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub speed: u32,

    /// Where the data are kept; started again, the demo goes on where it was
    #[arg(long, value_name = "DIR", default_value = "tidemill-demo")]
    pub data_dir: PathBuf,

    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5433")]
    pub listen: SocketAddr,

    /// Ends when the year is over, instead of serving on
    #[arg(long)]
    pub exit: bool,
}
