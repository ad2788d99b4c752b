//! Operators: which one a symbol means between operands of these types.
use datafusion::logical_expr::Expr;
use sqlparser::ast::{self, BinaryOperator, Spanned, UnaryOperator};
use sqlparser::tokenizer::{Location, Span};

use super::category::same_kind;
use super::expression::{plain, start_of};
use super::overload::{Choice, choose, kinds};
use super::{Binder, Clause, Typed, library};
use crate::functions::Overload;
use crate::types::Type;
use crate::{Error, Result};

impl Binder<'_> {
    /// Binds a chain of binary operators, whose left operands may be many levels deep.
    pub(super) fn binary_chain(&mut self, written: &ast::Expr, clause: Clause) -> Result<Typed> {
        let mut rest = Vec::new();
        let mut first = written;
        while let ast::Expr::BinaryOp { left, op, right } = first {
            rest.push((op, right.as_ref(), first));
            first = left;
        }
        rest.reverse();
        let levels = rest.len();
        self.deeper(0, |binder| binder.fold_chain(first, &rest, clause, levels))
    }

    fn fold_chain(
        &mut self,
        first: &ast::Expr,
        rest: &[(&BinaryOperator, &ast::Expr, &ast::Expr)],
        clause: Clause,
        levels: usize,
    ) -> Result<Typed> {
        let mut left = Operand::Written(first);
        let mut rest = rest.iter().peekable();
        let mut depth = 0;
        while let Some((op, right, whole)) = rest.next() {
            let at = |error: Error| error.at(place_of(whole));
            if matches!(op, BinaryOperator::And | BinaryOperator::Or) {
                let mut operands = vec![right];
                while let Some((_, right, _)) = rest.next_if(|(next, ..)| next == op) {
                    operands.push(right);
                }
                left = Operand::Bound(self.junction(op, left, &operands, clause)?);
                continue;
            }
            depth += 1;
            let value = self
                .deeper(depth.min(levels), |binder| binder.binary_written(op, left, right, clause));
            left = Operand::Bound(value.map_err(at)?);
        }
        match left {
            Operand::Bound(value) => Ok(value),
            Operand::Written(written) => self.expression(written, clause),
        }
    }

    fn binary_written(
        &mut self,
        op: &BinaryOperator,
        left: Operand<'_>,
        right: &ast::Expr,
        clause: Clause,
    ) -> Result<Typed> {
        let symbol = symbol(op)?;
        if let Operand::Written(left) = &left
            && let (Some(left), Some(right)) = (row(left), row(right))
        {
            return self.compare_rows(&symbol, &left, &right, clause);
        }
        let left = match left {
            Operand::Bound(value) => value,
            Operand::Written(written) => self.expression(written, clause)?,
        };
        let right = self.expression(right, clause)?;
        self.binary(&symbol, left, right)
    }

    /// `left symbol right` between bound operands.
    pub(super) fn binary(&mut self, symbol: &str, left: Typed, right: Typed) -> Result<Typed> {
        let overload = binary_overload(symbol, &left.ty, &right.ty)?;
        self.call(overload, vec![left, right])
    }

    /// Binds an operator before its only operand.
    pub(super) fn unary(
        &mut self,
        op: UnaryOperator,
        written: &ast::Expr,
        clause: Clause,
    ) -> Result<Typed> {
        if op == UnaryOperator::Not {
            let typed = self.expression(written, clause)?;
            let condition =
                self.boolean(typed, "NOT").map_err(|error| error.at(start_of(written)))?;
            return Ok(Typed::new(Expr::Not(Box::new(condition)), Type::Bool));
        }
        if op == UnaryOperator::Minus
            && let Some(negative) = self.negative_literal(written)?
        {
            return Ok(negative);
        }
        let symbol = match op {
            UnaryOperator::Plus => "+",
            UnaryOperator::Minus => "-",
            UnaryOperator::BitwiseNot => "~",
            UnaryOperator::PGAbs => "@",
            UnaryOperator::PGSquareRoot => "|/",
            UnaryOperator::PGCubeRoot => "||/",
            other => return Err(no_operator(&other.to_string())),
        };
        let operand = self.expression(written, clause)?;
        let overloads = library::overloads(symbol);
        let unary: Vec<&Overload> =
            overloads.iter().filter(|overload| overload.arguments.len() == 1).collect();
        let candidates: Vec<Option<Vec<Type>>> =
            unary.iter().map(|overload| Some(overload.arguments.clone())).collect();
        let choice = choose(&candidates, std::slice::from_ref(&operand.ty));
        let described = format!("{symbol} {}", plain(&operand.ty));
        let overload = chosen(choice, &unary, &described).map_err(|error| match error.code() {
            "42883" => Error::new("42883", error.message()).with_hint(
                "No operator matches the given name and argument type. You might need to add an \
                 explicit type cast.",
            ),
            _ => error,
        })?;
        self.call(overload, vec![operand])
    }

    /// A minus before a number is part of the number, also one before its minus:
    /// `-2147483648` is an integer.
    fn negative_literal(&mut self, written: &ast::Expr) -> Result<Option<Typed>> {
        let (mut written, mut sign) = (written, "-");
        let digits = loop {
            match written {
                ast::Expr::Nested(inner) => written = inner,
                ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                    written = expr;
                    sign = if sign.is_empty() { "-" } else { "" };
                }
                ast::Expr::Value(value) => match &value.value {
                    ast::Value::Number(digits, _) => break digits,
                    _ => return Ok(None),
                },
                _ => return Ok(None),
            }
        };
        self.literal(&ast::Value::Number(format!("{sign}{digits}"), false)).map(Some)
    }

    /// The call of an overload, its arguments cast to the kinds it takes.
    pub(super) fn call(&mut self, overload: &Overload, arguments: Vec<Typed>) -> Result<Typed> {
        let kinds =
            kinds(&overload.arguments, overload.variadic, arguments.len()).unwrap_or_default();
        let arguments = self.arguments(arguments, &kinds)?;
        let (expressions, types): (Vec<Expr>, Vec<Type>) =
            arguments.into_iter().map(|argument| (argument.expr, argument.ty)).unzip();
        let (expr, ty) = overload.call_in(expressions, &types, self.environment.style.zone)?;
        Ok(Typed::new(expr, ty))
    }

    /// Arguments as these kinds; where two take any array, both are of one type.
    pub(super) fn arguments(&mut self, given: Vec<Typed>, kinds: &[Type]) -> Result<Vec<Typed>> {
        let any = Type::Array(Box::new(Type::Unknown));
        let of_any = kinds.iter().filter(|kind| **kind == any).count();
        if of_any > 1 && of_any == given.len() {
            return Ok(self.unify(given, "ARRAY")?.0);
        }
        given.into_iter().zip(kinds).map(|(argument, kind)| self.argument(argument, kind)).collect()
    }

    fn junction(
        &mut self,
        op: &BinaryOperator,
        first: Operand<'_>,
        others: &[&&ast::Expr],
        clause: Clause,
    ) -> Result<Typed> {
        let (name, is_and) = match op {
            BinaryOperator::And => ("AND", true),
            _ => ("OR", false),
        };
        let first = match first {
            Operand::Bound(value) => self.boolean(value, name)?,
            Operand::Written(written) => self.operand(written, name, clause)?,
        };
        let mut operands = vec![first];
        for other in others {
            operands.push(self.operand(other, name, clause)?);
        }
        Ok(Typed::new(balanced(operands, is_and), Type::Bool))
    }

    fn operand(&mut self, written: &ast::Expr, name: &str, clause: Clause) -> Result<Expr> {
        let typed = self.expression(written, clause)?;
        self.boolean(typed, name).map_err(|error| error.at(start_of(written)))
    }

    /// `(a, b) < (c, d)`: column by column.
    fn compare_rows(
        &mut self,
        symbol: &str,
        left: &[&ast::Expr],
        right: &[&ast::Expr],
        clause: Clause,
    ) -> Result<Typed> {
        if left.len() != right.len() {
            return Err(Error::new("42601", "unequal number of entries in row expressions"));
        }
        let mut pairs = Vec::new();
        for (left, right) in left.iter().zip(right) {
            pairs.push((self.expression(left, clause)?, self.expression(right, clause)?));
        }
        self.compare_pairs(symbol, pairs)
    }

    /// The comparison of two rows, given pairs of their columns.
    pub(super) fn compare_pairs(
        &mut self,
        symbol: &str,
        pairs: Vec<(Typed, Typed)>,
    ) -> Result<Typed> {
        let (strict, is_or) = match symbol {
            "=" | "is not distinct from" => (symbol, false),
            "<>" | "is distinct from" => (symbol, true),
            "<" | "<=" => ("<", true),
            ">" | ">=" => (">", true),
            _ => {
                return Err(Error::new(
                    "0A000",
                    format!(
                        "could not determine interpretation of row comparison operator {symbol}"
                    ),
                ));
            }
        };
        if !matches!(symbol, "<" | "<=" | ">" | ">=") {
            let all: Result<Vec<Expr>> = pairs
                .into_iter()
                .map(|(left, right)| Ok(self.binary(strict, left, right)?.expr))
                .collect();
            return Ok(Typed::new(balanced(all?, !is_or), Type::Bool));
        }
        // From the last column backwards: l < r OR (l = r AND what follows).
        let mut compared: Option<Expr> = None;
        for (left, right) in pairs.into_iter().rev() {
            let last = compared.is_none();
            let sign = if last { symbol } else { strict };
            let order = self.binary(sign, left.clone(), right.clone())?.expr;
            compared = Some(match compared {
                None => order,
                Some(rest) => {
                    let equal = self.binary("=", left, right)?.expr;
                    order.or(equal.and(rest))
                }
            });
        }
        compared
            .map(|expr| Typed::new(expr, Type::Bool))
            .ok_or_else(|| Error::new("0A000", "cannot compare rows of zero length"))
    }
}

