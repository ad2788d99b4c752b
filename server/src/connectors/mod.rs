//! What fills sources: each connector reads somewhere else, all commit the same way.
mod feed;
mod file;
mod format;
mod options;
mod run;
mod stop;

pub(crate) use options::connectors;
pub(crate) use run::run;
