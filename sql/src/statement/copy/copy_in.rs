//! COPY … FROM STDIN while its data come in.
use super::{Format, decoder::Decoder};
use crate::Result;

/// Takes the data; `Session::finish_copy` ends it.
pub struct CopyIn {
    columns: usize,
    decoder: Decoder,
}

impl CopyIn {
    /// How many columns a line has, for the wire's CopyInResponse; all are text.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Takes a piece of the data, of any size. Into a stream, rows may be committed here.
    /// After an error the rest must be thrown away and the error told to the client.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.decoder.push(bytes)
    }
}
