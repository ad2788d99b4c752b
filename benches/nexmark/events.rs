//! The events as CSV files: one for persons, one for auctions, one for bids.
//!
//! The published generator draws each event from its number alone, so the same count gives
//! the same bytes on every machine. Times are milliseconds from a fixed instant, 10,000
//! events a second; amounts are cents.
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use nexmark::EventGenerator;
use nexmark::config::NexmarkConfig;
use nexmark::event::Event;

/// 2015-07-15 00:00:00, in milliseconds.
const BASE_MILLIS: u64 = 1_436_918_400_000;

/// The files of so many events.
pub struct Events {
    /// Of all kinds together.
    pub count: u64,
    /// Persons, auctions, bids.
    pub files: [EventFile; 3],
}

/// The events of one kind.
pub struct EventFile {
    /// The stream they go into.
    pub stream: &'static str,
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
}

impl Events {
    /// Writes the files into `folder`, unless they are there.
    pub fn prepare(folder: &Path, count: u64) -> io::Result<Self> {
        let folder = folder.join(count.to_string());
        let path = |name: &str| folder.join(format!("{name}.csv"));
        if !path("done").exists() {
            fs::create_dir_all(&folder)?;
            write(count, &path)?;
            fs::write(path("done"), "")?;
        }
        let file = |stream: &'static str| -> io::Result<EventFile> {
            let bytes = fs::read(path(stream))?;
            let rows = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            Ok(EventFile { stream, path: path(stream), rows, bytes: bytes.len() as u64 })
        };
        Ok(Self { count, files: [file("person")?, file("auction")?, file("bid")?] })
    }
}

fn write(count: u64, path: &dyn Fn(&str) -> PathBuf) -> io::Result<()> {
    let create = |name: &str| Ok::<_, io::Error>(BufWriter::new(File::create(path(name))?));
    let (mut persons, mut auctions) = (create("person")?, create("auction")?);
    let mut bids = create("bid")?;
    let config = NexmarkConfig { base_time: BASE_MILLIS, ..NexmarkConfig::default() };
    for event in EventGenerator::new(config).take(count as usize) {
        match event {
            Event::Person(p) => writeln!(
                persons,
                "{},{},{},{},{},{},{},{}",
                p.id,
                p.name,
                p.email_address,
                p.credit_card,
                p.city,
                p.state,
                timestamp(p.date_time),
                p.extra
            )?,
            Event::Auction(a) => writeln!(
                auctions,
                "{},{},{},{},{},{},{},{},{},{}",
                a.id,
                a.item_name,
                a.description,
                a.initial_bid,
                a.reserve,
                timestamp(a.date_time),
                timestamp(a.expires),
                a.seller,
                a.category,
                a.extra
            )?,
            Event::Bid(b) => writeln!(
                bids,
                "{},{},{},{},{},{},{}",
                b.auction,
                b.bidder,
                b.price,
                b.channel,
                b.url,
                timestamp(b.date_time),
                b.extra
            )?,
        }
    }
    persons.flush()?;
    auctions.flush()?;
    bids.flush()
}

/// `2015-07-15 00:00:00.000`: all events are of that day or the days after it in July.
fn timestamp(millis: u64) -> String {
    let since = millis.saturating_sub(BASE_MILLIS);
    let (seconds, millis) = (since / 1_000, since % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    let (days, hours) = (hours / 24, hours % 24);
    assert!(days < 17, "more events than July 2015 can hold");
    format!("2015-07-{:02} {hours:02}:{minutes:02}:{seconds:02}.{millis:03}", 15 + days)
}
