//! Function calls: those with rules of their own, and those of the registry.
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::{Placeholder, ScalarFunction};
use sqlparser::ast::{self, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned};

use super::expression::plain;
use super::identifier::qualified;
use super::overload::{Choice, choose, kinds};
use super::set_returning::{SETS, as_array};
use super::{Binder, Clause, StatementTime, Typed, data_type, library};
use crate::functions::CastContext;
use crate::types::{Moment, Reg, Type};
use crate::{Error, Result};

/// The name of the placeholder that stands for `now()` in a view.
pub const NOW_PLACEHOLDER: &str = "$now";

impl Binder<'_> {
    /// Binds a call.
    pub(super) fn function(&mut self, call: &ast::Function, clause: Clause) -> Result<Typed> {
        let (schema, name) = qualified(&call.name)?;
        if let Some(schema) = schema.filter(|schema| schema != "pg_catalog") {
            let arguments = self.plain_arguments(call, clause)?;
            let name = format!("{schema}.{name}");
            return Err(no_function(&name, &types_of(&arguments)));
        }
        if call.uses_odbc_syntax || !matches!(call.parameters, FunctionArguments::None) {
            return Err(Error::unsupported("this form of a function call"));
        }
        if call.over.is_some() {
            return self.window_call(call, &name, clause);
        }
        if let (FunctionArguments::Subquery(query), "array") = (&call.args, name.as_str()) {
            return self.array_subquery(query);
        }
        if !library::aggregates(&name).is_empty() {
            return self.aggregate_call(call, &name, clause);
        }
        if !library::windows(&name).is_empty() {
            let message = format!("window function {name} requires an OVER clause");
            return Err(Error::new("42809", message).at(call.name.span()));
        }
        self.check_plain(call, &name)?;
        let arguments = self.plain_arguments(call, clause)?;
        match name.as_str() {
            "coalesce" => self.coalesce(arguments),
            "greatest" => self.extreme("GREATEST", ">=", arguments),
            "least" => self.extreme("LEAST", "<=", arguments),
            "nullif" => match <[Typed; 2]>::try_from(arguments) {
                Ok([left, right]) => self.null_if(left, right),
                Err(_) => Err(Error::new("42601", "NULLIF takes two arguments")),
            },
            "grouping" => grouping(arguments, clause),
            "row" => Err(Error::unsupported("a row as a value")),
            name if SETS.contains(&name) => self.set_call(name, arguments, clause),
            "current_timestamp" | "localtimestamp" | "current_time" | "localtime"
                if !arguments.is_empty() =>
            {
                self.rounded_time(&name, &arguments)
            }
            _ => self.call_named(&name, arguments),
        }
        .map_err(|error| error.at(call.name.span()))
    }

    /// Clauses that only aggregates have.
    fn check_plain(&self, call: &ast::Function, name: &str) -> Result<()> {
        let wrong = |clause: &str| {
            let message = format!("{clause} specified, but {name} is not an aggregate function");
            Err(Error::new("42809", message).at(call.name.span()))
        };
        if call.filter.is_some() {
            return wrong("FILTER");
        }
        if !call.within_group.is_empty() {
            return wrong("WITHIN GROUP");
        }
        if call.null_treatment.is_some() {
            return Err(Error::unsupported("IGNORE NULLS"));
        }
        if let FunctionArguments::List(list) = &call.args {
            if matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct)) {
                return wrong("DISTINCT");
            }
            if list.clauses.iter().any(|one| matches!(one, ast::FunctionArgumentClause::OrderBy(_)))
            {
                return wrong("ORDER BY");
            }
            if !list.clauses.is_empty() {
                return Err(Error::unsupported(format!("this clause inside {name}(…)")));
            }
        }
        Ok(())
    }

    /// The arguments of a call, each an expression.
    pub(super) fn plain_arguments(
        &mut self,
        call: &ast::Function,
        clause: Clause,
    ) -> Result<Vec<Typed>> {
        let list = match &call.args {
            FunctionArguments::None => return Ok(Vec::new()),
            FunctionArguments::List(list) => list,
            FunctionArguments::Subquery(_) => {
                return Err(
                    Error::unsupported(format!("{}(SELECT …)", call.name)).at(call.name.span())
                );
            }
        };
        list.args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(written)) => {
                    self.expression(written, clause)
                }
                FunctionArg::Unnamed(other) => {
                    Err(Error::unsupported(format!("{}({other})", call.name)).at(call.name.span()))
                }
                FunctionArg::Named { name, .. } => {
                    Err(Error::unsupported("an argument that is given by name").at(name.span))
                }
                FunctionArg::ExprNamed { .. } => {
                    Err(Error::unsupported("an argument that is given by name")
                        .at(call.name.span()))
                }
            })
            .collect()
    }

    /// The call of a function by its name.
    pub(super) fn call_named(&mut self, name: &str, arguments: Vec<Typed>) -> Result<Typed> {
        if arguments.is_empty() {
            if let Some(value) = self.time(name)? {
                return Ok(value);
            }
            if let Some(value) = self.names.value(name) {
                return Ok(value);
            }
        }
        if let ("pg_typeof", [value]) = (name, arguments.as_slice()) {
            let oid = ScalarValue::Int64(Some(i64::from(value.ty.oid())));
            return Ok(Typed::new(Expr::Literal(oid, None), Type::Reg(Reg::Type)));
        }
        if let ("age", [_]) = (name, arguments.as_slice()) {
            return self.age_today(arguments);
        }
        if let (Some(Type::Vector(_)), "array_lower" | "array_upper" | "generate_subscripts") =
            (arguments.first().map(|first| &first.ty), name)
        {
            // A vector counts from 0.
            return self.call_plain(&format!("{name} from 0"), arguments);
        }
        self.call_plain(name, arguments)
    }

    /// `age(x)` is from midnight of the current day.
    fn age_today(&mut self, mut arguments: Vec<Typed>) -> Result<Typed> {
        if let Some(today) = self.time("current_date")? {
            let zoned = arguments.first().map(|argument| &argument.ty) != Some(&Type::Timestamp);
            let ty = if zoned { Type::TimestampTz } else { Type::Timestamp };
            arguments.insert(0, self.cast(today, &ty, CastContext::Explicit)?);
        }
        self.call_plain("age", arguments)
    }

    fn call_plain(&mut self, name: &str, arguments: Vec<Typed>) -> Result<Typed> {
        let arguments: Vec<Typed> = arguments.into_iter().map(as_array).collect();
        let overloads = library::overloads(name);
        let own = self.names.functions(name);
        let count = arguments.len();
        let mut candidates: Vec<Option<Vec<Type>>> = overloads
            .iter()
            .map(|overload| kinds(&overload.arguments, overload.variadic, count))
            .collect();
        candidates.extend(own.iter().map(|function| kinds(&function.arguments, false, count)));
        let given = types_of(&arguments);
        match choose(&candidates, &given) {
            Choice::One(place) => {
                if let Some(overload) = overloads.get(place) {
                    return self.call(overload, arguments);
                }
                let Some(function) = own.get(place - overloads.len()) else {
                    return Err(Error::internal("the chosen function is not there"));
                };
                let arguments = self.arguments(arguments, &function.arguments)?;
                let arguments = arguments.into_iter().map(|argument| argument.expr).collect();
                let call =
                    ScalarFunction::new_udf(std::sync::Arc::clone(&function.function), arguments);
                Ok(Typed::new(Expr::ScalarFunction(call), function.result.clone()))
            }
            Choice::None => self.function_cast(name, arguments, &given),
            Choice::Ambiguous => {
                let message = format!("function {} is not unique", signature(name, &given));
                Err(Error::new("42725", message).with_hint(
                    "Could not choose a best candidate function. You might need to add explicit \
                     type casts.",
                ))
            }
        }
    }

    /// A type's name called as a function is a cast: `date('2024-01-01')`.
    fn function_cast(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        given: &[Type],
    ) -> Result<Typed> {
        let ident = ast::Ident::new(name);
        let written = ast::DataType::Custom(ast::ObjectName::from(vec![ident]), Vec::new());
        let mut arguments = arguments.into_iter();
        match (data_type(&written), arguments.next(), arguments.next()) {
            (Ok(ty), Some(argument), None) => {
                let missing = no_function(name, given);
                self.cast(argument, &ty, CastContext::Explicit)
                    .map_err(|error| if error.code() == "42846" { missing } else { error })
            }
            _ => Err(no_function(name, given)),
        }
    }

    /// `now()` and what is made of it.
    fn time(&mut self, name: &str) -> Result<Option<Typed>> {
        let ty = match name {
            "now" | "current_timestamp" | "transaction_timestamp" | "statement_timestamp" => {
                Type::TimestampTz
            }
            "localtimestamp" => Type::Timestamp,
            "current_date" => Type::Date,
            "localtime" => Type::Time,
            "current_time" => return Err(Error::unsupported("type time with time zone")),
            _ => return Ok(None),
        };
        let expr = match self.environment.now {
            StatementTime::At(micros) => Expr::Literal(
                ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())),
                None,
            ),
            StatementTime::Tick => {
                let field = Type::TimestampTz.field(NOW_PLACEHOLDER, false);
                Expr::Placeholder(Placeholder::new_with_field(
                    NOW_PLACEHOLDER.to_owned(),
                    Some(std::sync::Arc::new(field)),
                ))
            }
        };
        let now = Typed::new(expr, Type::TimestampTz);
        self.cast(now, &ty, CastContext::Explicit).map(Some)
    }
}

