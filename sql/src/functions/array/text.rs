//! Arrays as text: `array_to_string`, `string_to_array`, `string_to_table`.
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Field};
use engine::{Error, Result};

use super::items::any_array;
use crate::functions::Overload;
use crate::functions::kernel::{Arguments, Fallible, List, Write, overload};
use crate::functions::text::text_of;
use crate::types::{TextStyle, TextWriter, Type};

/// The elements with a separator between them; nulls as another text, or left out.
fn to_string(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let lists = arguments.reader::<List<'_>>(0)?;
    let separators = arguments.reader::<&str>(1)?;
    let nulls = match arguments.len() > 2 {
        true => Some(arguments.reader::<&str>(2)?),
        false => None,
    };
    let Type::Array(item) = arguments.kind(0) else {
        return Err(Error::internal("the argument is no array"));
    };
    let style = TextStyle::in_zone(arguments.zone());
    let Some(values) = values_of(arguments)? else {
        return String::collect(arguments.rows(), &DataType::Utf8, |_| Ok(None));
    };
    let writer = TextWriter::new(&values, item, &style)
        .map_err(|error| Error::data(error.code(), error.message()))?;
    String::collect(arguments.rows(), &DataType::Utf8, |row| {
        let (Some(list), Some(separator)) = (lists.get(row), separators.get(row)) else {
            return Ok(None);
        };
        let null = nulls.as_ref().and_then(|nulls| nulls.get(row));
        let mut out = vec![];
        let mut first = true;
        for place in list.start..list.end {
            let is_null = writer.is_null(place);
            if is_null && null.is_none() {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.extend_from_slice(separator.as_bytes());
            }
            match is_null {
                true => out.extend_from_slice(null.unwrap_or("").as_bytes()),
                false => writer.write(place, &mut out),
            }
        }
        text_of(out).map(Some)
    })
}

/// The elements of all arrays of the first argument.
fn values_of(arguments: &Arguments<'_>) -> Result<Option<ArrayRef>> {
    let (array, _) = arguments.array(0)?;
    Ok(array.as_list_opt::<i32>().map(|lists| lists.values().clone()))
}

/// The parts between separators; between all characters, if the separator is null.
fn parts<'a>(text: &'a str, separator: Option<&str>) -> Vec<&'a str> {
    match separator {
        _ if text.is_empty() => vec![],
        None => text.split("").filter(|part| !part.is_empty()).collect(),
        Some("") => vec![text],
        Some(separator) => text.split(separator).collect(),
    }
}

/// The parts that equal the third argument become null.
fn to_array(arguments: &Arguments<'_>) -> Result<ArrayRef> {
    let (texts, separators) = (arguments.reader::<&str>(0)?, arguments.reader::<&str>(1)?);
    let nulls = match arguments.len() > 2 {
        true => Some(arguments.reader::<&str>(2)?),
        false => None,
    };
    let field = Field::new("item", DataType::Utf8, true);
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(Arc::new(field));
    for row in 0..arguments.rows() {
        let null = nulls.as_ref().and_then(|nulls| nulls.get(row));
        match texts.get(row) {
            None => builder.append_null(),
            Some(text) => {
                let parts = parts(text, separators.get(row));
                builder.append_value(
                    parts.into_iter().map(|part| (null != Some(part)).then_some(part)),
                );
            }
        }
    }
    Ok(Arc::new(builder.finish()))
}

fn texts() -> Type {
    Type::Array(Box::new(Type::Text))
}

/// The overloads of these functions.
pub(super) fn overloads() -> Vec<Overload> {
    vec![
        overload!("array_to_string", [any_array(), Text] -> Text, to_string,
            fallible: Fallible::Never, zoned: true),
        overload!("array_to_string", [any_array(), Text, Text] -> Text, to_string,
            fallible: Fallible::Never, strict: false, zoned: true),
        overload!("string_to_array", [Text, Text] -> texts(), to_array,
            fallible: Fallible::Never, strict: false),
        overload!("string_to_array", [Text, Text, Text] -> texts(), to_array,
            fallible: Fallible::Never, strict: false),
        // Computed as an array, which the binder unfolds.
        overload!("string_to_table", [Text, Text] -> texts(), to_array,
            fallible: Fallible::Never, strict: false),
        overload!("string_to_table", [Text, Text, Text] -> texts(), to_array,
            fallible: Fallible::Never, strict: false),
    ]
}

#[cfg(test)]
mod tests {
    use crate::functions::testing::check;

    #[test]
    fn cases() {
        check(&[
            ("array_to_string('{1,2,NULL,3}'::int4[], ',', '*')", "1,2,*,3"),
            ("array_to_string('{1,2,NULL,3}'::int4[], ',')", "1,2,3"),
            ("array_to_string('{}'::int4[], ',')", ""),
            ("array_to_string('{NULL,1}'::int4[], ',')", "1"),
            ("array_to_string('{t,NULL}'::bool[], ',')", "t"),
            ("array_to_string('{1}'::int4[], NULL)", "NULL"),
            ("string_to_array('xx~~yy~~zz', '~~', 'yy')", "{xx,NULL,zz}"),
            ("string_to_array('abé', NULL)", "{a,b,é}"),
            ("string_to_array('abc', '')", "{abc}"),
            ("string_to_array('', ',')", "{}"),
            ("string_to_array(NULL, ',')", "NULL"),
            ("string_to_array('a,,b', ',')", "{a,\"\",b}"),
        ]);
    }
}
