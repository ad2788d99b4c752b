//! The options that CREATE SOURCE takes, as plain data for `sql` to check.
use sql::connectors::{Connector, ConnectorOption, Connectors, OptionKind};

/// All connectors there are.
pub(crate) fn connectors() -> Connectors {
    let word = |words: &[&str]| OptionKind::Choice(words.iter().map(|w| (*w).into()).collect());
    Connectors(vec![Connector {
        name: "file".into(),
        options: vec![
            required("path", OptionKind::Path, "A file, or files by * and ? in the last name."),
            required("format", word(&["csv", "json"]), "csv, or json: an object a line."),
            option("follow", OptionKind::Bool, "Whether files grow, and are rotated."),
            option("header", OptionKind::Bool, "Whether the first line of CSV names its fields."),
            option("delimiter", OptionKind::Byte, "Between fields of CSV; a comma."),
            option("quote", OptionKind::Byte, "Around fields of CSV; a double quote."),
            option("escape", OptionKind::Byte, "Before a quote within quotes; the quote."),
            option("null", OptionKind::Text, "What stands for NULL in CSV; nothing at all."),
        ],
    }])
}

fn option(name: &str, kind: OptionKind, description: &str) -> ConnectorOption {
    ConnectorOption { name: name.into(), kind, required: false, description: description.into() }
}

fn required(name: &str, kind: OptionKind, description: &str) -> ConnectorOption {
    ConnectorOption { required: true, ..option(name, kind, description) }
}
