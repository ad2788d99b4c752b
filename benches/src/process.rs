//! What a process has used so far.

/// The kernel's unit of CPU time, the same on every Linux.
pub(crate) const TICKS_A_SECOND: f64 = 100.0;

/// CPU time of all threads, and the most memory so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// User's and system's CPU seconds.
    pub cpu_seconds: f64,
    /// The most that was resident, in bytes.
    pub peak_bytes: u64,
}

/// What the process `pid` has used; nothing if it is gone.
pub fn usage(pid: u32) -> Usage {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 =
        fields.split_whitespace().skip(11).take(2).filter_map(|f| f.parse::<f64>().ok()).sum();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: u64 =
        peak.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    Usage { cpu_seconds: ticks / TICKS_A_SECOND, peak_bytes: kibibytes << 10 }
}
