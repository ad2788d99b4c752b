//! String literals on several lines, which are one literal.
//!
//! Two literals on one line are none: there the second is a syntax error.
use sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

/// The tokens, where literals with a new line between them are one.
pub(super) fn joined(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut out: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    // Space since a literal at the end of `out`, and whether a line ended in it.
    let mut space: Vec<TokenWithSpan> = vec![];
    for token in tokens {
        match &token.token {
            Token::Whitespace(Whitespace::MultiLineComment(_)) => {
                out.append(&mut space);
                out.push(token);
            }
            Token::Whitespace(_) if out.last().is_some_and(is_literal) => space.push(token),
            Token::SingleQuotedString(more) if space.iter().any(ends_line) => {
                let more = more.clone();
                space.clear();
                let end = token.span.end;
                if let Some(last) = out.last_mut()
                    && let Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) =
                        &mut last.token
                {
                    text.push_str(&more);
                    last.span.end = end;
                }
            }
            _ => {
                out.append(&mut space);
                out.push(token);
            }
        }
    }
    out.append(&mut space);
    out
}

fn is_literal(token: &TokenWithSpan) -> bool {
    matches!(token.token, Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_))
}

fn ends_line(token: &TokenWithSpan) -> bool {
    matches!(
        token.token,
        Token::Whitespace(Whitespace::Newline | Whitespace::SingleLineComment { .. })
    )
}
