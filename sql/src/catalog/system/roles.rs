//! The roles: the owner of all, the user who asks.
//!
//! There is no authentication yet, so every name is let in and may do everything.
use super::SystemView;

/// The oid of the role that owns everything.
pub(super) const OWNER_OID: i64 = 10;

/// Its name.
pub(super) const OWNER: &str = "tidemill";

/// The oid of the session's user, where that is another name.
const USER_OID: i64 = 16_383;

/// All roles: oid, name.
pub(super) fn roles(user: &str) -> Vec<(i64, &str)> {
    let mut roles = vec![(OWNER_OID, OWNER)];
    if user != OWNER && !user.is_empty() {
        roles.push((USER_OID, user));
    }
    roles
}

/// The roles as a view's asker sees them.
pub(super) fn of<'a>(view: &SystemView<'a>) -> Vec<(i64, &'a str)> {
    roles(view.user)
}
