//! Values as the wire's binary format has them.
mod array;
mod numeric;
mod reader;
mod writer;

pub use reader::read_binary;
pub use writer::BinaryWriter;
