//! The unique keys of a plan's output, derived from its operators.
