//! What else ran on the machine while something was measured.
use std::time::Instant;

use crate::process::TICKS_A_SECOND;

/// A stretch of time that is measured.
pub struct Machine {
    begun: Instant,
    busy: f64,
}

impl Machine {
    /// Begins now.
    pub fn begin() -> Self {
        Self { begun: Instant::now(), busy: busy_seconds() }
    }

    /// Seconds since the beginning.
    pub fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// How much of one core others held since the beginning, in percent, given the CPU
    /// seconds of what is measured, its clients included.
    pub fn others_percent(&self, own_cpu_seconds: f64) -> f64 {
        let others = busy_seconds() - self.busy - own_cpu_seconds;
        (others / self.seconds() * 100.0).max(0.0)
    }
}

/// CPU time of all cores that was not idle.
fn busy_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    (ticks.iter().take(8).sum::<f64>() - idle) / TICKS_A_SECOND
}
