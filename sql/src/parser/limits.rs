//! How large a statement may be, counted over its tokens before it is parsed.
//!
//! A syntax tree is at most as deep as the parentheses, operators and keywords on the way
//! from its root to a leaf: bounding those bounds the recursion of everything after the parser.
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::{Error, Result};

/// The longest text that is read, in bytes.
pub const TEXT_BYTES_MAX: usize = 4 << 20;

/// The most words and signs in a text.
pub const TOKENS_MAX: usize = 1_000_000;

/// The deepest nesting of parentheses, sub-selects and CASE.
pub const NESTING_MAX: usize = 128;

/// The most operators and keywords between a statement's root and a leaf.
pub const OPERATORS_MAX: usize = 5_000;

/// The error of a statement over a limit.
pub(super) fn too_complex(detail: String) -> Error {
    Error::new("54001", "statement is too complex").with_detail(detail)
}

/// Refuses a text longer than [`TEXT_BYTES_MAX`].
pub(super) fn check_text(sql: &str) -> Result<()> {
    if sql.len() > TEXT_BYTES_MAX {
        return Err(too_complex(format!(
            "The text has {} bytes; at most {TEXT_BYTES_MAX} are read.",
            sql.len()
        ))
        .with_hint("Load many rows with COPY."));
    }
    Ok(())
}

/// Refuses a text of too many words or a statement that nests too deeply.
pub(super) fn check_tokens(tokens: &[TokenWithSpan]) -> Result<()> {
    if tokens.len() > TOKENS_MAX {
        return Err(too_complex(format!(
            "The text has {} words and signs; at most {TOKENS_MAX} are read.",
            tokens.len()
        ))
        .with_hint("Load many rows with COPY."));
    }
    let mut depth = Depth::default();
    for token in tokens {
        depth.pass(&token.token);
        if depth.total() > OPERATORS_MAX {
            return Err(too_complex(format!(
                "An expression has more than {OPERATORS_MAX} operators."
            ))
            .with_hint("Write a long chain of OR as IN (…) or = ANY (…).")
            .at(token.span));
        }
    }
    Ok(())
}

/// How deep the tree can be at a token.
#[derive(Default)]
struct Depth {
    /// Sum over the open parentheses, those of the present level left out.
    outer: usize,
    /// Of each open parenthesis: its operators, its set operations.
    open: Vec<(usize, usize)>,
    operators: usize,
    set_operations: usize,
}

impl Depth {
    fn total(&self) -> usize {
        self.outer + self.operators + self.set_operations
    }

    fn pass(&mut self, token: &Token) {
        match token {
            Token::LParen | Token::LBracket => {
                self.outer += 1 + self.operators + self.set_operations;
                self.open.push((self.operators, self.set_operations));
                self.operators = 0;
                self.set_operations = 0;
            }
            Token::RParen | Token::RBracket => {
                if let Some((operators, set_operations)) = self.open.pop() {
                    self.outer -= 1 + operators + set_operations;
                    self.operators = operators;
                    self.set_operations = set_operations;
                }
            }
            Token::SemiColon => *self = Self::default(),
            Token::Comma => self.operators = 0,
            Token::Word(word) => match word.keyword {
                Keyword::NoKeyword => {}
                Keyword::UNION | Keyword::EXCEPT | Keyword::INTERSECT => {
                    self.set_operations += 1;
                    self.operators = 0;
                }
                _ => self.operators += 1,
            },
            Token::Whitespace(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::Period
            | Token::Placeholder(_) => {}
            _ => self.operators += 1,
        }
    }
}
