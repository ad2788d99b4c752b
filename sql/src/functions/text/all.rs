//! The overloads of all functions of text.
use super::{
    case, code, concat, digest, encoding, format, length, like, overlay, pad, part, position,
    quote, regular, replace, split, trim,
};
use crate::functions::Overload;

/// The overloads of all functions of text.
pub(in crate::functions) fn overloads() -> Vec<Overload> {
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
