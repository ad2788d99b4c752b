//! A column that is built from texts.
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryBuilder, BooleanBuilder, FixedSizeBinaryBuilder, ListArray, NullBufferBuilder,
    PrimitiveBuilder, StringBuilder,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Field, Float32Type, Float64Type,
    Int16Type, Int32Type, Int64Type, IntervalMonthDayNanoType, Time64MicrosecondType,
    TimestampMicrosecondType,
};

use super::date_time::{Kind, read};
use super::interval::{Plain, interval};
use super::parse::{named_oid, string};
use super::{array, boolean, bytes, decimal, float, integer, uuid};
use crate::types::{TextStyle, Type};
use crate::{Error, Result};

/// Bytes of a uuid.
const UUID_BYTES: i32 = 16;

/// Builds a column of one type from the texts of its values.
pub struct ColumnBuilder {
    ty: Type,
    style: TextStyle,
    column: Column,
}

pub(super) enum Column {
    Bool(BooleanBuilder),
    Int2(PrimitiveBuilder<Int16Type>),
    Int4(PrimitiveBuilder<Int32Type>),
    Int8(PrimitiveBuilder<Int64Type>),
    Float4(PrimitiveBuilder<Float32Type>),
    Float8(PrimitiveBuilder<Float64Type>),
    Numeric(PrimitiveBuilder<Decimal128Type>),
    Text(StringBuilder),
    Bytea(BinaryBuilder, Vec<u8>),
    Date(PrimitiveBuilder<Date32Type>),
    Time(PrimitiveBuilder<Time64MicrosecondType>),
    Timestamp(PrimitiveBuilder<TimestampMicrosecondType>),
    Interval(PrimitiveBuilder<IntervalMonthDayNanoType>),
    Uuid(FixedSizeBinaryBuilder),
    Array(Lists),
}

/// Lists, as the elements of all and where each ends.
pub(super) struct Lists {
    items: Box<ColumnBuilder>,
    ends: Vec<i32>,
    nulls: NullBufferBuilder,
}

/// Rows that a builder makes room for unless it is told.
const ROWS: usize = 1_024;

impl ColumnBuilder {
    /// A builder of a column of `ty`.
    pub fn new(ty: &Type, style: &TextStyle) -> Self {
        Self::with_capacity(ty, style, ROWS)
    }

    /// A builder with room for `rows` values.
    pub fn with_capacity(ty: &Type, style: &TextStyle, rows: usize) -> Self {
        let column = match ty {
            Type::Rounded(..) => {
                return Self { ty: ty.clone(), ..Self::with_capacity(ty.plain(), style, rows) };
            }
            Type::Bool => Column::Bool(BooleanBuilder::with_capacity(rows)),
            Type::Int2 => Column::Int2(typed(ty, rows)),
            Type::Int4 => Column::Int4(typed(ty, rows)),
            Type::Int8 | Type::Oid | Type::Reg(_) => Column::Int8(typed(ty, rows)),
            Type::Float4 => Column::Float4(typed(ty, rows)),
            Type::Float8 => Column::Float8(typed(ty, rows)),
            Type::Numeric(..) | Type::BareNumeric => Column::Numeric(typed(ty, rows)),
            Type::Quotient(..) => return Self::with_capacity(&ty.held(), style, rows),
            Type::Text
            | Type::Varchar(_)
            | Type::Char(_)
            | Type::ByteChar
            | Type::Name
            | Type::Jsonb
            | Type::Json
            | Type::Void
            | Type::Unknown => Column::Text(StringBuilder::with_capacity(rows, rows * 16)),
            Type::Bytea => Column::Bytea(BinaryBuilder::with_capacity(rows, rows * 16), vec![]),
            Type::Date => Column::Date(typed(ty, rows)),
            Type::Time => Column::Time(typed(ty, rows)),
            Type::Timestamp | Type::TimestampTz => Column::Timestamp(typed(ty, rows)),
            Type::Interval => Column::Interval(typed(ty, rows)),
            Type::Uuid => Column::Uuid(FixedSizeBinaryBuilder::with_capacity(rows, UUID_BYTES)),
            Type::Vector(vector) => {
                return Self {
                    ty: ty.clone(),
                    ..Self::with_capacity(&vector.array(), style, rows)
                };
            }
            Type::Array(item) => Column::Array(Lists {
                items: Box::new(Self::with_capacity(item, style, rows)),
                ends: vec![0],
                nulls: NullBufferBuilder::new(rows),
            }),
        };
        Self { ty: ty.clone(), style: style.clone(), column }
    }

