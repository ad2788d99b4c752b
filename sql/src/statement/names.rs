//! What names mean in one statement of a session.
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use engine::plan::RelationId;

use crate::Result;
use crate::binder::{Names, SessionFunction, Typed};
use crate::catalog::system::{CURRENT_SETTING, Reader, functions};
use crate::catalog::{Catalog, Relation};
use crate::types::Type;

/// A catalog with who asks; it remembers which relations were asked for.
pub(crate) struct SessionNames {
    reader: Arc<Reader>,
    seen: RefCell<BTreeSet<RelationId>>,
    reads_settings: Cell<bool>,
    /// Relations that stand in for rows that are not stored, by the names given to them.
    stand_ins: RefCell<Vec<(&'static str, Arc<Relation>)>>,
}

impl SessionNames {
    /// The names of a catalog as its reader sees them.
    pub(crate) fn new(reader: Arc<Reader>) -> Self {
        Self {
            reader,
            seen: RefCell::default(),
            reads_settings: Cell::new(false),
            stand_ins: RefCell::default(),
        }
    }

    /// The schemas in which names are looked for.
    pub(crate) fn search_path(&self) -> &[String] {
        &self.reader.search_path
    }

    /// The catalog.
    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.reader.catalog
    }

    /// Whether the statement asks for the value of a setting.
    pub(crate) fn reads_settings(&self) -> bool {
        self.reads_settings.get()
    }

    /// From here on `name` means `relation`.
    pub(crate) fn stand_in(&self, name: &'static str, relation: Arc<Relation>) {
        let mut stand_ins = self.stand_ins.borrow_mut();
        stand_ins.retain(|(other, _)| *other != name);
        stand_ins.push((name, relation));
    }

    /// The relations that were asked for, by id.
    pub(crate) fn seen(&self) -> Vec<RelationId> {
        self.seen.borrow().iter().copied().collect()
    }
}

/// The name of the one database.
pub const DATABASE: &str = "tidemill";

/// What `version()` says.
pub(crate) fn version() -> String {
    format!(
        "PostgreSQL {} (Tidemill {}) on {}",
        crate::settings::SERVER_VERSION,
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH
    )
}

impl Names for SessionNames {
    fn relation(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Result<Arc<Relation>> {
        let stand_ins = self.stand_ins.borrow();
        if let Some((_, relation)) = stand_ins.iter().find(|(other, _)| *other == name) {
            return Ok(Arc::clone(relation));
        }
        let relation = self.reader.catalog.resolve_relation(schema, name, search_path)?;
        self.seen.borrow_mut().insert(relation.id);
        Ok(relation)
    }

    fn functions(&self, name: &str) -> Vec<SessionFunction> {
        if name == CURRENT_SETTING {
            self.reads_settings.set(true);
        }
        functions(name, || Arc::clone(&self.reader))
    }

    fn value(&self, name: &str) -> Option<Typed> {
        let text = |value: String, ty: Type| {
            Typed::new(Expr::Literal(ScalarValue::Utf8(Some(value)), None), ty)
        };
        Some(match name {
            "current_user" | "session_user" | "user" | "current_role" => {
                text(self.reader.user.clone(), Type::Name)
            }
            "current_catalog" | "current_database" => text(DATABASE.to_owned(), Type::Name),
            "current_schema" => {
                let Reader { catalog, search_path, .. } = self.reader.as_ref();
                let first = search_path.iter().find(|name| catalog.has_schema(name));
                match first {
                    Some(schema) => text(schema.clone(), Type::Name),
                    None => Typed::new(Expr::Literal(ScalarValue::Utf8(None), None), Type::Name),
                }
            }
            "version" => text(version(), Type::Text),
            _ => return None,
        })
    }
}
