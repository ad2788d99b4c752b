//! Points in time from text, as PostgreSQL reads them with `datestyle` ISO, MDY.
mod clock;
mod fields;
mod iso;
mod number;
mod reading;
mod token;
mod word;

pub(crate) use clock::{Clock, read_clock};
pub(crate) use iso::IsoDays;
pub(crate) use reading::{Fault, Kind, read};
pub(crate) use token::{Shape, Token, tokens};
