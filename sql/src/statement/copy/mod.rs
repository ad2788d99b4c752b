//! COPY: rows in or out as lines of text.
mod block;
mod copy_in;
mod copy_out;
mod decoder;
mod encoder;
mod fields;
mod format;
mod start;

pub use block::Block;
pub use copy_in::{COPY_BATCH_ROWS, CopyIn};
pub(crate) use copy_out::CopyQuery;
pub use copy_out::{CopyOut, CopyPiece};
pub use decoder::{Decoder, RECORD_BYTES_MAX, Record, Taken};
pub use format::*;
pub(crate) use start::{names_of, start};
