//! What a statement runs with: the database, its transaction, its settings, how it is stopped.
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan};
use engine::plan::RelationId;
use futures::StreamExt;
use futures::stream::BoxStream;

use super::definer::{Definer, environment, with_names};
use super::names::SessionNames;
use crate::asked::Asked;
use crate::cancel::Running;
use crate::catalog::system::Reader;
use crate::catalog::{Catalog, Relation, RelationKind};
use crate::database::Database;
use crate::plan::{STACK_BYTES, STACK_RED_ZONE_BYTES};
use crate::read::{ReadContext, Rows};
use crate::response::Notice;
use crate::settings::Settings;
use crate::timer::Deadline;
use crate::transaction::{Asker, Instant, Origin, Transaction};
use crate::types::TextStyle;
use crate::{Error, Result, binder};

/// One run of one statement.
pub(crate) struct Work<'a> {
    pub(crate) database: &'a Arc<Database>,
    pub(crate) transaction: &'a mut Transaction,
    pub(crate) settings: &'a Settings,
    pub(crate) user: &'a str,
    pub(crate) asked: &'a Arc<Asked>,
    pub(crate) running: Running,
    pub(crate) deadline: Option<Arc<Deadline>>,
    pub(crate) notices: &'a mut Vec<Notice>,
    /// The values of `$1`, `$2`, ….
    pub(crate) parameters: &'a [ScalarValue],
}

/// Rows that stand in the place of relations, by the relations' ids.
pub(crate) type Given = HashMap<RelationId, Vec<RecordBatch>>;

impl Work<'_> {
    /// The catalog that queries of the transaction see.
    pub(crate) fn catalog(&mut self) -> Arc<Catalog> {
        let database = self.database;
        Arc::clone(self.transaction.catalog(|| database.catalog()).reading())
    }

    /// What names mean in the statement.
    pub(crate) fn names(&mut self) -> SessionNames {
        SessionNames::new(self.reader())
    }

    /// Who reads the catalog.
    fn reader(&mut self) -> Arc<Reader> {
        Arc::new(Reader {
            catalog: self.catalog(),
            user: self.user.to_owned(),
            search_path: self.settings.search_path(self.user),
            settings: self.settings.clone(),
            engine: Some(self.database.engine().clone()),
            asked: Arc::clone(self.asked),
        })
    }

    /// What the binder must know of the settings.
    pub(crate) fn environment(&self) -> binder::Environment {
        environment(self.settings, self.user, Some(self.transaction.started_at))
    }

    /// The same, knowing the names of oids.
    pub(crate) fn environment_with_names(&mut self) -> binder::Environment {
        let reader = self.reader();
        with_names(self.environment(), reader)
    }

    /// Makes definitions on the transaction's catalog.
    pub(crate) fn define(
        &mut self,
        text: &str,
        make: impl FnOnce(&Definer<'_>) -> Result<super::definer::Definitions>,
    ) -> Result<()> {
        let database = Arc::clone(self.database);
        let catalog = Arc::clone(self.transaction.catalog(|| database.catalog()).catalog());
        let made = make(&Definer {
            catalog: &catalog,
            settings: self.settings,
            user: self.user,
            connectors: &database.connectors,
            text,
            next_id: &|| database.next_id(),
            recorded_name: None,
        })?;
        self.notices.extend(made.notices);
        self.transaction.define(made.defined)
    }

    /// Refuses a write where the transaction is read-only (25006).
    pub(crate) fn must_write(&self, command: &str) -> Result<()> {
        if self.transaction.read_only {
            let message = format!("cannot execute {command} in a read-only transaction");
            return Err(Error::new("25006", message));
        }
        Ok(())
    }

    /// How values are written and read as text.
    pub(crate) fn style(&self) -> TextStyle {
        self.environment().style
    }

    /// The plan with values for its parameters and for `now()`. Its schema stays: DataFusion's
    /// own replacement gives VALUES other names.
    pub(crate) fn fill(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        let node = |node: LogicalPlan| {
            let names = NamePreserver::new(&node);
            node.map_expressions(|expr| {
                let name = names.save(&expr);
                let filled = expr.transform_up(|part| self.fill_part(part))?;
                Ok(filled.update_data(|expr| name.restore(expr)))
            })
        };
        // A plan of many relations is as deep.
        stacker::maybe_grow(STACK_RED_ZONE_BYTES, STACK_BYTES, || {
            Ok(plan.clone().transform_up_with_subqueries(node)?.data)
        })
    }

    /// An expression with values for its parameters and for `now()`.
    pub(crate) fn fill_expression(&self, expr: Expr) -> Result<Expr> {
        Ok(expr.transform_up(|part| self.fill_part(part))?.data)
    }

    /// The value of `$1`, `$2`, … or `$now`.
    pub(crate) fn value_of(&self, id: &str) -> Option<ScalarValue> {
        value_of(id, self.parameters, || self.transaction.started_at)
    }

    fn fill_part(&self, part: Expr) -> datafusion::error::Result<Transformed<Expr>> {
        let Expr::Placeholder(placeholder) = &part else { return Ok(Transformed::no(part)) };
        let id = placeholder.id.as_str();
        let missing = || Error::new("42P02", format!("there is no parameter {id}"));
        let value = self.value_of(id);
        let value = value.ok_or_else(|| DataFusionError::External(Box::new(missing())))?;
        Ok(Transformed::yes(Expr::Literal(value, None)))
    }

    /// What a read of these relations sees.
    pub(crate) fn instant(&mut self, relations: &[Arc<Relation>], given: Given) -> Result<Instant> {
        let stored = || relations.iter().filter(|r| !given.contains_key(&r.id)).map(|r| r.id);
        self.transaction.note_reads(stored());
        let engine = self.database.engine();
        let system = relations.iter().any(|relation| relation.kind == RelationKind::System);
        let alone = self.transaction.origin == Origin::Statement;
        let snapshot = if alone && !system && !self.transaction.is_serializable() {
            engine.snapshot_of(&stored().collect::<Vec<_>>())?
        } else {
            self.transaction.snapshot(engine)?.clone()
        };
        let mut overlays = HashMap::new();
        for id in stored().collect::<Vec<_>>() {
            if let Some(overlay) = self.transaction.overlay(id)? {
                overlays.insert(id, overlay);
            }
        }
        let asker = Asker {
            catalog: self.catalog(),
            settings: self.settings.clone(),
            user: self.user.to_owned(),
            engine: engine.clone(),
        };
        Ok(Instant { snapshot, overlays, given, asker })
    }

    /// Starts a read whose parameters are filled in.
    pub(crate) fn read(
        &mut self,
        plan: LogicalPlan,
        relations: &[Arc<Relation>],
        given: Given,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let instant = self.instant(relations, given)?;
        let running = self.running.clone();
        let stop = move || running.check();
        let context = ReadContext::new(Arc::new(instant)).with_stop(Arc::new(stop));
        let rows = self.database.readers.execute(Arc::new(plan), context)?;
        let read = Read {
            rows,
            running: self.running.clone(),
            _deadline: self.deadline.clone(),
            asked: Arc::clone(self.asked),
            database: Arc::clone(self.database),
        };
        Ok(read.stream())
    }

    /// All rows of a read.
    pub(crate) async fn collect(
        &mut self,
        plan: LogicalPlan,
        relations: &[Arc<Relation>],
        given: Given,
    ) -> Result<Vec<RecordBatch>> {
        let mut rows = self.read(plan, relations, given)?;
        let mut batches = vec![];
        while let Some(batch) = rows.next().await.transpose()? {
            batches.push(batch);
        }
        Ok(batches)
    }
}

