//! The PostgreSQL wire protocol, version 3: the door for psql, drivers and BI tools.
mod cancel;
mod connection;
mod copy;
mod encode;
mod extended;
mod format;
mod guard;
mod listen;
mod message;
mod outbox;
mod parameters;
mod portal;
mod portals;
mod simple;
mod startup;
mod subscribe;

pub(crate) use cancel::Cancels;
pub(crate) use listen::{Door, bind, listen};
