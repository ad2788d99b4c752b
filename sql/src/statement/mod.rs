//! What each statement does, one file each.
pub mod copy;
pub mod subscribe;
