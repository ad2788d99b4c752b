//! The file connector: files read whole, or followed as they grow.
mod files;
mod listing;
mod mark;
mod pattern;
mod place;
#[cfg(test)]
mod tests;
mod tracked;

pub(crate) use files::Files;
