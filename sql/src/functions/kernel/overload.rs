//! The macro that writes an overload with its definition.

/// An [`Overload`](crate::functions::Overload): name, kinds of arguments, type of the result, and
/// kernel; behind them fields of [`Definition`](super::Definition) that are not as usual.
///
/// The result is a [`Type`](crate::types::Type) after `->`, or a function of the arguments' types
/// after `=>`.
macro_rules! overload {
    ($name:expr, [$($argument:expr),* $(,)?] -> $result:expr, $kernel:expr
        $(, $field:ident: $value:expr)* $(,)?) => {
        $crate::functions::kernel::overload!(
            $name, [$($argument),*] => |_| Ok($result), $kernel $(, $field: $value)*
        )
    };
    ($name:expr, [$($argument:expr),* $(,)?] => $result:expr, $kernel:expr
        $(, $field:ident: $value:expr)* $(,)?) => {{
        use $crate::functions::kernel::Definition;
        #[allow(clippy::needless_update)]
        static DEFINITION: Definition = Definition {
            $($field: $value,)*
            ..Definition::new(
                $name,
                {
                    // Only here, for kernels have types of the same names.
                    #[allow(unused_imports)]
                    use $crate::types::Type::*;
                    $result
                },
                $kernel,
            )
        };
        $crate::functions::Overload {
            name: DEFINITION.name,
            arguments: {
                #[allow(unused_imports)]
                use $crate::types::Type::*;
                vec![$($argument),*]
            },
            variadic: DEFINITION.variadic,
            result: DEFINITION.result,
            fallible: DEFINITION.can_fail(),
            volatility: DEFINITION.volatility,
            build: |arguments, types| {
                $crate::functions::kernel::call(&DEFINITION, arguments, types)
            },
        }
    }};
}

pub(crate) use overload;