/// The operator that a symbol means between operands of these types.
pub(super) fn binary_overload(
    symbol: &str,
    left: &Type,
    right: &Type,
) -> Result<&'static Overload> {
    let overloads = library::overloads(symbol);
    let exact = overloads.iter().find(|overload| match overload.arguments.as_slice() {
        [one, other] => {
            *one != Type::Unknown
                && *other != Type::Unknown
                && same_kind(one, left)
                && same_kind(other, right)
        }
        _ => false,
    });
    if let Some(overload) = exact {
        return Ok(overload);
    }
    let binary: Vec<&Overload> =
        overloads.iter().filter(|overload| overload.arguments.len() == 2).collect();
    let candidates: Vec<Option<Vec<Type>>> =
        binary.iter().map(|overload| Some(overload.arguments.clone())).collect();
    let given = [left.clone(), right.clone()];
    let choice = match as_other(&given, &candidates) {
        Some(place) => Choice::One(place),
        None => choose(&candidates, &given),
    };
    let name = match symbol {
        "is distinct from" | "is not distinct from" => "=",
        other => other,
    };
    chosen(choice, &binary, &format!("{} {name} {}", plain(left), plain(right)))
}

/// Where an operator stands, if the space around it is as usual; else where its left operand does.
fn place_of(whole: &ast::Expr) -> Span {
    let ast::Expr::BinaryOp { left, op, right } = whole else { return start_of(whole) };
    let (before, after) = (left.span().end, start_of(right).start);
    let width = u64::try_from(op.to_string().chars().count()).unwrap_or_default();
    let gap = after.column.checked_sub(before.column);
    let space = match gap.and_then(|gap| gap.checked_sub(width)) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return start_of(whole),
    };
    if before.line != after.line || before.line == 0 {
        return start_of(whole);
    }
    let start = Location::new(before.line, before.column + space);
    Span::new(start, after)
}

