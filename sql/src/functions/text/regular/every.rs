//! `regexp_matches`: a row for each match, computed as an array of arrays that is unfolded.
use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use engine::Result;

use super::captures::{parts, texts};
use super::options::Options;
use super::search::Search;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, overload};
use crate::types::Type;

fn item(of: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", of, true))
}

/// For each match its groups, or all of it if there are no groups.
fn matches(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let mut search = Search::of(arguments)?;
    let inner = ListBuilder::new(StringBuilder::new()).with_field(item(DataType::Utf8));
    let list = DataType::List(item(DataType::Utf8));
    let mut builder = ListBuilder::new(inner).with_field(item(list));
    for row in 0..arguments.rows() {
        let Some((text, options, expression)) = search.row(row, Options::parse)? else {
            builder.append_null();
            continue;
        };
        let most = if options.global { usize::MAX } else { 1 };
        for groups in expression.find_all(text).take(most) {
            builder.values().append_value(parts(text, expression, groups));
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
