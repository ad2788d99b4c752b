//! The letter of a column's type in a `query` line.
use sqllogictest::ColumnType;

/// `I` an integer, `R` another number, `B` a boolean, `D` a date or time, `T` text, `X` any
/// other type; `?` fits all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter(pub char);

impl Letter {
    /// The letter of a type's oid.
    pub fn of(oid: u32) -> Self {
        Self(match oid {
            16 => 'B',
            20 | 21 | 23 | 26 => 'I',
            700 | 701 | 1700 => 'R',
            18 | 19 | 25 | 705 | 1042 | 1043 => 'T',
            1082 | 1083 | 1114 | 1184 | 1186 | 1266 => 'D',
            _ => 'X',
        })
    }

    /// Whether these columns are what a record says.
    pub fn fit(actual: &[Self], expected: &[Self]) -> bool {
        let fits = |(actual, expected): (&Self, &Self)| expected.0 == '?' || actual == expected;
        actual.len() == expected.len() && actual.iter().zip(expected).all(fits)
    }
}

impl ColumnType for Letter {
    fn from_char(value: char) -> Option<Self> {
        "IRBDTX?".contains(value).then_some(Self(value))
    }

    fn to_char(&self) -> char {
        self.0
    }
}
