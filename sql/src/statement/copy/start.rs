//! How a COPY … FROM STDIN begins, then how it ends.
use std::sync::Arc;

use arrow::compute::concat_batches;
use sqlparser::ast;

use super::Format;
use super::copy_in::{CopyIn, Target};
use super::decoder::Decoder;
use crate::binder::{Binder, Clause, Names, Scope, fold, name_parts};
use crate::catalog::{Relation, RelationKind};
use crate::functions::CastContext;
use crate::parser::{Copy, CopySource};
use crate::response::Response;
use crate::session::Session;
use crate::statement::assignment::{default_of, target_column};
use crate::statement::insert::store;
use crate::statement::names::SessionNames;
use crate::statement::target::{Verb, own_columns, own_schema, target};
use crate::statement::work::Work;
use crate::transaction::{Origin, Transaction};
use crate::types::ColumnBuilder;
use crate::{Error, Result};

/// Begins a COPY … FROM STDIN.
pub(crate) fn start(work: &mut Work<'_>, copy: &Copy) -> Result<Response> {
    work.must_write("COPY FROM")?;
    let CopySource::Table { name, columns } = &copy.source else {
        return Err(Error::new("42601", "COPY FROM needs a table"));
    };
    let names = work.names();
    let relation = target(&names, name, Verb::Insert)?;
    let columns = places(&relation, columns)?;
    let own = own_columns(&relation);
    let taken = || columns.iter().filter_map(|place| own.get(*place));
    let column_names: Vec<String> = taken().map(|column| column.name.clone()).collect();
    let format = Format::of(&copy.options, &column_names, true)?;
    let environment = work.environment_with_names();
    let mut binder = Binder::new(&names, &environment);
    let mut defaults = vec![];
    for (place, column) in own.iter().enumerate().filter(|(place, _)| !columns.contains(place)) {
        let written = default_of(column)?;
        let value = binder.bind_scalar(&written, &Scope::default(), Clause::Default)?;
        let value = binder.cast(value, &column.ty, CastContext::Assignment)?;
        defaults.push((place, work.fill_expression(value.expr)?));
    }
    let style = environment.style.clone();
    let builders = taken().map(|column| ColumnBuilder::new(&column.ty, &style)).collect();
    let alone = work.transaction.origin == Origin::Statement;
    let streams = alone && relation.kind == RelationKind::Stream;
    let target = if streams {
        let database = Arc::clone(work.database);
        Target::Stream { database, under_way: None, stay: 0 }
    } else {
        Target::Transaction(vec![])
    };
    let copy = CopyIn {
        relation,
        columns,
        defaults,
        decoder: Decoder::new(format.clone()),
        format,
        builders,
        pending: 0,
        style,
        target,
        rows: 0,
        running: work.running.clone(),
        _deadline: work.deadline.clone(),
        failed: None,
    };
    Ok(Response::CopyIn(Box::new(copy)))
}

fn places(relation: &Relation, written: &[ast::Ident]) -> Result<Vec<usize>> {
    if written.is_empty() {
        return Ok(relation.visible().map(|(place, _)| place).collect());
    }
    let mut places = vec![];
    for ident in written {
        let name = fold(ident);
        let (place, _) = target_column(relation, &name).map_err(|error| error.at(ident.span))?;
        if places.contains(&place) {
            let message = format!("column \"{name}\" specified more than once");
            return Err(Error::new("42701", message).at(ident.span));
        }
        places.push(place);
    }
    Ok(places)
}

/// The relation of a name in COPY … TO.
pub(crate) fn names_of(names: &SessionNames, name: &ast::ObjectName) -> Result<Arc<Relation>> {
    let parts = name_parts(name)?;
    match parts.as_slice() {
        [name] => names.relation(None, name, names.search_path()),
        [schema, name] | [_, schema, name] => {
            names.relation(Some(schema), name, names.search_path())
        }
        _ => Err(Error::new("42601", "improper qualified name (too many dotted names)")),
    }
}

impl Session {
    /// Ends a COPY whose data are complete; gives its tag.
    pub(crate) async fn end_copy(&mut self, copy: CopyIn) -> Result<String> {
        let running = copy.running.clone();
        let (relation, batches, rows) = copy.end().await?;
        if batches.is_empty() {
            return Ok(format!("COPY {rows}"));
        }
        let batch = concat_batches(&own_schema(&relation), batches.iter())?;
        drop(batches);
        let database = Arc::clone(&self.database);
        let mut own = None;
        let transaction = match &mut self.transaction {
            Some(transaction) => transaction,
            None => {
                let now = database.clock.now();
                own.insert(Transaction::new(Origin::Statement, now, &self.settings))
            }
        };
        let mut notices = vec![];
        let mut work = Work {
            database: &database,
            transaction,
            settings: &self.settings,
            user: &self.options.user,
            asked: &self.asked,
            running,
            deadline: None,
            notices: &mut notices,
            parameters: &[],
        };
        store(&mut work, &relation, batch).await?;
        match own {
            None => Ok(format!("COPY {rows}")),
            Some(own) => {
                let committed = database.commit(own.finish()).await?;
                let kept = committed.applied.iter().map(|applied| applied.rows).sum::<u64>();
                Ok(format!("COPY {kept}"))
            }
        }
    }
}
