//! What the tests share: where the project is, and how servers are started.
#![expect(
    clippy::disallowed_methods,
    reason = "a test waits for real processes, by the real clock"
)]
mod postgres;
mod random;
mod server;

pub use postgres::Postgres;
pub use random::Random;
pub use server::{Server, binary, connect, free_port, root, scratch};
