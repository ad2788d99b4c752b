//! Texts searched row by row: text, pattern, and the letters of options if they are given.
use arrow::buffer::NullBuffer;
use engine::Result;

use super::expression::{Expression, Last};
use super::options::Options;
use crate::functions::kernel::{Arguments, Reader};

/// The rows of such a call, one after the other.
pub(super) struct Search<'a> {
    texts: Reader<'a, &'a str>,
    patterns: Reader<'a, &'a str>,
    letters: Option<Reader<'a, &'a str>>,
    nulls: Option<NullBuffer>,
    last: Last,
}

impl<'a> Search<'a> {
    /// Over the rows of these arguments.
    pub(super) fn of(arguments: &'a Arguments<'_>) -> Result<Self> {
        let letters = (arguments.len() > 2).then(|| arguments.reader::<&str>(2)).transpose()?;
        Ok(Self {
            texts: arguments.reader::<&str>(0)?,
            patterns: arguments.reader::<&str>(1)?,
            letters,
            nulls: arguments.nulls(),
            last: Last::default(),
        })
    }

    /// A row's text, with its options as `read` reads them, and its expression; none where an
    /// argument is NULL.
    pub(super) fn row(
        &mut self,
        row: usize,
        read: impl FnOnce(&str) -> Result<Options>,
    ) -> Result<Option<(&'a str, Options, &Expression)>> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(None);
        }
        let letters = self.letters.as_ref().map(|letters| letters.at(row));
        let options = letters.map_or(Ok(Options::default()), read)?;
        let expression = self.last.of(self.patterns.at(row), options)?;
        Ok(Some((self.texts.at(row), options, expression)))
    }
}
