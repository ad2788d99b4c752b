//! What SQL can do with `jsonb`, `json`.
mod access;
mod all;
mod build;
mod contain;
mod edit;
mod inspect;
mod scan;
mod value;

pub(super) use all::overloads;
