//! What the server is started with: by flag, environment or file, in that order of weight.
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;

/// Options of `tidemill serve`. Each can stand in the file under its long name, with `-`
/// or `_`.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeOptions {
    /// Where the data are kept; made if it is not there [default: tidemill-data]
    #[arg(long, value_name = "DIR", env = "TIDEMILL_DATA_DIR")]
    #[serde(alias = "data-dir")]
    pub data_dir: Option<PathBuf>,

    /// The address to listen on; loopback only, until there is authentication [default: 127.0.0.1:5433]
    #[arg(long, value_name = "ADDRESS:PORT", env = "TIDEMILL_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Most memory for rows, indexes and state, such as 512MiB or 4GiB; insertions beyond it
    /// are refused [default: 4GiB]
    #[arg(long, value_name = "SIZE", env = "TIDEMILL_MEMORY_MAX")]
    #[serde(alias = "memory-max")]
    pub memory_max: Option<Size>,

    /// Most connections at once [default: 1000]
    #[arg(long, value_name = "N", env = "TIDEMILL_CONNECTIONS_MAX")]
    #[serde(alias = "connections-max")]
    pub connections_max: Option<usize>,

    /// Seconds that a client may take nothing of its answer before it is let go [default: 60]
    #[arg(long, value_name = "SECONDS", env = "TIDEMILL_WRITE_SECONDS_MAX")]
    #[serde(alias = "write-seconds-max")]
    pub write_seconds_max: Option<u32>,

    /// Seconds after which an epoch is made durable and the log is cut [default: 10]
    #[arg(long, value_name = "SECONDS", env = "TIDEMILL_EPOCH_SECONDS")]
    #[serde(alias = "epoch-seconds")]
    pub epoch_seconds: Option<u32>,

    /// Bytes of log after which an epoch is made durable and the log is cut [default: 64MiB]
    #[arg(long, value_name = "SIZE", env = "TIDEMILL_EPOCH_LOG")]
    #[serde(alias = "epoch-log")]
    pub epoch_log: Option<Size>,

    /// Threads that share large changes [default: one per core]
    #[arg(long, value_name = "N", env = "TIDEMILL_WORKERS")]
    pub workers: Option<usize>,

    /// A TOML file with any of these options, such as memory_max = "4GiB"
    #[arg(long, value_name = "FILE", env = "TIDEMILL_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
}

/// All options, settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the data are kept.
    pub data_dir: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Most memory for rows, indexes and state, in bytes.
    pub memory_bytes_max: usize,
    /// Most connections at once.
    pub connections_max: usize,
    /// How long a client may take nothing of its answer, in seconds.
    pub write_seconds_max: u64,
    /// Time after which an epoch is cut, in microseconds.
    pub epoch_interval_micros: i64,
    /// Log after which an epoch is cut, in bytes.
    pub epoch_log_bytes: u64,
    /// Threads that share large changes.
    pub workers: usize,
}

/// A number of bytes, written as `512MiB`, `4GiB` or in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SizeText")]
pub struct Size(pub u64);

#[derive(Deserialize)]
#[serde(untagged)]
enum SizeText {
    Bytes(u64),
    Text(String),
}

impl TryFrom<SizeText> for Size {
    type Error = String;

    fn try_from(text: SizeText) -> Result<Self, String> {
        match text {
            SizeText::Bytes(bytes) => Ok(Size(bytes)),
            SizeText::Text(text) => text.parse(),
        }
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let unit: u64 = match unit.trim() {
            "" | "B" => 1,
            "KiB" | "kB" => 1 << 10,
            "MiB" | "MB" => 1 << 20,
            "GiB" | "GB" => 1 << 30,
            other => return Err(format!("`{other}` is no unit; write KiB, MiB or GiB")),
        };
        let number: u64 = number.parse().map_err(|_| format!("`{text}` is no size"))?;
        number.checked_mul(unit).map(Size).ok_or_else(|| format!("`{text}` is too large"))
    }
}

