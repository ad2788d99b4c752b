//! All that can be called, as pg_proc says it.
use std::sync::LazyLock;

use datafusion::logical_expr::Volatility;

use super::functions::FUNCTIONS;
use super::types::INPUT_OUTPUT;
use crate::functions::{all_aggregates, all_overloads, all_window_functions};
use crate::types::Type;

/// Oids of functions begin here, in the order of their names; another release may have others.
const OIDS_FROM: i64 = 1 << 20;

/// Oids of what takes anything, or any array.
const ANY: i64 = 2276;
const ANY_ARRAY: i64 = 2277;

/// A function, an aggregate, an operator.
pub(super) struct Procedure {
    pub(super) oid: i64,
    pub(super) name: &'static str,
    /// `f`, `a` or `w`, as pg_proc has it; `o` for an operator.
    pub(super) kind: char,
    pub(super) result: i64,
    pub(super) arguments: Vec<i64>,
    pub(super) variadic: bool,
    pub(super) volatility: char,
}

/// All of them, by oid.
pub(super) static PROCEDURES: LazyLock<Vec<Procedure>> = LazyLock::new(all);

/// The one with this oid.
pub(super) fn with_oid(oid: i64) -> Option<&'static Procedure> {
    PROCEDURES.iter().find(|procedure| procedure.oid == oid)
}

/// Functions of this name, operators left out.
pub(super) fn named(name: &str) -> impl Iterator<Item = &'static Procedure> {
    PROCEDURES.iter().filter(move |procedure| procedure.name == name && procedure.kind != 'o')
}

fn all() -> Vec<Procedure> {
    let of = |name, kind, result: crate::Result<Type>, arguments: &[Type]| Procedure {
        oid: 0,
        name,
        kind,
        result: result.map_or(ANY, |ty| type_oid(&ty)),
        arguments: arguments.iter().map(type_oid).collect(),
        variadic: false,
        volatility: 'i',
    };
    // What only the binder calls has a name that nobody can write.
    let is_called = |name: &str| !name.contains(' ') && name != "[]";
    let written = all_overloads().filter(|overload| is_called(overload.name));
    let scalars = written.map(|overload| {
        let is_function = overload.name.starts_with(|first: char| first.is_ascii_lowercase());
        let kind = if is_function { 'f' } else { 'o' };
        let result = (overload.result)(&overload.arguments);
        let volatility = match overload.volatility {
            Volatility::Immutable => 'i',
            Volatility::Stable => 's',
            Volatility::Volatile => 'v',
        };
        let variadic = overload.variadic;
        Procedure { variadic, volatility, ..of(overload.name, kind, result, &overload.arguments) }
    });
    let aggregates = all_aggregates().map(|aggregate| {
        of(aggregate.name, 'a', (aggregate.result)(&aggregate.arguments), &aggregate.arguments)
    });
    let windows = all_window_functions()
        .map(|window| of(window.name, 'w', (window.result)(&window.arguments), &window.arguments));
    let own = FUNCTIONS.iter().map(|function| Procedure {
        volatility: 's',
        ..of(function.name, 'f', Ok(function.result.clone()), &function.arguments)
    });
    let mut all: Vec<_> = scalars.chain(aggregates).chain(windows).chain(own).collect();
    all.sort_by(|a, b| (a.name, a.kind, &a.arguments).cmp(&(b.name, b.kind, &b.arguments)));
    for (oid, procedure) in (OIDS_FROM..).zip(&mut all) {
        procedure.oid = oid;
    }
    let mut input_output: Vec<_> = INPUT_OUTPUT
        .iter()
        .map(|function| Procedure {
            oid: function.oid,
            name: function.name,
            kind: 'f',
            result: function.result,
            arguments: function.arguments.clone(),
            variadic: false,
            volatility: 'i',
        })
        .collect();
    input_output.extend(all);
    input_output
}

fn type_oid(ty: &Type) -> i64 {
    match ty {
        Type::Unknown => ANY,
        Type::Array(item) if **item == Type::Unknown => ANY_ARRAY,
        ty => i64::from(ty.oid()),
    }
}
