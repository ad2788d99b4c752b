//! A cast as a function of the plan.
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result as PlanResult, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

use super::conversion::Conversion;
use super::fallible::fallible;
use crate::types::input::Fit;
use crate::types::{TextStyle, Type, Zone};
use crate::{Error, Result};

/// The function that one cast is planned as; equal casts are equal functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct CastFunction {
    name: String,
    conversion: Conversion,
    /// The session's zone and names, if they were known when the cast was bound.
    style: Option<TextStyle>,
    signature: Signature,
    fallible: bool,
}

impl CastFunction {
    pub(super) fn new(conversion: Conversion, style: Option<&TextStyle>) -> Self {
        let depends = depends_on_session(&conversion.from, &conversion.to);
        // The clock is left out: the function outlives the transaction.
        let kept = |style: &TextStyle| TextStyle { now: None, ..style.clone() };
        let style = style.filter(|_| depends).map(kept);
        let volatility =
            if depends && style.is_none() { Volatility::Stable } else { Volatility::Immutable };
        Self {
            name: format!("cast_{}_to_{}", word(&conversion.from), word(&conversion.to)),
            fallible: fallible(&conversion.from, &conversion.to, conversion.fit),
            signature: Signature::any(1, volatility),
            conversion,
            style,
        }
    }

    /// Whether some values make it fail.
    pub fn is_fallible(&self) -> bool {
        self.fallible
    }

    /// The type of its argument.
    pub fn from(&self) -> &Type {
        &self.conversion.from
    }

    /// The type of its result.
    pub fn to(&self) -> &Type {
        &self.conversion.to
    }

    /// Whether strings that are too long are cut, as by an explicit cast.
    pub fn cuts(&self) -> bool {
        self.conversion.fit == Fit::Cut
    }
}

/// A type in the name of a function.
fn word(ty: &Type) -> String {
    ty.tag().replace([' ', ':', '(', ')'], "_").replace('"', "").replace("[]", "array_")
}

/// Whether a value depends on the session's time zone, clock or names.
pub(super) fn depends_on_session(from: &Type, to: &Type) -> bool {
    let (from, to) = (from.plain(), to.plain());
    if from == to {
        return false;
    }
    match (from, to) {
        (Type::Array(from), Type::Array(to)) => depends_on_session(from, to),
        (Type::Array(item), to) if to.is_text() => depends_on_session(item, to),
        (from, Type::Array(item)) if from.is_text() => depends_on_session(from, item),
        (Type::TimestampTz, _) | (_, Type::TimestampTz) => true,
        (Type::Reg(_), to) => to.is_text(),
        (from, Type::Reg(_)) => from.is_text() || *from == Type::Unknown,
        // Words such as today.
        (from, Type::Date | Type::Timestamp | Type::Time) => {
            from.is_text() || *from == Type::Unknown
        }
        _ => false,
    }
}

/// The style of a session: its zone is the configuration's `execution.time_zone`.
///
/// # Errors
/// 22023 if no zone has that name.
pub fn style_of(options: &ConfigOptions) -> Result<TextStyle> {
    let Some(name) = &options.execution.time_zone else { return Ok(TextStyle::default()) };
    Zone::parse(name).map(TextStyle::in_zone).ok_or_else(|| {
        Error::new("22023", format!("invalid value for parameter \"TimeZone\": \"{name}\""))
    })
}

impl ScalarUDFImpl for CastFunction {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> PlanResult<DataType> {
        Ok(self.conversion.to.arrow())
    }

    fn return_field_from_args(&self, arguments: ReturnFieldArgs) -> PlanResult<FieldRef> {
        let nullable = arguments.arg_fields.iter().any(|field| field.is_nullable())
            || makes_null(&self.conversion);
        Ok(Arc::new(self.conversion.to.field(&self.name, nullable)))
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> PlanResult<ColumnarValue> {
        let style = match &self.style {
            Some(style) => style.clone(),
            None => style_of(&arguments.config_options).map_err(raised)?,
        };
        let run = |column: &ArrayRef| self.conversion.apply(column, &style).map_err(raised);
        match arguments.args.first() {
            Some(ColumnarValue::Array(column)) => Ok(ColumnarValue::Array(run(column)?)),
            Some(ColumnarValue::Scalar(value)) => {
                let column = run(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&column, 0)?))
            }
            None => Err(raised(Error::internal("a cast without argument"))),
        }
    }
}

/// The time of an infinite timestamp is NULL.
fn makes_null(conversion: &Conversion) -> bool {
    conversion.to == Type::Time
}

/// The error as it travels through a plan, its SQLSTATE kept.
fn raised(error: Error) -> DataFusionError {
    let mut own = engine::Error::data(error.code(), error.message());
    if error.code() == "XX000" {
        own = engine::Error::internal(error.message());
    }
    if let Some(detail) = error.detail() {
        own = own.with_detail(detail);
    }
    if let Some(hint) = error.hint() {
        own = own.with_hint(hint);
    }
    own.into()
}