/// An operand that is bound already, or not yet.
enum Operand<'a> {
    Written(&'a ast::Expr),
    Bound(Typed),
}

/// The columns of `(a, b)` or `ROW(a, b)`.
pub(super) fn row(written: &ast::Expr) -> Option<Vec<&ast::Expr>> {
    match written {
        ast::Expr::Tuple(columns) => Some(columns.iter().collect()),
        ast::Expr::Nested(inner) => row(inner),
        ast::Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("row") => {
            let ast::FunctionArguments::List(list) = &function.args else { return None };
            list.args
                .iter()
                .map(|argument| match argument {
                    ast::FunctionArg::Unnamed(ast::FunctionArgExpr::Expr(column)) => Some(column),
                    _ => None,
                })
                .collect()
        }
        _ => None,
    }
}

/// Conditions joined by AND or OR, in order, in a tree of the least depth.
pub(super) fn balanced(mut conditions: Vec<Expr>, is_and: bool) -> Expr {
    while conditions.len() > 1 {
        let mut paired = Vec::with_capacity(conditions.len().div_ceil(2));
        let mut rest = conditions.into_iter();
        while let Some(left) = rest.next() {
            paired.push(match rest.next() {
                Some(right) if is_and => left.and(right),
                Some(right) => left.or(right),
                None => left,
            });
        }
        conditions = paired;
    }
    conditions.pop().unwrap_or_else(|| datafusion::logical_expr::lit(is_and))
}

/// The candidate for both operands being of the type of the known one, if one takes just that.
fn as_other(given: &[Type; 2], candidates: &[Option<Vec<Type>>]) -> Option<usize> {
    let assumed = match given {
        [Type::Unknown, known] | [known, Type::Unknown] if *known != Type::Unknown => known,
        _ => return None,
    };
    candidates.iter().position(|kinds| {
        kinds.as_ref().is_some_and(|kinds| {
            kinds.iter().all(|kind| *kind != Type::Unknown && same_kind(kind, assumed))
        })
    })
}

fn chosen<'o>(choice: Choice, overloads: &[&'o Overload], described: &str) -> Result<&'o Overload> {
    match choice {
        Choice::One(place) => overloads
            .get(place)
            .copied()
            .ok_or_else(|| Error::internal("the chosen operator is not there")),
        Choice::None => Err(no_operator(described)),
        Choice::Ambiguous => {
            Err(Error::new("42725", format!("operator is not unique: {described}")).with_hint(
                "Could not choose a best candidate operator. You might need to add explicit type \
                 casts.",
            ))
        }
    }
}

fn no_operator(described: &str) -> Error {
    Error::new("42883", format!("operator does not exist: {described}")).with_hint(
        "No operator matches the given name and argument types. You might need to add explicit \
         type casts.",
    )
}

/// The symbol under which the registry has an operator.
pub(super) fn symbol(op: &BinaryOperator) -> Result<String> {
    match op {
        BinaryOperator::PGCustomBinaryOperator(parts) => match parts.as_slice() {
            [symbol] => Ok(symbol.clone()),
            [schema, symbol] if schema.eq_ignore_ascii_case("pg_catalog") => Ok(symbol.clone()),
            _ => Err(no_operator(&parts.join("."))),
        },
        BinaryOperator::Custom(symbol) => Ok(symbol.clone()),
        BinaryOperator::Xor | BinaryOperator::Overlaps => {
            Err(Error::unsupported(format!("the operator {op}")))
        }
        other => Ok(other.to_string()),
    }
}
