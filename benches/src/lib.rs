//! What the benchmarks share: options, load, latencies, digests.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures by the real clock")]
mod copy;
mod digest;
mod latency;
mod machine;
mod options;
mod process;

pub use copy::{copy_file, copy_out, copy_rows};
pub use digest::Digest;
pub use latency::Latencies;
pub use machine::Machine;
pub use options::Options;
pub use process::{Usage, usage};
