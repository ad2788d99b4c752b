//! A scalar function of ours: its kernel, in the form DataFusion calls.
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::arguments::Arguments;
use crate::Result;
use crate::types::Type;

/// Computes all rows at once. The result has as many rows as the arguments have.
pub(crate) type Kernel = fn(&Arguments<'_>) -> engine::Result<ArrayRef>;

/// Whether a function can fail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fallible {
    /// For no arguments.
    Never,
    /// For some.
    Always,
    /// For some, but not if this is true of the arguments as they are written, of these types.
    Unless(fn(&[Expr], &[Type]) -> bool),
}

/// A scalar function over given kinds of arguments.
#[derive(Debug)]
pub(crate) struct Definition {
    /// Its name or symbol.
    pub(crate) name: &'static str,
    /// The type of its result, from those of its arguments.
    pub(crate) result: fn(&[Type]) -> Result<Type>,
    /// What it computes.
    pub(crate) kernel: Kernel,
    /// Whether it can fail.
    pub(crate) fallible: Fallible,
    /// Whether equal arguments always give equal results.
    pub(crate) volatility: Volatility,
    /// Whether its last argument may be repeated.
    pub(crate) variadic: bool,
    /// Whether a null argument always gives null.
    pub(crate) strict: bool,
}

impl Definition {
    /// A function that can fail, is immutable, strict and not variadic.
    pub(crate) const fn new(
        name: &'static str,
        result: fn(&[Type]) -> Result<Type>,
        kernel: Kernel,
    ) -> Self {
        Self {
            name,
            result,
            kernel,
            fallible: Fallible::Always,
            volatility: Volatility::Immutable,
            variadic: false,
            strict: true,
        }
    }

    /// Whether some arguments make it fail.
    pub(crate) fn can_fail(&self) -> bool {
        !matches!(self.fallible, Fallible::Never)
    }
}

/// A call of `definition` over arguments of these types.
pub(crate) fn call(
    definition: &'static Definition,
    arguments: Vec<Expr>,
    types: &[Type],
) -> Result<Expr> {
    let result = (definition.result)(types)?;
    Ok(call_as(definition, arguments, types, result))
}

/// The same with a result of type `result`, which the kernel knows how to return.
pub(crate) fn call_as(
    definition: &'static Definition,
    arguments: Vec<Expr>,
    types: &[Type],
    result: Type,
) -> Expr {
    let signature = match types.is_empty() {
        true => Signature::nullary(definition.volatility),
        false => Signature::any(types.len(), definition.volatility),
    };
    let function = Function { definition, types: types.to_vec(), result, signature };
    let function = Arc::new(ScalarUDF::new_from_impl(function));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

/// The definition of `function` and its arguments' types, if it is one of ours.
pub(crate) fn definition_of(function: &ScalarUDF) -> Option<(&'static Definition, &[Type])> {
    let inner: &dyn std::any::Any = function.inner().as_ref();
    let function = inner.downcast_ref::<Function>()?;
    Some((function.definition, &function.types))
}

/// The type that `function` returns, if it is one of ours.
pub(crate) fn result_of(function: &ScalarUDF) -> Option<&Type> {
    let inner: &dyn std::any::Any = function.inner().as_ref();
    inner.downcast_ref::<Function>().map(|function| &function.result)
}

/// A definition with its types: equal if name and types are.
#[derive(Debug)]
struct Function {
    definition: &'static Definition,
    types: Vec<Type>,
    result: Type,
    signature: Signature,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name
            && self.types == other.types
            && self.result == other.result
    }
}

impl Eq for Function {}

impl Hash for Function {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
        self.types.hash(state);
    }
}

impl ScalarUDFImpl for Function {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.result.arrow())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.result.field(self.definition.name, true)))
    }

    fn is_strict(&self) -> bool {
        self.definition.strict
    }

    fn invoke_with_args(&self, call: ScalarFunctionArgs) -> DataFusionResult<ColumnarValue> {
        let arguments = Arguments::new(&call.args, call.number_rows, &self.types, &self.result)?;
        let array = (self.definition.kernel)(&arguments)?;
        let constant = call.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        Ok(match constant && !call.args.is_empty() {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?),
            false => ColumnarValue::Array(array),
        })
    }
}
