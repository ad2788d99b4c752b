//! COPY: rows in or out as lines of text.
mod copy_in;
mod copy_out;
mod decoder;
mod encoder;
mod format;

pub use copy_in::CopyIn;
pub use copy_out::CopyOut;
pub use decoder::RECORD_BYTES_MAX;
pub use format::*;
