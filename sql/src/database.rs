//! A database: one engine with the names of what is in it.
use std::sync::Arc;

use parking_lot::RwLock;

use crate::Result;
use crate::catalog::Catalog;
use crate::session::{Session, SessionOptions};

/// An open database, shared by its sessions.
pub struct Database {
    catalog: RwLock<Arc<Catalog>>,
}

impl Database {
    /// A new session; 42704 or 22023 where one of its settings cannot be.
    pub fn session(self: &Arc<Self>, options: SessionOptions) -> Result<Session> {
        Session::new(Arc::clone(self), options)
    }

    /// The catalog as it was committed last.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read())
    }
}
