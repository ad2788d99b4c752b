//! The values of a Bind message, in text or binary, as the statement's parameters take them.
use sql::types::{parse_text, read_binary};
use sql::{Error, Prepared, Result, ScalarValue, Session};

use super::format::Format;
use super::message::Bind;

/// Reads the values; there must be one for each parameter of the statement.
pub(crate) fn read(
    bind: &Bind<'_>,
    prepared: &Prepared,
    session: &Session,
) -> Result<Vec<ScalarValue>> {
    let types = prepared.parameters();
    if bind.count != types.len() {
        return Err(Error::new(
            "08P01",
            format!(
                "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                bind.count,
                bind.statement,
                types.len()
            ),
        ));
    }
    let style = session.style(types.iter());
    let read = bind.values().zip(types).map(|((value, format), ty)| {
        let Some(value) = value else { return Ok(ScalarValue::try_from(&ty.arrow())?) };
        match format {
            Format::Binary => read_binary(value, ty),
            Format::Text => {
                let text = std::str::from_utf8(value).map_err(|_| {
                    Error::new("22021", "invalid byte sequence for encoding \"UTF8\"")
                })?;
                parse_text(text, ty, &style)
            }
        }
    });
    read.collect()
}
