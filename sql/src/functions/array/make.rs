//! Making arrays: ARRAY[…], `||`, `array_append`, `array_fill` and so on.
use arrow::array::ArrayRef;
use datafusion::common::ScalarValue;
use engine::{Error, Result};

use super::items::{Arrays, Elements, any_array, arrays, element_kinds, the_array};
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Definition, Fallible, call, overload};
use crate::types::Type;

/// The elements are the arguments; the binder made their types one.
fn listed(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let elements = (0..arguments.len()).map(|index| Elements::new(arguments, index));
    let elements = elements.collect::<Result<Vec<_>>>()?;
    arrays(arguments, |row| {
        elements.iter().map(|element| element.get(row)).collect::<Result<_>>().map(Some)
    })
}

fn appended(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (lists, elements) = (Arrays::new(arguments, 0)?, Elements::new(arguments, 1)?);
    arrays(arguments, |row| {
        let mut items = lists.get(row)?.unwrap_or_default();
        items.push(elements.get(row)?);
        Ok(Some(items))
    })
}

fn prepended(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (elements, lists) = (Elements::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    arrays(arguments, |row| {
        let mut items = vec![elements.get(row)?];
        items.extend(lists.get(row)?.unwrap_or_default());
        Ok(Some(items))
    })
}

/// One array behind the other; a null one counts as none.
fn joined(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (left, right) = (Arrays::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    arrays(arguments, |row| {
        Ok(match (left.get(row)?, right.get(row)?) {
            (None, other) | (other, None) => other,
            (Some(left), Some(right)) => Some([left, right].concat()),
        })
    })
}

/// Elements that `array_fill` makes at most.
const FILLED_MAX: usize = 1 << 24;

fn filled(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (elements, lengths) = (Elements::new(arguments, 0)?, Arrays::new(arguments, 1)?);
    arrays(arguments, |row| {
        let dimensions = lengths.get(row)?;
        let Some(dimensions) = dimensions else {
            return Err(Error::data("22004", "dimension array or low bound array cannot be null"));
        };
        let length = match dimensions.as_slice() {
            [] => 0,
            [ScalarValue::Int32(Some(length))] => usize::try_from(*length)
                .map_err(|_| Error::data("22023", "array size must not be negative"))?,
            [ScalarValue::Int32(None)] => {
                return Err(Error::data("22004", "dimension values cannot be null"));
            }
            _ => {
                let message = "an array of more than one dimension is not supported";
                return Err(Error::data("0A000", message));
            }
        };
        if length > FILLED_MAX {
            let message = format!("array size exceeds the maximum allowed ({FILLED_MAX})");
            return Err(Error::data("54000", message));
        }
        Ok(Some(vec![elements.get(row)?; length]))
    })
}

fn of_first(types: &[Type]) -> crate::Result<Type> {
    match types.first() {
        Some(Type::Array(_)) => {
            Err(crate::Error::unsupported("an array of more than one dimension"))
        }
        Some(item) => Ok(Type::Array(Box::new(item.clone()))),
        None => Ok(any_array()),
    }
}

macro_rules! definition {
    ($name:ident, $called:literal, $result:expr, $kernel:expr) => {
        static $name: Definition = Definition {
            fallible: Fallible::Never,
            strict: false,
            ..Definition::new($called, $result, $kernel)
        };
    };
}

definition!(APPEND, "array_append", the_array, appended);
definition!(PREPEND, "array_prepend", the_array, prepended);

/// An overload of `name` that calls one of the definitions above.
fn built(
    name: &'static str,
    arguments: Vec<Type>,
    build: fn(
        Vec<datafusion::logical_expr::Expr>,
        &[Type],
    ) -> crate::Result<datafusion::logical_expr::Expr>,
) -> Overload {
    Overload {
        name,
        arguments,
        variadic: false,
        result: the_array,
        fallible: false,
        volatility: datafusion::logical_expr::Volatility::Immutable,
        build,
    }
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    let mut overloads = vec![
        overload!("array", [Unknown] => of_first, listed,
            fallible: Fallible::Never, variadic: true, strict: false),
        overload!("||", [any_array(), any_array()] => the_array, joined,
            fallible: Fallible::Never, strict: false),
        overload!("array_cat", [any_array(), any_array()] => the_array, joined,
            fallible: Fallible::Never, strict: false),
        overload!("array_fill", [Unknown, Array(Box::new(Int4))] => of_first, filled,
            strict: false),
    ];
    for kind in element_kinds() {
        let array = Type::Array(Box::new(kind.clone()));
        // With an operand of unknown type these are joined as texts.
        let is_text = matches!(kind, Type::Char(_) | Type::Name | Type::ByteChar);
        let symbol = (!is_text).then_some("||");
        for name in symbol.into_iter().chain(["array_append"]) {
            overloads.push(built(name, vec![array.clone(), kind.clone()], |arguments, types| {
                call(&APPEND, arguments, types)
            }));
        }
        for name in symbol.into_iter().chain(["array_prepend"]) {
            overloads.push(built(name, vec![kind.clone(), array.clone()], |arguments, types| {
                call(&PREPEND, arguments, types)
            }));
        }
    }
    overloads
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::{check, check_errors};

    #[test]
    fn cases() {
        check(&[
            ("array_append('{1,2}'::int4[], 3)", "{1,2,3}"),
            ("array_append(NULL::int4[], 3)", "{3}"),
            ("array_prepend(1, '{2,3}'::int4[])", "{1,2,3}"),
            ("array_cat('{1}'::int4[], '{2,3}'::int4[])", "{1,2,3}"),
            ("array_cat(NULL::int4[], '{1}'::int4[])", "{1}"),
            ("'{1}'::int4[] || 2", "{1,2}"),
            ("1 || '{2}'::int4[]", "{1,2}"),
            ("'{1}'::int4[] || '{2}'::int4[]", "{1,2}"),
            ("'{1}'::int4[] || NULL::int4", "{1,NULL}"),
            ("'{a}'::text[] || 'b'::text", "{a,b}"),
            ("array_fill(7, '{3}'::int4[])", "{7,7,7}"),
            ("array_fill(7, '{}'::int4[])", "{}"),
        ]);
        check_errors(&[("array_fill(7, '{-1}'::int4[])", "22023 array size must not be negative")]);
    }
}
