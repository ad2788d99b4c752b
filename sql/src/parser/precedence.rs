//! Which operator binds tighter: PostgreSQL's table, from OR up to `::`.
//!
//! Operators of one level associate to the left; comparisons, the LIKE family and
//! IS DISTINCT FROM do not associate at all: `a < b < c` is a syntax error.
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

use super::parse::{Attempt, take_words};

/// AND, OR, `+` and their like are where sqlparser has them.
const NOTHING: u8 = 0;
const NOT: u8 = 30;
const IS: u8 = 40;
const COMPARISON: u8 = 50;
const LIKE: u8 = 60;
/// Of every operator that has no level of its own, before its operand as between two.
const OTHER: u8 = 70;
const SIGN: u8 = 125;

type Parsing<T> = std::result::Result<T, ParserError>;

/// The level of the next token, where sqlparser's is another.
pub(super) fn of_next(parser: &Parser) -> Option<u8> {
    match &parser.peek_token_ref().token {
        Token::Word(word) if word.quote_style.is_some() => Some(NOTHING),
        Token::Word(word) => match word.keyword {
            Keyword::OPERATOR => Some(OTHER),
            Keyword::NOTNULL => Some(IS),
            _ if word.value.eq_ignore_ascii_case("isnull") => Some(IS),
            Keyword::NOT => Some(of_not(parser)),
            // Operators elsewhere, names here.
            Keyword::XOR
            | Keyword::REGEXP
            | Keyword::RLIKE
            | Keyword::MATCH
            | Keyword::MEMBER
            | Keyword::DIV => Some(NOTHING),
            _ => None,
        },
        Token::Tilde
        | Token::TildeAsterisk
        | Token::ExclamationMarkTilde
        | Token::ExclamationMarkTildeAsterisk
        | Token::DoubleTilde
        | Token::DoubleTildeAsterisk
        | Token::ExclamationMarkDoubleTilde
        | Token::ExclamationMarkDoubleTildeAsterisk
        | Token::Spaceship => Some(OTHER),
        _ => None,
    }
}

/// NOT stands between operands only before LIKE and its kin.
fn of_not(parser: &Parser) -> u8 {
    match &parser.peek_nth_token_ref(1).token {
        Token::Word(word) => match word.keyword {
            Keyword::IN | Keyword::BETWEEN | Keyword::LIKE | Keyword::ILIKE | Keyword::SIMILAR => {
                LIKE
            }
            _ => NOTHING,
        },
        _ => NOTHING,
    }
}

/// An operator before its operand.
pub(super) fn prefix(parser: &mut Parser) -> Attempt<Expr> {
    let (op, level) = match &parser.peek_token_ref().token {
        Token::Plus => (UnaryOperator::Plus, SIGN),
        Token::Minus => (UnaryOperator::Minus, SIGN),
        Token::Tilde => (UnaryOperator::BitwiseNot, OTHER),
        Token::AtSign => (UnaryOperator::PGAbs, OTHER),
        Token::PGSquareRoot => (UnaryOperator::PGSquareRoot, OTHER),
        Token::PGCubeRoot => (UnaryOperator::PGCubeRoot, OTHER),
        Token::Word(word) if word.quote_style.is_none() && word.keyword == Keyword::NOT => {
            (UnaryOperator::Not, NOT)
        }
        _ => return Ok(None),
    };
    parser.advance_token();
    let operand = parser.parse_subexpr(level)?;
    Ok(Some(match (op, operand) {
        (UnaryOperator::Not, Expr::Exists { subquery, negated: false }) => {
            Expr::Exists { subquery, negated: true }
        }
        // Two signs are written apart, since `--` begins a comment.
        (op, signed @ Expr::UnaryOp { .. }) => {
            Expr::UnaryOp { op, expr: Box::new(Expr::Nested(Box::new(signed))) }
        }
        (op, operand) => Expr::UnaryOp { op, expr: Box::new(operand) },
    }))
}

/// An operator after `left`, where sqlparser reads too much of what follows, or nothing.
pub(super) fn infix(parser: &mut Parser, left: &Expr) -> Attempt<Expr> {
    refuse_chain(parser, left)?;
    if let Some(quantified) = quantified(parser, left)? {
        return Ok(Some(quantified));
    }
    let own = || Box::new(left.clone());
    if take_words(parser, &["IS", "DISTINCT", "FROM"]) {
        let right = Box::new(parser.parse_subexpr(IS)?);
        return Ok(Some(Expr::IsDistinctFrom(own(), right)));
    }
    if take_words(parser, &["IS", "NOT", "DISTINCT", "FROM"]) {
        let right = Box::new(parser.parse_subexpr(IS)?);
        return Ok(Some(Expr::IsNotDistinctFrom(own(), right)));
    }
    if take_words(parser, &["ISNULL"]) {
        return Ok(Some(Expr::IsNull(own())));
    }
    for (words, negated) in
        [(["BETWEEN", "SYMMETRIC"].as_slice(), false), (&["NOT", "BETWEEN", "SYMMETRIC"], true)]
    {
        if take_words(parser, words) {
            return symmetric(parser, left, negated).map(Some);
        }
    }
    for (words, negated) in
        [(["BETWEEN", "ASYMMETRIC"].as_slice(), false), (&["NOT", "BETWEEN", "ASYMMETRIC"], true)]
    {
        if take_words(parser, words) {
            return parser.parse_between(left.clone(), negated).map(Some);
        }
    }
    Ok(None)
}

