//! What the binder asks: the overloads of a name, and how to build the one it chose.
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion::logical_expr::{AggregateUDF, Expr, Volatility, WindowUDF};
use engine::plan::AggregateFunction;

use super::aggregate::{arguments_of, zeros_mean_nothing};
use super::cast::same_kind;
use super::kernel::{in_zone, result_of};
use crate::Result;
use crate::types::{Type, Zone};

/// One overload of a function or operator.
///
/// The binder chooses among the overloads of a name by PostgreSQL's rules, comparing
/// kinds of types (digits and lengths aside), casts the arguments to
/// [`Overload::arguments`], then calls [`Overload::call`]. A number becomes a numeric with
/// the digits its type can have: `numeric(10,0)` of an integer.
///
/// [`Type::Unknown`] among the arguments is PostgreSQL's `"any"`: it takes every type without a
/// cast; only a literal or parameter of unknown type becomes text. `Array(Unknown)`
/// takes every array. Both are worse than a match of the type itself.
#[derive(Clone)]
pub struct Overload {
    /// Lower-case name, or the operator's symbol.
    pub name: &'static str,
    /// The kinds of its arguments; digits and lengths in them mean nothing.
    pub arguments: Vec<Type>,
    /// Whether the last argument may be repeated (it is given at least once).
    pub variadic: bool,
    /// The type of its result, given the arguments' types after the casts; literal arguments may
    /// give it other digits: `round(x, 2)` has two, which [`Overload::call`] knows.
    pub result: fn(&[Type]) -> Result<Type>,
    /// Whether some arguments make it fail.
    pub fallible: bool,
    /// Whether equal arguments always give equal results.
    pub volatility: Volatility,
    /// The expression, given the cast arguments and their types.
    pub build: fn(Vec<Expr>, &[Type]) -> Result<Expr>,
}

impl Overload {
    /// The expression and its type, given the cast arguments and their types.
    pub fn call(&self, arguments: Vec<Expr>, types: &[Type]) -> Result<(Expr, Type)> {
        let expr = (self.build)(arguments, types)?;
        let ty = match &expr {
            Expr::ScalarFunction(call) => result_of(&call.func).cloned(),
            _ => None,
        };
        match ty {
            Some(ty) => Ok((expr, ty)),
            None => Ok((expr, (self.result)(types)?)),
        }
    }

    /// The same in a session of this time zone: it is part of the call, where that depends on it.
    /// Without it the call takes the zone from the configuration (`execution.time_zone`).
    pub fn call_in(
        &self,
        arguments: Vec<Expr>,
        types: &[Type],
        zone: Zone,
    ) -> Result<(Expr, Type)> {
        let (expr, ty) = self.call(arguments, types)?;
        Ok((in_zone(expr, zone), ty))
    }
}

/// One overload of an aggregate; chosen as an [`Overload`] is.
#[derive(Clone)]
pub struct AggregateOverload {
    /// Lower-case name.
    pub name: &'static str,
    /// The kinds of its arguments; none for `count(*)`, which is built over the literal `1`.
    pub arguments: Vec<Type>,
    /// The type of its result, given the arguments' types after the casts.
    pub result: fn(&[Type]) -> Result<Type>,
    /// What computes it once over rows that do not change.
    pub udaf: fn(&[Type]) -> Arc<AggregateUDF>,
    /// What the engine maintains in its place; None if views cannot have it.
    pub engine: Option<AggregateFunction>,
}

/// One overload of a window function that is no aggregate; chosen as an [`Overload`] is.
#[derive(Clone)]
pub struct WindowOverload {
    /// Lower-case name.
    pub name: &'static str,
    /// The kinds of its arguments.
    pub arguments: Vec<Type>,
    /// The type of its result, given the arguments' types after the casts.
    pub result: fn(&[Type]) -> Result<Type>,
    /// What computes it.
    pub udwf: fn(&[Type]) -> Arc<WindowUDF>,
}

