//! Functions of text.
mod all;
mod case;
mod code;
mod concat;
mod digest;
mod encoding;
mod format;
mod length;
mod like;
mod overlay;
mod pad;
mod part;
mod pattern;
mod position;
mod quote;
mod regular;
mod replace;
mod split;
mod trim;
mod written;

pub(super) use all::overloads;
pub(super) use written::text_of;
