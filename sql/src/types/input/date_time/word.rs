//! What words mean in a text about time.

/// Characters of a word that count.
const LETTERS_MAX: usize = 10;

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    Month(i64),
    Weekday,
    Afternoon(bool),
    BeforeChrist(bool),
    /// Means nothing, as `at`.
    Ignored,
    /// `t` between a date and a time.
    TimeFollows,
    /// `j` before the number of a Julian day.
    JulianFollows,
    /// An hour more than the zone's offset.
    Summer,
    Epoch,
    Infinity,
    MinusInfinity,
    Now,
    Today,
    Tomorrow,
    Yesterday,
    /// Midnight UTC.
    AllBalls,
}

/// The meaning of a word in lower case.
pub(crate) fn meaning(word: &str) -> Option<Word> {
    let word = word.get(..LETTERS_MAX).unwrap_or(word);
    let found = WORDS.iter().find(|(name, _)| *name == word);
    found.map(|(_, meaning)| *meaning).or_else(|| month(word)).or_else(|| weekday(word))
}

/// Whether a word cannot be the begin of a zone's name: PostgreSQL's list, its units included.
pub(crate) fn is_known(word: &str) -> bool {
    let units = ["d", "dow", "doy", "h", "isodow", "isoyear", "m", "mm", "s", "y", "julian", "jd"];
    meaning(word).is_some() || units.contains(&word)
}

fn month(word: &str) -> Option<Word> {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let place = months.iter().position(|month| {
        *month == word || month.get(..3) == Some(word) || (word == "sept" && *month == "september")
    })?;
    Some(Word::Month(i64::try_from(place).ok()? + 1))
}

fn weekday(word: &str) -> Option<Word> {
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let short = ["tue", "tues", "wed", "weds", "thu", "thur", "thurs"];
    let named = days.iter().any(|day| *day == word || day.get(..3) == Some(word));
    (named || short.contains(&word)).then_some(Word::Weekday)
}

const WORDS: &[(&str, Word)] = &[
    ("-infinity", Word::MinusInfinity),
    ("infinity", Word::Infinity),
    ("ad", Word::BeforeChrist(false)),
    ("allballs", Word::AllBalls),
    ("am", Word::Afternoon(false)),
    ("at", Word::Ignored),
    ("bc", Word::BeforeChrist(true)),
    ("dst", Word::Summer),
    ("epoch", Word::Epoch),
    ("j", Word::JulianFollows),
    ("jd", Word::JulianFollows),
    ("julian", Word::JulianFollows),
    ("now", Word::Now),
    ("on", Word::Ignored),
    ("pm", Word::Afternoon(true)),
    ("t", Word::TimeFollows),
    ("today", Word::Today),
    ("tomorrow", Word::Tomorrow),
    ("yesterday", Word::Yesterday),
];
