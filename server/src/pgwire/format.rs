//! The format of values on the wire.

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    #[default]
    Text,
    Binary,
}

/// The formats of all columns, or of all parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Formats {
    /// The same for all.
    All(Format),
    /// One for each; those beyond are text.
    Each(Box<[Format]>),
}

impl Default for Formats {
    fn default() -> Self {
        Self::All(Format::Text)
    }
}

impl Formats {
    /// Those a client gave: none means text, one means it for all.
    pub(crate) fn new(mut given: impl ExactSizeIterator<Item = Format>) -> Self {
        match given.len() {
            0 | 1 => Self::All(given.next().unwrap_or_default()),
            _ => Self::Each(given.collect()),
        }
    }

    /// That of column or parameter `number`, from 0.
    pub(crate) fn of(&self, number: usize) -> Format {
        match self {
            Self::All(format) => *format,
            Self::Each(formats) => formats.get(number).copied().unwrap_or_default(),
        }
    }
}
