//! A function of the catalog, in the form DataFusion calls.
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result as PlanResult, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::FUNCTIONS;
use super::session::{CURRENT_SETTING, SET_CONFIG, check_config, check_setting};
use crate::Result;
use crate::binder::SessionFunction;
use crate::catalog::system::cell::{Cell, column};
use crate::catalog::system::reader::Reader;
use crate::types::Type;

/// What a function computes of one row's arguments.
pub(in crate::catalog::system) type Compute = fn(&Reader, &[Cell]) -> Cell;

/// A function of the catalog. NULL among its arguments gives NULL, unless it takes NULL.
#[derive(Debug)]
pub(in crate::catalog::system) struct Definition {
    pub(in crate::catalog::system) name: &'static str,
    pub(in crate::catalog::system) arguments: Vec<Type>,
    pub(in crate::catalog::system) result: Type,
    pub(super) takes_null: bool,
    /// Whether it gives the same within one statement.
    pub(super) volatility: Volatility,
    pub(super) compute: Compute,
}

/// The functions of this name, for one reader.
pub(crate) fn functions(name: &str, reader: impl Fn() -> Arc<Reader>) -> Vec<SessionFunction> {
    let all = FUNCTIONS.iter().filter(|definition| definition.name == name);
    all.map(|definition| SessionFunction {
        arguments: definition.arguments.clone(),
        result: definition.result.clone(),
        function: Arc::new(ScalarUDF::new_from_impl(CatalogFunction::new(definition, reader()))),
    })
    .collect()
}

/// Whether a function asks the catalog, so that its value changes by itself.
pub(crate) fn is_catalog_function(function: &ScalarUDF) -> bool {
    let inner: &dyn std::any::Any = function.inner().as_ref();
    inner.is::<CatalogFunction>()
}

/// Whether no arguments make it fail.
pub(crate) fn is_safe_catalog_function(function: &ScalarUDF) -> bool {
    is_catalog_function(function) && ![CURRENT_SETTING, SET_CONFIG].contains(&function.name())
}

fn raised(error: crate::Error) -> engine::Error {
    match error.code() {
        "XX000" => engine::Error::internal(error.message()),
        code => engine::Error::data(code, error.message()),
    }
}

/// A definition with its reader.
struct CatalogFunction {
    definition: &'static Definition,
    reader: Arc<Reader>,
    signature: Signature,
}

impl CatalogFunction {
    fn new(definition: &'static Definition, reader: Arc<Reader>) -> Self {
        let signature = match definition.arguments.len() {
            0 => Signature::nullary(definition.volatility),
            count => Signature::any(count, definition.volatility),
        };
        Self { definition, reader, signature }
    }

    fn one(&self, arguments: &[Cell]) -> Result<Cell> {
        let is_null = arguments.contains(&Cell::Null);
        if is_null && !self.definition.takes_null {
            return Ok(Cell::Null);
        }
        match self.definition.name {
            CURRENT_SETTING => check_setting(arguments)?,
            SET_CONFIG => check_config(arguments)?,
            _ => {}
        }
        Ok((self.definition.compute)(&self.reader, arguments))
    }
}

impl std::fmt::Debug for CatalogFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.definition.name)
    }
}

impl PartialEq for CatalogFunction {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.definition, other.definition)
            && Arc::ptr_eq(&self.reader.catalog, &other.reader.catalog)
    }
}

impl Eq for CatalogFunction {}

impl Hash for CatalogFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.definition.name.hash(state);
        self.definition.arguments.hash(state);
    }
}

impl ScalarUDFImpl for CatalogFunction {
    fn name(&self) -> &str {
        self.definition.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> PlanResult<DataType> {
        Ok(self.definition.result.arrow())
    }

    fn return_field_from_args(&self, _: ReturnFieldArgs<'_>) -> PlanResult<FieldRef> {
        Ok(Arc::new(self.definition.result.field(self.definition.name, true)))
    }

    fn invoke_with_args(&self, call: ScalarFunctionArgs) -> PlanResult<ColumnarValue> {
        let cell = |value: &ColumnarValue, row: usize| -> PlanResult<Cell> {
            Ok(match value {
                ColumnarValue::Scalar(value) => Cell::of(value),
                ColumnarValue::Array(array) => Cell::of(&ScalarValue::try_from_array(array, row)?),
            })
        };
        let mut cells = Vec::with_capacity(call.number_rows);
        for row in 0..call.number_rows {
            let arguments = call.args.iter().map(|value| cell(value, row));
            let cell = self.one(&arguments.collect::<PlanResult<Vec<_>>>()?);
            cells.push(cell.map_err(raised)?);
        }
        let array = column(cells, &self.definition.result).map_err(raised)?;
        Ok(ColumnarValue::Array(array))
    }
}
