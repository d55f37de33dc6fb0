//! The policies: that the shipped ones say what was meant, that preselection and row rules change no answer, and that
//! faulty ones are refused.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panic"
)]

mod agreement;
mod chance;
mod faults;
mod generated;
mod keys;
mod own;
mod preselection;
mod reference;
mod rows;
mod shipped;
