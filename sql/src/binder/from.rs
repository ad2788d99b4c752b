//! FROM: each table becomes a plan with a scope of its names.
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, TableScanBuilder};
use sqlparser::ast::{self, Spanned, TableFactor};
use sqlparser::tokenizer::Span;

use super::identifier::{fold, qualified};
use super::query::Rows;
use super::relation_source::RelationSource;
use super::scope::{Table, Visible};
use super::select::{no_scope, one_row};
use super::state::With;
use super::subquery::node;
use super::table_function::Called;
use super::{Binder, Scope, Typed};
use crate::catalog::{Relation, RelationKind};
use crate::{Error, Result};

/// What an item of FROM was bound to.
pub(super) struct Item {
    pub(super) plan: LogicalPlan,
    pub(super) scope: Scope,
}

impl Binder<'_> {
    /// Binds FROM; a row without columns where there is none.
    pub(super) fn from(&mut self, tables: &[ast::TableWithJoins]) -> Result<(LogicalPlan, Scope)> {
        let mut all: Option<Item> = None;
        for table in tables {
            let left = all.as_ref().map(|item| item.scope.clone()).unwrap_or_default();
            let item = self.table_with_joins(table, &left)?;
            all = Some(match all {
                None => item,
                Some(left) => self.crossed(left, item, table.span())?,
            });
        }
        let item = all.unwrap_or_else(|| Item { plan: one_row(), scope: no_scope() });
        Ok((item.plan, item.scope))
    }

    /// Binds a table with the joins that follow it; LATERAL ones see `left` before them.
    pub(super) fn table_with_joins(
        &mut self,
        table: &ast::TableWithJoins,
        left: &Scope,
    ) -> Result<Item> {
        let mut item = self.factor(&table.relation, left)?;
        for join in &table.joins {
            item = self.join(item, join, left)?;
        }
        Ok(item)
    }

    /// Binds one item of FROM.
    pub(super) fn factor(&mut self, factor: &TableFactor, left: &Scope) -> Result<Item> {
        let span = factor.span();
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                check_table(factor)?;
                self.table(name, alias.as_ref())
            }
            TableFactor::Table { name, alias, args: Some(arguments), with_ordinality, .. } => {
                check_table(factor)?;
                let item = Called { alias: alias.as_ref(), with_ordinality: *with_ordinality };
                self.table_function(name, &arguments.args, item, left)
            }
            TableFactor::Function { name, args, alias, with_ordinality, .. } => {
                let item = Called { alias: alias.as_ref(), with_ordinality: *with_ordinality };
                self.table_function(name, args, item, left)
            }
            TableFactor::Derived { lateral, subquery, alias, sample: None } => {
                self.derived(*lateral, subquery, alias.as_ref(), left)
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let item = self.table_with_joins(table_with_joins, left)?;
                match alias {
                    None => Ok(item),
                    Some(alias) => renamed_join(item, alias),
                }
            }
            TableFactor::UNNEST {
                alias, array_exprs, with_offset: false, with_ordinality, ..
            } => {
                let written: Vec<&ast::Expr> = array_exprs.iter().collect();
                let item = Called { alias: alias.as_ref(), with_ordinality: *with_ordinality };
                self.value_rows("unnest", &written, item, left)
            }
            other => Err(Error::unsupported(format!("{other} in FROM")).at(span)),
        }
    }

    fn table(&mut self, name: &ast::ObjectName, alias: Option<&ast::TableAlias>) -> Result<Item> {
        let (schema, plain) = qualified(name)?;
        if schema.is_none()
            && let Some(with) = self.with.iter().rev().find(|with| with.name == plain).cloned()
        {
            let rows = self.with_rows(&with)?;
            let (count, named) = (rows.columns.len(), with.columns.len());
            if named > count {
                return Err(Error::new(
                    "42P10",
                    format!(
                        "WITH query \"{plain}\" has {count} columns available but {named} columns \
                         specified"
                    ),
                ));
            }
            let mut item = self.of_rows(rows, &plain, &with.columns, name.span())?;
            if let Some(alias) = alias {
                rename(&mut item.scope, alias)?;
            }
            return Ok(item);
        }
        let relation = self
            .names
            .relation(schema.as_deref(), &plain, &self.search_path)
            .map_err(|error| error.at(name.span()))?;
        let mut item = match relation.kind {
            RelationKind::View => self.view(&relation).map_err(|error| error.at(name.span()))?,
            _ => self.scan(&relation)?,
        };
        if let Some(alias) = alias {
            rename(&mut item.scope, alias)?;
        }
        Ok(item)
    }

    /// A scan of a relation, under a name that nothing else in the plan has.
    pub(super) fn scan(&mut self, relation: &Arc<Relation>) -> Result<Item> {
        self.count_relation()?;
        let name = self.fresh('t');
        let source = Arc::new(RelationSource::new(Arc::clone(relation)));
        let plan = LogicalPlan::TableScan(TableScanBuilder::new(name.as_str(), source).build()?);
        let column = |own: &crate::catalog::Column| Column::new(Some(name.as_str()), &own.name);
        let columns = relation
            .columns
            .iter()
            .map(|own| Visible {
                name: own.name.clone(),
                value: Typed::new(Expr::Column(column(own)), own.ty.clone()),
                hidden: own.hidden,
            })
            .collect();
        let key = relation.key.iter().filter_map(|place| relation.columns.get(*place));
        let has_key = matches!(relation.kind, RelationKind::Table | RelationKind::ContinuousView);
        let table = Table {
            alias: relation.name.clone(),
            schema: Some(relation.schema.clone()),
            columns,
            key: key.filter(|_| has_key).map(column).collect(),
            hidden_name: None,
        };
        Ok(Item { plan, scope: Scope::of_table(table) })
    }

    /// A relation as UPDATE, DELETE or ON CONFLICT reads it: its scan, and its names under `alias`.
    pub fn bind_relation(
        &mut self,
        relation: &Arc<Relation>,
        alias: Option<&ast::TableAlias>,
    ) -> Result<(LogicalPlan, Scope)> {
        let mut item = self.scan(relation)?;
        if let Some(alias) = alias {
            rename(&mut item.scope, alias)?;
        }
        Ok((item.plan, item.scope))
    }

    /// Rows under a table's name.
    pub(super) fn of_rows(
        &mut self,
        rows: Rows,
        name: &str,
        columns: &[ast::TableAliasColumnDef],
        span: Span,
    ) -> Result<Item> {
        let visible = rows
            .columns
            .into_iter()
            .map(|column| Visible {
                name: column.name,
                value: Typed::new(Expr::Column(column.column), column.ty),
                hidden: false,
            })
            .collect();
        let table = Table {
            alias: name.to_owned(),
            schema: None,
            columns: visible,
            key: Vec::new(),
            hidden_name: None,
        };
        let mut item = Item { plan: rows.plan, scope: Scope::of_table(table) };
        rename_columns(&mut item.scope, name, columns, span)?;
        Ok(item)
    }

    /// The rows of a query of WITH, bound anew for each use, where its own text stands.
    fn with_rows(&mut self, with: &With) -> Result<Rows> {
        let frames = self.frames.split_off(with.frames.min(self.frames.len()));
        let later = self.with.split_off(with.with.min(self.with.len()));
        let path = std::mem::replace(&mut self.search_path, with.search_path.clone());
        let bound = self.nested(|binder| binder.query(&with.query));
        self.search_path = path;
        self.with.truncate(with.with);
        self.with.extend(later);
        self.frames.extend(frames);
        let (rows, outer) = bound?;
        for frame in self.frames.iter_mut().skip(with.frames) {
            for reference in &outer {
                if !frame.outer.contains(reference) {
                    frame.outer.push(reference.clone());
                }
            }
        }
        Ok(rows)
    }

    fn derived(
        &mut self,
        lateral: bool,
        query: &ast::Query,
        alias: Option<&ast::TableAlias>,
        left: &Scope,
    ) -> Result<Item> {
        let Some(alias) = alias else {
            return Err(Error::new("42601", "subquery in FROM must have an alias")
                .with_hint("For example, FROM (SELECT ...) [AS] foo.")
                .at(query.span()));
        };
        let unreachable = left.tables.iter().map(|table| table.alias.clone()).collect();
        let scope = if lateral { left.clone() } else { Scope::default() };
        let before = std::mem::replace(&mut self.frame()?.unreachable, unreachable);
        let bound = self.in_scope(scope, |binder| binder.nested(|binder| binder.query(query)));
        self.frame()?.unreachable = before;
        let ((mut rows, outer), _) = bound?;
        let is_left = |reference: &Expr| match reference {
            Expr::OuterReferenceColumn(_, column) => left.has(column),
            _ => false,
        };
        if outer.iter().any(is_left) {
            rows.plan = LogicalPlan::Subquery(node(rows.plan, outer));
        }
        let name = fold(&alias.name);
        self.of_rows(rows, &name, &alias.columns, alias.name.span)
    }
}

