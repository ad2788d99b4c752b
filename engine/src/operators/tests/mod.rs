//! Operators against cases written as text, and against a naive interpreter.
mod aggregate;
mod join;
mod kit;
mod linear;
mod naive;
mod plan;
mod random;
mod spread;
mod top_k;
mod window;
