//! What becomes of the real files; skipped with a word where they are absent.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests: a failure is the test's, and a test that is skipped says so"
)]

mod cap;
mod cities;
mod messy;
mod open311;
mod profiles;
mod support;
