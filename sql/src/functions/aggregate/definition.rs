//! An aggregate of ours, in the form DataFusion calls.
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::error::Result as DataFusionResult;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, GroupsAccumulator, Signature, Volatility,
};

use super::accumulator::Single;
use super::distinct::Distinct;
use super::groups::Groups;
use super::state::{Kinds, State};
use crate::types::Type;

/// How the state of an aggregate is made, whatever its type.
struct Makers {
    name: &'static str,
    single: fn(Kinds) -> Box<dyn Accumulator>,
    groups: fn(Kinds) -> Box<dyn GroupsAccumulator>,
    sliding: fn(Kinds) -> Box<dyn Accumulator>,
}

/// The aggregate `name` that keeps an `S` for each group.
pub(crate) fn aggregate<S: State>(
    name: &'static str,
    arguments: &[Type],
    result: Type,
) -> Arc<AggregateUDF> {
    aggregate_sliding::<S, S>(name, arguments, result)
}

/// The same, that keeps an `L` for the sliding frame of a window.
pub(crate) fn aggregate_sliding<S: State, L: State>(
    name: &'static str,
    arguments: &[Type],
    result: Type,
) -> Arc<AggregateUDF> {
    let makers = Makers {
        name,
        single: |kinds| Box::new(Single::<S>::new(kinds)),
        groups: |kinds| Box::new(Groups::<S>::new(kinds)),
        sliding: |kinds| Box::new(Single::<L>::new(kinds)),
    };
    let kinds = Kinds { arguments: arguments.to_vec(), result };
    let signature = Signature::any(arguments.len(), Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(Aggregate { makers, kinds, signature }))
}

/// The types of the arguments it was made for, if it is one of ours.
pub(crate) fn arguments_of(udaf: &AggregateUDF) -> Option<&[Type]> {
    let inner: &dyn std::any::Any = udaf.inner().as_ref();
    Some(&inner.downcast_ref::<Aggregate>()?.kinds.arguments)
}

/// An aggregate with its types: equal if name and types are.
struct Aggregate {
    makers: Makers,
    kinds: Kinds,
    signature: Signature,
}

impl fmt::Debug for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.makers.name).field("kinds", &self.kinds).finish()
    }
}

impl PartialEq for Aggregate {
    fn eq(&self, other: &Self) -> bool {
        self.makers.name == other.makers.name && self.kinds == other.kinds
    }
}

impl Eq for Aggregate {}

impl Hash for Aggregate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.makers.name.hash(state);
        self.kinds.hash(state);
    }
}

impl AggregateUDFImpl for Aggregate {
    fn name(&self) -> &str {
        self.makers.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> DataFusionResult<DataType> {
        Ok(self.kinds.result.arrow())
    }

    fn return_field(&self, _: &[FieldRef]) -> DataFusionResult<FieldRef> {
        Ok(Arc::new(self.kinds.result.field(self.makers.name, true)))
    }

    fn accumulator(&self, call: AccumulatorArgs<'_>) -> DataFusionResult<Box<dyn Accumulator>> {
        let single = self.makers.single;
        Ok(match call.is_distinct {
            false => single(self.kinds.clone()),
            true => Box::new(Distinct::new(self.kinds.clone(), single)),
        })
    }

    fn state_fields(&self, call: StateFieldsArgs<'_>) -> DataFusionResult<Vec<FieldRef>> {
        let name = format_state_name(call.name, "state");
        let field = match call.is_distinct {
            false => Field::new(name, DataType::Binary, true),
            true => Field::new(name, Distinct::state_type(&self.kinds), true),
        };
        Ok(vec![Arc::new(field)])
    }

    fn groups_accumulator_supported(&self, call: AccumulatorArgs<'_>) -> bool {
        !call.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        _: AccumulatorArgs<'_>,
    ) -> DataFusionResult<Box<dyn GroupsAccumulator>> {
        Ok((self.makers.groups)(self.kinds.clone()))
    }

    fn create_sliding_accumulator(
        &self,
        call: AccumulatorArgs<'_>,
    ) -> DataFusionResult<Box<dyn Accumulator>> {
        match call.is_distinct {
            true => self.accumulator(call),
            false => Ok((self.makers.sliding)(self.kinds.clone())),
        }
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}
