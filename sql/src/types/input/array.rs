//! The elements of an array's text, `{1,"a b",NULL}`.
use super::fault::is_space;
use crate::{Error, Result};

/// An element, or none for NULL.
pub(crate) type Element = Option<String>;

/// Cuts the text of an array into its elements. An element that is itself an array keeps its
/// braces, if `nested` says that elements are arrays.
///
/// # Errors
/// 22P02 for what is no array, 0A000 for more dimensions than the type has.
pub(crate) fn elements(text: &str, nested: bool) -> Result<Vec<Element>> {
    let mut reader = Reader { whole: text, letters: text.trim_matches(is_space).chars() };
    reader.skip_bounds()?;
    if reader.letters.next() != Some('{') {
        return Err(reader.malformed("Array value must start with \"{\" or dimension information."));
    }
    let mut found = Vec::new();
    reader.skip_space();
    if reader.peek() == Some('}') {
        reader.letters.next();
        return reader.end(found);
    }
    loop {
        reader.skip_space();
        let element = match reader.peek() {
            Some('{') if nested => Some(reader.nested()?),
            Some('{') => {
                return Err(Error::unsupported("an array of several dimensions here")
                    .with_hint("Declare the column with as many brackets."));
            }
            Some('"') => Some(reader.quoted()?),
            _ => reader.plain()?,
        };
        found.push(element);
        reader.skip_space();
        match reader.letters.next() {
            Some(',') => {}
            Some('}') => return reader.end(found),
            Some(_) => return Err(reader.malformed("Unexpected array element.")),
            None => return Err(reader.malformed("Unexpected end of input.")),
        }
    }
}

/// Whether the arrays in an array are of equal length; what is in them is seen to when they
/// are read themselves.
///
/// # Errors
/// 22P02 if they are not, or if one is NULL.
pub(crate) fn check_shape(text: &str, inner: &[Element]) -> Result<()> {
    let mut lengths = inner.iter().map(|element| match element {
        Some(text) => elements(text, true).map(|elements| Some(elements.len())),
        None => Ok(None),
    });
    let Some(first) = lengths.next().transpose()? else { return Ok(()) };
    for length in lengths {
        if first.is_none() || length? != first {
            return Err(uneven(text));
        }
    }
    if first.is_none() { Err(uneven(text)) } else { Ok(()) }
}

fn uneven(text: &str) -> Error {
    Error::new("22P02", format!("malformed array literal: \"{text}\""))
        .with_detail("Multidimensional arrays must have sub-arrays with matching dimensions.")
}

struct Reader<'a> {
    whole: &'a str,
    letters: std::str::Chars<'a>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.clone().next()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.letters.next();
        }
    }

    fn malformed(&self, detail: &str) -> Error {
        Error::new("22P02", format!("malformed array literal: \"{}\"", self.whole))
            .with_detail(detail)
    }

    fn end(mut self, found: Vec<Element>) -> Result<Vec<Element>> {
        match self.letters.next() {
            None => Ok(found),
            Some(_) => Err(self.malformed("Junk after closing right brace.")),
        }
    }

    /// Bounds as in `[1:3]={…}`; arrays here begin at 1.
    fn skip_bounds(&mut self) -> Result<()> {
        if self.peek() != Some('[') {
            return Ok(());
        }
        let Some((bounds, _)) = self.letters.as_str().split_once('=') else {
            return Err(self.malformed("Missing \"=\" after array dimensions."));
        };
        if !bounds.trim_matches(is_space).starts_with("[1:") {
            return Err(Error::unsupported("an array that does not begin at 1"));
        }
        for _ in 0..=bounds.chars().count() {
            self.letters.next();
        }
        Ok(())
    }

    fn nested(&mut self) -> Result<String> {
        let start = self.letters.as_str();
        let mut depth = 0_usize;
        let mut in_quotes = false;
        while let Some(letter) = self.letters.next() {
            match letter {
                '\\' => {
                    self.letters.next();
                }
                '"' => in_quotes = !in_quotes,
                '{' if !in_quotes => depth += 1,
                '}' if !in_quotes => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let length = start.len() - self.letters.as_str().len();
                return Ok(start.get(..length).unwrap_or(start).to_owned());
            }
        }
        Err(self.malformed("Unexpected end of input."))
    }

    fn quoted(&mut self) -> Result<String> {
        let mut text = String::new();
        self.letters.next();
        while let Some(letter) = self.letters.next() {
            match letter {
                '"' => return Ok(text),
                '\\' => text.extend(self.letters.next()),
                letter => text.push(letter),
            }
        }
        Err(self.malformed("Unexpected end of input."))
    }

    fn plain(&mut self) -> Result<Element> {
        let mut text = String::new();
        // White space at the end does not count, unless it is escaped.
        let mut kept = 0;
        let mut escaped = false;
        while let Some(letter) = self.peek() {
            match letter {
                ',' | '}' => break,
                '{' => return Err(self.malformed("Unexpected \"{\" character.")),
                '"' => return Err(self.malformed("Unexpected array element.")),
                _ => {}
            }
            self.letters.next();
            if letter == '\\' {
                escaped = true;
                text.extend(self.letters.next());
                kept = text.len();
                continue;
            }
            text.push(letter);
            if !is_space(letter) {
                kept = text.len();
            }
        }
        text.truncate(kept);
        if text.is_empty() {
            let found = self.peek().map(String::from).unwrap_or_default();
            return Err(self.malformed(&format!("Unexpected \"{found}\" character.")));
        }
        let null = !escaped && text.eq_ignore_ascii_case("null");
        Ok((!null).then_some(text))
    }
}