/// Rows until the statement is to stop; its deadline lives as long as they do.
struct Read {
    rows: Rows,
    running: Running,
    _deadline: Option<Arc<Deadline>>,
    asked: Arc<Asked>,
    database: Arc<Database>,
}

impl Read {
    fn stream(self) -> BoxStream<'static, Result<RecordBatch>> {
        let stream = futures::stream::unfold(Some(self), |read| async move {
            let mut read = read?;
            match read.next().await {
                Ok(None) => None,
                Ok(Some(batch)) => Some((Ok(batch), Some(read))),
                Err(error) => {
                    read.asked.take_settings();
                    Some((Err(error), None))
                }
            }
        });
        stream.boxed()
    }

    /// The next rows, held back for as long as a function among them asks.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let (rows, running) = (&mut self.rows, &self.running);
        let next = running.unless_stopped(async { rows.next().await.transpose() }).await?;
        match self.asked.take_sleep() {
            0 => {}
            micros => {
                let slept = async {
                    self.database.timer.sleep(micros.div_ceil(1000)).await;
                    Ok(())
                };
                running.unless_stopped(slept).await?;
            }
        }
        Ok(next)
    }
}

/// The value of `$1`, `$2`, … among `parameters`, or that of `$now`.
pub(crate) fn value_of(
    id: &str,
    parameters: &[ScalarValue],
    now: impl FnOnce() -> i64,
) -> Option<ScalarValue> {
    let id = id.trim_start_matches('$');
    if id == "now" {
        return Some(ScalarValue::TimestampMicrosecond(Some(now()), Some("UTC".into())));
    }
    let place = id.parse::<usize>().ok()?.checked_sub(1)?;
    parameters.get(place).cloned()
}
