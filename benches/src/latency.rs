//! Latencies, and the percentiles of them.
use std::fmt;
use std::time::Duration;

/// Measured times, in any order.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Adds one.
    pub fn push(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Adds all of another.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The least latency that `part` (0 to 1) of all do not exceed; zero of none.
    pub fn percentile(&self, part: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() as f64 * part).ceil() as usize;
        sorted.get(place.saturating_sub(1)).or(sorted.last()).copied().unwrap_or_default()
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |part| self.percentile(part).as_secs_f64() * 1e3;
        write!(
            to,
            "p50 {:.3}  p99 {:.3}  p99.9 {:.3}  max {:.3} ms  ({} measured)",
            millis(0.5),
            millis(0.99),
            millis(0.999),
            millis(1.0),
            self.len()
        )
    }
}