/// Where a cast stands, which decides whether it is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// Anywhere, by itself.
    Implicit,
    /// Into a column by INSERT or UPDATE.
    Assignment,
    /// Written as CAST or `::`.
    Explicit,
}

type ByName<T> = HashMap<&'static str, Vec<T>>;

static SCALARS: LazyLock<ByName<Overload>> = LazyLock::new(|| {
    let all = [
        super::array::overloads(),
        super::json::overloads(),
        super::operator::overloads(),
        super::math::overloads(),
        super::text::overloads(),
        super::time::overloads(),
    ];
    by_name(all.concat(), |overload| overload.name)
});

static AGGREGATES: LazyLock<ByName<AggregateOverload>> =
    LazyLock::new(|| by_name(super::aggregate::overloads(), |overload| overload.name));

static WINDOWS: LazyLock<ByName<WindowOverload>> =
    LazyLock::new(|| by_name(super::window::overloads(), |overload| overload.name));

fn by_name<T>(all: Vec<T>, name: impl Fn(&T) -> &'static str) -> ByName<T> {
    let mut found: ByName<T> = HashMap::new();
    for one in all {
        found.entry(name(&one)).or_default().push(one);
    }
    found
}

/// The overloads of a function (lower-case name) or operator (symbol, unary ones with one
/// argument; LIKE is `~~`, ILIKE `~~*`); empty if there is none.
pub fn overloads(name: &str) -> &'static [Overload] {
    SCALARS.get(name).map_or(&[], Vec::as_slice)
}

/// The overloads of an aggregate; empty if there is none.
pub fn aggregates(name: &str) -> &'static [AggregateOverload] {
    AGGREGATES.get(name).map_or(&[], Vec::as_slice)
}

/// What the engine maintains for this aggregate; none where a view cannot have it.
pub(crate) fn maintained(udaf: &AggregateUDF) -> Option<AggregateFunction> {
    let Some(types) = arguments_of(udaf) else {
        // DataFusion's own, of which the binder and the decorrelation take these.
        return match udaf.name() {
            "count" => Some(AggregateFunction::Count),
            "min" => Some(AggregateFunction::Min),
            "max" | "first_value" => Some(AggregateFunction::Max),
            _ => None,
        };
    };
    let takes = |overload: &&AggregateOverload| {
        let mut both = overload.arguments.iter().zip(types);
        overload.arguments.len() == types.len() && both.all(|(kind, own)| same_kind(kind, own))
    };
    match aggregates(udaf.name()).iter().find(takes)?.engine? {
        AggregateFunction::Avg if types.iter().any(zeros_mean_nothing) => {
            Some(AggregateFunction::AvgTrimmed)
        }
        function => Some(function),
    }
}

/// The overloads of a window function; empty if there is none.
pub fn window_functions(name: &str) -> &'static [WindowOverload] {
    WINDOWS.get(name).map_or(&[], Vec::as_slice)
}

/// All overloads of functions and operators, in no order.
pub fn all_overloads() -> impl Iterator<Item = &'static Overload> {
    SCALARS.values().flatten()
}

/// All overloads of aggregates, in no order.
pub fn all_aggregates() -> impl Iterator<Item = &'static AggregateOverload> {
    AGGREGATES.values().flatten()
}

/// All overloads of window functions, in no order.
pub fn all_window_functions() -> impl Iterator<Item = &'static WindowOverload> {
    WINDOWS.values().flatten()
}

/// The names of all functions and aggregates, operators left out, in alphabetical order.
pub fn function_names() -> Vec<&'static str> {
    let named = |name: &&&str| name.starts_with(|first: char| first.is_ascii_lowercase());
    let mut names: Vec<_> = SCALARS
        .keys()
        .chain(AGGREGATES.keys())
        .chain(WINDOWS.keys())
        .filter(named)
        .copied()
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
