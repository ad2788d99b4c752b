//! `regexp_matches`: a row for each match, computed as an array of arrays that is unfolded.
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use engine::Result;

use super::captures::texts;
use super::expression::{Expression, Last};
use super::options::Options;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, overload};
use crate::types::Type;

fn item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", of, true))
}

/// For each match its groups, or all of it if there are no groups.
fn matches(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (texts, patterns) = (arguments.reader::<&str>(0)?, arguments.reader::<&str>(1)?);
    let flags = match arguments.len() > 2 {
        true => Some(arguments.reader::<&str>(2)?),
        false => None,
    };
    let nulls = arguments.nulls();
    let mut last = Last::default();
    let inner = ListBuilder::new(StringBuilder::new()).with_field(item(DataType::Utf8));
    let list = DataType::List(item(DataType::Utf8));
    let mut builder = ListBuilder::new(inner).with_field(item(list));
    for row in 0..arguments.rows() {
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            builder.append_null();
            continue;
        }
        let options = match &flags {
            Some(flags) => Options::parse(flags.at(row))?,
            None => Options::default(),
        };
        let (text, most) = (texts.at(row), if options.global { usize::MAX } else { 1 });
        let expression: &Expression = last.of(patterns.at(row), options)?;
        let skip = usize::from(expression.groups() > 0);
        for groups in expression.find_all(text).take(most) {
            let part = |range: std::ops::Range<usize>| text.get(range).map(str::to_owned);
            let parts = groups.into_iter().skip(skip).map(|group| group.and_then(part));
            builder.values().append_value(parts);
        }
        builder.append(true);
    }
    Ok(Arc::new(builder.finish()))
}

fn rows() -> Type {
    Type::Array(Box::new(texts()))
}

/// The overloads of `regexp_matches`.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("regexp_matches", [Text, Text] -> rows(), matches),
        overload!("regexp_matches", [Text, Text, Text] -> rows(), matches),
    ]
}
