//! Sources over real files, through sessions of a database in memory.
mod content;
mod following;
mod world;