    /// Appends the value of a text.
    ///
    /// # Errors
    /// Those of [`parse_text`](super::parse_text); nothing has been appended then.
    pub fn append_text(&mut self, text: &str) -> Result<()> {
        let (ty, style) = (&self.ty, &self.style);
        if let Type::Vector(_) = ty {
            return Err(Error::unsupported(format!("text as {ty}")));
        }
        match &mut self.column {
            Column::Bool(values) => values.append_value(boolean::boolean(text)?),
            Column::Int2(values) => values.append_value(integer::int2(text)?),
            Column::Int4(values) => values.append_value(integer::int4(text)?),
            Column::Int8(values) => values.append_value(match ty {
                Type::Oid => integer::oid(text)?,
                Type::Reg(reg) => named_oid(text, *reg, style)?,
                _ => integer::int8(text)?,
            }),
            Column::Float4(values) => values.append_value(float::float4(text)?),
            Column::Float8(values) => values.append_value(float::float8(text)?),
            Column::Numeric(values) => values.append_value(match ty {
                Type::Numeric(precision, scale) => decimal::numeric(text, *precision, *scale)?,
                _ => decimal::bare(text)?,
            }),
            Column::Text(values) => values.append_value(string(text, ty)?),
            Column::Bytea(values, scratch) => {
                scratch.clear();
                bytes::read_bytea(text, scratch)?;
                values.append_value(scratch);
            }
            Column::Date(values) => values.append_value(read(text, Kind::Date)?.date(text, style)?),
            Column::Time(values) => {
                let micros = read(text, Kind::Time)?.time(text, style)?;
                values.append_value(rounded(micros, ty));
            }
            Column::Timestamp(values) => {
                let micros = match ty.plain() {
                    Type::TimestampTz => read(text, Kind::TimestampTz)?.timestamptz(text, style)?,
                    _ => read(text, Kind::Timestamp)?.timestamp(text, style)?,
                };
                values.append_value(rounded(micros, ty));
            }
            Column::Interval(values) => values.append_value(interval(text, Plain::default())?),
            Column::Uuid(values) => values.append_value(uuid::uuid(text)?)?,
            Column::Array(lists) => lists.append_text(text)?,
        }
        Ok(())
    }

    /// The type, and the column so far.
    pub(super) fn parts(&mut self) -> (&Type, &mut Column) {
        (&self.ty, &mut self.column)
    }

    /// Appends NULL.
    pub fn append_null(&mut self) {
        match &mut self.column {
            Column::Bool(values) => values.append_null(),
            Column::Int2(values) => values.append_null(),
            Column::Int4(values) => values.append_null(),
            Column::Int8(values) => values.append_null(),
            Column::Float4(values) => values.append_null(),
            Column::Float8(values) => values.append_null(),
            Column::Numeric(values) => values.append_null(),
            Column::Text(values) => values.append_null(),
            Column::Bytea(values, _) => values.append_null(),
            Column::Date(values) => values.append_null(),
            Column::Time(values) => values.append_null(),
            Column::Timestamp(values) => values.append_null(),
            Column::Interval(values) => values.append_null(),
            Column::Uuid(values) => values.append_null(),
            Column::Array(lists) => lists.append_null(),
        }
    }

    /// The column so far, after which the builder is empty.
    pub fn finish(&mut self) -> ArrayRef {
        match &mut self.column {
            Column::Bool(values) => Arc::new(values.finish()),
            Column::Int2(values) => Arc::new(values.finish()),
            Column::Int4(values) => Arc::new(values.finish()),
            Column::Int8(values) => Arc::new(values.finish()),
            Column::Float4(values) => Arc::new(values.finish()),
            Column::Float8(values) => Arc::new(values.finish()),
            Column::Numeric(values) => Arc::new(values.finish()),
            Column::Text(values) => Arc::new(values.finish()),
            Column::Bytea(values, _) => Arc::new(values.finish()),
            Column::Date(values) => Arc::new(values.finish()),
            Column::Time(values) => Arc::new(values.finish()),
            Column::Timestamp(values) => Arc::new(values.finish()),
            Column::Interval(values) => Arc::new(values.finish()),
            Column::Uuid(values) => Arc::new(values.finish()),
            Column::Array(lists) => lists.finish(),
        }
    }
}

fn rounded(micros: i64, ty: &Type) -> i64 {
    match ty {
        Type::Rounded(moment, digits) => moment.rounded(micros, *digits),
        _ => micros,
    }
}

impl Lists {
    fn append_text(&mut self, text: &str) -> Result<()> {
        let nested = matches!(self.items.ty, Type::Array(_));
        let elements = array::elements(text, nested)?;
        if nested {
            array::check_shape(text, &elements)?;
        }
        // Built apart, so that a wrong element leaves nothing behind.
        let mut items =
            ColumnBuilder::with_capacity(&self.items.ty, &self.items.style, elements.len());
        for element in &elements {
            match element {
                Some(text) => items.append_text(text)?,
                None => items.append_null(),
            }
        }
        drop(items);
        for element in &elements {
            match element {
                Some(text) => self.items.append_text(text)?,
                None => self.items.append_null(),
            }
        }
        self.close(elements.len())?;
        self.nulls.append_non_null();
        Ok(())
    }

    fn append_null(&mut self) {
        self.ends.extend(self.ends.last().copied());
        self.nulls.append_null();
    }

    fn close(&mut self, count: usize) -> Result<()> {
        let end = i32::try_from(count)
            .ok()
            .and_then(|count| self.ends.last()?.checked_add(count))
            .ok_or_else(|| Error::new("54000", "too many array elements in one batch"))?;
        self.ends.push(end);
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        let field = Arc::new(Field::new("item", self.items.ty.arrow(), true));
        let ends = std::mem::replace(&mut self.ends, vec![0]);
        let offsets = OffsetBuffer::new(ScalarBuffer::from(ends));
        Arc::new(ListArray::new(field, offsets, self.items.finish(), self.nulls.finish()))
    }
}

/// A builder whose column has exactly the type's Arrow type, digits and zone included.
fn typed<T: ArrowPrimitiveType>(ty: &Type, rows: usize) -> PrimitiveBuilder<T> {
    let data_type: DataType = ty.arrow();
    PrimitiveBuilder::with_capacity(rows).with_data_type(data_type)
}