/// Gives the only table of a scope another name, and its columns theirs.
pub(super) fn rename(scope: &mut Scope, alias: &ast::TableAlias) -> Result<()> {
    let name = fold(&alias.name);
    if let Some(table) = scope.tables.first_mut() {
        let before = std::mem::replace(&mut table.alias, name.clone());
        table.hidden_name = (before != name).then_some(before);
        table.schema = None;
    }
    rename_columns(scope, &name, &alias.columns, alias.name.span)
}

fn rename_columns(
    scope: &mut Scope,
    name: &str,
    columns: &[ast::TableAliasColumnDef],
    span: Span,
) -> Result<()> {
    let Some(table) = scope.tables.first_mut() else { return Ok(()) };
    let shown = table.columns.iter().filter(|column| !column.hidden).count();
    if columns.len() > shown {
        let message = format!(
            "table \"{name}\" has {shown} columns available but {} columns specified",
            columns.len()
        );
        return Err(Error::new("42P10", message).at(span));
    }
    let shown = table.columns.iter_mut().filter(|column| !column.hidden);
    for (column, alias) in shown.zip(columns) {
        column.name = fold(&alias.name);
    }
    scope.visible = table.columns.clone();
    Ok(())
}

/// A join in parentheses with an alias hides the tables in it.
fn renamed_join(item: Item, alias: &ast::TableAlias) -> Result<Item> {
    let name = fold(&alias.name);
    let table = Table {
        alias: name.clone(),
        schema: None,
        columns: item.scope.visible,
        key: Vec::new(),
        hidden_name: None,
    };
    let mut scope = Scope::of_table(table);
    rename_columns(&mut scope, &name, &alias.columns, alias.name.span)?;
    Ok(Item { plan: item.plan, scope })
}

/// Refuses what other databases write after a table's name.
fn check_table(factor: &TableFactor) -> Result<()> {
    let TableFactor::Table {
        name,
        with_hints,
        version,
        args,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
        ..
    } = factor
    else {
        return Ok(());
    };
    let refused = if version.is_some() {
        "FOR SYSTEM_TIME"
    } else if sample.is_some() {
        "TABLESAMPLE"
    } else if *with_ordinality && args.is_none() {
        "WITH ORDINALITY"
    } else if !with_hints.is_empty()
        || !partitions.is_empty()
        || json_path.is_some()
        || !index_hints.is_empty()
    {
        "a hint after a table's name"
    } else {
        return Ok(());
    };
    Err(Error::unsupported(refused).at(name.span()))
}
