//! The engine as its callers see it: definitions and commits in, snapshots out.
