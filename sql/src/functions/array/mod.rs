//! What SQL can do with arrays, of one dimension.
mod all;
mod change;
mod compare;
mod element;
mod items;
mod make;
mod measure;
mod search;
mod series;
mod text;

pub(super) use all::overloads;
