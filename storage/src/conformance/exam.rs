//! How a backend takes the exam: with an opener of its stores, by one macro.

/// Opens the same stores again and again: each time with what the last ones left. The
/// last ones are dropped before, so what they did not sync may be there or not.
pub type Opener = Box<dyn Fn() -> crate::Stores>;

/// Makes the three tests of each backend: `conformance!(memory => || …)`, where the
/// expression gives, for each call, the [`Opener`] of stores that are new.
#[macro_export]
macro_rules! conformance {
    ($($backend:ident => $fresh:expr),+ $(,)?) => {
        $(mod $backend {
            #[allow(unused_imports)]
            use super::*;

            #[test]
            fn the_log_keeps_its_promises() {
                $crate::conformance::check_log(&$fresh);
            }

            #[test]
            fn the_blobs_keep_their_promises() {
                $crate::conformance::check_blobs(&$fresh);
            }

            #[test]
            fn the_records_keep_their_promises() {
                $crate::conformance::check_records(&$fresh);
            }
        })+
    };
}
