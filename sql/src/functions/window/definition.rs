//! A window function of ours, in the form DataFusion calls.
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::FieldRef;
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::function::{PartitionEvaluatorArgs, WindowUDFFieldArgs};
use datafusion::logical_expr::{
    LimitEffect, PartitionEvaluator, Signature, Volatility, WindowUDF, WindowUDFImpl,
};
use datafusion::physical_expr::PhysicalExpr;

use crate::types::Type;

/// Makes what evaluates a partition, given the type of the result.
pub(super) type Evaluator = fn(&Type) -> Box<dyn PartitionEvaluator>;

/// The window function `name` over arguments of these types.
pub(super) fn window(
    name: &'static str,
    arguments: &[Type],
    result: Type,
    evaluator: Evaluator,
) -> Arc<WindowUDF> {
    let signature = match arguments.is_empty() {
        true => Signature::nullary(Volatility::Immutable),
        false => Signature::any(arguments.len(), Volatility::Immutable),
    };
    let window = Window { name, arguments: arguments.to_vec(), result, evaluator, signature };
    Arc::new(WindowUDF::new_from_impl(window))
}

/// A window function with its types: equal if name and types are.
struct Window {
    name: &'static str,
    arguments: Vec<Type>,
    result: Type,
    evaluator: Evaluator,
    signature: Signature,
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name).field("arguments", &self.arguments).finish()
    }
}

impl PartialEq for Window {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.arguments == other.arguments && self.result == other.result
    }
}

impl Eq for Window {}

impl Hash for Window {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.arguments.hash(state);
    }
}

impl WindowUDFImpl for Window {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn partition_evaluator(
        &self,
        _: PartitionEvaluatorArgs<'_>,
    ) -> DataFusionResult<Box<dyn PartitionEvaluator>> {
        Ok((self.evaluator)(&self.result))
    }

    fn field(&self, call: WindowUDFFieldArgs<'_>) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.result.field(call.name(), true)))
    }

    fn limit_effect(&self, _: &[Arc<dyn PhysicalExpr>]) -> LimitEffect {
        LimitEffect::Unknown
    }
}
