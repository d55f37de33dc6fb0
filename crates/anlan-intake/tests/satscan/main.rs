//! SaTScan's own projects and result files: read, written again, compared with the reference.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a failure is the test's")]

mod faults;
mod library;
mod mutations;
mod reference;
mod rounds;
mod small;
mod writer;
