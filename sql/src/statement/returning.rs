//! RETURNING: columns of the rows that a statement has made.
use std::collections::HashMap;

use arrow::array::RecordBatch;
use sqlparser::ast::SelectItem;

use super::names::SessionNames;
use super::query::Query;
use super::target::{TARGET, quoted, select, stand_in_name};
use super::work::Work;
use crate::binder::Binder;
use crate::{Error, Result};

/// Binds the items over the target under the name that the statement gives it.
pub(crate) fn bind(
    binder: &mut Binder<'_>,
    names: &SessionNames,
    (items, alias): (&[SelectItem], &str),
    has_others: bool,
) -> Result<Query> {
    let from = format!("{} AS {}", quoted(stand_in_name(TARGET)), quoted(alias));
    let query = select(items.to_vec(), &from)?;
    let bound = binder.bind_query(&query).map_err(|error| {
        if has_others && matches!(error.code(), "42P01" | "42703") {
            return Error::unsupported("RETURNING of another relation's columns")
                .with_detail(format!("{}.", error.message()))
                .with_hint("Return columns of the changed table only.");
        }
        error
    })?;
    Query::of(bound, names.catalog())
}

/// The columns of `rows`, which are in the target's columns' order.
pub(crate) async fn evaluate(
    work: &mut Work<'_>,
    returning: &Query,
    rows: RecordBatch,
) -> Result<Vec<RecordBatch>> {
    let plan = work.fill(&returning.plan)?;
    let given = HashMap::from([(TARGET, vec![rows])]);
    work.collect(plan, &returning.relations, given).await
}
