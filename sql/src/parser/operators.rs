//! Signs that stand together, cut where PostgreSQL cuts them: `a=-1` is `a = -1`.
//!
//! Its rule: an operator ends in + or - only if it has one of ``~ ! @ # % ^ & | ` ?`` in it.
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

/// The tokens that one token stands for.
pub(super) fn cut(token: &TokenWithSpan) -> Vec<TokenWithSpan> {
    let signs = match &token.token {
        Token::CustomBinaryOperator(signs) => signs.as_str(),
        // Not another spelling of `=` here.
        Token::DoubleEq => {
            let token_is = Token::CustomBinaryOperator("==".to_owned());
            return vec![TokenWithSpan { token: token_is, span: token.span }];
        }
        _ => return vec![token.clone()],
    };
    let is_special = |sign: char| "~!@#%^&|`?".contains(sign);
    let mut base = signs;
    if !signs.contains(is_special) {
        while base.len() > 1 && base.ends_with(['+', '-']) {
            base = base.get(..base.len() - 1).unwrap_or_default();
        }
    }
    let tail = signs.get(base.len()..).unwrap_or_default();
    if tail.is_empty() {
        return vec![token.clone()];
    }
    let mut place = token.span.start;
    let mut next = |token: Token, width: usize| {
        let start = place;
        place = Location::new(start.line, start.column + u64::try_from(width).unwrap_or_default());
        TokenWithSpan { token, span: Span::new(start, place) }
    };
    let mut cut = vec![next(sign(base), base.len())];
    cut.extend(
        tail.chars().map(|letter| next(if letter == '+' { Token::Plus } else { Token::Minus }, 1)),
    );
    cut
}

/// The token of an operator.
fn sign(text: &str) -> Token {
    match text {
        "+" => Token::Plus,
        "-" => Token::Minus,
        "*" => Token::Mul,
        "/" => Token::Div,
        "=" => Token::Eq,
        "<" => Token::Lt,
        ">" => Token::Gt,
        "<=" => Token::LtEq,
        ">=" => Token::GtEq,
        "<>" => Token::Neq,
        other => Token::CustomBinaryOperator(other.to_owned()),
    }
}
