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
use crate::functions::cast::style_of;
use crate::types::{Type, Zone};

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
    /// Whether the result depends on the session's time zone, if a timestamp with zone is given
    /// or returned.
    pub(crate) zoned: bool,
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
            zoned: false,
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
    let function = Function::new(definition, types.to_vec(), result, None);
    let function = Arc::new(ScalarUDF::new_from_impl(function));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments))
}

/// A call of ours with the session's zone in it, so that it asks no configuration when it runs.
pub(crate) fn in_zone(call: Expr, zone: Zone) -> Expr {
    let Expr::ScalarFunction(call) = call else { return call };
    let inner: &dyn std::any::Any = call.func.inner().as_ref();
    let zoned = inner.downcast_ref::<Function>().filter(|function| function.definition.zoned);
    let Some(Function { definition, types, result, .. }) = zoned else {
        return Expr::ScalarFunction(call);
    };
    let function = Function::new(definition, types.clone(), result.clone(), Some(zone));
    let function = Arc::new(ScalarUDF::new_from_impl(function));
    Expr::ScalarFunction(ScalarFunction::new_udf(function, call.args))
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

/// Whether the text or parts of a value depend on a zone.
fn has_zone(kind: &Type) -> bool {
    match kind {
        Type::Array(item) => has_zone(item),
        kind => *kind == Type::TimestampTz,
    }
}

/// A definition with its types: equal if name and types are.
#[derive(Debug)]
struct Function {
    definition: &'static Definition,
    types: Vec<Type>,
    result: Type,
    /// The session's zone, if it was known when the call was bound.
    zone: Option<Zone>,
    signature: Signature,
}

impl Function {
    fn new(
        definition: &'static Definition,
        types: Vec<Type>,
        result: Type,
        zone: Option<Zone>,
    ) -> Self {
        let zoned = definition.zoned && types.iter().chain([&result]).any(has_zone);
        let volatility = match zoned && zone.is_none() {
            true => Volatility::Stable,
            false => definition.volatility,
        };
        let signature = match types.is_empty() {
            true => Signature::nullary(volatility),
            false => Signature::any(types.len(), volatility),
        };
        Self { definition, types, result, zone, signature }
    }

    /// The zone that the kernel is to use.
    fn zone(&self, call: &ScalarFunctionArgs) -> DataFusionResult<Zone> {
        match self.zone {
            Some(zone) => Ok(zone),
            None if self.definition.zoned => Ok(style_of(&call.config_options)
                .map_err(|error| engine::Error::data(error.code(), error.message()))?
                .zone),
            None => Ok(Zone::default()),
        }
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.definition.name == other.definition.name
            && self.types == other.types
            && self.result == other.result
            && self.zone == other.zone
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
        let types = (self.types.as_slice(), &self.result);
        let zone = self.zone(&call)?;
        let arguments = Arguments::new(&call.args, call.number_rows, types, zone)?;
        let array = (self.definition.kernel)(&arguments)?;
        let constant = call.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        Ok(match constant && !call.args.is_empty() {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?),
            false => ColumnarValue::Array(array),
        })
    }
}
