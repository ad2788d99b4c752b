//! How the fields of a record become the columns of a row.
use std::borrow::Cow;
use std::collections::BTreeMap;

use sql::Error;
use sql::statement::copy::{Block, Record};
use sql::types::{ColumnBuilder, JsonValue, TextStyle, Type, json_members};

use super::order::Order;
use super::rejects::Fault;

/// A column while its values come in.
pub(super) struct Column {
    pub(super) name: String,
    ty: Type,
    nullable: bool,
    pub(super) builder: ColumnBuilder,
}

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Fields in a file's order.
    Csv,
    /// An object: members are found by name, one that is missing is NULL.
    Json,
}

impl Column {
    /// A column without values.
    pub(super) fn new(column: &sql::catalog::Column, rows: usize) -> Self {
        let builder = ColumnBuilder::with_capacity(&column.ty, &TextStyle::default(), rows);
        let (name, ty) = (column.name.clone(), column.ty.clone());
        Self { name, ty, nullable: column.nullable, builder }
    }

    fn append(&mut self, text: Option<&str>) -> Result<(), Fault> {
        let appended = match text {
            Some(text) => self.builder.append_text(text),
            None if self.nullable => {
                self.builder.append_null();
                Ok(())
            }
            None => Err(null()),
        };
        appended.map_err(|error| Fault { error, column: Some(self.name.clone()) })
    }

    /// Appends a value for each text; `wrong` is told those that are none.
    fn append_all<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a str>>,
        wrong: &mut dyn FnMut(usize, Fault),
    ) {
        let (name, nullable) = (&self.name, self.nullable);
        let mut missing = vec![];
        let texts = texts.enumerate().map(|(number, text)| {
            if text.is_none() && !nullable {
                missing.push(number);
            }
            text
        });
        let fault = |error| Fault { error, column: Some(name.clone()) };
        self.builder.append_texts(texts, &mut |number, error| wrong(number, fault(error)));
        missing.into_iter().for_each(|number| wrong(number, fault(null())));
    }

    fn append_json(&mut self, value: Option<JsonValue<'_>>) -> Result<(), Fault> {
        let text = match value.filter(|value| !value.is_null()) {
            None => Ok(None),
            Some(value) => match self.ty {
                Type::Json | Type::Jsonb => Ok(Some(Cow::Borrowed(value.json()))),
                Type::Array(_) => value.array_text().map(Some),
                _ => value.text().map(Some),
            },
        };
        let text = text.map_err(|error| Fault { error, column: Some(self.name.clone()) })?;
        self.append(text.as_deref())
    }
}

fn null() -> Error {
    Error::new("23502", "a null value violates the not-null constraint")
}

/// Appends a block's rows, and says what is wrong with which of them: every column has got a
/// value all the same.
pub(super) fn append_block(
    block: &Block<'_>,
    order: &Order,
    columns: &mut [Column],
) -> BTreeMap<usize, Fault> {
    let mut wrong = BTreeMap::new();
    for (number, column) in columns.iter_mut().enumerate() {
        column.append_all(block.column(order.field(number)), &mut |row, fault| {
            // A row is told of for its first column that is wrong.
            wrong.entry(row).or_insert(fault);
        });
    }
    wrong
}

impl Shape {
    /// Appends a record's row. If it is wrong every column has got a value all the same, or
    /// none: the number of rows that were appended tells.
    pub(super) fn append(
        self,
        record: &Record<'_>,
        order: &Order,
        columns: &mut [Column],
    ) -> (usize, Result<(), Fault>) {
        let mut done = 0;
        let outcome = match self {
            Shape::Csv => csv(record, order, columns, &mut done),
            Shape::Json => json(record, columns, &mut done),
        };
        if outcome.is_ok() || done == 0 {
            return (usize::from(outcome.is_ok()), outcome);
        }
        columns.iter_mut().skip(done).for_each(|column| column.builder.append_null());
        (1, outcome)
    }
}

fn csv(
    record: &Record<'_>,
    order: &Order,
    columns: &mut [Column],
    done: &mut usize,
) -> Result<(), Fault> {
    let wrong = |message: String| Error::new("22P04", message);
    if record.len() > order.width() {
        return Err(wrong("extra data after last expected column".into()).into());
    }
    if record.len() < order.width() {
        let missing = order.name(record.len());
        return Err(wrong(format!("missing data for column \"{missing}\"")).into());
    }
    for (number, column) in columns.iter_mut().enumerate() {
        column.append(record.field(order.field(number)).flatten())?;
        *done += 1;
    }
    Ok(())
}

fn json(record: &Record<'_>, columns: &mut [Column], done: &mut usize) -> Result<(), Fault> {
    let text = record.field(0).flatten().unwrap_or_default();
    let mut values: Vec<Found<'_>> = vec![None; columns.len()];
    let mut next = 0;
    json_members(text, |name, value| {
        // Members mostly stand in the order of the columns.
        let is = |place: usize| columns.get(place).is_some_and(|column| column.name == name);
        let place = if is(next) { Some(next) } else { (0..columns.len()).find(|at| is(*at)) };
        let exact = place.is_some();
        // A name without quotes was folded when the column was made.
        let place = place
            .or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name)));
        let Some(place) = place else { return Ok(()) };
        next = place + 1;
        if let Some(slot) = values.get_mut(place)
            && (exact || slot.is_none_or(|(_, exact)| !exact))
        {
            *slot = Some((value, exact));
        }
        Ok(())
    })?;
    for (column, value) in columns.iter_mut().zip(values) {
        column.append_json(value.map(|(value, _)| value))?;
        *done += 1;
    }
    Ok(())
}

/// A member, and whether its name is the column's to the letter.
type Found<'a> = Option<(JsonValue<'a>, bool)>;
