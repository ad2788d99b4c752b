//! Nothing yet: the room is kept for it.
