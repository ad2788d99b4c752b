//! What one statement reads: a snapshot with the block's own changes laid over it.
use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use engine::plan::RelationId;

use super::{Overlay, with_schema};
use crate::Result;
use crate::catalog::system::SystemView;
use crate::catalog::{Catalog, Relation, RelationKind};
use crate::read::{Batches, Relations};
use crate::settings::Settings;

/// All relations as one statement sees them.
pub(crate) struct Instant {
    pub(crate) snapshot: engine::Snapshot,
    /// The block's changes of tables and its insertions into streams of its own.
    pub(crate) overlays: HashMap<RelationId, Arc<Overlay>>,
    /// Rows given in the place of relations: those a statement has just made.
    pub(crate) given: HashMap<RelationId, Vec<RecordBatch>>,
    pub(crate) asker: Asker,
}

/// Who reads: system relations differ from session to session.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) settings: Settings,
    pub(crate) user: String,
    pub(crate) engine: engine::Engine,
}

impl Relations for Instant {
    fn batches(&self, relation: &Relation, projection: Option<&[usize]>) -> Result<Batches> {
        let given = match relation.kind {
            RelationKind::System => Some(self.system(relation)?),
            _ => self.given.get(&relation.id).cloned(),
        };
        if let Some(batches) = given {
            return Ok(projected(batches, projection));
        }
        let rows = self.snapshot.rows(relation.id);
        let Some(overlay) = self.overlays.get(&relation.id) else {
            let Some(rows) = rows else { return Ok(Box::new(std::iter::empty())) };
            return Ok(Box::new(rows.batches(projection).map(|batch| Ok(batch?))));
        };
        let own = projected(overlay.own_rows()?, projection);
        let Some(rows) = rows else { return Ok(own) };
        if !overlay.takes_away() {
            let there = rows.batches(projection).map(|batch| Ok(batch?));
            return Ok(Box::new(there.chain(own)));
        }
        let mut sieve = overlay.sieve();
        let projection = projection.map(<[usize]>::to_vec);
        let there = rows.batches(None).map(move |batch| {
            let batch = sieve.pass(&batch?)?;
            Ok(match &projection {
                Some(columns) => batch.project(columns)?,
                None => batch,
            })
        });
        Ok(Box::new(there.chain(own)))
    }
}

impl Instant {
    fn system(&self, relation: &Relation) -> Result<Vec<RecordBatch>> {
        if let Some(given) = self.given.get(&relation.id) {
            return Ok(given.clone());
        }
        let view = SystemView {
            catalog: &self.asker.catalog,
            settings: &self.asker.settings,
            user: &self.asker.user,
            engine: &self.asker.engine,
            snapshot: &self.snapshot,
        };
        let schema = relation.arrow_schema();
        let batches = self.asker.catalog.system().rows(relation.id, &view)?;
        batches.into_iter().map(|batch| with_schema(batch, &schema)).collect()
    }
}

fn projected(batches: Vec<RecordBatch>, projection: Option<&[usize]>) -> Batches {
    let projection = projection.map(<[usize]>::to_vec);
    Box::new(batches.into_iter().map(move |batch| match &projection {
        Some(columns) => Ok(batch.project(columns)?),
        None => Ok(batch),
    }))
}
