//! Statements with their expected answers, run through every door: the parts of the runner.
//!
//! A file under `slt/` is run in a session in-process, once more with each of its queries
//! as a continuous view, and over the wire; what is plain PostgreSQL in it is run by a real
//! PostgreSQL too, so that the expectations are PostgreSQL's and not ours.
mod answer;
mod draft;
mod exact;
mod in_process;
mod letter;
mod script;
mod views;
mod wire;

pub use answer::{Answer, Failure};
pub use draft::draft;
pub use exact::compare;
pub use in_process::{Local, World};
pub use letter::Letter;
pub use script::{files, play, records};
pub use views::{Tally, created_after, created_before};
pub use wire::{Remote, Site};
