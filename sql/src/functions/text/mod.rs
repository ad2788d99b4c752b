//! Functions of text.
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

use super::Overload;
pub(super) use written::text_of;

/// The overloads of all functions of text.
pub(super) fn overloads() -> Vec<Overload> {
    [
        case::overloads(),
        code::overloads(),
        concat::overloads(),
        digest::overloads(),
        encoding::overloads(),
        format::overloads(),
        length::overloads(),
        like::overloads(),
        overlay::overloads(),
        pad::overloads(),
        part::overloads(),
        position::overloads(),
        quote::overloads(),
        regular::overloads(),
        replace::overloads(),
        split::overloads(),
        trim::overloads(),
    ]
    .concat()
}
