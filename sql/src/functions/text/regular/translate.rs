//! PostgreSQL's advanced regular expressions in the syntax of our engine.
//!
//! Absent: back references and looking around, which need backtracking; they are refused.
use std::iter::Peekable;
use std::str::Chars;

use engine::{Error, ErrorKind, Result};

use super::class;
use super::options::Options;

/// The most that a `{n}` can ask for, as in PostgreSQL.
const REPETITIONS_MAX: u32 = 255;

/// A translated expression.
#[derive(Debug)]
pub(super) struct Translated {
    /// In the engine's syntax; `.` matches newlines, letters as they are written.
    pub(super) pattern: String,
    /// Its options, those that stand in it included.
    pub(super) options: Options,
    /// Whether the whole match is as short as can be, not as long.
    pub(super) shortest: bool,
    /// Whether another rule than the first alternative's can give another match.
    pub(super) ambiguous: bool,
}

/// The error of an expression that cannot be read.
pub(super) fn invalid(what: &str) -> Error {
    Error::data("2201B", format!("invalid regular expression: {what}"))
}

fn unsupported(what: &str) -> Error {
    Error::new(
        ErrorKind::Invalid,
        "0A000",
        format!("{what} in a regular expression is not supported"),
    )
}

/// Appends a character that stands for itself.
pub(super) fn push_literal(one: char, out: &mut String) {
    if one.is_ascii_punctuation() {
        out.push('\\');
    }
    out.push(one);
}

/// Translates a pattern.
pub(super) fn translate(pattern: &str, options: Options) -> Result<Translated> {
    let (pattern, options) = prefix(pattern, options)?;
    let mut translation = Translation {
        rest: pattern.chars().peekable(),
        options,
        out: String::with_capacity(pattern.len() + 16),
        levels: vec![],
        level: Level::default(),
        pending: None,
        repeatable: false,
        ambiguous: false,
    };
    if options.literal {
        pattern.chars().for_each(|one| push_literal(one, &mut translation.out));
    } else {
        translation.run()?;
    }
    Ok(Translated {
        pattern: translation.out,
        options,
        shortest: translation.level.greedy() == Some(false),
        ambiguous: translation.ambiguous,
    })
}

/// Takes `***=`, `***:` and `(?letters)` off the front.
fn prefix(pattern: &str, mut options: Options) -> Result<(&str, Options)> {
    if let Some(rest) = pattern.strip_prefix("***=") {
        return Ok((rest, Options { literal: true, ..options }));
    }
    let pattern = match pattern.strip_prefix("***:") {
        Some(rest) => rest,
        None if pattern.starts_with("***") => return Err(invalid("quantifier operand invalid")),
        None => pattern,
    };
    let letters = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    let Some((letters, rest)) = letters
        .filter(|(letters, _)| letters.starts_with(|first: char| first.is_ascii_alphabetic()))
    else {
        return Ok((pattern, options));
    };
    for letter in letters.chars() {
        options = options.with(letter).ok_or_else(|| invalid("invalid embedded option"))?;
    }
    Ok((rest, options))
}

/// What decides whether a group prefers the longest match: its first quantified part that has a
/// preference. An alternation always prefers it.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    first: Option<bool>,
    alternation: bool,
}

impl Level {
    fn greedy(self) -> Option<bool> {
        if self.alternation { Some(true) } else { self.first }
    }

    fn add(&mut self, part: Option<bool>) {
        self.first = self.first.or(part);
    }
}