impl Binder<'_> {
    /// `current_timestamp(p)`, `localtimestamp(p)` and `localtime(p)`.
    fn rounded_time(&mut self, name: &str, arguments: &[Typed]) -> Result<Typed> {
        let digits = match arguments.iter().map(|argument| &argument.expr).collect::<Vec<_>>()[..] {
            [Expr::Literal(ScalarValue::Int32(Some(digits)), _)] => u8::try_from(*digits).ok(),
            _ => None,
        };
        let syntax = || Error::new("42601", format!("{name} takes one whole number"));
        let digits = digits.ok_or_else(syntax)?.min(6);
        let now = self.time(name)?.ok_or_else(syntax)?;
        let moment = match now.ty {
            Type::Time => Moment::Time,
            Type::Timestamp => Moment::Timestamp,
            _ => Moment::TimestampTz,
        };
        self.cast(now, &Type::Rounded(moment, digits), CastContext::Explicit)
    }
}

/// `GROUPING(a, b)`, marked for the select that it is in: see [`super::grouping`].
fn grouping(arguments: Vec<Typed>, clause: Clause) -> Result<Typed> {
    if !matches!(clause, Clause::Select | Clause::Having | Clause::OrderBy) {
        let message = format!("grouping operations are not allowed in {}", clause.name());
        return Err(Error::new("42803", message));
    }
    const ARGUMENTS_MAX: usize = 31;
    if arguments.is_empty() || arguments.len() > ARGUMENTS_MAX {
        return Err(Error::new("54023", "GROUPING must have fewer than 32 arguments"));
    }
    let marked = arguments.into_iter().map(|argument| argument.expr).collect();
    let marker = datafusion::logical_expr::GroupingSet::Cube(marked);
    Ok(Typed::new(Expr::GroupingSet(marker), Type::Int4))
}

pub(super) fn types_of(arguments: &[Typed]) -> Vec<Type> {
    arguments.iter().map(|argument| argument.ty.clone()).collect()
}

/// `name(integer, text)`
pub(super) fn signature(name: &str, given: &[Type]) -> String {
    let types: Vec<String> = given.iter().map(plain).collect();
    format!("{name}({})", types.join(", "))
}

/// The error of a call that nothing takes.
pub(super) fn no_function(name: &str, given: &[Type]) -> Error {
    let message = format!("function {} does not exist", signature(name, given));
    Error::new("42883", message).with_hint(
        "No function matches the given name and argument types. You might need to add explicit \
         type casts.",
    )
}
