//! What functions are made of: how a kernel reads its arguments, writes its result, is called.
mod arguments;
mod definition;
mod map;
mod overload;
mod read;
mod write;

pub(crate) use arguments::{Arguments, Slice};
pub(crate) use definition::{
    Definition, Fallible, call, call_as, definition_of, in_zone, result_of,
};
pub(crate) use map::{Outcome, map0, map1, map2, map3, map4};
pub(crate) use overload::overload;
pub(crate) use read::{Date, Interval, List, Read, Reader, Time, Timestamp, Uuid};
pub(crate) use write::Write;
