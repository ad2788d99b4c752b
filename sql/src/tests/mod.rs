//! Scripts run through sessions in the process, over stores in memory.
mod blocks;
mod catalog;
mod copies;
mod definitions;
mod explain;
mod harness;
mod queries;
mod races;
mod settings;
mod tools;
mod writes;
