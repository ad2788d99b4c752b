//! A kernel from a function of one row: null if any argument is null.
use arrow::array::ArrayRef;
use engine::Result;

use super::arguments::Arguments;
use super::read::Read;
use super::write::Write;

/// What a function of one row may return: a value, maybe null, maybe an error.
pub(crate) trait Outcome {
    /// The value.
    type Value: Write;

    /// Itself in the widest form.
    fn outcome(self) -> Result<Option<Self::Value>>;
}

impl<T: Write> Outcome for T {
    type Value = T;

    fn outcome(self) -> Result<Option<T>> {
        Ok(Some(self))
    }
}

impl<T: Write> Outcome for Option<T> {
    type Value = T;

    fn outcome(self) -> Result<Option<T>> {
        Ok(self)
    }
}

impl<T: Write> Outcome for Result<T> {
    type Value = T;

    fn outcome(self) -> Result<Option<T>> {
        self.map(Some)
    }
}

impl<T: Write> Outcome for Result<Option<T>> {
    type Value = T;

    fn outcome(self) -> Result<Option<T>> {
        self
    }
}

fn rows<O: Outcome>(
    arguments: &Arguments<'_>,
    mut value: impl FnMut(usize) -> O,
) -> Result<ArrayRef> {
    let target = arguments.result().arrow();
    match arguments.nulls() {
        None => O::Value::collect(arguments.rows(), &target, |row| value(row).outcome()),
        Some(nulls) => O::Value::collect(arguments.rows(), &target, |row| {
            if nulls.is_null(row) { Ok(None) } else { value(row).outcome() }
        }),
    }
}

/// Applies a function of nothing to each row.
pub(crate) fn map0<O: Outcome>(
    arguments: &Arguments<'_>,
    mut function: impl FnMut() -> O,
) -> Result<ArrayRef> {
    rows(arguments, |_| function())
}

/// Applies a function of one argument to each row.
pub(crate) fn map1<'a, A: Read<'a>, O: Outcome>(
    arguments: &'a Arguments<'_>,
    mut function: impl FnMut(A) -> O,
) -> Result<ArrayRef> {
    let a = arguments.reader::<A>(0)?;
    rows(arguments, |row| function(a.at(row)))
}

/// Applies a function of two arguments to each row.
pub(crate) fn map2<'a, A: Read<'a>, B: Read<'a>, O: Outcome>(
    arguments: &'a Arguments<'_>,
    mut function: impl FnMut(A, B) -> O,
) -> Result<ArrayRef> {
    let (a, b) = (arguments.reader::<A>(0)?, arguments.reader::<B>(1)?);
    rows(arguments, |row| function(a.at(row), b.at(row)))
}

/// Applies a function of three arguments to each row.
pub(crate) fn map3<'a, A: Read<'a>, B: Read<'a>, C: Read<'a>, O: Outcome>(
    arguments: &'a Arguments<'_>,
    mut function: impl FnMut(A, B, C) -> O,
) -> Result<ArrayRef> {
    let (a, b) = (arguments.reader::<A>(0)?, arguments.reader::<B>(1)?);
    let c = arguments.reader::<C>(2)?;
    rows(arguments, |row| function(a.at(row), b.at(row), c.at(row)))
}

/// Applies a function of four arguments to each row.
pub(crate) fn map4<'a, A: Read<'a>, B: Read<'a>, C: Read<'a>, D: Read<'a>, O: Outcome>(
    arguments: &'a Arguments<'_>,
    mut function: impl FnMut(A, B, C, D) -> O,
) -> Result<ArrayRef> {
    let (a, b) = (arguments.reader::<A>(0)?, arguments.reader::<B>(1)?);
    let (c, d) = (arguments.reader::<C>(2)?, arguments.reader::<D>(3)?);
    rows(arguments, |row| function(a.at(row), b.at(row), c.at(row), d.at(row)))
}