struct Translation<'a> {
    rest: Peekable<Chars<'a>>,
    options: Options,
    out: String,
    /// The groups that are open, outermost first.
    levels: Vec<Level>,
    /// The innermost.
    level: Level,
    /// The preference of what was last written, a group, before a repetition changes it.
    pending: Option<bool>,
    /// Whether what was last written can be repeated.
    repeatable: bool,
    ambiguous: bool,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<()> {
        while let Some(one) = self.rest.next() {
            self.step(one)?;
        }
        match self.levels.is_empty() {
            true => Ok(()),
            false => Err(invalid("parentheses () not balanced")),
        }
    }

    fn step(&mut self, one: char) -> Result<()> {
        match one {
            '\\' => return self.escape(),
            '[' => return self.bracket(),
            '(' => return self.group(),
            ')' => return self.close(),
            '|' => {
                self.out.push('|');
                self.repeatable = false;
                self.ambiguous = true;
                self.level.alternation = true;
            }
            '*' | '+' | '?' => return self.repeat(one.to_string(), false),
            '{' if self.rest.peek().is_some_and(char::is_ascii_digit) => return self.bound(),
            '.' => self.atom(if self.options.newline_stops { "[^\\n]" } else { "." }),
            '^' => self.anchor(if self.options.line_anchors { "(?m:^)" } else { "\\A" }),
            '$' => self.anchor(if self.options.line_anchors { "(?m:$)" } else { "\\z" }),
            _ if self.options.expanded && one.is_whitespace() => {}
            '#' if self.options.expanded => {
                while self.rest.next_if(|next| *next != '\n').is_some() {}
            }
            _ => {
                push_literal(one, &mut self.out);
                self.repeatable = true;
            }
        }
        Ok(())
    }

    fn atom(&mut self, written: &str) {
        self.out.push_str(written);
        self.repeatable = true;
    }

    fn anchor(&mut self, written: &str) {
        self.out.push_str(written);
        self.repeatable = false;
    }

    fn bracket(&mut self) -> Result<()> {
        let ahead: String = self.rest.clone().take(6).collect();
        let word = match ahead.as_str() {
            "[:<:]]" => Some("\\b{start}"),
            "[:>:]]" => Some("\\b{end}"),
            _ => None,
        };
        if let Some(word) = word {
            self.rest.nth(5);
            self.anchor(word);
            return Ok(());
        }
        self.repeatable = true;
        class::translate(&mut self.rest, self.options.newline_stops, &mut self.out)
    }

    fn group(&mut self) -> Result<()> {
        if self.rest.next_if_eq(&'?').is_some() {
            match self.rest.next() {
                Some(':') => self.out.push_str("(?:"),
                Some('#') => {
                    while self.rest.next_if(|next| *next != ')').is_some() {}
                    self.rest.next();
                    return Ok(());
                }
                Some('=' | '!' | '<') => return Err(unsupported("looking ahead or behind")),
                _ => return Err(invalid("invalid embedded option")),
            }
        } else {
            self.out.push('(');
        }
        self.levels.push(std::mem::take(&mut self.level));
        self.repeatable = false;
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        let Some(outer) = self.levels.pop() else {
            return Err(invalid("parentheses () not balanced"));
        };
        let inner = std::mem::replace(&mut self.level, outer);
        self.out.push(')');
        self.repeatable = true;
        self.pending = inner.greedy();
        match self.rest.peek() {
            Some('*' | '+' | '?' | '{') => self.ambiguous = true,
            _ => self.level.add(self.pending.take()),
        }
        Ok(())
    }

    /// A repetition; one of a fixed number of times has no preference of its own.
    fn repeat(&mut self, written: String, fixed: bool) -> Result<()> {
        if !self.repeatable {
            return Err(invalid("quantifier operand invalid"));
        }
        self.repeatable = false;
        self.out.push_str(&written);
        let greedy = self.rest.next_if_eq(&'?').is_none();
        if !greedy {
            self.out.push('?');
            self.ambiguous = true;
        }
        let inner = self.pending.take();
        self.level.add(if fixed { inner } else { Some(greedy) });
        Ok(())
    }

    /// `{n}`, `{n,}` or `{n,m}`.
    fn bound(&mut self) -> Result<()> {
        let least = self.number()?;
        let mut written = format!("{{{least}");
        let fixed = self.rest.peek() != Some(&',');
        if self.rest.next_if_eq(&',').is_some() {
            written.push(',');
            if self.rest.peek().is_some_and(char::is_ascii_digit) {
                let most = self.number()?;
                if most < least {
                    return Err(invalid("invalid repetition count(s)"));
                }
                written.push_str(&most.to_string());
            }
        }
        if self.rest.next() != Some('}') {
            return Err(invalid("invalid repetition count(s)"));
        }
        written.push('}');
        self.repeat(written, fixed)
    }

    fn number(&mut self) -> Result<u32> {
        let mut number = 0_u32;
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            number = number.saturating_mul(10).saturating_add(digit.to_digit(10).unwrap_or(0));
        }
        match number > REPETITIONS_MAX {
            true => Err(invalid("invalid repetition count(s)")),
            false => Ok(number),
        }
    }

    fn escape(&mut self) -> Result<()> {
        let atom = match self.rest.peek() {
            Some('d') => "[0-9]",
            Some('D') if self.options.newline_stops => "[^0-9\\n]",
            Some('D') => "[^0-9]",
            Some('w') => "\\w",
            Some('W') => "\\W",
            Some('s') => "\\s",
            Some('S') => "\\S",
            Some('A') => "\\A",
            Some('Z') => "\\z",
            Some('m') => "\\b{start}",
            Some('M') => "\\b{end}",
            Some('y') => "\\b",
            Some('Y') => "\\B",
            Some('1'..='9') => return Err(unsupported("a back reference")),
            _ => {
                let one = escaped(&mut self.rest)?;
                push_literal(one, &mut self.out);
                self.repeatable = true;
                return Ok(());
            }
        };
        let is_anchor = matches!(self.rest.next(), Some('A' | 'Z' | 'm' | 'M' | 'y' | 'Y'));
        self.out.push_str(atom);
        self.repeatable = !is_anchor;
        Ok(())
    }
}

/// The character that stands behind a backslash.
pub(super) fn escaped(rest: &mut Peekable<Chars<'_>>) -> Result<char> {
    let wrong = || invalid("invalid escape \\ sequence");
    let one = rest.next().ok_or_else(wrong)?;
    let code = match one {
        'a' => 0x07,
        'b' => 0x08,
        'B' => return Ok('\\'),
        'c' => u32::from(rest.next().ok_or_else(wrong)?) & 0x1f,
        'e' => 0x1b,
        'f' => 0x0c,
        'n' => 0x0a,
        'r' => 0x0d,
        't' => 0x09,
        'v' => 0x0b,
        'u' => hexadecimal(rest, 4).ok_or_else(wrong)?,
        'U' => hexadecimal(rest, 8).ok_or_else(wrong)?,
        'x' => {
            let mut code = rest.next_if(char::is_ascii_hexdigit).and_then(|one| one.to_digit(16));
            while let Some(digit) = rest.next_if(char::is_ascii_hexdigit) {
                let shifted = code.and_then(|code| code.checked_mul(16));
                code = shifted.zip(digit.to_digit(16)).map(|(code, digit)| code + digit);
            }
            code.ok_or_else(wrong)?
        }
        '0' => 0,
        _ if one.is_ascii_alphanumeric() => return Err(wrong()),
        _ => return Ok(one),
    };
    char::from_u32(code).ok_or_else(wrong)
}

fn hexadecimal(rest: &mut Peekable<Chars<'_>>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0_u32, |code, _| {
        let digit = rest.next()?.to_digit(16)?;
        Some(code.checked_mul(16)? + digit)
    })
}
