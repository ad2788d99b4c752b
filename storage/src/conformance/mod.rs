//! The exam that every backend takes.
mod blobs;
mod exam;
mod log;
mod records;

pub use blobs::check_blobs;
pub use exam::Opener;
pub use log::check_log;
pub use records::check_records;
