//! The live demo: a year of flights, replayed into five continuous views.
mod data;
mod feed;
mod options;
mod run;

pub use options::DemoOptions;
pub use run::run;
