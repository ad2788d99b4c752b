//! SET, RESET, DISCARD.
use sqlparser::ast::{self, ContextModifier, Expr, Set, UnaryOperator, Value};

use crate::binder::{fold, name_parts};
use crate::catalog::quote_identifier;
use crate::parser::Statement;
use crate::response::Notice;
use crate::session::Session;
use crate::settings::{Definition, Kind, Span};
use crate::statement::block::modes;
use crate::{Error, Result};

impl Session {
    /// SET, RESET and DISCARD; `None` if the statement is none of them.
    pub(crate) fn run_set(&mut self, statement: &Statement) -> Result<Option<&'static str>> {
        let Statement::Sql(statement) = statement else { return Ok(None) };
        match statement.as_ref() {
            ast::Statement::Set(set) => {
                self.set(set)?;
                Ok(Some("SET"))
            }
            ast::Statement::Reset(reset) => {
                match &reset.reset {
                    ast::Reset::ALL => self.settings.reset_all(),
                    ast::Reset::ConfigurationParameter(name) => {
                        self.settings.reset(&name_parts(name)?.join("."))?;
                    }
                }
                Ok(Some("RESET"))
            }
            ast::Statement::Discard { object_type } => self.discard(object_type).map(Some),
            _ => Ok(None),
        }
    }

    fn set(&mut self, set: &Set) -> Result<()> {
        match set {
            Set::SingleAssignment { scope, variable, values, .. } => {
                let name = name_parts(variable)?.join(".");
                self.set_one(*scope, &name, values)
            }
            Set::MultipleAssignments { assignments } => {
                for one in assignments {
                    let name = name_parts(&one.name)?.join(".");
                    self.set_one(one.scope, &name, std::slice::from_ref(&one.value))?;
                }
                Ok(())
            }
            Set::SetTimeZone { local, value } => {
                let scope = local.then_some(ContextModifier::Local);
                let is_reset = matches!(value, Expr::Identifier(ident)
                    if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("local"));
                if is_reset {
                    return self.settings.reset("TimeZone");
                }
                self.set_one(scope, "TimeZone", std::slice::from_ref(value))
            }
            Set::SetNames { charset_name, .. } => {
                self.settings.set("client_encoding", &charset_name.value, Span::Session)
            }
            Set::SetNamesDefault {} => self.settings.reset("client_encoding"),
            Set::SetTransaction { modes: given, snapshot, session } => {
                if snapshot.is_some() {
                    return Err(Error::unsupported("SET TRANSACTION SNAPSHOT"));
                }
                self.set_transaction(&modes(given), *session)
            }
            Set::SetRole { role_name, .. } => match role_name {
                None => Ok(()),
                Some(role) => {
                    let message = format!("role \"{}\" does not exist", fold(role));
                    Err(Error::new("22023", message))
                }
            },
            other => Err(Error::unsupported(format_args!("\"{other}\""))),
        }
    }

    fn set_one(
        &mut self,
        scope: Option<ContextModifier>,
        name: &str,
        values: &[Expr],
    ) -> Result<()> {
        let span = match scope {
            Some(ContextModifier::Local) => Span::Local,
            _ => Span::Session,
        };
        if span == Span::Local && !self.in_block() {
            let message = "SET LOCAL can only be used in transaction blocks";
            self.notices.push(Notice::warning("25P01", message));
            return Ok(());
        }
        let foreign = ["rw_", "streaming_"].iter().any(|start| name.starts_with(start));
        if foreign && Definition::find(name).is_none() {
            let message = format!("parameter \"{name}\" has no meaning here and is ignored");
            self.notices.push(Notice::new(message));
            return Ok(());
        }
        if matches!(name, "transaction_isolation" | "transaction_read_only") {
            self.must_be_unused(name)?;
        }
        if is_default(values) {
            return self.settings.reset(name);
        }
        let value = value_text(name, values)?;
        self.settings.set(name, &value, span)?;
        if let (Some(transaction), "transaction_read_only") = (&mut self.transaction, name) {
            transaction.read_only = self.settings.get(name)? == "on";
        }
        Ok(())
    }

    fn discard(&mut self, object: &ast::DiscardObject) -> Result<&'static str> {
        match object {
            ast::DiscardObject::ALL => {
                if self.in_block() {
                    let message = "DISCARD ALL cannot run inside a transaction block";
                    return Err(Error::new("25001", message));
                }
                self.settings.reset_all();
                self.statements.clear();
                self.cursors.clear();
                Ok("DISCARD ALL")
            }
            ast::DiscardObject::PLANS => Ok("DISCARD PLANS"),
            ast::DiscardObject::SEQUENCES => Ok("DISCARD SEQUENCES"),
            ast::DiscardObject::TEMP => Ok("DISCARD TEMP"),
        }
    }
}

fn is_default(values: &[Expr]) -> bool {
    matches!(values, [Expr::Identifier(ident)]
        if ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("default"))
}

/// The text of a setting's value; several values are a list.
pub(crate) fn value_text(name: &str, values: &[Expr]) -> Result<String> {
    let is_names = Definition::find(name).is_some_and(|found| found.kind == Kind::Names);
    let texts = values.iter().map(|value| one_text(name, value, is_names));
    Ok(texts.collect::<Result<Vec<_>>>()?.join(", "))
}

fn one_text(name: &str, value: &Expr, is_name: bool) -> Result<String> {
    let wrong =
        || Error::new("22023", format!("invalid value for parameter \"{name}\": \"{value}\""));
    let quoted = |text: &str| if is_name { quote_identifier(text) } else { text.to_owned() };
    match value {
        Expr::Identifier(ident) if is_name => Ok(quoted(&fold(ident))),
        Expr::Identifier(ident) => Ok(ident.value.clone()),
        Expr::CompoundIdentifier(parts) => {
            Ok(parts.iter().map(|part| part.value.as_str()).collect::<Vec<_>>().join("."))
        }
        Expr::Value(literal) => match &literal.value {
            Value::Number(digits, _) => Ok(digits.clone()),
            Value::SingleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::DoubleQuotedString(text) => Ok(quoted(text)),
            Value::Boolean(flag) => Ok(flag.to_string()),
            _ => Err(wrong()),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            Ok(format!("-{}", one_text(name, expr, is_name)?))
        }
        Expr::UnaryOp { op: UnaryOperator::Plus, expr } => one_text(name, expr, is_name),
        _ => Err(wrong()),
    }
}
