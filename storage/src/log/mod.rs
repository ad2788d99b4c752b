//! The log in segment files of our own.
mod frame;
mod length;
mod reader;
mod recovery;
mod segment;
mod segmented_log;

pub(crate) use segment::FOLDER;
pub(crate) use segmented_log::{SegmentedLog, check_append, check_range};