impl ServeOptions {
    /// Reads the file, if one is named, and settles every option.
    pub fn settle(self) -> Result<Config, String> {
        let file = self.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let local = SocketAddr::from(([127, 0, 0, 1], 5433));
        let seconds = self.epoch_seconds.or(file.epoch_seconds).unwrap_or(10);
        let config = Config {
            data_dir: self.data_dir.or(file.data_dir).unwrap_or_else(|| "tidemill-data".into()),
            listen: self.listen.or(file.listen).unwrap_or(local),
            memory_bytes_max: bytes(self.memory_max.or(file.memory_max), 4 << 30)?,
            connections_max: self.connections_max.or(file.connections_max).unwrap_or(1000),
            write_seconds_max: self
                .write_seconds_max
                .or(file.write_seconds_max)
                .map_or(60, u64::from),
            epoch_interval_micros: i64::from(seconds) * 1_000_000,
            epoch_log_bytes: self.epoch_log.or(file.epoch_log).map_or(64 << 20, |size| size.0),
            workers: self.workers.or(file.workers).unwrap_or(cores),
        };
        config.check()
    }
}

impl Config {
    fn check(self) -> Result<Self, String> {
        if !self.listen.ip().is_loopback() {
            let address = self.listen.ip();
            return Err(format!(
                "refusing to listen on {address}: there is no authentication yet, so only \
                 loopback addresses are served; use 127.0.0.1 or [::1], and a tunnel from elsewhere"
            ));
        }
        let positive = [
            ("connections-max", self.connections_max as u64),
            ("write-seconds-max", self.write_seconds_max),
            ("workers", self.workers as u64),
            ("memory-max", self.memory_bytes_max as u64),
            ("epoch-log", self.epoch_log_bytes),
            ("epoch-seconds", self.epoch_interval_micros.unsigned_abs()),
        ];
        match positive.iter().find(|(_, value)| *value == 0) {
            Some((name, _)) => Err(format!("--{name} must be greater than 0")),
            None => Ok(self),
        }
    }
}

fn bytes(size: Option<Size>, default: usize) -> Result<usize, String> {
    let Some(Size(bytes)) = size else { return Ok(default) };
    usize::try_from(bytes).map_err(|_| format!("{bytes} bytes are more than this machine has"))
}

fn read(path: &Path) -> Result<ServeOptions, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!("512MiB".parse(), Ok(Size(512 << 20)));
        assert_eq!("4 GiB".parse(), Ok(Size(4 << 30)));
        assert_eq!("17".parse(), Ok(Size(17)));
        assert!("4 tons".parse::<Size>().is_err());
        assert!("99999999999999GiB".parse::<Size>().is_err());
    }

    #[test]
    fn addresses_off_loopback_are_refused() {
        let listen = Some("0.0.0.0:5433".parse().unwrap());
        let refused = ServeOptions { listen, ..ServeOptions::default() }.settle();
        assert!(refused.unwrap_err().contains("no authentication"));
    }

    #[test]
    fn a_flag_outweighs_the_file() {
        let folder = std::env::temp_dir().join(format!("tidemill-config-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("tidemill.toml");
        std::fs::write(&path, "data_dir = '/a'\nworkers = 3\nmemory_max = '1GiB'\n").unwrap();
        let options = ServeOptions {
            data_dir: Some("/b".into()),
            config: Some(path.clone()),
            ..ServeOptions::default()
        };
        let config = options.settle().unwrap();
        assert_eq!(config.data_dir, Path::new("/b"));
        assert_eq!((config.workers, config.memory_bytes_max), (3, 1 << 30));
        std::fs::write(&path, "memory-max = '2GiB'").unwrap();
        let options = ServeOptions { config: Some(path.clone()), ..ServeOptions::default() };
        assert_eq!(options.settle().unwrap().memory_bytes_max, 2 << 30);
        std::fs::write(&path, "no_such_option = 1").unwrap();
        let options = ServeOptions { config: Some(path), ..ServeOptions::default() };
        assert!(options.settle().unwrap_err().contains("no_such_option"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
