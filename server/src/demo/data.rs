//! The demo's data, unpacked: CSV files of records and of events in order of time.
use std::io::Read;

/// A file of records: the table it goes into, and its lines under a header.
pub(crate) struct Records {
    /// The table.
    pub(crate) table: &'static str,
    packed: &'static [u8],
}

/// A file of events, sorted by time, which is the first field of a line.
pub(crate) struct Events {
    /// The stream.
    pub(crate) stream: &'static str,
    packed: &'static [u8],
}

/// What refers to nothing else.
pub(crate) const RECORDS: [Records; 3] = [
    Records { table: "airlines", packed: include_bytes!("data/airlines.csv.zst") },
    Records { table: "airports", packed: include_bytes!("data/airports.csv.zst") },
    Records { table: "planes", packed: include_bytes!("data/planes.csv.zst") },
];

/// What happens.
pub(crate) const EVENTS: [Events; 2] = [
    Events { stream: "flights", packed: include_bytes!("data/flights.csv.zst") },
    Events { stream: "weather", packed: include_bytes!("data/weather.csv.zst") },
];

impl Records {
    /// The file, header included.
    pub(crate) fn text(&self) -> Result<String, String> {
        unpack(self.packed)
    }
}

impl Events {
    /// The lines, without the header.
    pub(crate) fn lines(&self) -> Result<Vec<String>, String> {
        Ok(unpack(self.packed)?.lines().skip(1).map(str::to_owned).collect())
    }
}

/// The time of an event in seconds since 1970, from `2013-01-01 10:15:00+00`.
pub(crate) fn seconds(line: &str) -> Option<i64> {
    let number = |from: usize, to: usize| line.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // Days from 1970-03-01 on, with the year beginning in March, so that the leap day is last.
    let shifted = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * shifted + 2) / 5
        + day
        - 719_469;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn unpack(packed: &[u8]) -> Result<String, String> {
    let mut text = String::new();
    zstd::stream::read::Decoder::new(packed)
        .and_then(|mut decoder| decoder.read_to_string(&mut text))
        .map_err(|error| format!("the demo's data cannot be unpacked: {error}"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_since_1970() {
        assert_eq!(seconds("1970-01-01 00:00:00+00,x"), Some(0));
        assert_eq!(seconds("2013-01-01 10:15:00+00,UA"), Some(1_357_035_300));
        assert_eq!(seconds("2000-02-29 23:59:59+00"), Some(951_868_799));
        assert_eq!(seconds("garbage"), None);
    }

    #[test]
    fn the_events_are_sorted_and_all_there() {
        for (events, count) in EVENTS.iter().zip([336_776, 26_115]) {
            let lines = events.lines().unwrap();
            assert_eq!(lines.len(), count, "{}", events.stream);
            assert!(lines.windows(2).all(|pair| seconds(&pair[0]) <= seconds(&pair[1])));
        }
    }
}
