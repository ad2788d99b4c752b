//! The functions of the catalog that there are.
use std::sync::LazyLock;

use datafusion::logical_expr::Volatility;

use super::definition::{Compute, Definition};
use super::session::{SET_CONFIG, VOLATILE};
use super::{describe, privilege, session, size};
use crate::catalog::system::shapes::type_of;
use crate::types::Type;

/// All of them.
pub(in crate::catalog::system) static FUNCTIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let listed = [describe::LISTED, session::LISTED, size::LISTED].concat();
    let mut all: Vec<Definition> = listed.iter().map(|line| definition(*line)).collect();
    all.extend(privilege::signatures().into_iter().map(|(name, arguments)| Definition {
        name,
        arguments: types(&arguments),
        result: Type::Bool,
        takes_null: false,
        volatility: Volatility::Stable,
        compute: privilege::always,
    }));
    all
});

/// A name, the types of arguments and of the result, what computes it.
pub(super) type Line = (&'static str, &'static str, &'static str, Compute);

fn definition((name, arguments, result, compute): Line) -> Definition {
    Definition {
        name,
        arguments: types(arguments),
        result: type_of(result).unwrap_or(Type::Unknown),
        takes_null: matches!(name, "format_type" | SET_CONFIG),
        volatility: match VOLATILE.contains(&name) {
            true => Volatility::Volatile,
            false => Volatility::Stable,
        },
        compute,
    }
}

fn types(words: &str) -> Vec<Type> {
    words.split_whitespace().map(|word| type_of(word).unwrap_or(Type::Unknown)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_every_signature_is_known() {
        for function in FUNCTIONS.iter() {
            let types = function.arguments.iter().chain([&function.result]);
            assert!(types.clone().all(|ty| *ty != Type::Unknown), "{}", function.name);
        }
    }
}
