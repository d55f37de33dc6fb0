//! What the tests of failing disks share: a disk that forgets and fails, the built program on it, and a client.
#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    clippy::allow_attributes,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test that cannot set up must fail"
)]

pub mod client;
pub mod cuts;
pub mod disk;
pub mod images;
pub mod mounted;
pub mod node;
pub mod recording;
