//! Time as the engine sees it: handed in, never read from the machine.
mod clock;

pub use clock::{Clock, ManualClock, SystemClock};
