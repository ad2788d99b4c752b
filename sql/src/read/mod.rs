//! SELECTs that run once, over relations as they stand at one instant.
mod context;
mod execute;
mod limits;
mod planner;
mod point;
mod readers;
mod rows;
mod table;
mod turns;
mod window;

pub use context::{Batches, ReadContext, Relations, Stop};
pub use execute::with_parameters;
pub use point::{PointPlan, ValueOf};
pub use readers::{READERS_MEMORY_BYTES_MAX, READS_MAX, Readers};
pub use rows::{BATCHES_QUEUED_MAX, Rows};
