//! Scripts run through sessions in the process, over stores in memory.
mod blocks;
mod catalog;
mod copies;
mod definitions;
mod explain;
mod harness;
mod limits;
mod queries;
mod races;
mod settings;
mod subscriptions;
mod tools;
mod writes;
