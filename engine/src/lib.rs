//! Deltas, rows, state and time: keeps every view equal to its SELECT.
mod aggregates;
mod backfill;
pub mod codec;
mod columns;
pub mod commit;
mod dag;
pub mod delta;
mod driver;
mod engine;
mod epoch;
mod error;
mod expression;
mod failures;
mod frame;
mod graft;
mod operator;
mod operators;
mod options;
pub mod pipeline;
pub mod plan;
mod recovery;
mod relation;
mod revival;
pub mod rows;
mod sequencer;
mod shared;
mod state;
mod status;
mod subscription;
pub mod time;
mod world;

pub use aggregates::{Beginning, ExactSum, Mean};
pub use delta::Delta;
pub use engine::{Engine, Pending, Snapshot};
pub use error::{Error, ErrorKind, Result};
pub use expression::failure_schema;
pub use failures::{
    FAILURES, FAILURES_LOG_LINES_MAX, FailureLine, failures_schema, rejected_schema,
};
pub use options::Options;
pub use pipeline::Pipeline;
pub use recovery::Recovery;
pub use relation::Kind;
pub use state::normal::normalised;
pub use status::{RelationStatus, StateStatus, Status};
pub use storage::Tick;
pub use subscription::{Change, Subscription};
