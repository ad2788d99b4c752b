//! The fields that a template names.

/// A part of a date or time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// `AM` or `PM`; with points or without.
    Meridiem {
        points: bool,
    },
    /// `BC` or `AD`.
    Era {
        points: bool,
    },
    Century,
    /// The day's name, in full or short.
    DayName {
        full: bool,
    },
    DayOfYear,
    DayOfMonth,
    /// From Sunday, 1.
    DayOfWeek,
    /// So many digits of a second.
    Fraction(u32),
    /// From 1 to 12.
    Hour12,
    Hour24,
    IsoDayOfYear,
    /// From Monday, 1.
    IsoDayOfWeek,
    IsoWeek,
    /// The last digits of the year that the ISO week belongs to.
    IsoYear(usize),
    JulianDay,
    Minute,
    Month,
    MonthName {
        full: bool,
    },
    Millisecond,
    Microsecond,
    ZoneOffset,
    Quarter,
    RomanMonth,
    SecondsOfDay,
    Second,
    ZoneHour,
    ZoneMinute,
    ZoneName,
    WeekOfYear,
    WeekOfMonth,
    /// The last digits of the year.
    Year(usize),
    /// The year with a comma behind the thousands.
    YearWithComma,
}

/// The case in which a name is written, as the field's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Title,
    Lower,
}

/// Fields by name. Each is known in lower case too.
const UPPER: [(&str, Field); 53] = {
    use Field as F;
    [
        ("A.D.", F::Era { points: true }),
        ("A.M.", F::Meridiem { points: true }),
        ("AD", F::Era { points: false }),
        ("AM", F::Meridiem { points: false }),
        ("B.C.", F::Era { points: true }),
        ("BC", F::Era { points: false }),
        ("CC", F::Century),
        ("DAY", F::DayName { full: true }),
        ("DDD", F::DayOfYear),
        ("DD", F::DayOfMonth),
        ("DY", F::DayName { full: false }),
        ("D", F::DayOfWeek),
        ("FF1", F::Fraction(1)),
        ("FF2", F::Fraction(2)),
        ("FF3", F::Fraction(3)),
        ("FF4", F::Fraction(4)),
        ("FF5", F::Fraction(5)),
        ("FF6", F::Fraction(6)),
        ("HH24", F::Hour24),
        ("HH12", F::Hour12),
        ("HH", F::Hour12),
        ("IDDD", F::IsoDayOfYear),
        ("ID", F::IsoDayOfWeek),
        ("IW", F::IsoWeek),
        ("IYYY", F::IsoYear(4)),
        ("IYY", F::IsoYear(3)),
        ("IY", F::IsoYear(2)),
        ("I", F::IsoYear(1)),
        ("J", F::JulianDay),
        ("MI", F::Minute),
        ("MM", F::Month),
        ("MONTH", F::MonthName { full: true }),
        ("MON", F::MonthName { full: false }),
        ("MS", F::Millisecond),
        ("OF", F::ZoneOffset),
        ("P.M.", F::Meridiem { points: true }),
        ("PM", F::Meridiem { points: false }),
        ("Q", F::Quarter),
        ("RM", F::RomanMonth),
        ("SSSSS", F::SecondsOfDay),
        ("SSSS", F::SecondsOfDay),
        ("SS", F::Second),
        ("TZH", F::ZoneHour),
        ("TZM", F::ZoneMinute),
        ("TZ", F::ZoneName),
        ("US", F::Microsecond),
        ("WW", F::WeekOfYear),
        ("W", F::WeekOfMonth),
        ("Y,YYY", F::YearWithComma),
        ("YYYY", F::Year(4)),
        ("YYY", F::Year(3)),
        ("YY", F::Year(2)),
        ("Y", F::Year(1)),
    ]
};

/// Names that are also known with a capital first letter.
const TITLE: [(&str, Field); 4] = [
    ("Month", Field::MonthName { full: true }),
    ("Mon", Field::MonthName { full: false }),
    ("Day", Field::DayName { full: true }),
    ("Dy", Field::DayName { full: false }),
];

impl Field {
    /// The field whose name `text` begins with, its case, and what follows.
    pub(super) fn take(text: &str) -> Option<(Self, Case, &str)> {
        let lower = UPPER.iter().map(|(name, field)| (name.to_lowercase(), *field, Case::Lower));
        let known = TITLE.iter().map(|(name, field)| ((*name).to_owned(), *field, Case::Title));
        let upper = UPPER.iter().map(|(name, field)| ((*name).to_owned(), *field, Case::Upper));
        let (name, field, case) = known
            .chain(upper)
            .chain(lower)
            .filter(|(name, ..)| text.starts_with(name.as_str()))
            .max_by_key(|(name, ..)| name.len())?;
        Some((field, case, text.get(name.len()..)?))
    }

    /// Whether it is read as a number.
    pub(super) fn is_number(self) -> bool {
        !matches!(
            self,
            Self::Meridiem { .. }
                | Self::Era { .. }
                | Self::DayName { .. }
                | Self::MonthName { .. }
                | Self::RomanMonth
                | Self::ZoneName
                | Self::ZoneOffset
        )
    }
}
