//! What no driver would do, done to the real binary: it stays up, and others hear nothing of it.
//!
//! `TIDEMILL_WIRE_MUTATIONS` says how many mutated conversations (default 1000);
//! `TIDEMILL_SEED` repeats them.
#![expect(clippy::disallowed_methods, reason = "how long things take is by the real clock")]
mod crowd;
mod frames;
mod leaving;
mod mutation;
mod raw;
mod stalling;
mod stopping;
