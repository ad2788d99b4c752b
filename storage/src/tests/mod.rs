//! Tests of the backends as a whole.
mod backends;
mod bit_flips;
mod directory;
mod failures;
mod model;
mod power_loss;
mod space;
