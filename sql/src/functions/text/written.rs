//! Arguments of any type as the text they are written as.
use engine::{Error, Result};

use crate::functions::kernel::Arguments;
use crate::types::{TextWriter, Type};

/// The arguments of a call as text, one after the other into one buffer.
pub(super) struct Written {
    writers: Vec<Writer>,
}

struct Writer {
    writer: TextWriter,
    constant: bool,
    /// Whether `true` is written for `t`.
    truth: bool,
}

impl Written {
    /// Of the arguments from `first` on.
    pub(super) fn new(arguments: &Arguments<'_>, first: usize) -> Result<Self> {
        let writers = (first..arguments.len()).map(|index| {
            let (writer, constant) = arguments.writer(index)?;
            Ok(Writer { writer, constant, truth: false })
        });
        Ok(Self { writers: writers.collect::<Result<_>>()? })
    }

    /// As a cast writes them: the truth values in full.
    pub(super) fn cast(arguments: &Arguments<'_>) -> Result<Self> {
        let mut written = Self::new(arguments, 0)?;
        for (index, writer) in written.writers.iter_mut().enumerate() {
            writer.truth = *arguments.kind(index) == Type::Bool;
        }
        Ok(written)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.writers.len()
    }

    /// Appends an argument's value of `row`; false if it is null, or not there.
    pub(super) fn write(&self, index: usize, row: usize, out: &mut Vec<u8>) -> bool {
        let Some(Writer { writer, constant, truth }) = self.writers.get(index) else {
            return false;
        };
        let row = if *constant { 0 } else { row };
        if writer.is_null(row) {
            return false;
        }
        writer.write(row, out);
        if *truth {
            let rest: &[u8] = if out.last() == Some(&b't') { b"rue" } else { b"alse" };
            out.extend_from_slice(rest);
        }
        true
    }

    /// An argument's value of `row` by itself.
    pub(super) fn text(&self, index: usize, row: usize) -> Result<Option<String>> {
        let mut out = vec![];
        match self.write(index, row, &mut out) {
            true => text_of(out).map(Some),
            false => Ok(None),
        }
    }
}

/// What was written, which is text.
pub(in crate::functions) fn text_of(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| Error::internal("a value was written as no text"))
}
