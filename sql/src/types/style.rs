//! What of a session decides how values are written or read: its zone, its clock, its names.
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Reg, Zone};

/// Knows the names behind `regclass` and its like.
pub trait Names: Send + Sync {
    /// The name of an oid, as the session would have to write it.
    fn name_of(&self, reg: Reg, oid: i64) -> Option<String>;
    /// The oid of a name, resolved along the session's search path.
    fn oid_of(&self, reg: Reg, name: &str) -> Option<i64>;
}

/// How a session writes and reads text; the default is UTC, without clock or names.
#[derive(Clone, Default)]
pub struct TextStyle {
    /// The time zone of `timestamp with time zone`.
    pub zone: Zone,
    /// When the transaction began, in microseconds since 1970: what `'now'` reads.
    /// Without it such words are refused.
    pub now: Option<i64>,
    /// Names of oids; without them only built-in types have one, other oids are numbers.
    pub names: Option<Arc<dyn Names>>,
}

impl TextStyle {
    /// The style of a time zone, without clock or names.
    pub fn in_zone(zone: Zone) -> Self {
        Self { zone, ..Self::default() }
    }
}

/// Names are the same if they are the same object.
impl PartialEq for TextStyle {
    fn eq(&self, other: &Self) -> bool {
        let same_names = match (&self.names, &other.names) {
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            (None, None) => true,
            _ => false,
        };
        self.zone == other.zone && self.now == other.now && same_names
    }
}

impl Eq for TextStyle {}

impl Hash for TextStyle {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.zone.hash(state);
        self.now.hash(state);
    }
}

impl fmt::Debug for TextStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextStyle").field("zone", &self.zone).field("now", &self.now).finish()
    }
}
