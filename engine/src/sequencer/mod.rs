//! Writes in, outcomes out: what makes a frame.
mod inbox;
mod overlay;
mod resolve;
mod staged;
mod stream;

pub(crate) use inbox::{Inbox, Input, Waiting, closed};
pub(crate) use overlay::project;
pub(crate) use resolve::Resolver;
pub(crate) use stream::{Arrival, Constants};