/// Refuses a second operator of a level that does not associate.
fn refuse_chain(parser: &Parser, left: &Expr) -> Parsing<()> {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    let level = match left {
        Expr::BinaryOp { op: Eq | NotEq | Lt | LtEq | Gt | GtEq, .. } => COMPARISON,
        Expr::Like { .. } | Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::Between { .. } => {
            LIKE
        }
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => IS,
        _ => return Ok(()),
    };
    if parser.get_next_precedence()? == level {
        return parser.expected_ref("parentheses", parser.peek_token_ref());
    }
    Ok(())
}

/// `left operator ANY (…)` and its kin: what is in the parentheses is complete.
fn quantified(parser: &mut Parser, left: &Expr) -> Attempt<Expr> {
    let Some((compare_op, words)) = comparison(parser) else { return Ok(None) };
    let Token::Word(word) = &parser.peek_nth_token_ref(words).token else { return Ok(None) };
    let is_all = match word.keyword {
        Keyword::ANY | Keyword::SOME => false,
        Keyword::ALL => true,
        _ => return Ok(None),
    };
    let is_some = word.keyword == Keyword::SOME;
    if parser.peek_nth_token_ref(words + 1).token != Token::LParen {
        return Ok(None);
    }
    for _ in 0..=words {
        parser.advance_token();
    }
    let open = parser.peek_token();
    let right = match parser.parse_prefix()? {
        Expr::Nested(inner) => inner,
        Expr::Tuple(_) => return parser.expected("one expression", open),
        subquery => Box::new(subquery),
    };
    let left = Box::new(left.clone());
    Ok(Some(if is_all {
        Expr::AllOp { left, compare_op, right }
    } else {
        Expr::AnyOp { left, compare_op, right, is_some }
    }))
}

/// The operator that the next tokens are, as far as ANY and ALL take it, and how many they are.
fn comparison(parser: &Parser) -> Option<(BinaryOperator, usize)> {
    let is_like = |place: usize| match &parser.peek_nth_token_ref(place).token {
        Token::Word(word) => word.keyword,
        _ => Keyword::NoKeyword,
    };
    Some(match &parser.peek_token_ref().token {
        Token::Eq => (BinaryOperator::Eq, 1),
        Token::Neq => (BinaryOperator::NotEq, 1),
        Token::Lt => (BinaryOperator::Lt, 1),
        Token::LtEq => (BinaryOperator::LtEq, 1),
        Token::Gt => (BinaryOperator::Gt, 1),
        Token::GtEq => (BinaryOperator::GtEq, 1),
        Token::Tilde => (BinaryOperator::PGRegexMatch, 1),
        Token::TildeAsterisk => (BinaryOperator::PGRegexIMatch, 1),
        Token::ExclamationMarkTilde => (BinaryOperator::PGRegexNotMatch, 1),
        Token::ExclamationMarkTildeAsterisk => (BinaryOperator::PGRegexNotIMatch, 1),
        Token::DoubleTilde => (BinaryOperator::PGLikeMatch, 1),
        Token::DoubleTildeAsterisk => (BinaryOperator::PGILikeMatch, 1),
        Token::ExclamationMarkDoubleTilde => (BinaryOperator::PGNotLikeMatch, 1),
        Token::ExclamationMarkDoubleTildeAsterisk => (BinaryOperator::PGNotILikeMatch, 1),
        Token::Word(_) => match (is_like(0), is_like(1)) {
            (Keyword::LIKE, _) => (BinaryOperator::PGLikeMatch, 1),
            (Keyword::ILIKE, _) => (BinaryOperator::PGILikeMatch, 1),
            (Keyword::NOT, Keyword::LIKE) => (BinaryOperator::PGNotLikeMatch, 2),
            (Keyword::NOT, Keyword::ILIKE) => (BinaryOperator::PGNotILikeMatch, 2),
            _ => return None,
        },
        _ => return None,
    })
}

/// `x BETWEEN SYMMETRIC a AND b`, behind these words: between the two in either order.
fn symmetric(parser: &mut Parser, left: &Expr, negated: bool) -> Parsing<Expr> {
    let between = parser.parse_between(left.clone(), negated)?;
    let Expr::Between { low, high, .. } = between.clone() else { return Ok(between) };
    let turned = Expr::Between { expr: Box::new(left.clone()), negated, low: high, high: low };
    let op = if negated { BinaryOperator::And } else { BinaryOperator::Or };
    let both = Expr::BinaryOp { left: Box::new(between), op, right: Box::new(turned) };
    Ok(Expr::Nested(Box::new(both)))
}
