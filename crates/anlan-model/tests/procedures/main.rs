//! Tests of the procedure: the shipped one on every path, and wrong ones that must be refused.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that stops says what is wrong"
)]

mod laws;
mod paths;
mod refused;
mod story;
